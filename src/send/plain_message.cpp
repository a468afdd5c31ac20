// The headers that the kernel makes itself are read, and left out.
#include "rawket/send/plain_message.hpp"

#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"

namespace rawket {
namespace {

constexpr u8 icmp = 1, udp = 17, icmpv6 = 58;
constexpr std::size_t short_header = 8;  // of UDP, and of an echo

bool fill_transport(u8 protocol, Bytes rest, PlainPacket& p) {
  if (rest.size() < short_header) return false;
  const auto word = [&rest](std::size_t at) { return static_cast<u16>(rest[at] << 8 | rest[at + 1]); };
  constexpr u8 echo_request = 8, echo_request_v6 = 128;
  p.by.icmp = protocol != udp;
  if (!p.by.icmp) {
    p.by.number = word(0), p.message.port = word(2), p.message.bytes = rest.subspan(short_header);
    return true;
  }
  p.by.number = word(4), p.message.bytes = rest;
  return protocol == (p.by.ipv6 ? icmpv6 : icmp) && rest[0] == (p.by.ipv6 ? echo_request_v6 : echo_request);
}

}  // namespace

std::optional<PlainPacket> plain_packet(Bytes packet) {
  PlainPacket p;
  constexpr std::size_t v4_header = 20, v6_header = 40;
  if (packet.size() >= v4_header && packet[0] == 0x45) {
    const Ipv4 ip = decode<Ipv4>(packet.data());
    p.message.to = IpAddress(Ipv4Address(ip.dst)), p.source = IpAddress(Ipv4Address(ip.src)), p.message.hop_limit = ip.ttl, p.message.traffic_class = ip.tos;
    return fill_transport(packet[9], packet.subspan(v4_header), p) ? std::optional(p) : std::nullopt;
  }
  if (packet.size() < v6_header || packet[0] >> 4 != 6) return std::nullopt;
  const Ipv6 ip = decode<Ipv6>(packet.data());
  p.by.ipv6 = true;
  p.message.to = IpAddress(Ipv6Address(ip.dst)), p.source = IpAddress(Ipv6Address(ip.src)), p.message.hop_limit = ip.hop_limit, p.message.traffic_class = ip.traffic_class;
  return fill_transport(packet[6], packet.subspan(v6_header), p) ? std::optional(p) : std::nullopt;
}

}  // namespace rawket
