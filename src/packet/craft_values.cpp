// Splitting craft text into words, and words into values.
#include "craft_values.hpp"

#include "rawket/base/text.hpp"

namespace rawket::detail {
namespace {

Failure too_many(std::string_view text) {
  return fail(Errc::out_of_range, "craft", "'" + clean_text(text) + "' stands for more than " + std::to_string(most_values) + " values", "use a smaller range or prefix");
}

/// "a-b" with two numbers and a <= b.
std::optional<std::pair<u64, u64>> number_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == text.npos) return std::nullopt;
  const auto a = parse_number(text.substr(0, dash)), b = parse_number(text.substr(dash + 1));
  if (!a || !b || *a > *b) return std::nullopt;
  return std::pair{*a, *b};
}

Result<void> add_prefix(const Prefix& p, std::string_view text, std::vector<std::string>& out) {
  const unsigned bits = (p.address.is_v6 ? 128 : 32) - p.length;
  if (bits > 20) return too_many(text);
  for (u64 i = 0; i < u64{1} << bits; ++i) {
    IpAddress a = p.address;
    const std::size_t last = a.is_v6 ? 15 : 3;
    for (unsigned b = 0; b < bits; ++b) {
      u8& octet = a.octets[last - b / 8];
      const u8 bit = static_cast<u8>(1u << b % 8);
      octet = static_cast<u8>((i >> b & 1) != 0 ? octet | bit : octet & ~bit);
    }
    out.push_back(a.text());
  }
  return {};
}

/// The next address; false after the last one.
bool advance(IpAddress& a) {
  for (std::size_t i = a.is_v6 ? 16 : 4; i-- > 0;)
    if (++a.octets[i] != 0) return true;
  return false;
}

/// "198.18.0.1-198.18.0.9", or "198.18.0.1-9" with the last octet of the last one.
std::optional<std::pair<IpAddress, IpAddress>> address_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == text.npos) return std::nullopt;
  const auto a = IpAddress::parse(text.substr(0, dash));
  const std::string_view rest = text.substr(dash + 1);
  if (!a) return std::nullopt;
  if (const auto b = IpAddress::parse(rest)) return std::pair{*a, *b};
  const auto n = parse_number(rest);
  if (a->is_v6 || !n || *n > 255) return std::nullopt;
  IpAddress b = *a;
  b.octets[3] = static_cast<u8>(*n);
  return std::pair{*a, b};
}

Result<void> add_range(IpAddress first, const IpAddress& last, std::string_view text, std::vector<std::string>& out) {
  if (first.is_v6 != last.is_v6 || last.octets < first.octets) return fail(Errc::out_of_range, "craft", "'" + clean_text(text) + "' ends before it begins");
  do {
    if (out.size() > most_values) return too_many(text);
    out.push_back(first.text());
  } while (first.octets != last.octets && advance(first));
  return {};
}

Result<void> add_values(const Field* field, std::string_view text, std::vector<std::string>& out) {
  const bool address = field != nullptr && (field->show == Show::ipv4 || field->show == Show::ipv6);
  if (address && text.find('/') != text.npos) {
    if (const auto p = Prefix::parse(text)) return add_prefix(*p, text, out);
  } else if (address) {
    if (const auto range = address_range(text)) return add_range(range->first, range->second, text, out);
  } else if (field != nullptr && field->is_number()) {
    if (const auto range = number_range(text)) {
      if (range->second - range->first >= most_values) return too_many(text);
      for (u64 n = 0; n <= range->second - range->first; ++n) out.push_back(std::to_string(range->first + n));
      return {};
    }
  }
  out.emplace_back(text);
  return {};
}

}  // namespace

Result<std::vector<std::string>> expand_values(const Field* field, std::string_view text) {
  std::vector<std::string> out;
  const bool braces = text.size() >= 2 && text.front() == '{' && text.back() == '}';
  if (braces) text = text.substr(1, text.size() - 2);
  // The commas of flags join them into one value, and those of an option's word are its own.
  const bool plain = field != nullptr && (field->is_number() ? field->show != Show::flags : field->show != Show::bytes && field->show != Show::text);
  const bool set = braces || (plain && text.find(',') != text.npos);
  for (std::string_view part : set ? split(text, ',') : std::vector<std::string_view>{text}) {
    if (auto r = add_values(field, set ? trim(part) : part, out); !r) return Failure{r.error()};
    if (out.size() > most_values) return too_many(text);
  }
  return out;
}

namespace {

/// The address of the prefix with the number's bits behind it.
std::string address_in(const Prefix& p, u64 random) {
  IpAddress a = p.address;
  const unsigned bits = std::min(64u, (a.is_v6 ? 128u : 32u) - p.length);
  const std::size_t last = a.is_v6 ? 15 : 3;
  for (unsigned b = 0; b < bits; ++b) {
    u8& octet = a.octets[last - b / 8];
    const u8 bit = static_cast<u8>(1u << b % 8);
    octet = static_cast<u8>((random >> b & 1) != 0 ? octet | bit : octet & ~bit);
  }
  return a.text();
}

}  // namespace

Result<std::function<std::string(u64)>> random_values(const Field& field, std::string_view text) {
  constexpr std::string_view word = "random";
  if (text != word && !text.starts_with("random:")) return std::function<std::string(u64)>();
  const std::string_view within = text == word ? std::string_view() : text.substr(word.size() + 1);
  if (field.show == Show::ipv4 || field.show == Show::ipv6) {
    const auto prefix = Prefix::parse(within);
    if (!prefix) return fail(Errc::malformed, field.full_name(), "random addresses need a prefix to be in", "random:198.18.0.0/16");
    return [p = *prefix](u64 r) { return address_in(p, r); };
  }
  if (!field.is_number()) return fail(Errc::malformed, field.full_name(), "its values are no numbers, so none can be random", "name the values: {a,b,c}");
  const u64 largest = field.width >= 64 ? ~u64{0} : (u64{1} << field.width) - 1;
  const auto range = within.empty() ? std::optional(std::pair<u64, u64>{0, largest}) : number_range(within);
  if (!range || range->second > largest) return fail(Errc::out_of_range, field.full_name(), "'" + clean_text(within) + "' is no range of its numbers", "random:0-" + std::to_string(largest));
  return [low = range->first, span = range->second - range->first](u64 r) { return std::to_string(span == ~u64{0} ? r : low + r % (span + 1)); };
}

namespace {

/// Reads words off a text; knows brackets, so that "dst=198.18.0.0/24" and "ttl={1, 2}" stay whole.
class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  Result<std::vector<std::string>> run() {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if ((c == '"' || c == '\'') && word_.empty()) {
        if (auto r = quoted(c, true); !r) return Failure{r.error()};
      } else if (c == '"' || c == '\'') {
        if (auto r = quoted(c, false); !r) return Failure{r.error()};
      } else if (c == '{') {
        const std::size_t end = text_.find('}', at_);
        if (end == text_.npos) return fail_at(Errc::malformed, "craft", at_, "'{' without '}'");
        word_ += text_.substr(at_, end - at_ + 1);
        at_ = end;
      } else if (c == '(') {
        in_call_ = true;
        finish();
      } else if (c == ')') {
        in_call_ = false;
        finish();
      } else if (c == ' ' || c == '\t' || c == '\n' || (c == ',' && in_call_)) {
        finish();
      } else if (c == '/' && (word_.empty() || word_.find('=') == word_.npos)) {
        finish();
        words_.emplace_back("/");
      } else {
        word_ += c;
      }
    }
    if (in_call_) return fail_at(Errc::malformed, "craft", text_.size(), "'(' without ')'");
    finish();
    return words_;
  }

 private:
  void finish() {
    if (!word_.empty()) words_.push_back(std::move(word_));
    word_.clear();
  }
  /// A quoted text; alone it is a payload and keeps a leading quote as its mark.
  Result<void> quoted(char quote, bool alone) {
    const std::size_t start = at_;
    if (alone) word_ += '"';
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      word_ += text_[at_];
    }
    if (at_ >= text_.size()) return fail_at(Errc::malformed, "craft", start, "a quote that is not closed");
    if (alone) words_.push_back(std::move(word_)), word_.clear();
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string word_;
  std::vector<std::string> words_;
  bool in_call_ = false;
};

}  // namespace

Result<std::vector<std::string>> tokenize(std::string_view text) { return Tokenizer(text).run(); }

}  // namespace rawket::detail
