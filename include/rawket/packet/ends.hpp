// Where packets come from and go to.
#pragma once
#include "rawket/packet/dissect.hpp"

namespace rawket {

struct IpEnds {
  IpAddress source, destination;
};

/// Of the outermost IP header: the one that routers look at.
std::optional<IpEnds> outermost_ends(const Dissection& d);

}  // namespace rawket
