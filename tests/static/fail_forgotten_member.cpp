// A layout that does not list every member.
// expect: layout() does not list every member
#include "rawket/wire/info.hpp"

struct Forgetful {
  rawket::u8 a = 0;
  rawket::u8 b = 0;
  static constexpr auto layout() { return rawket::protocol<Forgetful>("forgetful", "Forgetful", "none", rawket::field<&Forgetful::a>("a", 8, "First")); }
};
static_assert(rawket::info<Forgetful>.fixed == 1);
