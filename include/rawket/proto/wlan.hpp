// 802.11: radiotap and its kin before it, and the MAC header whose length and addresses depend on its bits.
#pragma once
#include "rawket/proto/ethernet.hpp"

namespace rawket {

struct Wlan {
  u8 subtype = 0;
  u8 type = 2;
  u8 version = 0;
  u8 flags = 0;
  Little<u16> duration = u16{0};
  Mac receiver = {};

  static constexpr Name types[] = {{0, "management"}, {1, "control"}, {2, "data"}, {3, "extension"}};
  static constexpr Number numbers[] = {{&link_layer, 105}, {&ether_type, 0x8200}};
  static constexpr bool is_data(Bytes b) { return (b[0] >> 2 & 3) == 2; }
  static constexpr bool has_qos(Bytes b) { return is_data(b) && (b[0] & 0x80) != 0; }
  static constexpr u32 length(Bytes b) {
    if (b.size() < 10) return 0;
    const bool hidden = (b[0] & 0x0c) == 0 && (b[1] & 0x40) != 0;  // a protected management frame
    if (hidden) return 24;
    if (!is_data(b) || (b[0] & 0x40) != 0) return static_cast<u32>(b.size());  // management, control, and data frames without data
    const bool four_addresses = (b[1] & 3) == 3;
    return 24u + (four_addresses ? 6 : 0) + (has_qos(b) ? 2 : 0) + ((b[1] & 0x80) != 0 && has_qos(b) ? 4 : 0);
  }
  /// LLC, unless it is encrypted, empty, or several frames in one.
  static constexpr Number next(Bytes b) {
    const u32 n = length(b);
    const bool bundle = has_qos(b) && b.size() >= n && (b[n - 2 - ((b[1] & 0x80) != 0 ? 4u : 0u)] & 0x80) != 0;
    return is_data(b) && (b[0] & 0x40) == 0 && (b[1] & 0x40) == 0 && !bundle ? Number{&llc_sap, 256} : Number{};
  }
  static constexpr Extra extras[] = {{"fc.type_subtype", Show::hex, "Type and kind of frame in one number"}, {"da", Show::mac, "Destination"}, {"sa", Show::mac, "Source"},
                                     {"ta", Show::mac, "Transmitter"}, {"bssid", Show::mac, "The network's access point"}, {"seq", Show::decimal, "Counts frames"},
                                     {"frag", Show::decimal, "Counts the fragments of a frame"}, {"ssid", Show::bytes, "Name of the network"}};
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() {
    return protocol<Wlan>("wlan", "IEEE 802.11", "IEEE 802.11, 9.2",
        field<&Wlan::subtype> ("fc.subtype", 4, "Kind of frame within its type", brief),
        field<&Wlan::type>    ("fc.type", 2, "Type of frame", Values{types}, brief),
        field<&Wlan::version> ("fc.version", 2, "Always 0"),
        field<&Wlan::flags>   ("flags", 8, "To and from the distribution system, retry, protected, order", Show::hex),
        field<&Wlan::duration>("duration", 16, "Microseconds the medium is taken"),
        field<&Wlan::receiver>("ra", 48, "Receiver", goes_to));
  }
};

/// Where a device's own header ends and the frame begins; no bytes. Lists of layers have it between the two.
struct WlanRadio {
  using payload = Wlan;
  static constexpr auto layout() { return protocol<WlanRadio>("wlan_radio", "IEEE 802.11 radio", "radiotap.org"); }
};

/// What a capturing device says of an 802.11 frame.
struct Radiotap {
  u8 version = 0;
  u8 pad = 0;
  Little<u16> size = u16{8};
  Little<u32> present = 0u;

  using payload = WlanRadio;
  static constexpr Number numbers[] = {{&link_layer, 127}};
  static constexpr u32 length(Bytes b) { return b.size() < 8 ? 0 : static_cast<u32>(b[2] | b[3] << 8); }
  static constexpr Extra extras[] = {{"channel.freq", Show::decimal, "Frequency of the channel in MHz"}, {"dbm_antsignal", Show::signed_decimal, "Strength of the signal in dBm"},
                                     {"dbm_antnoise", Show::signed_decimal, "Strength of the noise in dBm"}, {"flags", Show::hex, "0x10: the frame has its check sequence"},
                                     {"antenna", Show::decimal, "Antenna"}};
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() {
    return protocol<Radiotap>("radiotap", "Radiotap", "radiotap.org",
        field<&Radiotap::version>("version", 8, "Always 0"),
        field<&Radiotap::pad>    ("pad", 8, "Unused", quiet),
        field<&Radiotap::size>   ("length", 16, "Bytes of this header", brief),
        field<&Radiotap::present>("present.word", 32, "Which values follow", Show::hex));
  }
};

/// The header of Prism cards: its own length, then values that are not read.
struct Prism {
  u32 message = 0x44;
  Little<u32> size = u32{144};
  using payload = WlanRadio;
  static constexpr Number numbers[] = {{&link_layer, 119}};
  static constexpr u32 length(Bytes b) { return b.size() < 8 ? 0 : static_cast<u32>(b[4] | b[5] << 8); }
  static constexpr auto layout() {
    return protocol<Prism>("prism", "Prism capture header", "LINKTYPE_IEEE802_11_PRISM",
        field<&Prism::message>("msgcode", 32, "Kind of message", Show::hex),
        field<&Prism::size>   ("msglen", 32, "Bytes of this header"));
  }
};

/// Per-packet information: its own length, and the link type of what follows.
struct Ppi {
  u8 version = 0;
  u8 flags = 0;
  Little<u16> size = u16{8};
  Little<u32> link = u32{105};
  static constexpr Number numbers[] = {{&link_layer, 192}};
  static constexpr u32 length(Bytes b) { return b.size() < 8 ? 0 : static_cast<u32>(b[2] | b[3] << 8); }
  using payload = WlanRadio;
  static constexpr Number next(Bytes b) {
    const u32 type = static_cast<u32>(b[4] | b[5] << 8);
    return type == 105 ? Number{} : Number{&link_layer, type};
  }
  static constexpr auto layout() {
    return protocol<Ppi>("ppi", "Per-packet information", "LINKTYPE_PPI",
        field<&Ppi::version>("version", 8, "Always 0"),
        field<&Ppi::flags>  ("flags", 8, "1: aligned to 32 bits", Show::hex),
        field<&Ppi::size>   ("length", 16, "Bytes of this header"),
        field<&Ppi::link>   ("dlt", 32, "Link type of what follows", brief));
  }
};

}  // namespace rawket
