// A display filter's text as tokens.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "rawket/base/error.hpp"

namespace rawket::detail {

struct Token {
  enum Type : u8 { word, quoted, character, sign, end } type = end;
  std::string text;      ///< of quoted texts: what they stand for
  std::size_t at = 0;    ///< bytes into the filter
  std::size_t after = 0; ///< first byte behind it
};

/// Words hold letters, digits and . _ : / -, so that addresses and names stay whole; arithmetic needs spaces, as in Wireshark.
Result<std::vector<Token>> filter_tokens(std::string_view text);

}  // namespace rawket::detail
