// From bytes to fields, with the packets in the first-level cache.
#include <memory>

#include "data.hpp"
#include "harness.hpp"
#include "peers.hpp"
#include "rawket/proto/all.hpp"

namespace rawket::bench {
namespace {

constexpr u64 items = 400'000;

/// Calls `decode` with one frame after the other.
template <class Decode> std::function<double()> over(const std::shared_ptr<const std::vector<Packet>>& packets, Decode decode) {
  return [packets, decode] {
    std::vector<Bytes> frames(packets->begin(), packets->end());
    u64 sum = 0;
    std::size_t next = 0;
    const double time = time_per_item(items, [&](u64) {
      sum += decode(frames[next]);
      if (++next == frames.size()) next = 0;
    });
    keep(sum);
    return time;
  };
}

/// As programs do: one registry, one dissection that is used again and again.
const Registry& registry = standard_registry();
Dissection d;

u64 by_dissection(Bytes frame) {
  dissect(registry, info<Ethernet>, frame, d);
  const auto ip = d.header<Ipv4>();
  const auto tcp = d.header<Tcp>();
  if (!ip || !tcp) return 0;
  return ip->src.number() + u64{ip->dst.number()} + tcp->sport + tcp->dport + static_cast<u64>(tcp->flags);
}

u64 by_views(Bytes frame) {
  if (frame.size() < 34) return 0;
  const View<Ethernet> ethernet(frame.data());
  const View<Ipv4> ip(frame.data() + 14);
  if (ethernet->type != 0x0800 || ip->version != 4 || ip->protocol != 6) return 0;
  const std::size_t at = 14 + ip->ihl * 4u;
  if (at + 20 > frame.size()) return 0;
  const View<Tcp> tcp(frame.data() + at);
  return ip->src.number() + u64{ip->dst.number()} + tcp->sport + tcp->dport + static_cast<u64>(tcp->flags);
}

u64 mixed_by_dissection(Bytes frame) {
  dissect(registry, info<Ethernet>, frame, d);
  if (const auto tcp = d.header<Tcp>()) return tcp->sport + u64{tcp->dport};
  if (const auto udp = d.header<Udp>()) return udp->sport + u64{udp->dport};
  return 0;
}

}  // namespace

std::vector<Task> decode_tasks() {
  const auto tcp = std::make_shared<const std::vector<Packet>>(tcp_packets());
  const auto mixed = std::make_shared<const std::vector<Packet>>(mixed_packets());
  const Contender by_hand_tcp{"hand-written", over(tcp, by_hand::decode_tcp)}, tins_tcp{"libtins EthernetII", over(tcp, tins::decode_tcp)};
  Contender judged = tins_tcp;
  judged.at_least = 5;
  return {{"decode Ethernet/IPv4/TCP, 5 fields: dissect", over(tcp, by_dissection), {judged, by_hand_tcp}, 20},
          {"decode Ethernet/IPv4/TCP, 5 fields: View", over(tcp, by_views), {tins_tcp, by_hand_tcp}},
          {"decode VLAN, IPv6, UDP, DNS mixed: dissect", over(mixed, mixed_by_dissection), {{"libtins EthernetII, no DNS", over(mixed, tins::decode_mixed)}}}};
}

}  // namespace rawket::bench
