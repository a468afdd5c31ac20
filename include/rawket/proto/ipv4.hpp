// IPv4 and its options.
#pragma once
#include "rawket/wire/options.hpp"

namespace rawket {

inline constexpr Name ip_protocols[] = {{0, "HOPOPT"}, {1, "ICMP"}, {2, "IGMP"}, {4, "IPv4"}, {6, "TCP"}, {17, "UDP"}, {41, "IPv6"}, {43, "Routing"}, {44, "Fragment"}, {47, "GRE"},
                                        {50, "ESP"}, {51, "AH"}, {58, "ICMPv6"}, {59, "none"}, {60, "Destination options"}, {89, "OSPF"}, {103, "PIM"}, {112, "VRRP"}, {132, "SCTP"}};
inline constexpr Name ecn_names[] = {{0, "Not-ECT"}, {1, "ECT(1)"}, {2, "ECT(0)"}, {3, "CE"}};

struct IpRouterAlert {
  u16 value = 0;
  static constexpr u8 kind = 148;
  static constexpr auto layout() {
    return protocol<IpRouterAlert>("router_alert", "Router alert", "RFC 2113, 2.1", field<&IpRouterAlert::value>("ra", 16, "0: every router shall look at the packet")).with_prefix("ip.opt");
  }
};
struct IpNop {
  static constexpr u8 kind = 1;
  static constexpr bool single = true;
  static constexpr auto layout() { return protocol<IpNop>("nop", "No operation", "RFC 791, 3.1").with_prefix("ip.opt"); }
};
/// The first bytes that record route, loose and strict source routes share; addresses follow.
struct IpRecordRoute {
  u8 pointer = 4;
  static constexpr u8 kind = 7;
  static constexpr auto layout() {
    return protocol<IpRecordRoute>("record_route", "Record route", "RFC 791, 3.1", field<&IpRecordRoute::pointer>("ptr", 8, "Where the next address goes, counted from 1")).with_prefix("ip.opt");
  }
};
struct IpLooseRoute {
  u8 pointer = 4;
  static constexpr u8 kind = 131;
  static constexpr auto layout() {
    return protocol<IpLooseRoute>("loose_route", "Loose source route", "RFC 791, 3.1", field<&IpLooseRoute::pointer>("ptr", 8, "The next address to visit, counted from 1")).with_prefix("ip.opt");
  }
};
struct IpStrictRoute {
  u8 pointer = 4;
  static constexpr u8 kind = 137;
  static constexpr auto layout() {
    return protocol<IpStrictRoute>("strict_route", "Strict source route", "RFC 791, 3.1", field<&IpStrictRoute::pointer>("ptr", 8, "The next address to visit, counted from 1")).with_prefix("ip.opt");
  }
};
struct IpTimestamp {
  u8 pointer = 5;
  u8 overflow = 0;
  u8 flag = 0;
  static constexpr u8 kind = 68;
  static constexpr auto layout() {
    return protocol<IpTimestamp>("ip_timestamp", "Internet timestamp", "RFC 791, 3.1",
        field<&IpTimestamp::pointer> ("ptr", 8, "Where the next stamp goes, counted from 1"),
        field<&IpTimestamp::overflow>("overflow", 4, "Hosts that found no room"),
        field<&IpTimestamp::flag>    ("flag", 4, "0 stamps, 1 with addresses, 3 addresses given")).with_prefix("ip.opt");
  }
};

struct Ipv4 {
  u8 version = 4;
  Auto<u8> ihl = computed;
  u8 tos = 0;
  Auto<u16> length = computed;
  u16 id = 0;
  u8 flags = 0;
  u16 fragment = 0;
  u8 ttl = 64;
  Auto<u8> protocol = computed;
  Auto<u16> checksum = computed;
  Ipv4Address src = "127.0.0.1";
  Ipv4Address dst = "127.0.0.1";
  Options<40> options = {};

  static constexpr Part tos_parts[] = {{"dsfield.dscp", 6, "Differentiated services code point"}, {"dsfield.ecn", 2, "Congestion notification", Show::names, ecn_names}};
  static constexpr Part flag_parts[] = {{"flags.rb", 1, "Reserved, must be zero", Show::decimal, {}, always(0)},
                                        {"flags.df", 1, "Don't fragment"},
                                        {.name = "flags.mf", .width = 1, .doc = "More fragments follow", .more = true}};
  static constexpr OptionList option_list{infos<IpNop, IpRouterAlert, IpRecordRoute, IpLooseRoute, IpStrictRoute, IpTimestamp>, 0, 1, 0, 1};
  static constexpr Extra extras[] = {{"opt.type", Show::decimal, "Kind of an option"}};
  static constexpr Number numbers[] = {{&ether_type, 0x0800}, {&ip_protocol, 4}, {&ip_version, 4}, {&null_family, 2}, {&ppp_protocol, 0x21}};

  static constexpr u64 pseudo_header(Bytes h) { return sum_words(h.subspan(12, 8)); }
  static constexpr bool answers(Bytes a, Bytes q) { return std::equal(a.data() + 12, a.data() + 16, q.data() + 16); }
  static void check(const LayerView& v, Faults& faults);

  /// The last address of a source route that has stops left (RFC 791, 3.1): checksums of what it carries are made for it.
  static constexpr Bytes final_destination(Bytes h) {
    if (h.size() <= 20) return {};
    OptionWalk walk(option_list, h.subspan(20));
    while (const auto o = walk.next()) {
      const bool route = (o->kind == 131 || o->kind == 137) && o->length >= 7 && !walk.broken();
      if (route && h[20 + o->value_offset] <= o->length) return h.subspan(20 + o->offset + o->length - 4, 4);
    }
    return {};
  }
  static constexpr auto layout() {
    return rawket::protocol<Ipv4>("ip", "Internet Protocol version 4", "RFC 791, 3.1",
        field<&Ipv4::version> ("version",   4, "Version, always 4", always(4)),
        field<&Ipv4::ihl>     ("hdr_len",   4, "Bytes of the header", header_length(4), Scaled{4}),
        field<&Ipv4::tos>     ("dsfield",   8, "Differentiated services and congestion notification", Show::hex, Parts{tos_parts}),
        field<&Ipv4::length>  ("len",      16, "Bytes of header and payload", total_length),
        field<&Ipv4::id>      ("id",       16, "Shared by the fragments of one datagram", Show::hex),
        field<&Ipv4::flags>   ("flags",     3, "Fragmentation flags", Show::hex, Parts{flag_parts}),
        field<&Ipv4::fragment>("frag_offset", 13, "Where this fragment goes, in 8-byte units", opaque_if_set),
        field<&Ipv4::ttl>     ("ttl",       8, "Time to live: hops left", brief),
        field<&Ipv4::protocol>("proto",     8, "Protocol of the payload", Values{ip_protocols}, selects(ip_protocol)),
        field<&Ipv4::checksum>("checksum", 16, "Checksum of the header", Show::hex, header_checksum),
        field<&Ipv4::src>     ("src",      32, "Source address", comes_from, brief),
        field<&Ipv4::dst>     ("dst",      32, "Destination address", goes_to, brief));
  }
};

}  // namespace rawket
