// What an 802.11 header's bits make of its addresses, the names of networks, and the values of a radiotap header.
#include "rawket/proto/wlan.hpp"

namespace rawket {
namespace {

enum WlanFact : u32 { type_subtype, destination, source, transmitter, access_point, sequence, fragment, network };

/// Bytes before the elements of a management frame's body; nothing where the kind has no network name.
std::optional<u32> fixed_part(u32 subtype) {
  switch (subtype) {
    case 0: return 4;    // association request
    case 2: return 10;   // reassociation request
    case 4: return 0;    // probe request
    case 5:              // probe response
    case 8: return 12;   // beacon
    default: return std::nullopt;
  }
}

struct RadioValue {
  u8 size, align;
};
// By bit of the present word. What is longer than its alignment is several values.
constexpr RadioValue radio_values[] = {{8, 8}, {1, 1}, {1, 1}, {4, 2}, {2, 2}, {1, 1}, {1, 1}, {2, 2}, {2, 2}, {2, 2}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {2, 2},
                                       {2, 2}, {1, 1}, {1, 1}, {8, 4}, {3, 1}, {8, 4}, {12, 2}, {12, 8}, {12, 2}, {12, 2}, {6, 2}, {1, 1}, {4, 2}};

u32 little(Bytes b, std::size_t at, unsigned size) {
  u32 v = 0;
  for (unsigned i = 0; i < size; ++i) v |= static_cast<u32>(b[at + i]) << 8 * i;
  return v;
}

}  // namespace

void Wlan::describe(const LayerView& v, Facts& out) {
  const Bytes h = v.header();
  if (h.size() < 10) return;
  const u32 at = v.layer().offset, kind = h[0] >> 2 & 3, sub = h[0] >> 4, ways = h[1] & 3;
  out.number(type_subtype, kind << 4 | sub, at, 1);
  const auto address = [&](WlanFact which, u32 offset) {
    if (h.size() >= offset + 6) out.bytes(which, h.subspan(offset, 6), at + offset, 6);
  };
  if (kind == 1) {
    if (sub == 12 || sub == 13) return;  // clear to send and acknowledgement: a receiver alone
    if (sub == 10) address(access_point, 4);
    if (sub == 14) address(access_point, 10);
    address(transmitter, 10);
    return;
  }
  if (kind == 3) return;
  const bool to = kind == 2 && (ways & 1) != 0, from = kind == 2 && (ways & 2) != 0;
  address(destination, to ? 16 : 4);
  address(transmitter, 10);
  address(source, to && from ? 24 : from ? 16 : 10);
  if (!(to && from)) address(access_point, to ? 4 : from ? 10 : 16);
  if (h.size() < 24) return;
  out.number(fragment, h[22] & 15u, at + 22, 1);
  out.number(sequence, little(h, 22, 2) >> 4, at + 22, 2);
  const auto skip = fixed_part(sub);
  if (kind != 0 || !skip || (h[1] & 0x40) != 0) return;
  Cursor c(h, 24u + ((h[1] & 0x80) != 0 ? 4 : 0) + *skip);
  while (c.left() >= 2) {
    const u8 element = c.byte(), size = c.byte();
    if (size > c.left()) return;
    const Bytes value = c.take(size);
    if (element == 0) return out.bytes(network, value, at + static_cast<u32>(c.offset()) - size, size);
  }
}

void Radiotap::describe(const LayerView& v, Facts& out) {
  const Bytes h = v.header();
  if (h.size() < 8) return;
  std::size_t words = 1;
  while (4 + words * 4 <= h.size() && (little(h, words * 4, 4) >> 31) != 0) ++words;
  if (4 + words * 4 > h.size()) return;
  std::size_t at = 4 + words * 4;
  for (std::size_t w = 0; w < words; ++w) {
    const u32 present = little(h, 4 + w * 4, 4);
    for (u32 bit = 0; bit < std::size(radio_values); ++bit) {
      if ((present >> bit & 1) == 0) continue;
      const RadioValue r = radio_values[bit];
      at = (at + r.align - 1) / r.align * r.align;
      if (at + r.size > h.size()) return;
      const u32 place = v.layer().offset + static_cast<u32>(at);
      const auto dbm = [&] { return static_cast<u64>(static_cast<i64>(static_cast<std::int8_t>(h[at]))); };
      switch (bit) {
        case 1: out.number(3, h[at], place, 1); break;
        case 3: out.number(0, little(h, at, 2), place, 2); break;
        case 5: out.number(1, dbm(), place, 1); break;
        case 6: out.number(2, dbm(), place, 1); break;
        case 11: out.number(4, h[at], place, 1); break;
        default: break;
      }
      at += r.size;
    }
    if ((present >> 28 & 1) != 0 || (present >> 30 & 1) != 0) return;  // other shapes of values
  }
}

}  // namespace rawket
