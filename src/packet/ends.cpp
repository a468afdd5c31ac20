// Addresses of IP headers, and ports behind them.
#include "rawket/packet/ends.hpp"

#include "rawket/proto/icmp.hpp"
#include "rawket/proto/icmpv6.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"
#include "rawket/proto/tcp.hpp"
#include "rawket/proto/udp.hpp"

namespace rawket {

namespace {

std::optional<IpEnds> ip_ends(Bytes packet, const Layer& layer) {
  if (layer.length < layer.protocol->fixed) return std::nullopt;
  const u8* h = packet.data() + layer.offset;
  if (layer.protocol == &info<Ipv4>) return IpEnds{get<&Ipv4::src>(h), get<&Ipv4::dst>(h)};
  if (layer.protocol == &info<Ipv6>) return IpEnds{get<&Ipv6::src>(h), get<&Ipv6::dst>(h)};
  return std::nullopt;
}

}  // namespace

std::optional<IpEnds> outermost_ends(const Dissection& d) {
  for (const Layer& l : d.layers()) {
    if (l.length < l.protocol->fixed) break;
    if (const auto ends = ip_ends(d.packet, l)) return ends;
  }
  return std::nullopt;
}

std::optional<TransportEnds> transport_ends(const Dissection& d) {
  const auto word = [&d](std::size_t at) { return at + 2 <= d.packet.size() ? static_cast<u16>(d.packet[at] << 8 | d.packet[at + 1]) : u16{0}; };
  bool quoted = false;
  for (const Layer& l : d.layers()) {
    quoted = quoted || l.protocol->quotes;
    if (l.protocol == &info<Tcp>) return TransportEnds{6, word(l.offset), word(l.offset + 2), false, quoted};
    if (l.protocol == &info<Udp>) return TransportEnds{17, word(l.offset), word(l.offset + 2), false, quoted};
    if (l.protocol == &info<IcmpEcho>) return TransportEnds{1, word(l.offset), word(l.offset), true, quoted};
    if (l.protocol == &info<Icmpv6Echo>) return TransportEnds{58, word(l.offset), word(l.offset), true, quoted};
  }
  return std::nullopt;
}

}  // namespace rawket
