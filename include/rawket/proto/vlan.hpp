// VLAN tags: 802.1Q and the service tag of 802.1ad.
#pragma once
#include "rawket/proto/ethernet.hpp"

namespace rawket {

/// A tag in a frame of the 802.3 kind.
struct VlanLength {
  u8 priority = 0;
  u8 dei = 0;
  u16 id = 1;
  Auto<u16> length = computed;

  static constexpr Number next(Bytes) { return {&llc_sap, 256}; }
  static constexpr auto layout() {
    return protocol<VlanLength>("vlan_len", "802.1Q tag with a length", "IEEE 802.1Q, 9.6",
        field<&VlanLength::priority>("priority", 3, "Priority code point"),
        field<&VlanLength::dei>     ("dei", 1, "May be dropped first"),
        field<&VlanLength::id>      ("id", 12, "VLAN identifier", brief),
        field<&VlanLength::length>  ("len", 16, "Bytes of the payload", payload_length)).with_prefix("vlan").with_label("vlan");
  }
};

struct Vlan {
  u8 priority = 0;
  u8 dei = 0;
  u16 id = 1;
  Auto<u16> type = computed;

  using other = VlanLength;
  static constexpr bool is_other(Bytes b) { return b.size() >= 4 && load<16, 16>(b.data()) <= 1500; }
  static constexpr Number numbers[] = {{&ether_type, 0x8100}, {&ether_type, 0x9100}, {&ether_type, 0x9200}};
  static void check(const LayerView& v, Faults& faults) {
    if (v.layer().length >= 2 && load<4, 12>(v.header().data()) == 0xfff)
      faults.add({Severity::warning, "reserved-vlan", "vlan.id", v.layer().offset, 2, "VLAN 4095 is reserved", "IEEE 802.1Q, table 9-2"});
  }
  static constexpr auto layout() {
    return protocol<Vlan>("vlan", "802.1Q VLAN tag", "IEEE 802.1Q, 9.6",
        field<&Vlan::priority>("priority", 3, "Priority code point"),
        field<&Vlan::dei>     ("dei", 1, "May be dropped first"),
        field<&Vlan::id>      ("id", 12, "VLAN identifier", brief),
        field<&Vlan::type>    ("etype", 16, "Protocol of the payload", Show::hex, Values{ether_types}, selects(ether_type)));
  }
};

struct ServiceVlan {
  u8 priority = 0;
  u8 dei = 0;
  u16 id = 1;
  Auto<u16> type = computed;

  static constexpr Number numbers[] = {{&ether_type, 0x88a8}};
  static constexpr auto layout() {
    return protocol<ServiceVlan>("ieee8021ad", "802.1ad service tag", "IEEE 802.1Q, 9.7",
        field<&ServiceVlan::priority>("priority", 3, "Priority code point"),
        field<&ServiceVlan::dei>     ("dei", 1, "May be dropped first"),
        field<&ServiceVlan::id>      ("id", 12, "Service VLAN identifier", brief),
        field<&ServiceVlan::type>    ("etype", 16, "Protocol of the payload", Show::hex, Values{ether_types}, selects(ether_type)));
  }
};

}  // namespace rawket
