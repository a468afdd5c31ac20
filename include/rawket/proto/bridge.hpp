// What bridges tell each other: the spanning tree protocols and link layer discovery; and the MACsec tag.
#pragma once
#include "rawket/proto/ethernet.hpp"

namespace rawket {

inline constexpr Space bpdu_type{"bpdu_type"};

struct Stp {
  u16 protocol_id = 0;
  u8 version = 0;
  Auto<u8> type = computed;

  static constexpr Name versions[] = {{0, "spanning tree"}, {2, "rapid spanning tree"}, {3, "multiple spanning tree"}, {4, "shortest path tree"}};
  static constexpr Name types[] = {{0, "configuration"}, {2, "rapid or multiple"}, {0x80, "topology change"}};
  static constexpr Number numbers[] = {{&llc_sap, 0x42}, {&cisco_protocol, 0x010b}};
  static constexpr auto layout() {
    return protocol<Stp>("stp", "Spanning tree protocol", "IEEE 802.1D, 9.3",
        field<&Stp::protocol_id>("protocol", 16, "Always 0", Show::hex),
        field<&Stp::version>    ("version", 8, "Which of the spanning tree protocols", Values{versions}, brief),
        field<&Stp::type>       ("type", 8, "Kind of message", Values{types}, selects(bpdu_type), brief));
  }
};

/// Configuration, rapid and multiple messages begin alike; what the last ones add is not read.
struct StpConfiguration {
  u8 flags = 0;
  u16 root_priority = 0x8000;
  Mac root = {};
  u32 cost = 0;
  u16 bridge_priority = 0x8000;
  Mac bridge = {};
  u16 port = 0x8001;
  u16 age = 0;
  u16 max_age = 20 << 8;
  u16 hello = 2 << 8;
  u16 delay = 15 << 8;

  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&bpdu_type, 0}, {&bpdu_type, 2}};
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr Part root_parts[] = {{"root.prio", 4, "Priority of the root in units of 4096"}, {"root.ext", 12, "VLAN or instance of the root"}};
  static constexpr Part bridge_parts[] = {{"bridge.prio", 4, "Priority of the bridge in units of 4096"}, {"bridge.ext", 12, "VLAN or instance of the bridge"}};
  static constexpr auto layout() {
    return protocol<StpConfiguration>("stp_configuration", "Configuration", "IEEE 802.1D, 9.3.1",
        field<&StpConfiguration::flags>          ("flags", 8, "Topology change, role and state of the port", Show::hex),
        field<&StpConfiguration::root_priority>  ("root.id", 16, "Priority and instance of the root", Show::hex, Parts{root_parts}, quiet),
        field<&StpConfiguration::root>           ("root.hw", 48, "Address of the root", brief),
        field<&StpConfiguration::cost>           ("root.cost", 32, "Cost of the path to the root", brief),
        field<&StpConfiguration::bridge_priority>("bridge.id", 16, "Priority and instance of the sender", Show::hex, Parts{bridge_parts}, quiet),
        field<&StpConfiguration::bridge>         ("bridge.hw", 48, "Address of the sender", brief),
        field<&StpConfiguration::port>           ("port", 16, "Port of the sender", Show::hex),
        field<&StpConfiguration::age>            ("msg_age", 16, "Age of what is told, in 1/256 seconds"),
        field<&StpConfiguration::max_age>        ("max_age", 16, "When it is too old"),
        field<&StpConfiguration::hello>          ("hello", 16, "Time between messages"),
        field<&StpConfiguration::delay>          ("forward", 16, "Time before a port forwards")).with_prefix("stp");
  }
};

/// The first item is always the chassis; most give it as a MAC address, and so does a built one.
struct Lldp {
  u8 type = 1;
  u16 size = 7;
  u8 subtype = 4;
  Mac chassis = {};
  Tail<1400> options = {};

  /// One more item: seven bits of type, nine of length. False when there is no room.
  constexpr bool add(u8 kind, Bytes value) {
    if (value.size() > 511 || options.size + 2 + value.size() > options.bytes.size()) return false;
    const u8 head[] = {static_cast<u8>(u32{kind} << 1 | static_cast<u32>(value.size() >> 8)), static_cast<u8>(value.size())};
    return options.append(head) && options.append(value);
  }
  static constexpr Number numbers[] = {{&ether_type, 0x88cc}};
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr Extra extras[] = {{"chassis.id.mac", Show::mac, "Address of the chassis"}, {"port.id", Show::text, "Name of the port"},
                                     {"time_to_live", Show::decimal, "Seconds this stays true"}, {"port.desc", Show::text, "Description of the port"},
                                     {"tlv.system.name", Show::text, "Name of the system"}, {"tlv.system.desc", Show::text, "Description of the system"}};
  static void describe(const LayerView& v, Facts& out);
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<Lldp>("lldp", "Link layer discovery protocol", "IEEE 802.1AB, 8",
        field<&Lldp::type>   ("tlv.type", 7, "Kind of the first item: 1, the chassis"),
        field<&Lldp::size>   ("tlv.len", 9, "Its bytes"),
        field<&Lldp::subtype>("chassis.subtype", 8, "What names the chassis: 4, a MAC address"),
        field<&Lldp::chassis>("chassis.id", 48, "The chassis, or the first bytes of its name", quiet));
  }
};

/// The security tag. Where it does not encrypt, the frame's own type follows in the clear.
struct Macsec {
  u8 version = 0;
  u8 flags = 3;
  u8 association = 0;
  u8 size = 0;
  u32 packet = 1;
  Tail<10> options = {};  ///< the channel, with flag 8

  static constexpr Number numbers[] = {{&ether_type, 0x88e5}};
  static constexpr bool is_clear(Bytes b) { return (b[0] & 0x0c) == 0; }
  static constexpr u32 length(Bytes b) { return b.empty() ? 0 : 6u + ((b[0] & 0x20) != 0 ? 8 : 0) + (is_clear(b) ? 2 : 0); }
  static constexpr Number next(Bytes b) {
    const u32 n = length(b);
    return is_clear(b) && b.size() >= n ? Number{&ether_type, static_cast<u64>(b[n - 2] << 8 | b[n - 1])} : Number{};
  }
  static constexpr Extra extras[] = {{"SCI", Show::hex, "Secure channel"}, {"etype", Show::hex, "Protocol of the payload"}};
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() {
    return protocol<Macsec>("macsec", "MACsec tag", "IEEE 802.1AE, 9.3",
        field<&Macsec::version>    ("TCI.V", 1, "Version, always 0"),
        field<&Macsec::flags>      ("TCI.flags", 5, "16 end station, 8 channel, 4 broadcast, 2 encrypted, 1 changed", Show::hex),
        field<&Macsec::association>("AN", 2, "Association"),
        field<&Macsec::size>       ("SL", 8, "Bytes of a payload shorter than 48"),
        field<&Macsec::packet>     ("PN", 32, "Counts frames", brief));
  }
};

}  // namespace rawket
