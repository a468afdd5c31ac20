// UDP.
#pragma once
#include "rawket/wire/options.hpp"

namespace rawket {

struct Udp {
  u16 sport = 49152;
  Auto<u16> dport = computed;
  Auto<u16> length = computed;
  Auto<u16> checksum = computed;

  static constexpr Number numbers[] = {{&ip_protocol, 17}};
  static constexpr bool answers(Bytes a, Bytes q) { return std::equal(a.data(), a.data() + 2, q.data() + 2) && std::equal(a.data() + 2, a.data() + 4, q.data()); }
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<Udp>("udp", "User datagram protocol", "RFC 768",
        field<&Udp::sport>   ("srcport", 16, "Source port", comes_from, brief, selects(udp_port)),
        field<&Udp::dport>   ("dstport", 16, "Destination port", goes_to, brief, selects(udp_port)),
        field<&Udp::length>  ("length", 16, "Bytes of header and payload", total_length),
        field<&Udp::checksum>("checksum", 16, "Checksum of pseudo header, header and payload; 0 when none was made", Show::hex, optional_checksum));
  }
};

}  // namespace rawket
