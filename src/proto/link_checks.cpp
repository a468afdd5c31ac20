// What the tables' rules cannot say about Ethernet: types that are none, and groups that belong to another address.
#include "checking.hpp"
#include "rawket/proto/ethernet.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"
#include "rawket/proto/link.hpp"

namespace rawket {
namespace {

/// The address that frames to a group go to (RFC 1112, 6.4; RFC 2464, 7); nothing when what follows is for no group.
Repair group_address(const LayerView& v) {
  if (v.index + 1 >= v.layers.size()) return {};
  const Layer& next = v.layers[v.index + 1];
  const u8* h = v.packet.data() + next.offset;
  if (next.length < next.protocol->fixed) return {};
  if (next.protocol == &info<Ipv4> && h[16] >> 4 == 14) return std::vector<u8>{0x01, 0x00, 0x5e, static_cast<u8>(h[17] & 0x7f), h[18], h[19]};
  if (next.protocol == &info<Ipv6> && h[24] == 0xff) return std::vector<u8>{0x33, 0x33, h[36], h[37], h[38], h[39]};
  return {};
}

}  // namespace

bool within_one_host(Bytes packet, const Layer& first) {
  if (first.protocol == &info<Ethernet> && first.length == info<Ethernet>.fixed) return std::ranges::all_of(packet.subspan(first.offset, 12), [](u8 x) { return x == 0; });
  return first.protocol == &info<BsdLoopback> || first.protocol == &info<BsdLoopbackBig> || first.protocol == &info<BsdLoopbackType>;
}

void Ethernet::check(const LayerView& v, Faults& faults) {
  const Bytes h = v.header();
  if (h.size() < 14) return;
  const Telling tell{v, faults};
  if ((h[6] & 1) != 0) tell.warn("group-source", "eth.src", 6, 6, "a frame cannot come from a multicast or broadcast address", "IEEE 802.3, 3.2.3");
  if (const u64 type = load<96, 16>(h.data()); type > 1500 && type < 1536)
    tell.error("undefined-type", "eth.type", 12, 2, std::to_string(type) + " is neither a length (at most 1500) nor a type (at least 1536)", "IEEE 802.3, 3.2.6");
  const bool broadcast = std::ranges::all_of(h.first(6), [](u8 x) { return x == 0xff; });
  if ((h[0] & 1) == 0 || broadcast) return;  // groups are also sent to single hosts, as access points do
  auto right = group_address(v);
  if (right && !std::ranges::equal(*right, h.first(6)))
    tell.warn("group-address", "eth.dst", 0, 6, "the frame goes to another group than the packet in it", h[0] == 0x33 ? "RFC 2464, 7" : "RFC 1112, 6.4", std::move(right));
}

}  // namespace rawket
