// Addresses of IP headers.
#include "rawket/packet/ends.hpp"

#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"

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

}  // namespace rawket
