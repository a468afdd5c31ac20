// A growing text that numbers and addresses are appended to fast: what every printer writes into.
#pragma once
#include <cstring>
#include <memory>
#include <string_view>

#include "rawket/base/bytes.hpp"

namespace rawket {

class TextBuffer {
 public:
  std::string_view view() const { return {data_.get(), size_}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  char back() const { return data_[size_ - 1]; }
  void clear() { size_ = 0; }
  void resize(std::size_t smaller) { size_ = smaller; }

  void append(char c) { *room(1) = c, ++size_; }
  void append(std::string_view text) {
    if (text.empty()) return;  // memcpy may not be given a null pointer
    std::memcpy(room(text.size()), text.data(), text.size());
    size_ += text.size();
  }
  /// For short texts in the middle of longer storage: copies 32 bytes at once, keeps `size` of them.
  /// `text` must have 32 readable bytes.
  void append_padded(const char* text, std::size_t size) {
    std::memcpy(room(32), text, 32);
    size_ += size;
  }
  void pad(std::size_t column, char with = ' ') {
    while (size_ < column) append(with);
  }
  /// In a column of a table: spaces before or behind it, up to `width` bytes.
  void right(std::string_view text, std::size_t width) {
    for (std::size_t i = text.size(); i < width; ++i) append(' ');
    append(text);
  }
  void left(std::string_view text, std::size_t width) {
    append(text);
    for (std::size_t i = text.size(); i < width; ++i) append(' ');
  }
  void decimal(u64 value);
  void signed_decimal(i64 value);
  /// Exactly `digits` lower-case digits.
  void hex(u64 value, unsigned digits);
  void hex(Bytes bytes);
  /// Decimal with leading zeros.
  void decimal_padded(u64 value, unsigned digits);
  /// Octets in hex with colons between them.
  void colon_hex(Bytes octets);
  void ipv4(const u8* octets);
  /// RFC 5952.
  void ipv6(const u8* octets);
  /// The inside of a JSON string: escapes as needed, U+FFFD for what is not UTF-8.
  void json_escaped(std::string_view text);
  /// Text that is safe on a terminal: control, bidi and invalid bytes become \xNN or \u{NNNN}.
  void clean(std::string_view text);

  /// `size` writable bytes at the end, and slack behind; `advance` after filling some.
  char* room(std::size_t size) {
    if (capacity_ - size_ < size + 64) grow(size + 64);
    return data_.get() + size_;
  }
  void advance(std::size_t size) { size_ += size; }

 private:
  void grow(std::size_t more);

  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace rawket
