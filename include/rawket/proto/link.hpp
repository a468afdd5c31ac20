// Link types without Ethernet: raw IP, BSD loopback, Linux cooked v1 and v2, Cisco HDLC.
#pragma once
#include "rawket/proto/ethernet.hpp"

namespace rawket {

/// No link header at all: the first four bits tell IPv4 from IPv6.
struct RawIp {
  static constexpr Number numbers[] = {{&link_layer, 101}, {&link_layer, 12}, {&link_layer, 14}, {&link_layer, 228}, {&link_layer, 229}};
  static constexpr Number next(Bytes b) { return b.empty() ? Number{} : Number{&ip_version, u64{b[0]} >> 4}; }
  static constexpr auto layout() { return protocol<RawIp>("raw", "Raw IP", "LINKTYPE_RAW"); }
};

inline constexpr Name address_families[] = {{2, "IPv4"}, {30, "IPv6"}, {24, "IPv6 (NetBSD)"}, {28, "IPv6 (FreeBSD)"}, {10, "IPv6 (Linux)"}};

/// Some write an Ethernet type where the address family belongs.
struct BsdLoopbackType {
  u16 zero = 0;
  Auto<u16> type = computed;
  static constexpr auto layout() {
    return protocol<BsdLoopbackType>("null_type", "BSD loopback, Ethernet type", "LINKTYPE_NULL",
        field<&BsdLoopbackType::zero>("zero", 16, "Unused", Show::hex, quiet),
        field<&BsdLoopbackType::type>("type", 16, "Protocol of the payload", Show::hex, Values{ether_types}, selects(ether_type), brief)).with_prefix("null").with_label("null");
  }
};

/// LINKTYPE_NULL written on a big-endian machine, and LINKTYPE_LOOP.
struct BsdLoopbackBig {
  Auto<u32> family = 2u;
  using other = BsdLoopbackType;
  static constexpr bool is_other(Bytes b) { return b.size() >= 4 && load<16, 16>(b.data()) > 1500; }
  static constexpr Number numbers[] = {{&link_layer, 108}};
  static constexpr Number next(Bytes b) { return {&null_family, load<0, 32>(b.data())}; }
  static constexpr auto layout() {
    return protocol<BsdLoopbackBig>("loop", "BSD loopback, big-endian", "LINKTYPE_LOOP",
        field<&BsdLoopbackBig::family>("family", 32, "Address family of the machine that captured", Values{address_families}, brief)).with_prefix("null").with_label("null");
  }
};

struct BsdLoopback {
  Little<u32> family = 2u;
  using other = BsdLoopbackBig;
  static constexpr bool is_other(Bytes b) { return b.size() >= 4 && (b[2] != 0 || b[3] != 0); }
  static constexpr Number numbers[] = {{&link_layer, 0}};
  static constexpr Number next(Bytes b) { return {&null_family, static_cast<u32>(b[0] | b[1] << 8)}; }
  static constexpr auto layout() {
    return protocol<BsdLoopback>("null", "BSD loopback", "LINKTYPE_NULL",
        field<&BsdLoopback::family>("family", 32, "Address family of the machine that captured, in its byte order", Values{address_families}, brief));
  }
};

inline constexpr Name packet_types[] = {{0, "to us"}, {1, "broadcast"}, {2, "multicast"}, {3, "to another host"}, {4, "from us"}};

/// What a cooked header's protocol field means: an Ethernet type, or one of two old forms.
constexpr Number cooked_next(u64 protocol) { return protocol == 4 ? Number{&llc_sap, 256} : Number{&ether_type, protocol}; }

struct LinuxCooked {
  u16 packet_type = 0;
  u16 hardware_type = 1;
  u16 address_length = 6;
  Mac source = {};
  u16 unused = 0;
  Auto<u16> type = computed;

  static constexpr Number numbers[] = {{&link_layer, 113}};
  static constexpr Number next(Bytes b) { return cooked_next(load<112, 16>(b.data())); }
  static constexpr auto layout() {
    return protocol<LinuxCooked>("sll", "Linux cooked capture", "LINKTYPE_LINUX_SLL",
        field<&LinuxCooked::packet_type>   ("pkttype", 16, "Direction", Values{packet_types}, brief),
        field<&LinuxCooked::hardware_type> ("hatype", 16, "ARPHRD type of the interface"),
        field<&LinuxCooked::address_length>("halen", 16, "Bytes of the address"),
        field<&LinuxCooked::source>        ("src.eth", 48, "Link address of the sender", comes_from),
        field<&LinuxCooked::unused>        ("unused", 16, "Rest of the eight address bytes", Show::hex),
        field<&LinuxCooked::type>          ("etype", 16, "Protocol of the payload", Show::hex, Values{ether_types}, selects(ether_type)));
  }
};

struct LinuxCooked2 {
  Auto<u16> type = computed;
  u16 reserved = 0;
  u32 interface = 0;
  u16 hardware_type = 1;
  u8 packet_type = 0;
  u8 address_length = 6;
  Mac source = {};
  u16 unused = 0;

  static constexpr Number numbers[] = {{&link_layer, 276}};
  static constexpr Number next(Bytes b) { return cooked_next(load<0, 16>(b.data())); }
  static constexpr auto layout() {
    return protocol<LinuxCooked2>("sll2", "Linux cooked capture v2", "LINKTYPE_LINUX_SLL2",
        field<&LinuxCooked2::type>          ("etype", 16, "Protocol of the payload", Show::hex, Values{ether_types}, selects(ether_type)),
        field<&LinuxCooked2::reserved>      ("reserved", 16, "Must be zero", Show::hex, quiet),
        field<&LinuxCooked2::interface>     ("ifindex", 32, "Index of the interface", brief),
        field<&LinuxCooked2::hardware_type> ("hatype", 16, "ARPHRD type of the interface"),
        field<&LinuxCooked2::packet_type>   ("pkttype", 8, "Direction", Values{packet_types}, brief),
        field<&LinuxCooked2::address_length>("halen", 8, "Bytes of the address"),
        field<&LinuxCooked2::source>        ("src.eth", 48, "Link address of the sender", comes_from),
        field<&LinuxCooked2::unused>        ("unused", 16, "Rest of the eight address bytes", Show::hex)).with_prefix("sll").with_label("sll");
  }
};

/// ARCNET as Linux captures it: one-byte addresses; RFC 1201 puts a split flag and a sequence number behind the protocol.
struct Arcnet {
  u8 source = 0;
  u8 destination = 0;
  u16 offset = 0;
  u8 protocol_id = 0xd4;
  static constexpr Number numbers[] = {{&link_layer, 129}};
  static constexpr u32 length(Bytes b) { return b.size() >= 5 && (b[4] == 0xd4 || b[4] == 0xd5 || b[4] == 0xd6) ? 8 : 5; }
  static constexpr Number next(Bytes b) {
    switch (b[4]) {
      case 0xd4:
      case 0xf0: return {&ether_type, 0x0800};
      case 0xd5:
      case 0xf1: return {&ether_type, 0x0806};
      case 0xcd: return {&llc_sap, 256};
      default: return {};
    }
  }
  static constexpr auto layout() {
    return protocol<Arcnet>("arcnet", "ARCNET", "RFC 1201",
        field<&Arcnet::source>     ("src", 8, "Source", Show::hex, comes_from),
        field<&Arcnet::destination>("dst", 8, "Destination", Show::hex, goes_to),
        field<&Arcnet::offset>     ("offset", 16, "Where the data begins in the card's buffer", Show::hex),
        field<&Arcnet::protocol_id>("protID", 8, "Protocol of the payload", Show::hex, brief));
  }
};

/// Frame relay with the multiprotocol encapsulation of IP.
struct FrameRelay {
  u16 address = 0x1841;
  u8 control = 3;
  u8 nlpid = 0xcc;
  static constexpr Number numbers[] = {{&link_layer, 107}};
  static constexpr Number next(Bytes b) { return b[3] == 0xcc ? Number{&ip_version, 4} : b[3] == 0x8e ? Number{&ip_version, 6} : Number{&ether_type, load<16, 16>(b.data())}; }  // else Cisco's form: a type
  static constexpr auto layout() {
    return protocol<FrameRelay>("fr", "Frame relay", "RFC 2427, 3",
        field<&FrameRelay::address>("address", 16, "Connection and congestion bits", Show::hex, brief),
        field<&FrameRelay::control>("control", 8, "3: unnumbered information", Show::hex),
        field<&FrameRelay::nlpid>  ("nlpid", 8, "Protocol of the payload", Show::hex));
  }
};

struct CiscoHdlc {
  u8 address = 0x0f;
  u8 control = 0;
  Auto<u16> type = computed;
  static constexpr Number numbers[] = {{&link_layer, 104}};
  static constexpr auto layout() {
    return protocol<CiscoHdlc>("chdlc", "Cisco HDLC", "LINKTYPE_C_HDLC",
        field<&CiscoHdlc::address>("address", 8, "0x0f unicast, 0x8f broadcast", Show::hex),
        field<&CiscoHdlc::control>("control", 8, "Always zero", Show::hex, quiet),
        field<&CiscoHdlc::type>   ("protocol", 16, "Protocol of the payload", Show::hex, Values{ether_types}, selects(ether_type)));
  }
};

/// Whether a packet was seen on a loopback interface, where a host talks to itself by any of its addresses, and nothing has to be
/// filled in: by its first layer. Linux shows Ethernet without addresses there.
bool within_one_host(Bytes packet, const Layer& first);

}  // namespace rawket
