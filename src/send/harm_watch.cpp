// ARP for IPv4 and neighbour solicitations for IPv6 (RFC 826, RFC 4861): each next hop answers these, whatever it filters.
#include "harm_watch.hpp"

#include "rawket/packet/packet.hpp"
#include "rawket/proto/arp.hpp"
#include "rawket/proto/ethernet.hpp"
#include "rawket/proto/icmp.hpp"
#include "rawket/proto/icmpv6.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"

namespace rawket {
namespace {

constexpr Nanoseconds watch_gap = 20 * millisecond;

Packet question(const Plan::Watched& w) {
  if (!w.next_hop.is_v6)
    return Ethernet{.dst = w.mac, .src = w.own_mac} / Arp{.source_mac = w.own_mac, .source = w.own.v4(), .target_mac = {}, .target = w.next_hop.v4()};
  std::array<u8, 16> target{}, source{};
  std::copy_n(w.next_hop.octets.begin(), 16, target.begin()), std::copy_n(w.own.octets.begin(), 16, source.begin());
  return Ethernet{.dst = w.mac, .src = w.own_mac} / Ipv6{.hop_limit = 255, .src = Ipv6Address(source), .dst = Ipv6Address(target)} / Icmpv6{} / NeighbourSolicitation{.target = Ipv6Address(target)};
}

}  // namespace

Result<std::unique_ptr<HarmWatch>> HarmWatch::open(const Plan& plan) {
  if (!plan.watched || plan.interface.loopback || plan.interface.hardware_type != 1) return nullptr;
  const Filter answers = RAWKET_TRY(Filter::compile("arp[6:2] = 2 or icmp[0] = 3 or icmp[0] = 11 or (icmp6 and (ip6[40] = 136 or ip6[40] = 1 or ip6[40] = 3))", LinkType::ethernet));
  auto socket = RAWKET_TRY(PacketSocket::open({.interface = plan.interface.name, .own_packets = false, .buffer_bytes = 1u << 20, .filter = &answers}));
  return std::unique_ptr<HarmWatch>(new HarmWatch(std::move(socket), *plan.watched));
}

/// Others on the link answer others: the sender of an ARP reply, the target of an advertisement.
bool HarmWatch::is_next_hops(Bytes frame, bool ipv6) const {
  const std::size_t at = ipv6 ? 14 + 40 + 8 : 14 + 14, size = ipv6 ? 16 : 4;
  return frame.size() >= at + size && std::equal(frame.begin() + static_cast<std::ptrdiff_t>(at), frame.begin() + static_cast<std::ptrdiff_t>(at + size), watched_.next_hop.octets.begin());
}

std::optional<std::string> HarmWatch::look(SendPermit permit, Nanoseconds now) {
  if (now < next_look_) return std::nullopt;
  next_look_ = now + watch_gap;
  listen(now);
  if (now >= next_probe_) ask(permit, now);
  return signs_.harm(now);
}

void HarmWatch::listen(Nanoseconds now) {
  const auto packets = socket_->next(0);
  if (!packets) return;
  const Nanoseconds wall = wall_clock();
  for (const CapturedPacket& p : *packets) {
    const bool ipv6 = p.bytes.size() > 13 && p.bytes[12] == 0x86;
    const bool answer = p.bytes.size() > 40 && (ipv6 ? p.bytes[14 + 40] == 136 : p.bytes[13] == 0x06);
    const Nanoseconds when = now - elapsed(p.info.time, wall);
    if (!answer) signs_.error_received(when);
    else if (is_next_hops(p.bytes, ipv6)) signs_.probe_answered(when);
  }
}

void HarmWatch::ask(SendPermit permit, Nanoseconds now) {
  next_probe_ = now + HarmSigns::probe_gap;
  const Packet packet = question(watched_);
  const Bytes frame = packet.bytes();
  signs_.probe_sent(now);
  static_cast<void>(socket_->send(permit, {&frame, 1}));  // one that does not leave is one without an answer
}

}  // namespace rawket
