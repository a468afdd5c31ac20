// Where packets come from and go to.
#pragma once
#include "rawket/packet/dissect.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"

namespace rawket {

struct IpEnds {
  IpAddress source, destination;
};

/// Of one layer; nothing when it is not a whole IP header.
inline std::optional<IpEnds> ip_ends(Bytes packet, const Layer& layer) {
  if (layer.length < layer.protocol->fixed) return std::nullopt;
  const u8* h = packet.data() + layer.offset;
  if (layer.protocol == &info<Ipv4>) return IpEnds{get<&Ipv4::src>(h), get<&Ipv4::dst>(h)};
  if (layer.protocol == &info<Ipv6>) return IpEnds{get<&Ipv6::src>(h), get<&Ipv6::dst>(h)};
  return std::nullopt;
}
/// Of the outermost IP header: the one that routers look at.
std::optional<IpEnds> outermost_ends(const Dissection& d);

}  // namespace rawket
