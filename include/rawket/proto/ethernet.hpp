// Ethernet: the II form by type, the 802.3 form by length, LLC and SNAP.
#pragma once
#include "rawket/wire/options.hpp"

namespace rawket {

inline constexpr Name ether_types[] = {{0x0800, "IPv4"}, {0x0806, "ARP"}, {0x8035, "RARP"}, {0x8100, "VLAN"}, {0x86dd, "IPv6"}, {0x8847, "MPLS"},
                                       {0x8848, "MPLS multicast"}, {0x8863, "PPPoE discovery"}, {0x8864, "PPPoE session"}, {0x888e, "EAPOL"},
                                       {0x88a8, "802.1ad"}, {0x88cc, "LLDP"}, {0x88e5, "MACsec"}, {0x88e7, "802.1ah"}, {0x8926, "VN-Tag"}, {0x893f, "E-TAG"}, {0x894f, "NSH"}, {0x9100, "QinQ"}};

/// Numbers behind Cisco's organization code in SNAP.
inline constexpr Space cisco_protocol{"cisco_protocol"};

/// Frames of the second kind: the payload's length, then LLC.
struct Ieee8023 {
  Mac dst = "ff:ff:ff:ff:ff:ff";
  Mac src = {};
  Auto<u16> length = computed;

  static constexpr Number next(Bytes) { return {&llc_sap, 256}; }
  static constexpr auto layout() {
    return protocol<Ieee8023>("ieee8023", "IEEE 802.3 Ethernet", "IEEE 802.3, 3.1",
        field<&Ieee8023::dst>   ("dst", 48, "Destination address", goes_to, brief),
        field<&Ieee8023::src>   ("src", 48, "Source address", comes_from, brief),
        field<&Ieee8023::length>("len", 16, "Bytes of the payload, without padding", payload_length)).with_prefix("eth").with_label("eth");
  }
};

/// Frames as nearly all are: the type of the payload.
struct Ethernet {
  Mac dst = "ff:ff:ff:ff:ff:ff";
  Mac src = {};
  Auto<u16> type = computed;

  using other = Ieee8023;
  static constexpr bool is_other(Bytes b) { return b.size() >= 14 && load<96, 16>(b.data()) <= 1500; }
  static constexpr Number numbers[] = {{&link_layer, 1}, {&ether_type, 0x6558}};
  /// A frame of 64 bytes needs no padding, so four more bytes behind its payload are its check sequence.
  static constexpr Extra extras[] = {{"fcs.status", Show::decimal, "Whether the frame check sequence is right: 2, not verified"}};
  static void describe(const LayerView& v, Facts& out) {
    if (v.index != 0 || v.packet.size() < 64 || v.layers.size() < 2) return;
    const u32 end = v.layers[1].end, size = static_cast<u32>(v.packet.size());
    if (v.layers[1].claimed_end == end && size - end >= 4) out.number(0, 2, size - 4, 4);
  }
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<Ethernet>("eth", "Ethernet II", "IEEE 802.3, 3.1",
        field<&Ethernet::dst> ("dst",  48, "Destination address", goes_to, brief),
        field<&Ethernet::src> ("src",  48, "Source address", comes_from, brief),
        field<&Ethernet::type>("type", 16, "Protocol of the payload", Show::hex, Values{ether_types}, selects(ether_type)));
  }
};

/// Logical link control. The control field has one byte or two and belongs to the header.
struct Llc {
  u8 dsap = 0xaa;
  u8 ssap = 0xaa;
  u8 control = 3;

  static constexpr Number numbers[] = {{&llc_sap, 256}};
  static constexpr bool short_control(Bytes b) { return (b[2] & 3) == 3; }
  static constexpr u32 length(Bytes b) { return b.size() < 3 ? 0 : short_control(b) ? 3 : 4; }
  static constexpr Number next(Bytes b) { return {&llc_sap, b[0]}; }
  static constexpr Extra extras[] = {{"control", Show::hex, "Kind of frame and its numbers, one byte or two"}};
  static void describe(const LayerView& v, Facts& out) {
    const Bytes h = v.header();
    if (h.size() == 3) out.number(0, h[2], v.layer().offset + 2, 1);
    if (h.size() == 4) out.number(0, static_cast<u64>(h[2] | h[3] << 8), v.layer().offset + 2, 2);
  }
  static constexpr auto layout() {
    return protocol<Llc>("llc", "Logical link control", "IEEE 802.2",
        field<&Llc::dsap>   ("dsap", 8, "Destination service access point", Show::hex, brief),
        field<&Llc::ssap>   ("ssap", 8, "Source service access point", Show::hex),
        field<&Llc::control>("control_low", 8, "First byte of the control field", Show::hex, quiet));
  }
};

/// The five bytes behind LLC that carry an Ethernet type.
struct Snap {
  u32 oui = 0;
  Auto<u16> type = computed;

  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&llc_sap, 0xaa}};
  static constexpr Number next(Bytes b) {
    const u32 oui = load<0, 24>(b.data());
    return oui == 0 || oui == 0xf8 ? Number{&ether_type, load<24, 16>(b.data())} : oui == 0x0c ? Number{&cisco_protocol, load<24, 16>(b.data())} : Number{};
  }
  static constexpr auto layout() {
    return protocol<Snap>("snap", "Subnetwork access protocol", "RFC 1042",
        field<&Snap::oui> ("oui", 24, "Who numbers the types", Show::hex),
        field<&Snap::type>("type", 16, "Protocol of the payload", Show::hex, Values{ether_types}, selects(ether_type))).with_prefix("llc");
  }
};

}  // namespace rawket
