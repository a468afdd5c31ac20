// One probe of the usual kinds, as a packet: what inspections that choose each probe anew are made of.
#pragma once
#include "rawket/base/address.hpp"
#include "rawket/packet/packet.hpp"

namespace rawket {

enum class ProbeProtocol : u8 { icmp, tcp, udp };

struct ProbePacket {
  IpAddress from, to;             ///< of one family
  ProbeProtocol protocol = ProbeProtocol::icmp;
  u16 port = 0;                   ///< not of ICMP
  u16 source_port = 0;            ///< of ICMP the identifier
  u16 number = 0;                 ///< IPv4 identification, ICMP sequence number, and what TCP's begins with
  unsigned hop_limit = 64;
  unsigned size = 0;              ///< bytes of the IP packet, which then is not to be cut up; 0: a short one
};

/// A SYN, an echo request, or a datagram, padded to its size. The pad byte is `probe_pad`.
Packet make_probe(const ProbePacket& probe);
inline constexpr u8 probe_pad = 0x5a;
inline constexpr unsigned usual_echo_payload = 32;

}  // namespace rawket
