// Any text through the display filter compiler, and over the packet that the bytes make.
#include "rawket/packet/display_filter.hpp"

using namespace rawket;

extern "C" int LLVMFuzzerTestOneInput(const u8* input, std::size_t size) {
  const Bytes all(input, size);
  const std::size_t half = size / 2;
  const auto filter = DisplayFilter::compile(standard_registry(), as_text(all.first(half)));
  if (!filter) return 0;
  Dissection d;
  dissect(standard_registry(), link_protocol(standard_registry(), 1), all.subspan(half), d);
  filter->matches({}, d);
  filter->explanation();
  return 0;
}
