// Any expression through the filter compiler, then over a few bytes.
#include <string>

#include "rawket/io/filter.hpp"

using namespace rawket;

extern "C" int LLVMFuzzerTestOneInput(const u8* input, std::size_t size) {
  // Letters that make host names would ask the resolver: only addresses, numbers and operators are tried with them.
  std::string text(as_text({input, size}));
  if (text.find("host") != std::string::npos || text.size() > 200) return 0;
  const auto filter = Filter::compile(text, LinkType::ethernet);
  if (filter) filter->matches({input, size}, static_cast<u32>(size));
  return 0;
}
