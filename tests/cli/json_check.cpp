// RFC 8259, without the tolerance most readers have.
#include "json_check.hpp"

#include <gtest/gtest.h>

#include "rawket/base/text.hpp"

namespace rawket::test {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool object(JsonObject* members) {
    if (!take('{')) return false;
    JsonObject seen;
    if (take('}')) return true;
    do {
      const std::size_t start = at_;
      if (!string()) return false;
      const std::string key(text_.substr(start + 1, at_ - start - 2));
      if (!take(':')) return false;
      const std::size_t value_start = at_;
      if (!value()) return false;
      if (!seen.emplace(key, std::string(text_.substr(value_start, at_ - value_start))).second) return no("the key " + key + " is there twice");
    } while (take(','));
    if (!take('}')) return false;
    if (members != nullptr) *members = std::move(seen);
    return true;
  }
  bool ended() const { return at_ == text_.size(); }
  std::string why() const { return why_ + " at byte " + std::to_string(at_); }

 private:
  bool value() {
    if (++depth_ > 64) return no("too deep");
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    const bool good = c == '{' ? object(nullptr) : c == '[' ? array() : c == '"' ? string() : word("true") || word("false") || word("null") || number();
    --depth_;
    return good;
  }
  bool array() {
    if (!take('[')) return false;
    if (take(']')) return true;
    do
      if (!value()) return false;
    while (take(','));
    return take(']');
  }
  bool string() {
    if (!take('"')) return false;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\') {
        if (!escape()) return no("a wrong escape");
        continue;
      }
      const Utf8 c = decode_utf8(text_.substr(at_));
      if (!c.valid) return no("no UTF-8");
      if (c.code < 0x20) return no("a control character");
      at_ += c.length;
    }
    return take('"');
  }
  bool escape() {
    ++at_;
    if (at_ >= text_.size()) return false;
    const char c = text_[at_++];
    if (c != 'u') return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
    for (int i = 0; i < 4; ++i)
      if (at_ >= text_.size() || hex_digit(text_[at_++]) < 0) return false;
    return true;
  }
  bool digits() {
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ > start;
  }
  bool number() {
    word("-");
    const std::size_t start = at_;
    if (!digits()) return no("no value");
    if (text_[start] == '0' && at_ > start + 1) return no("a leading zero");
    if (word(".") && !digits()) return no("no digits behind the point");
    if ((word("e") || word("E")) && ((word("+") || word("-")), !digits())) return no("no exponent");
    return true;
  }
  bool word(std::string_view w) {
    if (!text_.substr(at_).starts_with(w)) return false;
    at_ += w.size();
    return true;
  }
  bool take(char c) { return word(std::string_view(&c, 1)) || (c != '}' && c != ']' && c != ',' && no(std::string("no ") + c)); }
  bool no(const std::string& why) {
    if (why_.empty()) why_ = why;
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::string why_;
};

}  // namespace

std::optional<JsonObject> parse_json_object(std::string_view line, std::string& why) {
  Reader reader(line);
  JsonObject members;
  if (reader.object(&members) && reader.ended()) return members;
  why = reader.why();
  return std::nullopt;
}

JsonObject json_object(std::string_view line) {
  std::string why;
  auto o = parse_json_object(line, why);
  EXPECT_TRUE(o) << why << ": " << line;
  return o.value_or(JsonObject{});
}

TEST(json_check, takes_objects_and_refuses_what_is_not_quite_one) {
  std::string why;
  for (const char* good : {"{}", R"({"a":1,"b":[1,-2.5e3,"x\n",true,null,{"a":0}],"c":""})", R"({"a":"한"})"}) EXPECT_TRUE(parse_json_object(good, why)) << good << ' ' << why;
  for (const char* bad : {"", "{", "[]", "{} ", R"({"a":1,"a":2})", R"({"a":01})", R"({"a":})", R"({"a":1,})", R"({"a":[1,]})",
                          R"({a:1})", R"({"a":"\q"})", R"({"a":nan})", "{\"a\":\"\x1b\"}", "{\"a\":\"\xff\"}", R"({"a":1.})"})
    EXPECT_FALSE(parse_json_object(bad, why)) << bad;
}

}  // namespace rawket::test
