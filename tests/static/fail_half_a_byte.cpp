// Widths that do not add up to bytes.
// expect: the widths do not add up to whole bytes
#include "rawket/wire/info.hpp"

struct Half {
  rawket::u8 a = 0;
  static constexpr auto layout() { return rawket::protocol<Half>("half", "Half", "none", rawket::field<&Half::a>("a", 4, "First")); }
};
static_assert(rawket::info<Half>.fixed == 1);
