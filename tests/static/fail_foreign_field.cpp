// A layout that lists another protocol's field.
// expect: layout() lists a field of another protocol
#include "rawket/wire/info.hpp"

struct Mine {
  rawket::u8 a = 0;
};
struct Thief {
  rawket::u8 b = 0;
  static constexpr auto layout() { return rawket::protocol<Thief>("thief", "Thief", "none", rawket::field<&Mine::a>("a", 8, "Somebody else's")); }
};
static_assert(rawket::info<Thief>.fixed == 1);
