// Numbers, addresses and hostile text into a growing buffer.
#include "rawket/base/text_buffer.hpp"

#include <algorithm>
#include <array>

#include "rawket/base/text.hpp"

namespace rawket {
namespace {

constexpr auto two_digits = [] {
  std::array<char, 200> t{};
  for (std::size_t i = 0; i < 100; ++i) t[2 * i] = static_cast<char>('0' + i / 10), t[2 * i + 1] = static_cast<char>('0' + i % 10);
  return t;
}();
constexpr auto two_hex = [] {
  std::array<char, 512> t{};
  for (std::size_t i = 0; i < 256; ++i) t[2 * i] = "0123456789abcdef"[i / 16], t[2 * i + 1] = "0123456789abcdef"[i % 16];
  return t;
}();

/// Digits of `v` at `p`; returns the end.
char* put_small(char* p, unsigned v) {  // below 1000
  if (v >= 100) *p++ = static_cast<char>('0' + v / 100), v %= 100, std::memcpy(p, &two_digits[2 * v], 2), p += 2;
  else if (v >= 10) std::memcpy(p, &two_digits[2 * v], 2), p += 2;
  else *p++ = static_cast<char>('0' + v);
  return p;
}

}  // namespace

void TextBuffer::grow(std::size_t more) {
  const std::size_t want = std::max(capacity_ * 2, size_ + more + 256);
  auto bigger = std::make_unique_for_overwrite<char[]>(want);
  if (size_ != 0) std::memcpy(bigger.get(), data_.get(), size_);
  data_ = std::move(bigger);
  capacity_ = want;
}

void TextBuffer::decimal(u64 value) {
  char* p = room(24);
  if (value < 1000) {
    size_ = static_cast<std::size_t>(put_small(p, static_cast<unsigned>(value)) - data_.get());
    return;
  }
  char digits[24];
  unsigned at = 24;
  while (value >= 100) {
    at -= 2;
    std::memcpy(digits + at, &two_digits[2 * (value % 100)], 2);
    value /= 100;
  }
  if (value >= 10) at -= 2, std::memcpy(digits + at, &two_digits[2 * value], 2);
  else digits[--at] = static_cast<char>('0' + value);
  std::memcpy(p, digits + at, 24 - at);
  size_ += 24 - at;
}

void TextBuffer::signed_decimal(i64 value) {
  if (value < 0) append('-');
  decimal(value < 0 ? ~static_cast<u64>(value) + 1 : static_cast<u64>(value));
}

void TextBuffer::decimal_padded(u64 value, unsigned digits) {
  char* p = room(digits);
  for (unsigned i = digits; i-- > 0; value /= 10) p[i] = static_cast<char>('0' + value % 10);
  size_ += digits;
}

void TextBuffer::hex(u64 value, unsigned digits) {
  char* p = room(digits);
  for (unsigned i = digits; i-- > 0; value >>= 4) p[i] = "0123456789abcdef"[value & 15];
  size_ += digits;
}

void TextBuffer::hex(Bytes bytes) {
  char* p = room(bytes.size() * 2);
  for (u8 b : bytes) std::memcpy(p, &two_hex[2u * b], 2), p += 2;
  size_ += bytes.size() * 2;
}

void TextBuffer::colon_hex(Bytes octets) {
  char* p = room(octets.size() * 3);
  for (u8 b : octets) std::memcpy(p, &two_hex[2u * b], 2), p[2] = ':', p += 3;
  size_ += octets.empty() ? 0 : octets.size() * 3 - 1;
}

void TextBuffer::ipv4(const u8* o) {
  char* p = room(16);
  for (int i = 0; i < 4; ++i) p = put_small(p, o[i]), *p++ = '.';
  size_ = static_cast<std::size_t>(p - 1 - data_.get());
}

void TextBuffer::ipv6(const u8* o) {
  unsigned group[8];
  for (int i = 0; i < 8; ++i) group[i] = static_cast<unsigned>(o[2 * i] << 8 | o[2 * i + 1]);
  int best = -1, best_length = 1;  // the longest run of two or more zero groups, the first of equals
  for (int i = 0; i < 8; ++i) {
    int n = 0;
    while (i + n < 8 && group[i + n] == 0) ++n;
    if (n > best_length) best = i, best_length = n;
    if (n > 0) i += n;
  }
  const bool mapped = best == 0 && (best_length == 6 || (best_length == 5 && group[5] == 0xffff)) && (group[6] != 0 || best_length == 5);
  for (int i = 0; i < 8; ++i) {
    if (i == best) {
      append("::");
      i += best_length - 1;
      continue;
    }
    if (i > 0 && i != best + best_length) append(':');
    if (mapped && i == 6) return ipv4(o + 12);
    hex(group[i], group[i] > 0xfff ? 4 : group[i] > 0xff ? 3 : group[i] > 0xf ? 2 : 1);
  }
}

void TextBuffer::json_escaped(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const u8 c = static_cast<u8>(text[i]);
    if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
      append(text[i++]);
      continue;
    }
    const Utf8 u = decode_utf8(text.substr(i));
    const std::size_t n = u.length;
    if (!u.valid) append("\\ufffd");
    else if (c == '"' || c == '\\') append('\\'), append(text[i]);
    else if (c == '\n') append("\\n");
    else if (c == '\t') append("\\t");
    else if (c == '\r') append("\\r");
    else if (is_unsafe(u.code) && u.code <= 0xffff) append("\\u"), hex(u.code, 4);
    else if (is_unsafe(u.code)) append("\\ufffd");
    else append(text.substr(i, n));
    i += n;
  }
}

void TextBuffer::clean(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const Utf8 u = decode_utf8(text.substr(i));
    if (!u.valid || u.code < 0x20 || u.code == 0x7f) {
      for (unsigned k = 0; k < u.length; ++k) append("\\x"), hex(static_cast<u8>(text[i + k]), 2);
    } else if (is_unsafe(u.code)) {
      append("\\u{"), hex(u.code, u.code > 0xffff ? 6 : 4), append('}');
    } else {
      append(text.substr(i, u.length));
    }
    i += u.length;
  }
}

}  // namespace rawket
