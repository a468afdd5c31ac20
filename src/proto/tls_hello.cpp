// One pass over a hello: what is said, and the fingerprints made of it (JA3, JA3S by Salesforce; JA4 of clients by FoxIO, BSD licence).
#include "tls_hello.hpp"

#include <algorithm>
#include <string>

#include "rawket/base/digest.hpp"
#include "rawket/base/text_buffer.hpp"

namespace rawket {
namespace {

/// RFC 8701: values that mean nothing, sent so that nobody stumbles over unknown ones.
constexpr bool is_grease(u16 v) { return (v & 0x0f0f) == 0x0a0a && v >> 8 == (v & 0xff); }

/// "1,2,3" as JA3 joins them: decimal, with dashes.
void append_list(std::string& to, const std::vector<u16>& values) {
  to += ',';
  bool first = true;
  for (u16 v : values) {
    if (is_grease(v)) continue;
    if (!first) to += '-';
    to += std::to_string(v);
    first = false;
  }
}

/// Twelve digits of the SHA-256 of "002f,1301,...".
std::string short_digest(std::string_view text) { return text.empty() ? "000000000000" : hex_text(sha256(as_bytes(text))).substr(0, 12); }
std::string hex_list(const std::vector<u16>& values) {
  TextBuffer t;
  for (u16 v : values) {
    if (!t.empty()) t.append(',');
    t.hex(v, 4);
  }
  return std::string(t.view());
}

class Hello {
 public:
  Hello(u8 type, Bytes body, u32 at, u32 first_fact, bool over_quic, Facts& out) : type_(type), at_(at), first_(first_fact), over_quic_(over_quic), cursor_(body), out_(out) {}

  void tell() {
    version_ = Cursor(cursor_).word();
    const bool draft = type_ == 2 && (version_ == 0x0304 || version_ >> 8 == 0x7f);  // until draft 21 TLS 1.3 had a shorter server hello
    number(hello_version, 2);
    cursor_.skip(32);
    if (!draft) cursor_.skip(cursor_.byte());  // session
    if (type_ == 1) {
      const std::size_t end = sized_end(2);
      while (cursor_.ok() && cursor_.offset() + 2 <= end) suites_.push_back(number(hello_suite, 2));
      cursor_.skip(cursor_.byte());  // compression methods
    } else {
      suites_.push_back(number(hello_suite, 2));
      if (!draft) cursor_.skip(1);
    }
    if (cursor_.left() < 2) return;
    const std::size_t end = sized_end(2);
    while (cursor_.ok() && cursor_.left() >= 4 && cursor_.offset() + 4 <= end) extension();
  }

  void tell_fingerprints() {
    std::string full = std::to_string(version_);
    append_list(full, suites_);
    append_list(full, extensions_);
    if (type_ == 2) return text(hello_ja3s, hex_text(md5(as_bytes(full))));
    append_list(full, groups_);
    append_list(full, point_formats_);
    text(hello_ja3, hex_text(md5(as_bytes(full))));
    text(hello_ja3_full, full);
    text(hello_ja4, ja4());
  }

 private:
  // What was opened has no bytes of its own in the packet.
  u32 place(std::size_t offset) const { return over_quic_ ? at_ : at_ + static_cast<u32>(offset); }
  u32 size(std::size_t bytes) const { return over_quic_ ? 0 : static_cast<u32>(bytes); }
  u16 number(u32 which, unsigned bytes) {
    const std::size_t at = cursor_.offset();
    const u64 v = cursor_.number(bytes);
    if (cursor_.ok()) out_.number(first_ + which, v, place(at), size(bytes));
    return static_cast<u16>(v);
  }
  void text(u32 which, const std::string& value) { out_.text(first_ + which, value, at_, size(cursor_.offset())); }
  /// Reads a length of `size` bytes; where its bytes end.
  std::size_t sized_end(unsigned size) {
    const u64 n = cursor_.number(size);
    return cursor_.offset() + static_cast<std::size_t>(n);
  }
  /// The 16-bit numbers (or 8-bit ones) behind a length of `length_size` bytes.
  static void numbers(Cursor c, unsigned length_size, unsigned size, std::vector<u16>& to) {
    for (u64 n = c.number(length_size); n >= size && c.left() >= size; n -= size) to.push_back(static_cast<u16>(c.number(size)));
  }

  void extension() {
    const std::size_t at = cursor_.offset();
    const u16 kind = cursor_.word(), bytes = cursor_.word();
    out_.number(first_ + hello_extension, kind, place(at), size(2));
    extensions_.push_back(kind);
    const std::size_t start = cursor_.offset();
    const Cursor c(cursor_.take(bytes));
    if (kind == 0) server_name(c, start);
    else if (kind == 10) numbers(c, 2, 2, groups_);
    else if (kind == 11) numbers(c, 1, 1, point_formats_);
    else if (kind == 13) numbers(c, 2, 2, algorithms_);
    else if (kind == 16) protocols(c, start);
    else if (kind == 43) supported_versions(c, start);
  }
  /// RFC 6066, 3: a list of names, of which only hosts are defined.
  void server_name(Cursor c, std::size_t start) {
    c.skip(3);
    const u16 n = c.word();
    const std::string_view name = as_text(c.take(n));
    if (c.ok() && n != 0) out_.text(first_ + hello_server_name, name.substr(0, name.find('\0')), place(start + 5), size(n));  // no host has a zero byte
  }
  void protocols(Cursor c, std::size_t start) {
    c.skip(2);
    while (c.left() > 0) {
      const u8 n = c.byte();
      const std::size_t name_at = start + c.offset();
      const std::string_view name = as_text(c.take(n));
      if (!c.ok()) return;
      out_.text(first_ + hello_protocol, name, place(name_at), size(n));
      if (first_protocol_.empty()) first_protocol_ = name;
    }
  }
  void supported_versions(Cursor c, std::size_t start) {
    if (type_ == 1) c.skip(1);
    while (c.left() >= 2) {
      const std::size_t at = start + c.offset();
      const u16 v = c.word();
      out_.number(first_ + hello_supported_version, v, place(at), size(2));
      if (!is_grease(v)) best_version_ = std::max(best_version_, v);
    }
  }

  // ---- JA4, technical details of its first part: github.com/FoxIO-LLC/ja4, technical_details/JA4.md
  std::string ja4() const {
    std::vector<u16> suites, extensions, sorted_extensions;
    std::ranges::copy_if(suites_, std::back_inserter(suites), [](u16 v) { return !is_grease(v); });
    std::ranges::copy_if(extensions_, std::back_inserter(extensions), [](u16 v) { return !is_grease(v); });
    std::ranges::copy_if(extensions, std::back_inserter(sorted_extensions), [](u16 v) { return v != 0 && v != 16; });
    std::ranges::sort(suites);
    std::ranges::sort(sorted_extensions);
    std::vector<u16> algorithms;
    std::ranges::copy_if(algorithms_, std::back_inserter(algorithms), [](u16 v) { return !is_grease(v); });
    std::string listed = hex_list(sorted_extensions);
    if (!listed.empty() && !algorithms.empty()) listed += '_' + hex_list(algorithms);
    const bool named = std::ranges::find(extensions, 0) != extensions.end();
    return (over_quic_ ? "q" : "t") + version_word() + (named ? 'd' : 'i') + two_digits(suites.size()) + two_digits(extensions.size()) + protocol_ends() + '_' + short_digest(hex_list(suites)) + '_' +
           short_digest(listed);
  }
  std::string version_word() const {
    switch (best_version_ != 0 ? best_version_ : version_) {
      case 0x0304: return "13";
      case 0x0303: return "12";
      case 0x0302: return "11";
      case 0x0301: return "10";
      case 0x0300: return "s3";
      case 0x0002: return "s2";
      default: return "00";
    }
  }
  static std::string two_digits(std::size_t n) {
    const std::string digits = std::to_string(std::min<std::size_t>(n, 99));
    return digits.size() < 2 ? '0' + digits : digits;
  }
  /// First and last character of the first protocol; of its hex digits where one is neither letter nor digit. What does not
  /// begin with ASCII is "99", as in FoxIO's own list of fingerprints.
  std::string protocol_ends() const {
    if (first_protocol_.empty()) return "00";
    if (static_cast<u8>(first_protocol_.front()) > 0x7f) return "99";
    const auto plain = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    if (plain(first_protocol_.front()) && plain(first_protocol_.back())) return {first_protocol_.front(), first_protocol_.back()};
    const std::string hex = hex_text(as_bytes(first_protocol_));
    return {hex.front(), hex.back()};
  }

  u8 type_;
  u32 at_, first_;
  bool over_quic_;
  Cursor cursor_;
  Facts& out_;
  u16 version_ = 0, best_version_ = 0;
  std::vector<u16> suites_, extensions_, groups_, point_formats_, algorithms_;
  std::string_view first_protocol_;
};

}  // namespace

void tell_hello(u8 type, Bytes body, bool whole, u32 at, u32 first_fact, bool over_quic, Facts& out) {
  Hello hello(type, body, at, first_fact, over_quic, out);
  hello.tell();
  if (whole) hello.tell_fingerprints();
}

}  // namespace rawket
