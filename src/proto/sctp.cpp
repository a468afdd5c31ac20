// SCTP's chunks, and its checksum, which is none of the Internet checksum's kind.
#include "rawket/proto/transport.hpp"

namespace rawket {

void Sctp::describe(const LayerView& v, Facts& out) {
  const u32 at = v.layer().offset;
  out.number(0, 2, at + 8, 4);
  Cursor c(v.message(), 12);
  while (c.left() >= 4) {
    const u32 start = at + static_cast<u32>(c.offset());
    const u8 type = c.byte();
    c.skip(1);
    const u32 size = c.word();
    out.number(1, type, start, 1);
    out.number(2, size, start + 2, 2);
    if (size < 4) return;
    c.skip((size + 3) / 4 * 4 - 4);
  }
}

void Sctp::check(const LayerView& v, Faults& faults) {
  const Layer& l = v.layer();
  if (l.length < 12 || l.claimed_end != l.end) return;
  for (std::size_t i = 0; i < v.index; ++i) {  // a quoted packet may be cut, and a fragment is only a part
    const Layer& below = v.layers[i];
    if (below.protocol->quotes) return;
    if (below.length < below.protocol->fixed || below.protocol->is_piece(v.packet.data() + below.offset)) return;
  }
  const Bytes m = v.message();
  u32 crc = 0xffffffff;
  for (std::size_t i = 0; i < m.size(); ++i) {
    crc ^= i >= 8 && i < 12 ? 0u : m[i];
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82f63b78 : 0);
  }
  crc = ~crc;
  const std::vector<u8> right{static_cast<u8>(crc), static_cast<u8>(crc >> 8), static_cast<u8>(crc >> 16), static_cast<u8>(crc >> 24)};
  if (!std::equal(right.begin(), right.end(), m.data() + 8))
    faults.add({Severity::warning, "bad-checksum", "sctp.checksum", l.offset + 8, 4, "the CRC32c of header and chunks is another: a receiver drops the packet", "RFC 9260, 6.8", right});
}

}  // namespace rawket
