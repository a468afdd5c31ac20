// Small headers that stand between a link and a network layer: MPLS, PPPoE, PPP, GRE, VXLAN.
#pragma once
#include "rawket/proto/ethernet.hpp"

namespace rawket {

struct Mpls {
  u32 label = 16;
  u8 exp = 0;
  u8 bottom = 1;
  u8 ttl = 64;

  static constexpr Number numbers[] = {{&ether_type, 0x8847}, {&ether_type, 0x8848}, {&ip_protocol, 137}, {&udp_port, 6635}};
  static constexpr Number next(Bytes b) {
    if (load<23, 1>(b.data()) == 0) return {&ether_type, 0x8847};
    return b.size() > 4 ? Number{&ip_version, u64{b[4]} >> 4} : Number{};
  }
  static constexpr auto layout() {
    return protocol<Mpls>("mpls", "Multiprotocol label switching", "RFC 3032, 2.1",
        field<&Mpls::label> ("label", 20, "Label", brief),
        field<&Mpls::exp>   ("exp", 3, "Traffic class"),
        field<&Mpls::bottom>("bottom", 1, "Last label of the stack"),
        field<&Mpls::ttl>   ("ttl", 8, "Time to live"));
  }
};

struct Ppp {
  Auto<u16> type = computed;

  static constexpr Number numbers[] = {{&ppp_protocol, 0}};
  static constexpr auto layout() {
    return protocol<Ppp>("ppp", "Point-to-point protocol", "RFC 1661, 2",
        field<&Ppp::type>("protocol", 16, "Protocol of the payload", Show::hex, selects(ppp_protocol), brief));
  }
};

/// PPP in HDLC-like framing: address and control bytes before it, where they were not compressed away.
struct PppFramed {
  static constexpr Number numbers[] = {{&link_layer, 9}, {&link_layer, 50}};
  static constexpr bool has_address(Bytes b) { return b.size() >= 2 && b[0] == 0xff && b[1] == 3; }
  static constexpr bool is_message = true;
  static constexpr u32 length(Bytes b) { return has_address(b) ? 2 : 0; }
  using payload = Ppp;
  static constexpr auto layout() { return protocol<PppFramed>("ppp_hdlc", "PPP in HDLC-like framing", "RFC 1662, 3.1"); }
};

struct Pppoe {
  u8 version = 1;
  u8 type = 1;
  u8 code = 0;
  u16 session = 1;
  Auto<u16> length = computed;

  static constexpr Number numbers[] = {{&ether_type, 0x8864}};
  using payload = Ppp;
  static constexpr auto layout() {
    return protocol<Pppoe>("pppoes", "PPP over Ethernet, session", "RFC 2516, 4",
        field<&Pppoe::version>("version", 4, "Version, always 1", always(1)),
        field<&Pppoe::type>   ("type", 4, "Type, always 1", always(1)),
        field<&Pppoe::code>   ("code", 8, "Zero for a session", Show::hex),
        field<&Pppoe::session>("session_id", 16, "Session", Show::hex, brief),
        field<&Pppoe::length> ("payload_length", 16, "Bytes of the payload", payload_length)).with_prefix("pppoe");
  }
};

struct PppoeDiscovery {
  u8 version = 1;
  u8 type = 1;
  u8 code = 9;
  u16 session = 0;
  Auto<u16> length = computed;

  static constexpr Name codes[] = {{0x09, "PADI"}, {0x07, "PADO"}, {0x19, "PADR"}, {0x65, "PADS"}, {0xa7, "PADT"}};
  static constexpr Number numbers[] = {{&ether_type, 0x8863}};
  static constexpr auto layout() {
    return protocol<PppoeDiscovery>("pppoed", "PPP over Ethernet, discovery", "RFC 2516, 5",
        field<&PppoeDiscovery::version>("version", 4, "Version, always 1", always(1)),
        field<&PppoeDiscovery::type>   ("type", 4, "Type, always 1", always(1)),
        field<&PppoeDiscovery::code>   ("code", 8, "Kind of message", Values{codes}, brief),
        field<&PppoeDiscovery::session>("session_id", 16, "Session", Show::hex),
        field<&PppoeDiscovery::length> ("payload_length", 16, "Bytes of the tags", payload_length)).with_prefix("pppoe");
  }
};

/// Generic routing encapsulation; the words after the fixed part depend on the flags.
struct Gre {
  u16 flags = 0;
  Auto<u16> type = computed;

  static constexpr Number numbers[] = {{&ip_protocol, 47}};
  static constexpr u32 length(Bytes b) {
    if (b.size() < 4) return 0;
    const u32 f = load<0, 16>(b.data()), version = f & 7;
    return 4 + ((f & 0xc000) != 0 ? 4 : 0) + ((f & 0x2000) != 0 ? 4 : 0) + ((f & 0x1000) != 0 ? 4 : 0) + (version == 1 && (f & 0x80) != 0 ? 4 : 0);
  }
  static constexpr Number next(Bytes b) {
    const u32 type = load<16, 16>(b.data());
    return type == 0x880b ? Number{&ppp_protocol, 0} : Number{&ether_type, type};
  }
  static constexpr Extra extras[] = {{"key", Show::hex, "Key"}, {"sequence_number", Show::decimal, "Sequence number"}};
  static void describe(const LayerView& v, Facts& out) {
    const Bytes h = v.header();
    if (h.size() < 4) return;
    const u32 f = load<0, 16>(h.data()), at = v.layer().offset;
    Cursor c(h, (f & 0xc000) != 0 ? 8 : 4);
    if ((f & 0x2000) != 0 && c.left() >= 4) out.number(0, c.dword(), at + static_cast<u32>(c.offset()) - 4, 4);
    if ((f & 0x1000) != 0 && c.left() >= 4) out.number(1, c.dword(), at + static_cast<u32>(c.offset()) - 4, 4);
  }
  static constexpr auto layout() {
    return protocol<Gre>("gre", "Generic routing encapsulation", "RFC 2784, 2",
        field<&Gre::flags>("flags_and_version", 16, "Which optional words follow, and the version", Show::hex),
        field<&Gre::type> ("proto", 16, "Protocol of the payload", Show::hex, Values{ether_types}, selects(ether_type), brief));
  }
};

/// Layer 2 networks carried over UDP.
struct Vxlan {
  u16 flags = 0x0800;
  u16 group = 0;
  u32 vni = 0;
  u8 reserved = 0;

  using payload = Ethernet;
  static constexpr Number numbers[] = {{&udp_port, 4789}, {&udp_port, 8472}};
  static constexpr auto layout() {
    return protocol<Vxlan>("vxlan", "Virtual eXtensible LAN", "RFC 7348, 5",
        field<&Vxlan::flags>   ("flags", 16, "0x0800: the network identifier is valid", Show::hex),
        field<&Vxlan::group>   ("gbp", 16, "Group policy identifier"),
        field<&Vxlan::vni>     ("vni", 24, "Network identifier", brief),
        field<&Vxlan::reserved>("reserved8", 8, "Must be zero", Show::hex, always(0)));
  }
};

}  // namespace rawket
