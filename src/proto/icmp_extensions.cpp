// The structures that RFC 4884 appends to ICMP errors.
#include "rawket/proto/icmp.hpp"

namespace rawket {

void tell_icmp_extensions(const LayerView& v, Facts& out) {
  const Bytes m = v.message();
  if (m.size() < 4) return;
  const std::size_t quoted = m[1] != 0 ? m[1] * std::size_t{4} : 128;
  Cursor c(m, 4 + quoted);
  if (!c.ok() || c.left() < 8 || c.byte() >> 4 != 2) return;
  c.skip(3);
  while (c.left() >= 4) {
    const u32 size = c.word();
    const bool labels = c.word() == 0x0101;  // class and kind of the label stack, RFC 4950
    if (size < 4) return;
    const Bytes body = c.take(size - 4);
    if (!c.ok()) return;
    if (!labels) continue;
    for (std::size_t i = 0; i + 4 <= body.size(); i += 4) out.number(0, load(body.data() + i, 0, 20), v.layer().offset + static_cast<u32>(c.offset() - body.size() + i), 3);
  }
}

}  // namespace rawket
