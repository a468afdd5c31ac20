// Items of link layer discovery, and the optional words of MACsec.
#include "rawket/proto/bridge.hpp"

namespace rawket {

void Lldp::describe(const LayerView& v, Facts& out) {
  Cursor c(v.header());
  while (c.left() >= 2) {
    const u32 head = c.word(), kind = head >> 9, size = head & 0x1ff;
    const u32 at = v.layer().offset + static_cast<u32>(c.offset());
    if (size > c.left() || kind == 0) return;
    const Bytes value = c.take(size);
    const auto name = [&](u32 which, Bytes text) { out.text(which, as_text(text), at + size - static_cast<u32>(text.size()), static_cast<u32>(text.size())); };
    switch (kind) {
      case 1: if (size == 7 && value[0] == 4) out.bytes(0, value.subspan(1), at + 1, 6); break;
      case 2: if (size > 1 && value[0] != 3 && value[0] != 4) name(1, value.subspan(1)); break;
      case 3: if (size >= 2) out.number(2, load(value.data(), 0, 16), at, 2); break;
      case 4: name(3, value); break;
      case 5: name(4, value); break;
      case 6: name(5, value); break;
      default: break;
    }
  }
}

void Macsec::describe(const LayerView& v, Facts& out) {
  const Bytes h = v.header();
  if (h.size() < 6) return;
  Cursor c(h, 6);
  const u32 at = v.layer().offset;
  if ((h[0] & 0x20) != 0 && c.left() >= 8) out.number(0, c.number(8), at + 6, 8);
  if (is_clear(h) && c.left() >= 2) out.number(1, c.word(), at + static_cast<u32>(c.offset()) - 2, 2);
}

}  // namespace rawket
