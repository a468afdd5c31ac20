// Where packets come from and go to.
#pragma once
#include "rawket/packet/dissect.hpp"

namespace rawket {

struct IpEnds {
  IpAddress source, destination;
};

/// Of one layer; nothing when it is not a whole IP header.
std::optional<IpEnds> ip_ends(Bytes packet, const Layer& layer);
/// Of the outermost IP header: the one that routers look at.
std::optional<IpEnds> outermost_ends(const Dissection& d);

}  // namespace rawket
