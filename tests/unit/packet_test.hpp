// What tests of packets share: bytes from hex, a packet read once and asked by name, JSON taken apart strictly.
#pragma once
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "rawket/base/text.hpp"
#include "rawket/packet/fill.hpp"
#include "rawket/packet/json.hpp"
#include "rawket/packet/lint.hpp"
#include "rawket/packet/packet.hpp"
#include "rawket/proto/registry.hpp"
#include "vectors.hpp"

namespace rawket::test {

using Octets = std::vector<u8>;

inline Octets octets(std::string_view hex) {
  std::string digits(hex);
  std::erase(digits, ' ');
  auto b = parse_hex(digits);
  if (!b) throw std::invalid_argument("not hex: " + digits);
  return *b;
}
inline std::string hex_of(Bytes b) {
  TextBuffer t;
  t.hex(b);
  return std::string(t.view());
}
inline const Protocol& protocol_named(std::string_view name) {
  const Protocol* p = standard_registry().named(name);
  if (p == nullptr) throw std::invalid_argument("no protocol " + std::string(name));
  return *p;
}

/// The packet with bytes behind its headers; lengths and checksums follow.
inline Packet carrying(const Packet& head, Bytes payload) {
  Octets bytes(head.bytes().begin(), head.bytes().end());
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  std::vector<Layer> layers;
  for (const Layer& l : head.layers()) {
    if (l.protocol == &data) continue;
    layers.push_back(l);
    layers.back().end = static_cast<u32>(bytes.size());
    layers.back().autos = l.protocol->autos;
  }
  fill_computed(bytes, layers);
  return Packet::from_bytes(standard_registry(), head.first_protocol(), bytes);
}

/// A generator whose seed a failing test tells.
inline std::mt19937_64 random_source(u64 seed = std::random_device{}()) {
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  return std::mt19937_64(seed);
}
inline Octets random_octets(std::mt19937_64& random, std::size_t size) {
  Octets b(size);
  for (u8& x : b) x = static_cast<u8>(random());
  return b;
}

/// One flat JSON object, read strictly: values are scalars or lists of scalars; a key twice, bad UTF-8 or anything behind the object is an error.
class JsonObject {
 public:
  explicit JsonObject(std::string_view text) : text_(text) {
    object();
    if (error_.empty() && at_ != text_.size()) failed("something behind the object");
  }
  const std::string& error() const { return error_; }
  const std::map<std::string, std::string>& values() const { return values_; }
  /// Strings without their quotes, lists as "[1,2]"; "-" when there is no such key.
  std::string operator[](const std::string& key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? "-" : found->second;
  }

 private:
  void failed(std::string_view why) {
    if (error_.empty()) error_ = std::string(why) + " at " + std::to_string(at_);
  }
  bool eat(char c) {
    if (at_ < text_.size() && text_[at_] == c) return ++at_, true;
    return false;
  }
  void object() {
    if (!eat('{')) return failed("no object");
    if (eat('}')) return;
    do {
      const std::string key = string();
      if (!eat(':')) return failed("no colon");
      std::string value = text_[at_] == '[' ? list() : scalar();
      if (!error_.empty()) return;
      if (!values_.emplace(key, std::move(value)).second) return failed("key twice: " + key);
    } while (eat(','));
    if (!eat('}')) failed("the object is not closed");
  }
  std::string list() {
    std::string all = "[";
    eat('[');
    if (eat(']')) return "[]";
    do all += (all.size() > 1 ? "," : "") + scalar();
    while (error_.empty() && eat(','));
    if (!eat(']')) failed("the list is not closed");
    return all + "]";
  }
  std::string scalar() {
    if (at_ < text_.size() && text_[at_] == '"') return string();
    const std::size_t start = at_;
    eat('-');
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    const std::string number(text_.substr(start, at_ - start));
    if (number.empty() || (number.size() > 1 && number[0] == '0')) {
      if (text_.substr(at_).starts_with("null")) return at_ += 4, "null";
      failed("no number");
    }
    return number;
  }
  std::string string() {
    std::string s;
    if (!eat('"')) return failed("no string"), s;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (static_cast<u8>(text_[at_]) < 0x20) return failed("a control character"), s;
      if (text_[at_] == '\\') {
        if (at_ + 1 >= text_.size() || std::string_view("\"\\/bfnrtu").find(text_[at_ + 1]) == std::string_view::npos) return failed("a bad escape"), s;
        const std::size_t size = text_[at_ + 1] == 'u' ? 6 : 2;
        if (size == 6 && (at_ + 6 > text_.size() || !parse_hex(text_.substr(at_ + 2, 4)))) return failed("a bad escape"), s;
        s += text_.substr(at_, size);
        at_ += size;
        continue;
      }
      const Utf8 u = decode_utf8(text_.substr(at_));
      if (!u.valid) return failed("bad UTF-8"), s;
      s += text_.substr(at_, u.length);
      at_ += u.length;
    }
    if (!eat('"')) failed("the string is not closed");
    return s;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string error_;
  std::map<std::string, std::string> values_;
};

/// All protocols that some test has read from bytes; `tests/unit/every_protocol.cpp` asks for the whole registry.
inline std::set<std::string_view>& protocols_seen() {
  static std::set<std::string_view> seen;
  return seen;
}

/// A packet that was read: asked by Wireshark's names for values as JSON has them.
class Seen {
 public:
  Seen(const Protocol& first, Octets bytes, u32 original_length = 0) : bytes_(std::move(bytes)) {
    dissect(standard_registry(), first, bytes_, d_, original_length);
    for (const Layer& l : d_.layers())
      if (l.length >= l.protocol->fixed) protocols_seen().insert(l.protocol->name);
    TextBuffer out;
    JsonPrinter().print({.original_length = original_length != 0 ? original_length : static_cast<u32>(bytes_.size())}, d_, out);
    json_ = out.view();
    JsonObject object(json_);
    EXPECT_EQ(object.error(), "") << json_;
    values_ = object.values();
  }
  explicit Seen(const Vector& v) : Seen(protocol_named(v.first), octets(v.hex)) {}
  explicit Seen(std::string_view vector_name) : Seen(vector(vector_name)) {}
  Seen(const Seen&) = delete;

  std::string operator[](const std::string& key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? "-" : found->second;
  }
  const Dissection& dissection() const { return d_; }
  const Octets& bytes() const { return bytes_; }
  const std::string& json() const { return json_; }
  /// "eth ip udp data", messages included, an empty payload left out.
  std::string layers() const {
    std::string s;
    for (const Layer& l : d_.layers())
      if (l.protocol != &data || l.length != 0) s += (s.empty() ? "" : " ") + std::string(l.protocol->name);
    return s;
  }
  std::vector<Fault> faults(LintContext context = {}) const {
    if (context.original_length == 0) context.original_length = static_cast<u32>(bytes_.size());
    return lint(d_, context);
  }
  /// "code field", ...; joined by commas.
  std::string fault_codes(LintContext context = {}) const {
    std::string s;
    for (const Fault& f : faults(context)) s += (s.empty() ? "" : ", ") + std::string(f.code) + (f.field.empty() ? "" : " " + std::string(f.field));
    return s;
  }

 private:
  Octets bytes_;
  Dissection d_;
  std::string json_;
  std::map<std::string, std::string> values_;
};

/// Each of these names has this value: as JSON has it, strings without their quotes.
inline void expect_values(const Seen& seen, std::initializer_list<std::pair<const char*, const char*>> wanted) {
  for (const auto& [name, value] : wanted) EXPECT_EQ(seen[name], value) << name << " of " << seen.json();
}

}  // namespace rawket::test
