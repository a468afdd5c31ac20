// Tags of switches and providers: 802.1BR E-TAG, VN-Tag, 802.1ah backbone instance, network service header.
#pragma once
#include "rawket/proto/ethernet.hpp"

namespace rawket {

struct ETag {
  u8 priority = 0;
  u8 dei = 0;
  u16 ingress_base = 0;
  u8 reserved = 0;
  u8 group = 0;
  u16 base = 1;
  u8 ingress_extension = 0;
  u8 extension = 0;
  Auto<u16> type = computed;

  static constexpr Number numbers[] = {{&ether_type, 0x893f}};
  static constexpr auto layout() {
    return protocol<ETag>("etag", "802.1BR E-TAG", "IEEE 802.1BR, 7.5",
        field<&ETag::priority>         ("pcp", 3, "Priority code point"),
        field<&ETag::dei>              ("dei", 1, "May be dropped first"),
        field<&ETag::ingress_base>     ("iecid_base", 12, "Port that the frame came in by"),
        field<&ETag::reserved>         ("resv", 2, "Must be zero", Show::hex, always(0), quiet),
        field<&ETag::group>            ("group", 2, "0: one port; else a group of ports"),
        field<&ETag::base>             ("ecid_base", 12, "Port or group that is meant", brief),
        field<&ETag::ingress_extension>("iecid_ext", 8, "High bits of the incoming port"),
        field<&ETag::extension>        ("ecid_ext", 8, "High bits of the port that is meant"),
        field<&ETag::type>             ("etype", 16, "Protocol of the payload", Show::hex, Values{ether_types}, selects(ether_type)));
  }
};

struct VnTag {
  u8 direction = 0;
  u8 pointer = 0;
  u16 destination = 0;
  u8 looped = 0;
  u8 reserved = 0;
  u8 version = 0;
  u16 source = 0;
  Auto<u16> type = computed;

  static constexpr Name directions[] = {{0, "to bridge"}, {1, "from bridge"}};
  static constexpr Number numbers[] = {{&ether_type, 0x8926}};
  static constexpr auto layout() {
    return protocol<VnTag>("vntag", "VN-Tag", "Cisco VN-Tag, INCITS T11/09-291v0",
        field<&VnTag::direction>  ("dir", 1, "Which way the frame goes", Values{directions}),
        field<&VnTag::pointer>    ("ptr", 1, "The destination is a list of ports"),
        field<&VnTag::destination>("dst", 14, "Virtual interface or list that is meant", brief),
        field<&VnTag::looped>     ("looped", 1, "The frame goes back where it came from"),
        field<&VnTag::reserved>   ("r", 1, "Must be zero", quiet),
        field<&VnTag::version>    ("version", 2, "Version"),
        field<&VnTag::source>     ("src", 12, "Virtual interface that sent the frame", brief),
        field<&VnTag::type>       ("etype", 16, "Protocol of the payload", Show::hex, Values{ether_types}, selects(ether_type)));
  }
};

/// The tag that wraps a customer's whole frame: its two addresses stand in the tag itself.
struct BackboneTag {
  u8 priority = 0;
  u8 drop = 0;
  u8 customer_addresses = 0;
  u8 reserved = 0;
  u8 reserved2 = 0;
  u32 service = 0;
  Mac dst = "ff:ff:ff:ff:ff:ff";
  Mac src = {};
  Auto<u16> type = computed;

  static constexpr Number numbers[] = {{&ether_type, 0x88e7}};
  static constexpr auto layout() {
    return protocol<BackboneTag>("ieee8021ah", "802.1ah backbone service instance tag", "IEEE 802.1Q, 9.7",
        field<&BackboneTag::priority>          ("priority", 3, "Priority code point"),
        field<&BackboneTag::drop>              ("drop", 1, "May be dropped first"),
        field<&BackboneTag::customer_addresses>("nca", 1, "Use the customer's addresses"),
        field<&BackboneTag::reserved>          ("res1", 1, "Reserved, ignored", quiet),
        field<&BackboneTag::reserved2>         ("res2", 2, "Reserved, must be zero", quiet),
        field<&BackboneTag::service>           ("isid", 24, "Service instance", brief),
        field<&BackboneTag::dst>               ("cdst", 48, "The customer's destination address"),
        field<&BackboneTag::src>               ("csrc", 48, "The customer's source address"),
        field<&BackboneTag::type>              ("etype", 16, "Protocol of the payload", Show::hex, Values{ether_types}, selects(ether_type)));
  }
};

/// Numbers of the next protocol as NSH and VXLAN-GPE share them.
inline constexpr Space nsh_protocol{"nsh_protocol"};
constexpr Number next_of_nsh(u8 protocol) {
  switch (protocol) {
    case 1: return {&ip_version, 4};
    case 2: return {&ip_version, 6};
    case 3: return {&link_layer, 1};
    case 4: return {&nsh_protocol, 4};
    case 5: return {&ether_type, 0x8847};
    default: return {};
  }
}
inline constexpr Name nsh_protocols[] = {{1, "IPv4"}, {2, "IPv6"}, {3, "Ethernet"}, {4, "NSH"}, {5, "MPLS"}};

struct Nsh {
  u8 version = 0;
  u8 oam = 0;
  u8 unassigned = 0;
  u8 ttl = 63;
  Auto<u8> words = computed;
  u8 unassigned2 = 0;
  u8 metadata_type = 2;
  u8 next_protocol = 1;
  u32 path = 0;
  u8 index = 255;
  Tail<248> options = {};  ///< metadata

  static constexpr Number numbers[] = {{&ether_type, 0x894f}, {&nsh_protocol, 4}};
  static constexpr Number next(Bytes b) { return next_of_nsh(b[3]); }
  static constexpr auto layout() {
    return protocol<Nsh>("nsh", "Network service header", "RFC 8300, 2.2",
        field<&Nsh::version>      ("version", 2, "Version", always(0)),
        field<&Nsh::oam>          ("Obit", 1, "Of operation and maintenance"),
        field<&Nsh::unassigned>   ("CBit", 1, "Unassigned", quiet),
        field<&Nsh::ttl>          ("ttl", 6, "Functions that may still be passed"),
        field<&Nsh::words>        ("length", 6, "Header length", header_length(4)),
        field<&Nsh::unassigned2>  ("unassigned_bits", 4, "Unassigned", quiet),
        field<&Nsh::metadata_type>("mdtype", 4, "1: sixteen bytes of context; 2: a list"),
        field<&Nsh::next_protocol>("nextproto", 8, "Protocol of the payload", Values{nsh_protocols}),
        field<&Nsh::path>         ("spi", 24, "Service path", brief),
        field<&Nsh::index>        ("si", 8, "Where on the path", brief));
  }
};

}  // namespace rawket
