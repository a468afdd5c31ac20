// Addresses of IP headers.
#include "rawket/packet/ends.hpp"

#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"

namespace rawket {

std::optional<IpEnds> outermost_ends(const Dissection& d) {
  for (const Layer& l : d.layers()) {
    if (l.length < l.protocol->fixed) break;
    if (const auto ends = ip_ends(d.packet, l)) return ends;
  }
  return std::nullopt;
}

}  // namespace rawket
