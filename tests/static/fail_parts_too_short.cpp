// Parts that leave a bit of their field out.
// expect: the parts do not cover their field
#include "rawket/wire/info.hpp"

struct Gap {
  rawket::u8 a = 0;
  static constexpr rawket::Part parts[] = {{"a.high", 3, "Three bits"}, {"a.low", 4, "Four bits"}};
  static constexpr auto layout() { return rawket::protocol<Gap>("gap", "Gap", "none", rawket::field<&Gap::a>("a", 8, "Eight bits", rawket::Parts{parts})); }
};
static_assert(rawket::info<Gap>.fixed == 1);
