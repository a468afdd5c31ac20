// Any bytes under any link type, through everything that reads one packet. The first two bytes choose the link type.
#include "rawket/packet/columns.hpp"
#include "rawket/packet/lint.hpp"
#include "rawket/packet/packet.hpp"
#include "rawket/packet/text.hpp"

using namespace rawket;

extern "C" int LLVMFuzzerTestOneInput(const u8* input, std::size_t size) {
  if (size < 2) return 0;
  const Registry& registry = standard_registry();
  const Protocol& first = *registry.protocols()[static_cast<std::size_t>(input[0] << 8 | input[1]) % registry.protocols().size()];
  const Bytes bytes{input + 2, size - 2};
  const u32 original = static_cast<u32>(bytes.size()) + (input[0] >> 7u);
  static Dissection d;
  static JsonPrinter json;
  static TextPrinter text({});
  static TextBuffer out;
  out.clear();
  dissect(registry, first, bytes, d, original);
  const PacketHead head{.number = 1, .original_length = original};
  json.print(head, d, out);
  text.line(head, d, out);
  text.tree(head, d, out);
  if (auto columns = ColumnPrinter::create(registry, default_columns(), ColumnFormat::csv)) columns->print(head, d, out);
  for (char c : out.view())
    if (static_cast<u8>(c) < 0x20 && c != '\n') __builtin_trap();  // no control byte reaches an output
  const LintContext context{.original_length = original};
  repair(registry, first, bytes, context);  // that it settles is a property of the unit tests
  return 0;
}
