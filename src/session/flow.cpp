// From a dissected packet to its conversation, and the conversation's facts.
#include "rawket/session/flow.hpp"

#include <algorithm>
#include <cstring>

#include <bit>

#include "rawket/base/digest.hpp"
#include "rawket/packet/value.hpp"
#include "rawket/proto/icmp.hpp"
#include "rawket/proto/icmpv6.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"
#include "rawket/proto/tcp.hpp"
#include "rawket/proto/tunnel.hpp"
#include "rawket/proto/udp.hpp"

namespace rawket {
namespace {

// Types of ICMP that answer each other (Community ID, version 1): a request's key has its answer's type as the other port.
constexpr std::pair<u8, u8> icmp_pairs[] = {{8, 0}, {0, 8}, {13, 14}, {14, 13}, {15, 16}, {16, 15}, {10, 9}, {9, 10}, {17, 18}, {18, 17}};
constexpr std::pair<u8, u8> icmpv6_pairs[] = {{128, 129}, {129, 128}, {133, 134}, {134, 133}, {135, 136}, {136, 135}, {130, 131}, {131, 130}, {144, 145}, {145, 144}};

std::optional<u8> other_type(std::span<const std::pair<u8, u8>> pairs, u8 type) {
  for (const auto& [a, b] : pairs)
    if (a == type) return b;
  return std::nullopt;
}

/// The field that a packet comes from or goes to, if it is a port.
const Field* port_field(const Protocol& p, bool to) {
  const Field* f = to ? p.destination : p.source;
  return f != nullptr && f->width == 16 ? f : nullptr;
}

struct Carriers {
  std::size_t ip = 0, transport = 0;   ///< layers
  bool has_ip = false, has_transport = false;
};

/// The innermost IP layer, and what it carries.
Carriers find_carriers(std::span<const Layer> layers) {
  Carriers e;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Protocol* p = layers[i].protocol;
    if (p == &info<Ipv4> || p == &info<Ipv6>) e = {i, 0, layers[i].length >= p->fixed, false};
    else if (e.has_ip && !e.has_transport && (p == &info<Tcp> || p == &info<Udp> || p == &info<Icmp> || p == &info<Icmpv6> || port_field(*p, true) != nullptr))
      e.transport = i, e.has_transport = true;
    if (p == &info<Icmp> || p == &info<Icmpv6>) break;  // what an error quotes is no conversation of this packet
  }
  return e;
}

struct Carried {
  u8 protocol = 0;
  bool later_fragment = false;
};

/// What stands behind an IP header, its extension headers and an authentication header.
Carried carried(const Dissection& d, std::size_t ip) {
  const Layer& l = d.layers()[ip];
  const u8* h = d.packet.data() + l.offset;
  const bool v4 = l.protocol == &info<Ipv4>;
  u8 next = v4 ? get<&Ipv4::protocol>(h) : get<&Ipv6::next_header>(h);
  if (v4 && get<&Ipv4::fragment>(h) != 0) return {next, true};
  for (std::size_t i = ip + 1; i < d.layers().size(); ++i) {
    const Layer& e = d.layers()[i];
    const bool extension = e.protocol == &info<HopByHop> || e.protocol == &info<Ipv6Routing> || e.protocol == &info<Ipv6Fragment> || e.protocol == &info<DestinationOptions> || e.protocol == &info<AuthenticationHeader>;
    if (!extension || e.length < e.protocol->fixed) break;
    const u8* x = d.packet.data() + e.offset;
    next = x[0];  // all of them begin with it
    if (e.protocol == &info<Ipv6Fragment> && get<&Ipv6Fragment::offset>(x) != 0) return {next, true};
  }
  return {next, false};
}

/// One end in words, so that ends are compared without going through memory.
struct End {
  u64 first = 0, second = 0;  ///< the address's octets, the first one highest
  u16 port = 0;

  friend auto operator<=>(const End&, const End&) = default;
  std::array<u8, 16> octets() const {
    std::array<u8, 16> o{};
    store<0, 64>(o.data(), first);
    store<0, 64>(o.data() + 8, second);
    return o;
  }
};

End end_of(const Ipv4Address& a) { return {u64{a.number()} << 32}; }
End end_of(const Ipv6Address& a) { return {load<0, 64>(a.octets.data()), load<0, 64>(a.octets.data() + 8)}; }

void set_tcp(const Dissection& d, const Layer& l, FlowPacket& p) {
  const u8* h = d.packet.data() + l.offset;
  p.flags = static_cast<u8>(get<&Tcp::flags>(h));
  p.sequence = get<&Tcp::seq>(h);
  p.payload = std::max(l.claimed_end, l.payload_offset()) - l.payload_offset();
}

}  // namespace

IpAddress FlowKey::address(bool of_high) const {
  IpAddress a;
  a.is_v6 = is_v6;
  a.octets = of_high ? high : low;
  return a;
}

u64 FlowKey::hash() const {
  // Two factors, both with a secret in them: no word can be chosen so that a state is forced.
  static const u64 seed = hash_seed(), other_seed = hash_seed() | 1;
  u64 h = seed;
  for (u64 w : words()) {
    const unsigned __int128 m = static_cast<unsigned __int128>(h ^ w) * (other_seed + w);
    h = static_cast<u64>(m) ^ static_cast<u64>(m >> 64) ^ std::rotl(h, 23);
  }
  return h;
}

const Layer* tcp_layer(const Dissection& d) {
  const Layer* found = nullptr;
  for (const Layer& l : d.layers()) {
    if (l.protocol->quotes) break;
    if (l.protocol == &info<Tcp>) found = l.length >= info<Tcp>.fixed ? &l : nullptr;
  }
  return found;
}

bool read_flow_packet(const PacketHead& head, const Dissection& d, FlowPacket& p) {
  const Carriers e = find_carriers(d.layers());
  if (!e.has_ip) return false;
  const Layer& ip = d.layers()[e.ip];
  if (ip.length < ip.protocol->fixed) return false;
  const bool v6 = ip.protocol == &info<Ipv6>;
  const u8* ip_header = d.packet.data() + ip.offset;
  End from = v6 ? end_of(get<&Ipv6::src>(ip_header)) : end_of(get<&Ipv4::src>(ip_header));
  End to = v6 ? end_of(get<&Ipv6::dst>(ip_header)) : end_of(get<&Ipv4::dst>(ip_header));
  bool one_way = false;
  const Layer* tcp = nullptr;
  if (e.has_transport) {
    const Layer& l = d.layers()[e.transport];
    const u8* h = d.packet.data() + l.offset;
    const bool v6_icmp = l.protocol == &info<Icmpv6>;
    if (l.protocol == &info<Icmp> || v6_icmp) {
      if (l.length < 2) return false;
      const auto other = other_type(v6_icmp ? std::span<const std::pair<u8, u8>>(icmpv6_pairs) : icmp_pairs, h[0]);
      from.port = h[0];
      to.port = other.value_or(h[1]);
      one_way = !other;
    } else {
      const Field* f = port_field(*l.protocol, false);
      const Field* t = port_field(*l.protocol, true);
      if (f == nullptr || t == nullptr || l.length < last_byte(*t)) return false;
      from.port = static_cast<u16>(f->read(h));
      to.port = static_cast<u16>(t->read(h));
      if (l.protocol == &info<Tcp> && l.length >= info<Tcp>.fixed) tcp = &l;
    }
  }
  const Carried inside = carried(d, e.ip);
  p.from_high = !one_way && from > to;
  const End &low = p.from_high ? to : from, &high = p.from_high ? from : to;
  p.key = {low.octets(), high.octets(), low.port, high.port, inside.protocol, v6, inside.later_fragment};
  p.time = head.time;
  p.number = head.number;
  p.length = head.original_length != 0 ? head.original_length : static_cast<u32>(d.packet.size());
  if (tcp != nullptr) set_tcp(d, *tcp, p);
  return true;
}

std::optional<FlowPacket> flow_packet(const PacketHead& head, const Dissection& d) {
  std::optional<FlowPacket> p(std::in_place);
  if (!read_flow_packet(head, d, *p)) p.reset();
  return p;
}

void Flow::add(const FlowPacket& p) {
  constexpr u8 fin = static_cast<u8>(Fin), syn = static_cast<u8>(Syn), ack = static_cast<u8>(Ack);
  FlowSide& side = p.from_high ? high : low;
  const FlowSide& other = p.from_high ? low : high;
  if (first_packet == 0) first = p.time, first_packet = p.number, from_high = p.from_high;
  // The handshake's third packet: both sides have sent a SYN, and this is the first that the one who began sends after it.
  if (round_trip_us == 0 && (p.flags & (syn | ack)) == ack && side.packets == 1 && side.flags == syn && (other.flags & syn) != 0 && p.from_high == from_high)
    round_trip_us = static_cast<u32>(std::clamp<i64>(elapsed(first, p.time) / 1000, 1, 0xffffffff));
  last = p.time;
  ++side.packets;
  side.bytes += p.length;
  side.flags |= p.flags;
  used = true;
  if (key.protocol != 6 || key.later_fragment) return;
  const u32 size = p.payload + ((p.flags & syn) != 0) + ((p.flags & fin) != 0), end = p.sequence + size;
  if (size == 0) return;
  if (side.started && static_cast<std::int32_t>(end - side.next_sequence) <= 0) ++side.retransmissions;
  else side.next_sequence = end;
  side.started = true;
}

std::string endpoint_text(const FlowKey& key, bool high) {
  const IpAddress a = key.address(high);
  const bool ports = key.low_port != 0 || key.high_port != 0;
  if (!ports || key.protocol == 1 || key.protocol == 58) return a.text();
  return (key.is_v6 ? "[" + a.text() + "]" : a.text()) + ":" + std::to_string(high ? key.high_port : key.low_port);
}

std::string flow_protocol_text(const FlowKey& key) {
  const Protocol* p = standard_registry().find(ip_protocol.id, key.protocol);
  return p != nullptr ? std::string(p->label) : std::to_string(key.protocol);
}

std::string community_id(const FlowKey& key, u16 seed) {
  std::vector<u8> text = {static_cast<u8>(seed >> 8), static_cast<u8>(seed)};
  for (bool high : {false, true}) {
    const IpAddress a = key.address(high);
    text.insert(text.end(), a.bytes().begin(), a.bytes().end());
  }
  text.insert(text.end(), {key.protocol, 0});
  const bool ports = !key.later_fragment && (key.protocol == 1 || key.protocol == 6 || key.protocol == 17 || key.protocol == 58 || key.protocol == 132);
  if (ports) text.insert(text.end(), {static_cast<u8>(key.low_port >> 8), static_cast<u8>(key.low_port), static_cast<u8>(key.high_port >> 8), static_cast<u8>(key.high_port)});
  return "1:" + base64(sha1(text));
}

}  // namespace rawket
