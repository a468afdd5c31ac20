// What of an IP packet a plain socket can send: an ICMP echo request, or a UDP datagram.
#pragma once
#include <optional>

#include "rawket/io/plain_sockets.hpp"
#include "rawket/packet/packet.hpp"

namespace rawket {

struct PlainPacket {
  PlainKey by;
  PlainMessage message;   ///< its bytes are the packet's
  IpAddress source;       ///< what the packet says; the kernel decides
};
/// Nothing for other protocols, and for packets with IP options or extension headers. `packet` is a whole IP packet.
std::optional<PlainPacket> plain_packet(Bytes packet);

}  // namespace rawket
