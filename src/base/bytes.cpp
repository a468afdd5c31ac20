// What byte views need of the system: a number that nobody outside knows.
#include "rawket/base/bytes.hpp"

#include <random>

namespace rawket {

u64 hash_seed() {
  std::random_device source;
  return u64{source()} << 32 | source();
}

}  // namespace rawket
