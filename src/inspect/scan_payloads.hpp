// Datagrams that services answer: most are silent to an empty one.
#pragma once
#include "rawket/packet/packet.hpp"
#include "rawket/proto/dns.hpp"
#include "rawket/proto/ntp.hpp"
#include "rawket/proto/udp.hpp"

namespace rawket {

/// With what the port's usual service takes for a question; to any other port empty. `udp` has its ports.
template <Stackable Ip> Packet question_to_service(const Ip& ip, const Udp& udp) {
  switch (u16{udp.dport}) {
    case 53:  // who serves the root (RFC 1035, 4.1.2)
      return ip / udp / Dns{.questions = 1} / "\0\0\2\0\1";
    case 123: return ip / udp / Ntp{};
    case 161:  // the system's description, of the community "public" (RFC 1157, 4.1.2)
      return ip / udp / "\x30\x26\x02\x01\x00\x04\x06public\xa0\x19\x02\x01\x01\x02\x01\x00\x02\x01\x00\x30\x0e\x30\x0c\x06\x08\x2b\x06\x01\x02\x01\x01\x01\x00\x05\x00";
    case 1900: return ip / udp / "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n";
    case 5353:  // which services there are (RFC 6763, 9)
      return ip / udp / Dns{.questions = 1} / "\x09_services\x07_dns-sd\x04_udp\x05local\0\0\x0c\0\1";
    default: return ip / udp;
  }
}

}  // namespace rawket
