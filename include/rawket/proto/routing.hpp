// Protocols that routers and multicast members speak right above IP: IGMP, VRRP, OSPF, PIM.
#pragma once
#include "rawket/proto/icmpv6.hpp"

namespace rawket {

// ---- IGMP ------------------------------------------------------------------------------------------
inline constexpr Space igmp_type{"igmp_type"}, igmp_long_query{"igmp_long_query"};
inline constexpr Name igmp_types[] = {{0x11, "membership query"}, {0x12, "report v1"}, {0x13, "DVMRP"}, {0x16, "report v2"}, {0x17, "leave group"}, {0x1e, "traceroute response"},
                                      {0x1f, "traceroute"}, {0x22, "report v3"}};

struct Igmp {
  Auto<u8> type = computed;
  u8 max_response = 0;
  Auto<u16> checksum = computed;

  static constexpr Number numbers[] = {{&ip_protocol, 2}};
  /// RFC 3376, 7.1: a query of twelve bytes or more is one of version 3.
  static constexpr bool is_long_query(Bytes b) { return b[0] == 0x11 && b.size() >= 12; }
  static constexpr Number next(Bytes b) { return is_long_query(b) ? Number{&igmp_long_query, 3} : Number{&igmp_type, b[0]}; }
  static constexpr bool answers(Bytes a, Bytes q) { return q[0] == 0x11 && (a[0] == 0x12 || a[0] == 0x16 || a[0] == 0x22); }
  static constexpr Extra extras[] = {{"version", Show::decimal, "Version, told by the kind of message"}, {"max_resp", Show::decimal, "Tenths of a second to answer in"}};
  static void describe(const LayerView& v, Facts& out);
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<Igmp>("igmp", "Internet group management protocol", "RFC 3376, 4",
        field<&Igmp::type>        ("type", 8, "Kind of message", Values{igmp_types}, selects(igmp_type), brief),
        field<&Igmp::max_response>("code", 8, "Time to answer in; unused in some kinds of message", quiet),
        field<&Igmp::checksum>    ("checksum", 16, "Checksum of the message", Show::hex, message_checksum));
  }
};

/// Reports and leaves of versions 1 and 2, and their queries: one group.
struct IgmpGroup {
  Ipv4Address group = "239.0.0.1";
  static constexpr Number numbers[] = {{&igmp_type, 0x16}, {&igmp_type, 0x11}, {&igmp_type, 0x12}, {&igmp_type, 0x17}};
  static constexpr u32 length(Bytes b) { return to_the_end(b); }
  static constexpr auto layout() {
    return protocol<IgmpGroup>("igmp_group", "Group that is asked for, joined or left", "RFC 2236, 2",
        field<&IgmpGroup::group>("maddr", 32, "The group; 0.0.0.0 in a query for all", brief)).with_prefix("igmp").with_label("igmp");
  }
};

struct IgmpQuery {
  Ipv4Address group = {};
  u8 reserved = 0;
  u8 suppress = 0;
  u8 robustness = 2;
  u8 interval = 125;
  u16 sources = 0;
  Tail<256> options = {};  ///< the sources' addresses
  static constexpr Number numbers[] = {{&igmp_long_query, 3}, {&igmp_type, 0x11}};
  static constexpr u32 length(Bytes b) { return to_the_end(b); }
  static constexpr Extra extras[] = {{"saddr", Show::ipv4, "A source asked for"}};
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() {
    return protocol<IgmpQuery>("igmp_query", "Membership query, version 3", "RFC 3376, 4.1",
        field<&IgmpQuery::group>     ("maddr", 32, "The group; 0.0.0.0 in a query for all", brief),
        field<&IgmpQuery::reserved>  ("resv", 4, "Must be zero", Show::hex, quiet),
        field<&IgmpQuery::suppress>  ("s", 1, "Other routers do not restart their timers"),
        field<&IgmpQuery::robustness>("qrv", 3, "The querier's robustness"),
        field<&IgmpQuery::interval>  ("qqic", 8, "The querier's interval, as a code"),
        field<&IgmpQuery::sources>   ("num_src", 16, "Sources that follow")).with_prefix("igmp").with_label("igmp");
  }
};

struct IgmpReport {
  u16 reserved = 0;
  u16 records = 0;
  Tail<512> options = {};  ///< group records
  static constexpr Number numbers[] = {{&igmp_type, 0x22}};
  static constexpr u32 length(Bytes b) { return to_the_end(b); }
  static constexpr Name record_types[] = {{1, "is include"}, {2, "is exclude"}, {3, "to include"}, {4, "to exclude"}, {5, "allow"}, {6, "block"}};
  static constexpr Extra extras[] = {{"record_type", Show::names, "What the record says of the group", false, record_types}, {"maddr", Show::ipv4, "A group"}, {"saddr", Show::ipv4, "A source of the group"}};
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() {
    return protocol<IgmpReport>("igmp_report", "Membership report, version 3", "RFC 3376, 4.2",
        field<&IgmpReport::reserved>("reserved", 16, "Must be zero", Show::hex, quiet),
        field<&IgmpReport::records> ("num_grp_recs", 16, "Group records that follow", brief)).with_prefix("igmp").with_label("igmp");
  }
};

/// A multicast traceroute; in answers one block per router follows.
struct IgmpTraceroute {
  Ipv4Address group = {};
  Ipv4Address source = {};
  Ipv4Address destination = {};
  Ipv4Address response = {};
  u8 response_ttl = 64;
  u32 query = 0;
  static constexpr Number numbers[] = {{&igmp_type, 0x1f}, {&igmp_type, 0x1e}};
  static constexpr u32 length(Bytes b) { return to_the_end(b); }
  static constexpr auto layout() {
    return protocol<IgmpTraceroute>("igmp_traceroute", "Multicast traceroute", "draft-ietf-idmr-traceroute-ipm-07, 5",
        field<&IgmpTraceroute::group>       ("maddr", 32, "The group", brief),
        field<&IgmpTraceroute::source>      ("mtrace.saddr", 32, "Source of the path"),
        field<&IgmpTraceroute::destination> ("mtrace.raddr", 32, "Receiver of the path"),
        field<&IgmpTraceroute::response>    ("mtrace.rspaddr", 32, "Where the answer goes"),
        field<&IgmpTraceroute::response_ttl>("mtrace.resp_ttl", 8, "Time to live of the answer"),
        field<&IgmpTraceroute::query>       ("mtrace.q_id", 24, "Ties an answer to its question")).with_prefix("igmp").with_label("igmp");
  }
};

// ---- VRRP ------------------------------------------------------------------------------------------
/// Version 3: for IPv4 and IPv6, with a pseudo header in its checksum.
struct Vrrp3 {
  u8 version = 3;
  u8 type = 1;
  u8 router = 1;
  u8 priority = 100;
  u8 count = 0;
  u8 reserved = 0;
  u16 interval = 100;
  Auto<u16> checksum = computed;
  Tail<256> options = {};  ///< the virtual router's addresses
  static constexpr Number numbers[] = {{&ip_protocol, 112}};
  static constexpr u32 length(Bytes b) { return to_the_end(b); }
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<Vrrp3>("vrrp3", "Virtual router redundancy protocol, version 3", "RFC 5798, 5",
        field<&Vrrp3::version> ("version", 4, "Version, 3", always(3)),
        field<&Vrrp3::type>    ("type", 4, "1: advertisement"),
        field<&Vrrp3::router>  ("virt_rtr_id", 8, "Virtual router", brief),
        field<&Vrrp3::priority>("prio", 8, "Priority; 0: gives up, 255: owns the addresses", brief),
        field<&Vrrp3::count>   ("addr_count", 8, "Addresses that follow"),
        field<&Vrrp3::reserved>("reserved_mbz", 4, "Must be zero", Show::hex, quiet),
        field<&Vrrp3::interval>("adver_int", 12, "Hundredths of a second between advertisements"),
        field<&Vrrp3::checksum>("checksum", 16, "Checksum of pseudo header and message", Show::hex, transport_checksum)).with_prefix("vrrp").with_label("vrrp");
  }
};

struct Vrrp {
  u8 version = 2;
  u8 type = 1;
  u8 router = 1;
  u8 priority = 100;
  u8 count = 0;
  u8 authentication = 0;
  u8 interval = 1;
  Auto<u16> checksum = computed;
  Tail<256> options = {};  ///< the virtual router's addresses, then eight bytes of authentication data
  using other = Vrrp3;
  static constexpr bool is_other(Bytes b) { return !b.empty() && b[0] >> 4 == 3; }
  static constexpr Number numbers[] = {{&ip_protocol, 112}};
  static constexpr u32 length(Bytes b) { return to_the_end(b); }
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<Vrrp>("vrrp", "Virtual router redundancy protocol", "RFC 3768, 5.1",
        field<&Vrrp::version>       ("version", 4, "Version, 2"),
        field<&Vrrp::type>          ("type", 4, "1: advertisement"),
        field<&Vrrp::router>        ("virt_rtr_id", 8, "Virtual router", brief),
        field<&Vrrp::priority>      ("prio", 8, "Priority; 0: gives up, 255: owns the addresses", brief),
        field<&Vrrp::count>         ("addr_count", 8, "Addresses that follow"),
        field<&Vrrp::authentication>("auth_type", 8, "Kind of authentication"),
        field<&Vrrp::interval>      ("adver_int", 8, "Seconds between advertisements"),
        field<&Vrrp::checksum>      ("checksum", 16, "Checksum of the message", Show::hex, message_checksum));
  }
};

// ---- OSPF ------------------------------------------------------------------------------------------
inline constexpr Space ospf_message{"ospf_message"}, ospf3_message{"ospf3_message"};
inline constexpr Name ospf_messages[] = {{1, "hello"}, {2, "database description"}, {3, "link state request"}, {4, "link state update"}, {5, "link state acknowledgement"}};

struct Ospf3 {
  u8 version = 3;
  Auto<u8> message = computed;
  Auto<u16> length = computed;
  Ipv4Address router = {};
  Ipv4Address area = {};
  Auto<u16> checksum = computed;
  u8 instance = 0;
  u8 reserved = 0;
  static constexpr Number numbers[] = {{&ip_protocol, 89}};
  static constexpr auto layout() {
    return protocol<Ospf3>("ospf3", "Open shortest path first, version 3", "RFC 5340, A.3.1",
        field<&Ospf3::version> ("version", 8, "Version, 3", always(3)),
        field<&Ospf3::message> ("msg", 8, "Kind of message", Values{ospf_messages}, selects(ospf3_message), brief),
        field<&Ospf3::length>  ("packet_length", 16, "Bytes of header and message", total_length),
        field<&Ospf3::router>  ("srcrouter", 32, "Router that sent it", brief),
        field<&Ospf3::area>    ("area_id", 32, "Area", brief),
        field<&Ospf3::checksum>("checksum", 16, "Checksum of pseudo header, header and message", Show::hex, transport_checksum),
        field<&Ospf3::instance>("instance_id", 8, "Instance on the link"),
        field<&Ospf3::reserved>("reserved", 8, "Must be zero", Show::hex, quiet)).with_prefix("ospf").with_label("ospf");
  }
};

struct OspfAuthenticated;

/// Version 2 without authentication. With a password or a digest the checksum leaves those bytes out: another table.
struct Ospf {
  u8 version = 2;
  Auto<u8> message = computed;
  Auto<u16> length = computed;
  Ipv4Address router = {};
  Ipv4Address area = {};
  Auto<u16> checksum = computed;
  u16 authentication = 0;
  u64 secret = 0;
  using other = OspfAuthenticated;
  static constexpr bool is_version_3(Bytes b) { return !b.empty() && b[0] == 3; }
  static constexpr bool is_other(Bytes b) { return is_version_3(b) || (b.size() >= 16 && (b[14] != 0 || b[15] != 0)); }
  static constexpr Number numbers[] = {{&ip_protocol, 89}};
  template <class T> static constexpr auto table(std::string_view name, std::string_view title, Rule sum) {
    return protocol<T>(name, title, "RFC 2328, A.3.1",
        field<&Ospf::version>       ("version", 8, "Version, 2"),
        field<&Ospf::message>       ("msg", 8, "Kind of message", Values{ospf_messages}, selects(ospf_message), brief),
        field<&Ospf::length>        ("packet_length", 16, "Bytes of header and message", total_length),
        field<&Ospf::router>        ("srcrouter", 32, "Router that sent it", brief),
        field<&Ospf::area>          ("area_id", 32, "Area", brief),
        field<&Ospf::checksum>      ("checksum", 16, "Checksum of header and message, without authentication", Show::hex, sum),
        field<&Ospf::authentication>("auth.type", 16, "0 none, 1 password, 2 digest"),
        field<&Ospf::secret>        ("auth.data", 64, "Password, or key and sequence number", Show::hex, quiet)).with_prefix("ospf").with_label("ospf");
  }
  static constexpr auto layout() { return table<Ospf>("ospf", "Open shortest path first", message_checksum); }
};

struct OspfAuthenticated : Ospf {
  using other = Ospf3;
  static constexpr bool is_other(Bytes b) { return is_version_3(b); }
  static constexpr auto layout() { return table<OspfAuthenticated>("ospf_auth", "Open shortest path first, with authentication", beyond_table); }
};

struct OspfHello {
  Ipv4Address mask = "255.255.255.0";
  u16 interval = 10;
  u8 options_bits = 2;
  u8 priority = 1;
  u32 dead_interval = 40;
  Ipv4Address designated = {};
  Ipv4Address backup = {};
  Tail<256> options = {};  ///< the neighbours heard of
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&ospf_message, 1}};
  static constexpr u32 length(Bytes b) { return to_the_end(b); }
  static constexpr Extra extras[] = {{"hello.active_neighbor", Show::ipv4, "A neighbour heard of"}};
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() {
    return protocol<OspfHello>("ospf_hello", "Hello", "RFC 2328, A.3.2",
        field<&OspfHello::mask>         ("hello.network_mask", 32, "Mask of the network"),
        field<&OspfHello::interval>     ("hello.hello_interval", 16, "Seconds between hellos"),
        field<&OspfHello::options_bits> ("hello.options", 8, "What the router can do", Show::hex),
        field<&OspfHello::priority>     ("hello.router_priority", 8, "Priority in the election"),
        field<&OspfHello::dead_interval>("hello.router_dead_interval", 32, "Seconds until a silent router is gone"),
        field<&OspfHello::designated>   ("hello.designated_router", 32, "Designated router", brief),
        field<&OspfHello::backup>       ("hello.backup_designated_router", 32, "Its stand-in")).with_prefix("ospf");
  }
};

struct Ospf3Hello {
  u32 interface = 0;
  u8 priority = 1;
  u32 options_bits = 0x13;
  u16 interval = 10;
  u16 dead_interval = 40;
  Ipv4Address designated = {};
  Ipv4Address backup = {};
  Tail<256> options = {};  ///< the neighbours heard of
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&ospf3_message, 1}};
  static constexpr u32 length(Bytes b) { return to_the_end(b); }
  static constexpr Extra extras[] = {{"hello.active_neighbor", Show::ipv4, "A neighbour heard of"}};
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() {
    return protocol<Ospf3Hello>("ospf3_hello", "Hello, version 3", "RFC 5340, A.3.2",
        field<&Ospf3Hello::interface>    ("hello.interface_id", 32, "Interface of the sender"),
        field<&Ospf3Hello::priority>     ("hello.router_priority", 8, "Priority in the election"),
        field<&Ospf3Hello::options_bits> ("v3.options", 24, "What the router can do", Show::hex),
        field<&Ospf3Hello::interval>     ("hello.hello_interval", 16, "Seconds between hellos"),
        field<&Ospf3Hello::dead_interval>("hello.router_dead_interval", 16, "Seconds until a silent router is gone"),
        field<&Ospf3Hello::designated>   ("hello.designated_router", 32, "Designated router", brief),
        field<&Ospf3Hello::backup>       ("hello.backup_designated_router", 32, "Its stand-in")).with_prefix("ospf");
  }
};

/// The other four kinds of message, whose link states are not read.
struct OspfLinkStates {
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&ospf_message, 2},  {&ospf_message, 3},  {&ospf_message, 4},  {&ospf_message, 5},
                                       {&ospf3_message, 2}, {&ospf3_message, 3}, {&ospf3_message, 4}, {&ospf3_message, 5}};
  static constexpr u32 length(Bytes b) { return to_the_end(b); }
  static constexpr auto layout() { return protocol<OspfLinkStates>("ospf_link_states", "Link states", "RFC 2328, A.3.3 to A.3.6").with_prefix("ospf"); }
};

// ---- PIM -------------------------------------------------------------------------------------------
/// The checksum has no rule: over IPv6 it takes a pseudo header in, over IPv4 it does not, and registers leave their packet out.
struct Pim {
  u8 version = 2;
  u8 type = 0;
  u8 reserved = 0;
  u16 checksum = 0;
  Tail<256> options = {};  ///< the message
  static constexpr Name types[] = {{0, "hello"}, {1, "register"}, {2, "register stop"}, {3, "join or prune"}, {4, "bootstrap"}, {5, "assert"}, {6, "graft"}, {7, "graft ack"}, {8, "candidate RP"}};
  static constexpr Number numbers[] = {{&ip_protocol, 103}};
  /// A register carries a packet behind its four bytes of flags.
  static constexpr bool is_register(Bytes b) { return b.size() > 8 && b[0] == 0x21; }
  static constexpr u32 length(Bytes b) { return is_register(b) ? 8 : to_the_end(b); }
  static constexpr Number next(Bytes b) { return is_register(b) ? Number{&ip_version, u64{b[8]} >> 4} : Number{}; }
  static constexpr auto layout() {
    return protocol<Pim>("pim", "Protocol independent multicast", "RFC 7761, 4.9",
        field<&Pim::version> ("version", 4, "Version, 2"),
        field<&Pim::type>    ("type", 4, "Kind of message", Values{types}, brief),
        field<&Pim::reserved>("reserved_byte", 8, "Reserved, or flags of the message", Show::hex, quiet),
        field<&Pim::checksum>("checksum", 16, "Checksum of the message", Show::hex));
  }
};

}  // namespace rawket
