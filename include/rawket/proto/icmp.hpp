// ICMP: one header, and a small table for each kind of message. Errors quote the packet they are about.
#pragma once
#include "rawket/proto/ipv4.hpp"

namespace rawket {

inline constexpr Space icmp_unreachable{"icmp_unreachable"};
inline constexpr Name icmp_types[] = {{0, "echo reply"}, {3, "unreachable"}, {4, "source quench"}, {5, "redirect"}, {8, "echo request"}, {9, "router advertisement"}, {10, "router solicitation"},
                                      {11, "time exceeded"}, {12, "parameter problem"}, {13, "timestamp request"}, {14, "timestamp reply"}, {17, "mask request"}, {18, "mask reply"}};

/// RFC 4884 appends structures to errors: MPLS labels (RFC 4950) and interfaces (RFC 5837). Wireshark's names are ICMP's for both versions.
enum class IcmpExtension : u32 { label, role, index, ipv4, ipv6, name, mtu };
inline constexpr Name icmp_interface_roles[] = {{0, "came in by"}, {1, "came in by a part of"}, {2, "was to leave by"}, {3, "next hop"}};
inline constexpr Extra icmp_error_extras[] = {{"icmp.mpls.label", Show::decimal, "A label that the packet had where it was dropped", false, {}, true},
                                              {"icmp.int_info.role", Show::names, "What an interface has to do with the packet", false, icmp_interface_roles, true},
                                              {"icmp.int_info.index", Show::decimal, "Its number there", false, {}, true},
                                              {"icmp.int_info.ipv4", Show::ipv4, "An address of it", false, {}, true},
                                              {"icmp.int_info.ipv6", Show::ipv6, "An address of it", false, {}, true},
                                              {"icmp.int_info.name", Show::text, "Its name there", false, {}, true},
                                              {"icmp.int_info.mtu", Show::decimal, "Its MTU", false, {}, true}};
/// `quoted` are the bytes that the message says its quote has; 0: it says nothing, and it is 128.
void tell_icmp_extensions(const LayerView& v, std::size_t quoted, Facts& out);

struct Icmp {
  Auto<u8> type = computed;
  u8 code = 0;
  Auto<u16> checksum = computed;

  static constexpr Number numbers[] = {{&ip_protocol, 1}};
  static constexpr Number next(Bytes b) { return b[0] == 3 && b[1] == 4 ? Number{&icmp_unreachable, 4} : Number{&icmp_type, b[0]}; }
  static constexpr bool answers(Bytes a, Bytes q) { return q[0] == 8 ? a[0] == 0 : q[0] == 13 || q[0] == 15 || q[0] == 17 ? a[0] == q[0] + 1 : q[0] == 10 && a[0] == 9; }
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<Icmp>("icmp", "Internet control message protocol", "RFC 792",
        field<&Icmp::type>    ("type", 8, "Kind of message", Values{icmp_types}, selects(icmp_type), brief),
        field<&Icmp::code>    ("code", 8, "What exactly", brief),
        field<&Icmp::checksum>("checksum", 16, "Checksum of the message", Show::hex, message_checksum));
  }
};

struct IcmpEcho {
  u16 id = 0;
  u16 seq = 0;
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&icmp_type, 8}, {&icmp_type, 0}};
  static constexpr bool answers(Bytes a, Bytes q) { return std::equal(a.data(), a.data() + 4, q.data()); }
  static constexpr auto layout() {
    return protocol<IcmpEcho>("icmp_echo", "Echo request and reply", "RFC 792, page 14",
        field<&IcmpEcho::id> ("ident", 16, "Tells senders apart", brief),
        field<&IcmpEcho::seq>("seq", 16, "Counts requests", brief)).with_prefix("icmp");
  }
};

/// Timestamp requests and replies: milliseconds since midnight UTC.
struct IcmpTimestamp {
  u16 id = 0;
  u16 seq = 0;
  u32 originate = 0;
  u32 receive = 0;
  u32 transmit = 0;
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&icmp_type, 13}, {&icmp_type, 14}};
  static constexpr bool answers(Bytes a, Bytes q) { return std::equal(a.data(), a.data() + 4, q.data()); }
  static constexpr auto layout() {
    return protocol<IcmpTimestamp>("icmp_timestamp", "Timestamp request and reply", "RFC 792, page 16",
        field<&IcmpTimestamp::id>       ("ident", 16, "Tells senders apart", brief),
        field<&IcmpTimestamp::seq>      ("seq", 16, "Counts requests", brief),
        field<&IcmpTimestamp::originate>("originate_timestamp", 32, "When the request was sent"),
        field<&IcmpTimestamp::receive>  ("receive_timestamp", 32, "When it arrived"),
        field<&IcmpTimestamp::transmit> ("transmit_timestamp", 32, "When the reply was sent")).with_prefix("icmp");
  }
};

/// Asks a router about one of its interfaces, which a structure behind names.
struct IcmpExtendedEcho {
  u16 id = 0;
  u8 seq = 0;
  u8 flags = 1;
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&icmp_type, 42}, {&icmp_type, 43}};
  static constexpr bool answers(Bytes a, Bytes q) { return std::equal(a.data(), a.data() + 3, q.data()); }
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr auto layout() {
    return protocol<IcmpExtendedEcho>("icmp_extended_echo", "Extended echo request and reply", "RFC 8335, 2",
        field<&IcmpExtendedEcho::id>   ("ident", 16, "Tells senders apart", brief),
        field<&IcmpExtendedEcho::seq>  ("ext.echo.sequence_number", 8, "Counts requests", brief),
        field<&IcmpExtendedEcho::flags>("ext.echo.flags", 8, "Of a request 1: a local interface; of a reply its state", Show::hex)).with_prefix("icmp");
  }
};

struct IcmpMask {
  u16 id = 0;
  u16 seq = 0;
  Ipv4Address mask = {};
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&icmp_type, 17}, {&icmp_type, 18}};
  static constexpr auto layout() {
    return protocol<IcmpMask>("icmp_mask", "Address mask request and reply", "RFC 950",
        field<&IcmpMask::id>  ("ident", 16, "Tells senders apart"),
        field<&IcmpMask::seq> ("seq", 16, "Counts requests"),
        field<&IcmpMask::mask>("address_mask", 32, "Mask of the network", brief)).with_prefix("icmp");
  }
};

/// Unreachable, source quench, time exceeded: four bytes without a meaning of their own, then the packet.
struct IcmpError {
  u32 unused = 0;
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&icmp_type, 3}, {&icmp_type, 11}, {&icmp_type, 4}};
  using payload = Ipv4;
  static constexpr bool quotes = true;
  static constexpr const Extra (&extras)[7] = icmp_error_extras;
  static void describe(const LayerView& v, Facts& out) { tell_icmp_extensions(v, v.header()[1] * std::size_t{4}, out); }
  static constexpr auto layout() {
    return protocol<IcmpError>("icmp_error", "Error that quotes a packet", "RFC 792",
        field<&IcmpError::unused>("unused", 32, "Unused, but for the length of RFC 4884", Show::hex, quiet)).with_prefix("icmp");
  }
};

struct IcmpFragmentationNeeded {
  u16 unused = 0;
  u16 mtu = 1280;
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&icmp_unreachable, 4}, {&icmp_type, 3}};
  using payload = Ipv4;
  static constexpr bool quotes = true;
  static constexpr const Extra (&extras)[7] = icmp_error_extras;
  static void describe(const LayerView& v, Facts& out) { tell_icmp_extensions(v, v.header()[1] * std::size_t{4}, out); }
  static constexpr auto layout() {
    return protocol<IcmpFragmentationNeeded>("icmp_too_big", "Fragmentation needed and DF set", "RFC 1191, 4",
        field<&IcmpFragmentationNeeded::unused>("unused", 16, "Must be zero, but for the length of RFC 4884", Show::hex, quiet),
        field<&IcmpFragmentationNeeded::mtu>   ("mtu", 16, "Largest packet for the next hop", brief)).with_prefix("icmp");
  }
};

struct IcmpRedirect {
  Ipv4Address gateway = "127.0.0.1";
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&icmp_type, 5}};
  using payload = Ipv4;
  static constexpr bool quotes = true;
  static constexpr auto layout() {
    return protocol<IcmpRedirect>("icmp_redirect", "Redirect", "RFC 792, page 12",
        field<&IcmpRedirect::gateway>("redir_gw", 32, "The better router", brief)).with_prefix("icmp");
  }
};

struct IcmpParameterProblem {
  u8 pointer = 0;
  std::array<u8, 3> unused{};
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&icmp_type, 12}};
  using payload = Ipv4;
  static constexpr bool quotes = true;
  static constexpr auto layout() {
    return protocol<IcmpParameterProblem>("icmp_parameter", "Parameter problem", "RFC 792, page 8",
        field<&IcmpParameterProblem::pointer>("pointer", 8, "The byte that is wrong", brief),
        field<&IcmpParameterProblem::unused> ("unused", 24, "Must be zero", Show::bytes, quiet)).with_prefix("icmp");
  }
};

}  // namespace rawket
