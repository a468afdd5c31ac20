// Any text through the reader of hex, dumps and base64.
#include "rawket/packet/hex_text.hpp"

using namespace rawket;

extern "C" int LLVMFuzzerTestOneInput(const u8* input, std::size_t size) {
  const auto packets = parse_hex_text(as_text({input, size}));
  if (!packets && packets.error().text().empty()) __builtin_trap();
  return 0;
}
