// Small headers that stand between a link and a network layer: MPLS, PPPoE, PPP, GRE, VXLAN.
#pragma once
#include "rawket/proto/ethernet.hpp"
#include "rawket/proto/provider.hpp"

namespace rawket {

inline constexpr Space pseudowire{"pseudowire"};

struct Mpls {
  u32 label = 16;
  u8 exp = 0;
  u8 bottom = 1;
  u8 ttl = 64;

  static constexpr Number numbers[] = {{&ether_type, 0x8847}, {&ether_type, 0x8848}, {&ip_protocol, 137}, {&udp_port, 6635}, {&ppp_protocol, 0x281}};
  static constexpr Number next(Bytes b) {
    if (load<23, 1>(b.data()) == 0) return {&ether_type, 0x8847};
    if (b.size() < 5) return {};
    return b[4] >> 4 == 0 ? Number{&pseudowire, 0} : Number{&ip_version, u64{b[4]} >> 4};  // RFC 4385: a control word begins with 0000
  }
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<Mpls>("mpls", "Multiprotocol label switching", "RFC 3032, 2.1",
        field<&Mpls::label> ("label", 20, "Label", brief),
        field<&Mpls::exp>   ("exp", 3, "Traffic class"),
        field<&Mpls::bottom>("bottom", 1, "Last label of the stack"),
        field<&Mpls::ttl>   ("ttl", 8, "Time to live"));
  }
};

/// An Ethernet frame inside MPLS, behind its control word.
struct PseudowireControlWord {
  u16 flags = 0;
  u16 sequence = 0;
  using payload = Ethernet;
  static constexpr Number numbers[] = {{&pseudowire, 0}};
  static constexpr auto layout() {
    return protocol<PseudowireControlWord>("pwethcw", "Ethernet pseudowire control word", "RFC 4448, 4.6",
        field<&PseudowireControlWord::flags>   ("flags", 16, "Four zero bits, then reserved", Show::hex),
        field<&PseudowireControlWord::sequence>("sequence_number", 16, "Counts frames; 0 where they are not counted"));
  }
};

/// RFC 1661, 6.5: a number with an odd first byte was cut to that byte.
struct PppCompressed {
  u8 type = 0x21;
  static constexpr Number next(Bytes b) { return {&ppp_protocol, b[0]}; }
  static constexpr auto layout() {
    return protocol<PppCompressed>("ppp_short", "Point-to-point protocol, compressed number", "RFC 1661, 6.5",
        field<&PppCompressed::type>("protocol", 8, "Protocol of the payload", Show::hex, brief)).with_prefix("ppp").with_label("ppp");
  }
};

struct Ppp {
  Auto<u16> type = computed;

  using other = PppCompressed;
  static constexpr bool is_other(Bytes b) { return !b.empty() && (b[0] & 1) != 0; }
  static constexpr Number numbers[] = {{&ppp_protocol, 0x10000}};
  static constexpr auto layout() {
    return protocol<Ppp>("ppp", "Point-to-point protocol", "RFC 1661, 2",
        field<&Ppp::type>("protocol", 16, "Protocol of the payload", Show::hex, selects(ppp_protocol), brief));
  }
};

/// PPP in HDLC-like framing: address and control bytes before it, where they were not compressed away.
struct PppFramed {
  static constexpr Number numbers[] = {{&link_layer, 9}, {&link_layer, 50}, {&ppp_protocol, 0x20000}};
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
  static void check(const LayerView& v, Faults& faults);
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
  static void check(const LayerView& v, Faults& faults);
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
    if (type == 0x88be && (b[0] & 0x10) == 0) return {&ether_type, 0x6558};  // ERSPAN type I: no header of its own
    return type == 0x880b ? Number{&ppp_protocol, 0x20000} : Number{&ether_type, type};
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
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<Gre>("gre", "Generic routing encapsulation", "RFC 2784, 2",
        field<&Gre::flags>("flags_and_version", 16, "Which optional words follow, and the version", Show::hex),
        field<&Gre::type> ("proto", 16, "Protocol of the payload", Show::hex, Values{ether_types}, selects(ether_type), brief));
  }
};

/// RFC 8926: options between the fixed part and the payload, which any Ethernet type can be.
struct Geneve {
  u8 version = 0;
  u8 options_length = 0;
  u8 flags = 0;
  Auto<u16> type = computed;
  u32 vni = 0;
  u8 reserved = 0;

  static constexpr Number numbers[] = {{&udp_port, 6081}};
  static constexpr u32 length(Bytes b) { return b.empty() ? 0 : 8 + (b[0] & 0x3fu) * 4; }
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<Geneve>("geneve", "Generic network virtualization encapsulation", "RFC 8926, 3.4",
        field<&Geneve::version>       ("version", 2, "Version, always 0", always(0)),
        field<&Geneve::options_length>("option.length", 6, "Bytes of the options in units of 4"),
        field<&Geneve::flags>         ("flags", 8, "0x80 control packet, 0x40 critical options", Show::hex),
        field<&Geneve::type>          ("proto_type", 16, "Protocol of the payload", Show::hex, Values{ether_types}, selects(ether_type)),
        field<&Geneve::vni>           ("vni", 24, "Network identifier", brief),
        field<&Geneve::reserved>      ("reserved", 8, "Must be zero", Show::hex, always(0)));
  }
};

/// GTP-U, the user plane of mobile networks; optional words follow when one of three flags is set.
struct Gtp {
  u8 version = 1;
  u8 protocol_type = 1;
  u8 flags = 0;
  u8 message = 255;
  Auto<u16> size = computed;
  u32 teid = 0;

  static constexpr Number numbers[] = {{&udp_port, 2152}};
  static constexpr u32 length(Bytes b) {
    if (b.size() < 8) return 0;
    u32 n = (b[0] & 7) != 0 ? 12 : 8;
    if ((b[0] & 4) == 0) return n;
    for (u8 next = b.size() > 11 ? b[11] : 0; next != 0 && n < b.size();) {  // extension headers, in units of 4
      const u32 size = b[n] * 4u;
      if (size == 0 || n + size > b.size()) return 0;
      next = b[n + size - 1];
      n += size;
    }
    return n;
  }
  static constexpr Number next(Bytes b) {
    const u32 n = length(b);
    return b[1] == 255 && b.size() > n ? Number{&ip_version, u64{b[n]} >> 4} : Number{};
  }
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<Gtp>("gtp", "GPRS tunnelling protocol, user plane", "3GPP TS 29.281, 5.1",
        field<&Gtp::version>      ("flags.version", 3, "Version, always 1"),
        field<&Gtp::protocol_type>("flags.payload", 1, "1: GTP, 0: GTP'"),
        field<&Gtp::flags>        ("flags.rest", 4, "4 extension header, 2 sequence number, 1 N-PDU number", Show::hex),
        field<&Gtp::message>      ("message", 8, "255 carries a packet", brief),
        field<&Gtp::size>         ("length", 16, "Bytes behind these eight", bytes_behind(8)),
        field<&Gtp::teid>         ("teid", 32, "Tunnel", Show::hex, brief));
  }
};

/// Mirrored frames in GRE, type II.
struct Erspan {
  u8 version = 1;
  u16 vlan = 0;
  u16 flags = 0;
  u16 session = 1;
  u32 index = 0;

  using payload = Ethernet;
  static constexpr Number numbers[] = {{&ether_type, 0x88be}};
  static constexpr auto layout() {
    return protocol<Erspan>("erspan", "Encapsulated remote mirror", "draft-foschiano-erspan-03, 4.2",
        field<&Erspan::version>("version", 4, "1 for type II"),
        field<&Erspan::vlan>   ("vlan", 12, "VLAN of the mirrored port", brief),
        field<&Erspan::flags>  ("cos", 6, "Class, encapsulation, truncation", Show::hex),
        field<&Erspan::session>("spanid", 10, "Session", brief),
        field<&Erspan::index>  ("index", 32, "Port", Show::hex));
  }
};

/// Type III has a time stamp, and eight more bytes when its last bit says so.
struct Erspan3 {
  u8 version = 2;
  u16 vlan = 0;
  u16 flags = 0;
  u16 session = 1;
  u32 time = 0;
  u16 group = 0;
  u16 rest = 0;

  static constexpr Number numbers[] = {{&ether_type, 0x22eb}};
  /// Frames of other kinds than Ethernet's have no addresses in front.
  static constexpr Number next(Bytes b) {
    const u64 frame_type = load<81, 5>(b.data());
    const u32 n = length(b);
    return frame_type == 0 ? Number{&link_layer, 1} : frame_type == 2 && b.size() > n ? Number{&ip_version, u64{b[n]} >> 4} : Number{};
  }
  static constexpr u32 length(Bytes b) { return b.size() < 12 ? 0 : (b[11] & 1) != 0 ? 20 : 12; }
  static constexpr auto layout() {
    return protocol<Erspan3>("erspan3", "Encapsulated remote mirror, type III", "draft-foschiano-erspan-03, 4.3",
        field<&Erspan3::version>("version", 4, "2 for type III"),
        field<&Erspan3::vlan>   ("vlan", 12, "VLAN of the mirrored port", brief),
        field<&Erspan3::flags>  ("cos", 6, "Class, bad or short frame, truncation", Show::hex),
        field<&Erspan3::session>("spanid", 10, "Session", brief),
        field<&Erspan3::time>   ("timestamp", 32, "When it was mirrored"),
        field<&Erspan3::group>  ("sgt", 16, "Security group", Show::hex),
        field<&Erspan3::rest>   ("rest", 16, "Frame type, hardware, direction, clock, more", Show::hex)).with_prefix("erspan").with_label("erspan");
  }
};

/// IPv6 through NATs: optional authentication and origin indicators stand before the IPv6 packet.
struct Teredo {
  static constexpr Number numbers[] = {{&udp_port, 3544}};
  static constexpr u32 length(Bytes b) {
    u32 n = 0;
    if (b.size() >= 4 && b[0] == 0 && b[1] == 1) n = 13u + b[2] + b[3];
    if (b.size() >= n + 8u && b[n] == 0 && b[n + 1] == 0) n += 8;
    return n;
  }
  static constexpr Number next(Bytes b) {
    const u32 n = length(b);
    return b.size() > n ? Number{&ip_version, u64{b[n]} >> 4} : Number{};
  }
  static constexpr auto layout() { return protocol<Teredo>("teredo", "Teredo", "RFC 4380, 5.1.1"); }
};

/// The authentication header of IPsec.
struct AuthenticationHeader {
  Auto<u8> next_header = computed;
  Auto<u8> size = computed;
  u16 reserved = 0;
  u32 spi = 256;
  u32 sequence = 0;
  Options<248, 0> options = {};

  static constexpr Number numbers[] = {{&ip_protocol, 51}};
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<AuthenticationHeader>("ah", "IP authentication header", "RFC 4302, 2",
        field<&AuthenticationHeader::next_header>("next_header", 8, "Protocol of the payload", selects(ip_protocol)),
        field<&AuthenticationHeader::size>       ("length", 8, "Header in 4-byte units, without the first two", header_length(4, 2)),
        field<&AuthenticationHeader::reserved>   ("reserved", 16, "Must be zero", Show::hex, always(0)),
        field<&AuthenticationHeader::spi>        ("spi", 32, "Security parameters index", Show::hex, brief),
        field<&AuthenticationHeader::sequence>   ("sequence", 32, "Counts packets", brief));
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
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<Vxlan>("vxlan", "Virtual eXtensible LAN", "RFC 7348, 5",
        field<&Vxlan::flags>   ("flags", 16, "0x0800: the network identifier is valid", Show::hex),
        field<&Vxlan::group>   ("gbp", 16, "Group policy identifier"),
        field<&Vxlan::vni>     ("vni", 24, "Network identifier", brief),
        field<&Vxlan::reserved>("reserved8", 8, "Must be zero", Show::hex, always(0)));
  }
};

/// VXLAN that says what it carries.
struct VxlanGpe {
  u8 flags = 0x0c;
  u16 reserved = 0;
  u8 next_protocol = 3;
  u32 vni = 0;
  u8 reserved2 = 0;

  static constexpr Number numbers[] = {{&udp_port, 4790}};
  static constexpr Number next(Bytes b) { return next_of_nsh(b[3]); }
  static constexpr auto layout() {
    return protocol<VxlanGpe>("vxlan_gpe", "VXLAN generic protocol extension", "draft-ietf-nvo3-vxlan-gpe-12, 3.1",
        field<&VxlanGpe::flags>        ("flags", 8, "0x08: the network identifier is valid; 0x04: the next protocol is told", Show::hex),
        field<&VxlanGpe::reserved>     ("reserved_16", 16, "Must be zero", Show::hex, always(0)),
        field<&VxlanGpe::next_protocol>("next_proto", 8, "Protocol of the payload", Values{nsh_protocols}),
        field<&VxlanGpe::vni>          ("vni", 24, "Network identifier", brief),
        field<&VxlanGpe::reserved2>    ("reserved8", 8, "Must be zero", Show::hex, always(0))).with_prefix("vxlan").with_label("vxlan");
  }
};

}  // namespace rawket
