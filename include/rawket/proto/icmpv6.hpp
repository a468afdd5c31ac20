// ICMPv6: errors, echo, neighbour discovery with its options, multicast listener discovery.
#pragma once
#include "rawket/proto/icmp.hpp"
#include "rawket/proto/ipv6.hpp"

namespace rawket {

inline constexpr Name icmpv6_types[] = {{1, "unreachable"}, {2, "packet too big"}, {3, "time exceeded"}, {4, "parameter problem"}, {128, "echo request"}, {129, "echo reply"}, {130, "listener query"},
                                        {131, "listener report"}, {132, "listener done"}, {133, "router solicitation"}, {134, "router advertisement"}, {135, "neighbour solicitation"},
                                        {136, "neighbour advertisement"}, {137, "redirect"}, {143, "listener report v2"}};

struct Icmpv6 {
  Auto<u8> type = computed;
  u8 code = 0;
  Auto<u16> checksum = computed;

  static constexpr Number numbers[] = {{&ip_protocol, 58}};
  static constexpr bool answers(Bytes a, Bytes q) { return q[0] == 128 || q[0] == 133 || q[0] == 135 ? a[0] == q[0] + 1 : q[0] == 130 && (a[0] == 131 || a[0] == 143); }
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<Icmpv6>("icmpv6", "Internet control message protocol for IPv6", "RFC 4443, 2.1",
        field<&Icmpv6::type>    ("type", 8, "Kind of message", Values{icmpv6_types}, selects(icmpv6_type), brief),
        field<&Icmpv6::code>    ("code", 8, "What exactly", brief),
        field<&Icmpv6::checksum>("checksum", 16, "Checksum of pseudo header and message", Show::hex, transport_checksum));
  }
};

struct Icmpv6Echo {
  u16 id = 0;
  u16 seq = 0;
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&icmpv6_type, 128}, {&icmpv6_type, 129}};
  static constexpr bool answers(Bytes a, Bytes q) { return std::equal(a.data(), a.data() + 4, q.data()); }
  static constexpr auto layout() {
    return protocol<Icmpv6Echo>("icmpv6_echo", "Echo request and reply", "RFC 4443, 4",
        field<&Icmpv6Echo::id> ("echo.identifier", 16, "Tells senders apart", brief),
        field<&Icmpv6Echo::seq>("echo.sequence_number", 16, "Counts requests", brief)).with_prefix("icmpv6");
  }
};

struct Icmpv6Error {
  u32 unused = 0;
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&icmpv6_type, 1}, {&icmpv6_type, 3}};
  using payload = Ipv6;
  static constexpr bool quotes = true;
  static constexpr const Extra (&extras)[7] = icmp_error_extras;
  static void describe(const LayerView& v, Facts& out) { tell_icmp_extensions(v, v.header()[0] * std::size_t{8}, out); }
  static constexpr auto layout() {
    return protocol<Icmpv6Error>("icmpv6_error", "Error that quotes a packet", "RFC 4443, 3",
        field<&Icmpv6Error::unused>("reserved", 32, "Unused, but for the length of RFC 4884", Show::hex, quiet)).with_prefix("icmpv6");
  }
};

struct Icmpv6TooBig {
  u32 mtu = 1280;
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&icmpv6_type, 2}};
  using payload = Ipv6;
  static constexpr bool quotes = true;
  static constexpr auto layout() {
    return protocol<Icmpv6TooBig>("icmpv6_too_big", "Packet too big", "RFC 4443, 3.2",
        field<&Icmpv6TooBig::mtu>("mtu", 32, "Largest packet for the next hop", brief)).with_prefix("icmpv6");
  }
};

struct Icmpv6ParameterProblem {
  u32 pointer = 0;
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&icmpv6_type, 4}};
  using payload = Ipv6;
  static constexpr bool quotes = true;
  static constexpr auto layout() {
    return protocol<Icmpv6ParameterProblem>("icmpv6_parameter", "Parameter problem", "RFC 4443, 3.4",
        field<&Icmpv6ParameterProblem::pointer>("pointer", 32, "The byte that is wrong", brief)).with_prefix("icmpv6");
  }
};

// ---- options of neighbour discovery, in units of eight bytes ---------------------------------------
struct SourceLinkAddress {
  Mac address = {};
  static constexpr u8 kind = 1;
  static constexpr auto layout() {
    return protocol<SourceLinkAddress>("source_link", "Source link-layer address", "RFC 4861, 4.6.1",
        field<&SourceLinkAddress::address>("linkaddr", 48, "Link address of the sender", Show::bytes)).with_prefix("icmpv6.opt");
  }
};
struct TargetLinkAddress {
  Mac address = {};
  static constexpr u8 kind = 2;
  static constexpr auto layout() {
    return protocol<TargetLinkAddress>("target_link", "Target link-layer address", "RFC 4861, 4.6.1",
        field<&TargetLinkAddress::address>("linkaddr", 48, "Link address of the target", Show::bytes)).with_prefix("icmpv6.opt");
  }
};
struct PrefixInformation {
  u8 length = 64;
  u8 flags = 0xc0;
  u32 valid = 2592000;
  u32 preferred = 604800;
  u32 reserved = 0;
  Ipv6Address prefix = {};
  static constexpr u8 kind = 3;
  static constexpr auto layout() {
    return protocol<PrefixInformation>("prefix", "Prefix information", "RFC 4861, 4.6.2",
        field<&PrefixInformation::length>   ("prefix.length", 8, "Bits of the prefix that count"),
        field<&PrefixInformation::flags>    ("prefix.flag", 8, "0x80 on link, 0x40 autonomous", Show::hex),
        field<&PrefixInformation::valid>    ("prefix.valid_lifetime", 32, "Seconds it is on link"),
        field<&PrefixInformation::preferred>("prefix.preferred_lifetime", 32, "Seconds addresses stay preferred"),
        field<&PrefixInformation::reserved> ("reserved", 32, "Must be zero", Show::hex, quiet),
        field<&PrefixInformation::prefix>   ("prefix", 128, "The prefix")).with_prefix("icmpv6.opt");
  }
};
struct NdMtu {
  u16 reserved = 0;
  u32 mtu = 1500;
  static constexpr u8 kind = 5;
  static constexpr auto layout() {
    return protocol<NdMtu>("nd_mtu", "MTU of the link", "RFC 4861, 4.6.4",
        field<&NdMtu::reserved>("reserved", 16, "Must be zero", Show::hex, quiet),
        field<&NdMtu::mtu>     ("mtu", 32, "Largest packet on this link")).with_prefix("icmpv6.opt");
  }
};
struct RecursiveDns {
  u16 reserved = 0;
  u32 lifetime = 1800;
  Ipv6Address server = {};
  static constexpr u8 kind = 25;
  static constexpr auto layout() {
    return protocol<RecursiveDns>("rdnss", "Recursive DNS server", "RFC 8106, 5.1",
        field<&RecursiveDns::reserved>("reserved", 16, "Must be zero", Show::hex, quiet),
        field<&RecursiveDns::lifetime>("rdnss.lifetime", 32, "Seconds it may be used"),
        field<&RecursiveDns::server>  ("rdnss", 128, "Address of the first server")).with_prefix("icmpv6.opt");
  }
};
inline constexpr OptionList nd_options{infos<SourceLinkAddress, TargetLinkAddress, PrefixInformation, NdMtu, RecursiveDns>, 0, 8, -1, -1};
using NdOptions = Options<256, 2, 8>;
inline constexpr Extra nd_extras[] = {{"opt.type", Show::decimal, "Kind of an option"}};

/// All that is left of the message belongs to the header: options run to its end.
constexpr u32 to_the_end(Bytes b) { return static_cast<u32>(b.size()); }

struct RouterSolicitation {
  u32 reserved = 0;
  NdOptions options = {};
  static constexpr bool is_message = true;
  static constexpr const OptionList& option_list = nd_options;
  static constexpr const Extra (&extras)[1] = nd_extras;
  static constexpr u32 length(Bytes b) { return to_the_end(b); }
  static constexpr Number numbers[] = {{&icmpv6_type, 133}};
  static constexpr auto layout() {
    return protocol<RouterSolicitation>("nd_rs", "Router solicitation", "RFC 4861, 4.1",
        field<&RouterSolicitation::reserved>("nd.rs.reserved", 32, "Must be zero", Show::hex, always(0), quiet)).with_prefix("icmpv6");
  }
};

struct RouterAdvertisement {
  u8 hop_limit = 64;
  u8 flags = 0;
  u16 lifetime = 1800;
  u32 reachable = 0;
  u32 retransmit = 0;
  NdOptions options = {};
  static constexpr bool is_message = true;
  static constexpr const OptionList& option_list = nd_options;
  static constexpr const Extra (&extras)[1] = nd_extras;
  static constexpr u32 length(Bytes b) { return to_the_end(b); }
  static constexpr Number numbers[] = {{&icmpv6_type, 134}};
  static constexpr auto layout() {
    return protocol<RouterAdvertisement>("nd_ra", "Router advertisement", "RFC 4861, 4.2",
        field<&RouterAdvertisement::hop_limit> ("nd.ra.cur_hop_limit", 8, "Hop limit to use, 0: not told"),
        field<&RouterAdvertisement::flags>     ("nd.ra.flag", 8, "0x80 managed, 0x40 other configuration", Show::hex),
        field<&RouterAdvertisement::lifetime>  ("nd.ra.router_lifetime", 16, "Seconds as a default router", brief),
        field<&RouterAdvertisement::reachable> ("nd.ra.reachable_time", 32, "Milliseconds a neighbour stays reachable"),
        field<&RouterAdvertisement::retransmit>("nd.ra.retrans_timer", 32, "Milliseconds between solicitations")).with_prefix("icmpv6");
  }
};

struct NeighbourSolicitation {
  u32 reserved = 0;
  Ipv6Address target = {};
  NdOptions options = {};
  static constexpr bool is_message = true;
  static constexpr const OptionList& option_list = nd_options;
  static constexpr const Extra (&extras)[1] = nd_extras;
  static constexpr u32 length(Bytes b) { return to_the_end(b); }
  static constexpr Number numbers[] = {{&icmpv6_type, 135}};
  static constexpr auto layout() {
    return protocol<NeighbourSolicitation>("nd_ns", "Neighbour solicitation", "RFC 4861, 4.3",
        field<&NeighbourSolicitation::reserved>("nd.ns.reserved", 32, "Must be zero", Show::hex, always(0), quiet),
        field<&NeighbourSolicitation::target>  ("nd.ns.target_address", 128, "Whose link address is asked for", brief)).with_prefix("icmpv6");
  }
};

struct NeighbourAdvertisement {
  u32 flags = 0x60000000;
  Ipv6Address target = {};
  NdOptions options = {};
  static constexpr bool is_message = true;
  static constexpr const OptionList& option_list = nd_options;
  static constexpr const Extra (&extras)[1] = nd_extras;
  static constexpr u32 length(Bytes b) { return to_the_end(b); }
  static constexpr Part flag_parts[] = {{"nd.na.flag.r", 1, "Is a router"}, {"nd.na.flag.s", 1, "Answers a solicitation"}, {"nd.na.flag.o", 1, "Overrides what is cached"},
                                        {"nd.na.flag.rsv", 29, "Must be zero", Show::hex}};
  /// The target of a solicitation lies at the same place.
  static constexpr bool answers(Bytes a, Bytes q) { return std::equal(a.data() + 4, a.data() + 20, q.data() + 4); }
  static constexpr Number numbers[] = {{&icmpv6_type, 136}};
  static constexpr auto layout() {
    return protocol<NeighbourAdvertisement>("nd_na", "Neighbour advertisement", "RFC 4861, 4.4",
        field<&NeighbourAdvertisement::flags> ("nd.na.flag", 32, "Router, solicited, override", Show::hex, Parts{flag_parts}),
        field<&NeighbourAdvertisement::target>("nd.na.target_address", 128, "Whose link address is told", brief)).with_prefix("icmpv6");
  }
};

struct NdRedirect {
  u32 reserved = 0;
  Ipv6Address target = {};
  Ipv6Address destination = {};
  NdOptions options = {};
  static constexpr bool is_message = true;
  static constexpr const OptionList& option_list = nd_options;
  static constexpr const Extra (&extras)[1] = nd_extras;
  static constexpr u32 length(Bytes b) { return to_the_end(b); }
  static constexpr Number numbers[] = {{&icmpv6_type, 137}};
  static constexpr auto layout() {
    return protocol<NdRedirect>("nd_redirect", "Redirect", "RFC 4861, 4.5",
        field<&NdRedirect::reserved>   ("rd.reserved", 32, "Must be zero", Show::hex, quiet),
        field<&NdRedirect::target>     ("rd.na.target_address", 128, "The better first hop", brief),
        field<&NdRedirect::destination>("rd.na.destination_address", 128, "For this destination", brief)).with_prefix("icmpv6");
  }
};

struct MulticastListener {
  u16 delay = 0;
  u16 reserved = 0;
  Ipv6Address group = {};
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&icmpv6_type, 130}, {&icmpv6_type, 131}, {&icmpv6_type, 132}};
  static constexpr auto layout() {
    return protocol<MulticastListener>("mld", "Multicast listener discovery", "RFC 2710, 3",
        field<&MulticastListener::delay>   ("mld.maximum_response_delay", 16, "Milliseconds to answer in"),
        field<&MulticastListener::reserved>("mld.reserved", 16, "Must be zero", Show::hex, quiet),
        field<&MulticastListener::group>   ("mld.multicast_address", 128, "The group, or :: for all", brief)).with_prefix("icmpv6");
  }
};

}  // namespace rawket
