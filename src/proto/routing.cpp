// Lists of addresses and records behind the headers of IGMP and OSPF.
#include "rawket/proto/routing.hpp"

namespace rawket {
namespace {

/// Tells the IPv4 addresses from `at` on, at most `count`.
void tell_addresses(const LayerView& v, Facts& out, u32 which, std::size_t at, std::size_t count) {
  Cursor c(v.message(), at);
  for (; count > 0 && c.left() >= 4; --count) out.bytes(which, c.take(4), v.layer().offset + static_cast<u32>(c.offset()) - 4, 4);
}

}  // namespace

void Igmp::describe(const LayerView& v, Facts& out) {
  const Bytes m = v.message();
  if (m.size() < 4) return;
  const u32 at = v.layer().offset;
  u32 version = 0;
  switch (m[0]) {
    case 0x11: version = is_long_query(m) ? 3 : m[1] == 0 ? 1 : 2; break;
    case 0x12: version = 1; break;
    case 0x16:
    case 0x17: version = 2; break;
    case 0x22: version = 3; break;
    default: return;
  }
  out.number(0, version, at, 1);
  if (m[0] == 0x22) return;
  const bool floating = version == 3 && m[1] >= 128;  // RFC 3376, 4.1.1: one bit, three of exponent, four of mantissa
  out.number(1, floating ? ((m[1] & 0x0fu) | 0x10u) << ((m[1] >> 4 & 7) + 3) : m[1], at + 1, 1);
}

void IgmpQuery::describe(const LayerView& v, Facts& out) {
  if (v.message().size() >= 8) tell_addresses(v, out, 0, 8, decode<IgmpQuery>(v.message().data()).sources);
}

void IgmpReport::describe(const LayerView& v, Facts& out) {
  const Bytes m = v.message();
  const u32 at = v.layer().offset;
  Cursor c(m, 2);
  for (u32 records = c.word(); records > 0 && c.left() >= 8; --records) {
    const u32 start = at + static_cast<u32>(c.offset());
    out.number(0, c.byte(), start, 1);
    const u32 auxiliary = c.byte() * 4u, sources = c.word();
    out.bytes(1, c.take(4), start + 4, 4);
    tell_addresses(v, out, 2, c.offset(), sources);
    c.skip(sources * std::size_t{4} + auxiliary);
  }
}

void OspfHello::describe(const LayerView& v, Facts& out) { tell_addresses(v, out, 0, 20, ~std::size_t{}); }
void Ospf3Hello::describe(const LayerView& v, Facts& out) { tell_addresses(v, out, 0, 20, ~std::size_t{}); }

}  // namespace rawket
