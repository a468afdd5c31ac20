// IPv6, its extension headers and their options.
#pragma once
#include "rawket/proto/ipv4.hpp"

namespace rawket {

struct PadN {
  static constexpr u8 kind = 1;
  static constexpr auto layout() { return protocol<PadN>("padn", "Padding of two or more bytes", "RFC 8200, 4.2").with_prefix("ipv6.opt"); }
};
struct Ipv6RouterAlert {
  u16 value = 0;
  static constexpr u8 kind = 5;
  static constexpr auto layout() {
    return protocol<Ipv6RouterAlert>("ipv6_router_alert", "Router alert", "RFC 2711, 2.1",
        field<&Ipv6RouterAlert::value>("router_alert", 16, "0: multicast listener discovery")).with_prefix("ipv6.opt");
  }
};
struct JumboPayload {
  u32 length = 65536;
  static constexpr u8 kind = 0xc2;
  static constexpr auto layout() {
    return protocol<JumboPayload>("jumbo", "Jumbo payload", "RFC 2675, 2", field<&JumboPayload::length>("jumbo", 32, "Bytes of the payload")).with_prefix("ipv6.opt");
  }
};
inline constexpr OptionList ipv6_options{infos<PadN, Ipv6RouterAlert, JumboPayload>, 2, 1, -1, 0};

/// Pad1 or PadN over the bytes that fill a header up to eight.
constexpr void pad_ipv6_options(MutableBytes rest) {
  if (rest.size() < 2) return;
  rest[0] = 1;
  rest[1] = static_cast<u8>(rest.size() - 2);
}

struct Ipv6 {
  u8 version = 6;
  u8 traffic_class = 0;
  u32 flow = 0;
  Auto<u16> length = computed;
  Auto<u8> next_header = computed;
  u8 hop_limit = 64;
  Ipv6Address src = "::1";
  Ipv6Address dst = "::1";

  static constexpr Part class_parts[] = {{"tclass.dscp", 6, "Differentiated services code point"}, {"tclass.ecn", 2, "Congestion notification", Show::names, ecn_names}};
  static constexpr Number numbers[] = {{&ether_type, 0x86dd}, {&ip_protocol, 41}, {&ip_version, 6}, {&null_family, 30}, {&null_family, 24}, {&null_family, 28}, {&null_family, 10}, {&ppp_protocol, 0x57}};
  static constexpr u64 pseudo_header(Bytes h) { return sum_words(h.subspan(8, 32)); }
  static constexpr bool answers(Bytes a, Bytes q) { return (q[24] == 0xff) || std::equal(a.data() + 8, a.data() + 24, q.data() + 24); }
  static void check(const LayerView& v, Faults& faults);
  /// Wireshark tells the version under IPv4's name too, so that one filter finds both.
  static constexpr Extra extras[] = {{.name = "ip.version", .show = Show::decimal, .doc = "Version, under the name that IPv4 uses", .full = true}};
  static void describe(const LayerView& v, Facts& out) { out.number(0, v.packet[v.layer().offset] >> 4u, v.layer().offset, 1); }

  static constexpr auto layout() {
    return protocol<Ipv6>("ipv6", "Internet Protocol version 6", "RFC 8200, 3",
        field<&Ipv6::version>      ("version", 4, "Version, always 6", always(6)),
        field<&Ipv6::traffic_class>("tclass",  8, "Differentiated services and congestion notification", Show::hex, Parts{class_parts}),
        field<&Ipv6::flow>         ("flow",   20, "Flow label", Show::hex),
        field<&Ipv6::length>       ("plen",   16, "Bytes of the payload, extension headers included", payload_length),
        field<&Ipv6::next_header>  ("nxt",     8, "Protocol of the payload", Values{ip_protocols}, selects(ip_protocol)),
        field<&Ipv6::hop_limit>    ("hlim",    8, "Hops left", brief),
        field<&Ipv6::src>          ("src",   128, "Source address", comes_from, brief),
        field<&Ipv6::dst>          ("dst",   128, "Destination address", goes_to, brief));
  }
};

struct HopByHop {
  Auto<u8> next_header = computed;
  Auto<u8> size = computed;
  Options<254, 0> options = {};

  static constexpr Number numbers[] = {{&ip_protocol, 0}};
  static constexpr const OptionList& option_list = ipv6_options;
  static constexpr Extra extras[] = {{"opt.type", Show::decimal, "Kind of an option"}};
  static constexpr void pad_options(MutableBytes rest) { pad_ipv6_options(rest); }
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<HopByHop>("ipv6.hopopts", "IPv6 hop-by-hop options", "RFC 8200, 4.3",
        field<&HopByHop::next_header>("hopopts.nxt", 8, "Protocol of the payload", Values{ip_protocols}, selects(ip_protocol)),
        field<&HopByHop::size>       ("hopopts.len", 8, "Header in 8-byte units, without the first", header_length(8, 1))).with_prefix("ipv6");
  }
};

struct DestinationOptions {
  Auto<u8> next_header = computed;
  Auto<u8> size = computed;
  Options<254, 0> options = {};

  static constexpr Number numbers[] = {{&ip_protocol, 60}};
  static constexpr const OptionList& option_list = ipv6_options;
  static constexpr Extra extras[] = {{"opt.type", Show::decimal, "Kind of an option"}};
  static constexpr void pad_options(MutableBytes rest) { pad_ipv6_options(rest); }
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<DestinationOptions>("ipv6.dstopts", "IPv6 destination options", "RFC 8200, 4.6",
        field<&DestinationOptions::next_header>("dstopts.nxt", 8, "Protocol of the payload", Values{ip_protocols}, selects(ip_protocol)),
        field<&DestinationOptions::size>       ("dstopts.len", 8, "Header in 8-byte units, without the first", header_length(8, 1))).with_prefix("ipv6");
  }
};

/// The fixed part of all routing headers; what follows depends on the type (addresses for types 0, 2 and 4).
struct Ipv6Routing {
  Auto<u8> next_header = computed;
  Auto<u8> size = computed;
  u8 type = 4;
  u8 segments_left = 0;
  u32 rest = 0;
  Options<240, 0> options = {};

  static constexpr Name types[] = {{0, "source route (deprecated)"}, {2, "mobile IPv6"}, {3, "RPL"}, {4, "segment routing"}};
  static constexpr Number numbers[] = {{&ip_protocol, 43}};
  /// The last address of a type 0 or 2 route; the first of a segment list, which runs backwards (RFC 8754, 2).
  static constexpr Bytes final_destination(Bytes h) {
    if (h.size() < 24 || h[3] == 0) return {};
    return h[2] == 4 ? h.subspan(8, 16) : h[2] == 0 || h[2] == 2 ? h.subspan(h.size() - 16, 16) : Bytes{};
  }
  static constexpr Extra extras[] = {{"routing.srh.last_entry", Show::decimal, "Index of the first segment visited"}, {"routing.srh.flags", Show::hex, "Flags of segment routing"},
                                     {"routing.srh.tag", Show::hex, "Marks packets of one kind"}, {"routing.srh.addr", Show::ipv6, "A segment, the last one visited first"}};
  /// The segment list of RFC 8754.
  static void describe(const LayerView& v, Facts& out) {
    const Bytes h = v.header();
    if (h.size() < 8 || h[2] != 4) return;
    const u32 at = v.layer().offset;
    out.number(0, h[4], at + 4, 1);
    out.number(1, h[5], at + 5, 1);
    out.number(2, load<48, 16>(h.data()), at + 6, 2);
    Cursor c(h, 8);
    for (u32 left = h[4] + 1u; left > 0 && c.left() >= 16; --left) out.bytes(3, c.take(16), at + static_cast<u32>(c.offset()) - 16, 16);
  }
  static constexpr auto layout() {
    return protocol<Ipv6Routing>("ipv6.routing", "IPv6 routing header", "RFC 8200, 4.4",
        field<&Ipv6Routing::next_header>  ("routing.nxt", 8, "Protocol of the payload", Values{ip_protocols}, selects(ip_protocol)),
        field<&Ipv6Routing::size>         ("routing.len", 8, "Header in 8-byte units, without the first", header_length(8, 1)),
        field<&Ipv6Routing::type>         ("routing.type", 8, "Kind of route", Values{types}, brief),
        field<&Ipv6Routing::segments_left>("routing.segleft", 8, "Stops still to visit", brief),
        field<&Ipv6Routing::rest>         ("routing.reserved", 32, "Depends on the type", Show::hex, quiet)).with_prefix("ipv6");
  }
};

struct Ipv6Fragment {
  Auto<u8> next_header = computed;
  u8 reserved = 0;
  u16 offset = 0;
  u8 reserved2 = 0;
  u8 more = 0;
  u32 id = 0;

  static constexpr Number numbers[] = {{&ip_protocol, 44}};
  static constexpr auto layout() {
    return protocol<Ipv6Fragment>("ipv6.fraghdr", "IPv6 fragment header", "RFC 8200, 4.5",
        field<&Ipv6Fragment::next_header>("fraghdr.nxt", 8, "Protocol of the payload", Values{ip_protocols}, selects(ip_protocol)),
        field<&Ipv6Fragment::reserved>   ("fraghdr.reserved_octet", 8, "Must be zero", Show::hex, always(0), quiet),
        field<&Ipv6Fragment::offset>     ("fraghdr.offset", 13, "Where this fragment goes, in 8-byte units", opaque_if_set, brief),
        field<&Ipv6Fragment::reserved2>  ("fraghdr.reserved_bits", 2, "Must be zero", always(0), quiet),
        field<&Ipv6Fragment::more>       ("fraghdr.more", 1, "More fragments follow", more_if_set, brief),
        field<&Ipv6Fragment::id>         ("fraghdr.ident", 32, "Shared by the fragments of one packet", Show::hex, brief)).with_prefix("ipv6");
  }
};

}  // namespace rawket
