// Who called sudo.
#pragma once
#include <cstdlib>
#include <optional>

#include "rawket/base/text.hpp"

namespace rawket {

/// SUDO_UID or SUDO_GID: a number above 0 that setresuid(2) takes for one.
inline std::optional<u32> sudo_number(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  const auto number = parse_number(text);
  // 0xffffffff is "no change" to setresuid.
  if (!number || *number == 0 || *number >= 0xffffffff) return std::nullopt;
  return static_cast<u32>(*number);
}

}  // namespace rawket
