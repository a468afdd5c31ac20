// Splitting a display filter into words, quoted texts and signs.
#include "filter_lexer.hpp"

#include <array>
#include <cctype>

#include "rawket/base/text.hpp"

namespace rawket::detail {
namespace {

constexpr std::array<std::string_view, 28> signs = {"===", "!==", "==", "!=", "~=", "<=", ">=", "&&", "||", "^^", "..", "(", ")", "[", "]", "{", "}", ",", "<", ">", "!", "~", "&", "+", "*", "%", "#", "@"};

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == ':' || c == '/' || c == '-'; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') ++at_;
      else if (c == '"' || c == '\'' || raw_quote()) {
        if (auto r = quoted(); !r) return Failure{r.error()};
      } else if (in_word(c)) word();
      else if (!sign()) return fail_at(Errc::malformed, "filter", at_, "'" + clean_text(text_.substr(at_, decode_utf8(text_.substr(at_)).length)) + "' has no meaning here");
    }
    tokens_.push_back({Token::end, "", text_.size(), text_.size()});
    return std::move(tokens_);
  }

 private:
  bool raw_quote() const { return text_[at_] == 'r' && at_ + 1 < text_.size() && text_[at_ + 1] == '"'; }

  void word() {
    const std::size_t start = at_;
    while (at_ < text_.size() && in_word(text_[at_]) && !text_.substr(at_).starts_with("..")) ++at_;
    if (at_ == start) at_ += 2;  // ".." by itself
    const std::string_view w = text_.substr(start, at_ - start);
    tokens_.push_back({w == ".." || w == "-" || w == "/" ? Token::sign : Token::word, std::string(w), start, at_});
  }

  bool sign() {
    for (std::string_view s : signs)
      if (text_.substr(at_).starts_with(s)) {
        tokens_.push_back({Token::sign, std::string(s), at_, at_ + s.size()});
        at_ += s.size();
        return true;
      }
    return false;
  }

  Result<void> quoted() {
    Token t{Token::quoted, "", at_, 0};
    const bool raw = raw_quote();
    if (raw) ++at_;
    const char quote = text_[at_++];
    if (quote == '\'') t.type = Token::character;
    for (;; ++at_) {
      if (at_ >= text_.size()) return fail_at(Errc::malformed, "filter", t.at, "a quote that is not closed");
      if (text_[at_] == quote) break;
      if (text_[at_] != '\\' || at_ + 1 >= text_.size()) t.text += text_[at_];
      else if (raw) t.text += text_[at_++], t.text += text_[at_];
      else if (auto r = escape(t.text); !r) return r;
    }
    t.after = ++at_;
    tokens_.push_back(std::move(t));
    return {};
  }

  /// At a backslash; leaves at the escape's last character.
  Result<void> escape(std::string& out) {
    const char c = text_[++at_];
    constexpr std::string_view letters = "abfnrtv\\\"'", bytes = "\a\b\f\n\r\t\v\\\"'";
    if (const std::size_t i = letters.find(c); i != letters.npos) {
      out += bytes[i];
    } else if (c == 'x') {
      int value = 0, digits = 0;
      while (digits < 2 && at_ + 1 < text_.size() && hex_digit(text_[at_ + 1]) >= 0) value = value * 16 + hex_digit(text_[++at_]), ++digits;
      if (digits == 0) return fail_at(Errc::malformed, "filter", at_, "\\x needs hex digits");
      out += static_cast<char>(value);
    } else if (c >= '0' && c <= '7') {
      int value = c - '0';
      for (int digits = 1; digits < 3 && at_ + 1 < text_.size() && text_[at_ + 1] >= '0' && text_[at_ + 1] <= '7'; ++digits) value = value * 8 + text_[++at_] - '0';
      out += static_cast<char>(value);
    } else {
      return fail_at(Errc::malformed, "filter", at_, "there is no such escape", "write \\\\ for a backslash, or r\"...\" for a text without escapes");
    }
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

Result<std::vector<Token>> filter_tokens(std::string_view text) { return Lexer(text).run(); }

}  // namespace rawket::detail
