// Small text work shared by parsers and messages: numbers, hex, UTF-8, the nearest word.
#pragma once
#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rawket/base/bytes.hpp"

namespace rawket {

struct Utf8 {
  u32 code = 0;
  unsigned length = 1;  ///< bytes used; of what is invalid, as many as could have begun a character
  bool valid = false;
};
/// The first character of a non-empty text; overlong forms and surrogates are invalid.
Utf8 decode_utf8(std::string_view text);
/// Control characters (C0, C1, DEL), bidirectional and other invisible marks, line separators.
bool is_unsafe(u32 code);
/// `text` as it may be shown on a terminal.
std::string clean_text(std::string_view text);

/// Decimal, or hexadecimal after 0x. The whole text must be used.
std::optional<u64> parse_number(std::string_view text);
/// Pairs of hex digits, nothing else.
std::optional<std::vector<u8>> parse_hex(std::string_view digits);
constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string_view trim(std::string_view text);
bool same_word(std::string_view a, std::string_view b);  ///< ASCII case does not count
std::vector<std::string_view> split(std::string_view text, char separator);
std::vector<std::string_view> split_words(std::string_view line);  ///< what stands between spaces and tabs

/// The candidate nearest to `word`, or empty when none is near (more than a third of the letters wrong).
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);
/// "; did you mean 'X'?" or an empty text.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace rawket
