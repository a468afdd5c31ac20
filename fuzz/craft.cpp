// Any text through the craft language; what it makes must dissect.
#include "rawket/packet/craft.hpp"

using namespace rawket;

extern "C" int LLVMFuzzerTestOneInput(const u8* input, std::size_t size) {
  const auto recipe = Recipe::parse(standard_registry(), as_text({input, size}));
  if (!recipe) {
    if (recipe.error().text().empty()) __builtin_trap();
    return 0;
  }
  for (u64 i = 0; i < recipe->count() && i < 4; ++i) {
    const auto packet = recipe->make(i);
    if (!packet) continue;
    Dissection d;
    dissect(standard_registry(), packet->first_protocol(), packet->bytes(), d);
  }
  return 0;
}
