// Where packets come from and go to.
#pragma once
#include "rawket/packet/dissect.hpp"

namespace rawket {

struct IpEnds {
  IpAddress source, destination;
};

/// Of the outermost IP header: the one that routers look at.
std::optional<IpEnds> outermost_ends(const Dissection& d);

/// TCP's or UDP's ports, or an echo's identifier as both; of the first such layer, also inside what an ICMP error quotes.
struct TransportEnds {
  u8 protocol = 0;      ///< of IP: 6, 17, 1, 58
  u16 source = 0, destination = 0;
  bool echo = false;    ///< they are an identifier
  bool quoted = false;  ///< of a packet in an ICMP error, which went the other way
};
std::optional<TransportEnds> transport_ends(const Dissection& d);

}  // namespace rawket
