// Echoes carry the secret as their payload; answers to ARP and solicitations are known by what they are about.
#include "rawket/inspect/host_probes.hpp"

#include <algorithm>

#include "rawket/packet/ends.hpp"
#include "rawket/proto/arp.hpp"
#include "rawket/proto/ethernet.hpp"
#include "rawket/proto/icmp.hpp"
#include "rawket/proto/icmpv6.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"

namespace rawket {
namespace {

Payload<4> as_payload(u32 number) {
  Payload<4> p{};
  for (unsigned i = 0; i < 4; ++i) p.bytes[i] = static_cast<u8>(number >> 8 * (3 - i));
  return p;
}

}  // namespace

HostProbes::HostProbes(HostQuestion question, std::vector<IpAddress> hosts, Interface from, const IpAddress& source, u16 identifier, u32 secret)
    : question_(question), hosts_(std::move(hosts)), from_(std::move(from)), source_(source), identifier_(identifier), secret_(secret), by_address_(hosts_) {}

std::optional<u64> HostProbes::probe_of(const IpAddress& host) const {
  const auto place = by_address_.find(host);
  return place ? std::optional<u64>(*place) : std::nullopt;
}

Packet HostProbes::make(u64 probe) const {
  const IpAddress& to = hosts_[static_cast<std::size_t>(probe)];
  const auto sequence = static_cast<u16>(probe);
  const Payload<4> payload = as_payload(secret_);
  switch (question_) {
    case HostQuestion::arp:
      return Ethernet{.dst = "ff:ff:ff:ff:ff:ff", .src = from_.mac} / Arp{.source_mac = from_.mac, .source = to == source_ ? Ipv4Address() : source_.v4(), .target = to.v4()};  // of its own address: RFC 5227, 2.1.1
    case HostQuestion::solicitation: {
      const Ipv6Address group = solicited_node(to.v6());
      return Ethernet{.dst = link_group(group), .src = from_.mac} / Ipv6{.hop_limit = 255, .src = source_.v6(), .dst = group} / Icmpv6{.type = 135} /
             NeighbourSolicitation{.target = to.v6(), .options = {SourceLinkAddress{from_.mac}}};
    }
    case HostQuestion::group_echo:
      return Ethernet{.dst = link_group(to), .src = from_.mac} / Ipv6{.hop_limit = 1, .src = source_.v6(), .dst = to.v6()} / Icmpv6{.type = 128} / Icmpv6Echo{.id = identifier_, .seq = sequence} / payload;
    case HostQuestion::echo:
    case HostQuestion::tcp: break;
  }
  if (to.is_v6) return Ipv6{.src = source_.v6(), .dst = to.v6()} / Icmpv6{.type = 128} / Icmpv6Echo{.id = identifier_, .seq = sequence} / payload;
  return Ipv4{.id = static_cast<u16>(probe + 1), .src = source_.v4(), .dst = to.v4()} / Icmp{.type = 8} / IcmpEcho{.id = identifier_, .seq = sequence} / payload;
}

std::optional<SweepProbes::Match> HostProbes::match(const Dissection& d) const {
  const auto found = [this](const IpAddress& host, std::string_view reason) {
    const auto probe = probe_of(host);
    return probe ? std::optional(Match{*probe, PortVerdict::open, reason}) : std::nullopt;
  };
  if (question_ == HostQuestion::arp) {
    const auto header = d.header<Arp>();
    return header && Arp(*header).opcode == 2 ? found(Arp(*header).source, "ARP reply") : std::nullopt;
  }
  if (question_ == HostQuestion::solicitation) {
    const auto na = d.header<NeighbourAdvertisement>();
    return na ? found(IpAddress(NeighbourAdvertisement(*na).target), "neighbour advertisement") : std::nullopt;
  }
  const auto ends = outermost_ends(d);
  const auto ports = transport_ends(d);
  if (!ends || !ports || ports->quoted || !ports->echo || ports->source != identifier_) return std::nullopt;
  const Payload<4> mine = as_payload(secret_);
  const Bytes payload = d.payload();
  const bool is_request = std::ranges::any_of(d.layers(), [&d](const Layer& l) { return (l.protocol == &info<Icmp> && d.packet[l.offset] == 8) || (l.protocol == &info<Icmpv6> && d.packet[l.offset] == 128); });
  if (is_request || payload.size() < 4 || !std::equal(mine.bytes.begin(), mine.bytes.end(), payload.begin())) return std::nullopt;
  if (question_ == HostQuestion::group_echo) return Match{0, PortVerdict::open, "echo reply"};
  return found(ends->source, "echo reply");
}

bool HostProbes::is_ours(const Dissection& d) const {
  if (question_ == HostQuestion::arp) {
    const auto header = d.header<Arp>();
    return header && Arp(*header).opcode == 1 && Arp(*header).source_mac == from_.mac && probe_of(Arp(*header).target);
  }
  if (question_ == HostQuestion::solicitation) {
    const auto ns = d.header<NeighbourSolicitation>();
    return ns && probe_of(IpAddress(NeighbourSolicitation(*ns).target)).has_value();
  }
  const auto ports = transport_ends(d);
  const auto ends = outermost_ends(d);
  return ports && ends && ports->echo && !ports->quoted && ports->source == identifier_ && ends->source == source_;
}

}  // namespace rawket
