// DHCP for IPv4, with its options, and the BOOTP it grew out of; DHCP for IPv6.
#pragma once
#include "rawket/wire/options.hpp"

namespace rawket {

inline constexpr Name dhcp_message_types[] = {{1, "discover"}, {2, "offer"}, {3, "request"}, {4, "decline"}, {5, "ack"}, {6, "nak"}, {7, "release"}, {8, "inform"}, {9, "force renew"},
                                              {10, "lease query"}, {11, "lease unassigned"}, {12, "lease unknown"}, {13, "lease active"}};
inline constexpr Name bootp_types[] = {{1, "request"}, {2, "reply"}};

struct DhcpMessageType {
  u8 type = 1;
  static constexpr u8 kind = 53;
  static constexpr auto layout() {
    return protocol<DhcpMessageType>("dhcp_type", "DHCP message type", "RFC 2132, 9.6", field<&DhcpMessageType::type>("option.dhcp", 8, "Kind of message", Values{dhcp_message_types})).with_prefix("dhcp");
  }
};
struct DhcpSubnetMask {
  Ipv4Address mask = "255.255.255.0";
  static constexpr u8 kind = 1;
  static constexpr auto layout() {
    return protocol<DhcpSubnetMask>("dhcp_mask", "Subnet mask", "RFC 2132, 3.3", field<&DhcpSubnetMask::mask>("option.subnet_mask", 32, "Mask of the network")).with_prefix("dhcp");
  }
};
struct DhcpRouter {
  Ipv4Address address = {};
  static constexpr u8 kind = 3;
  static constexpr auto layout() {
    return protocol<DhcpRouter>("dhcp_router", "Router", "RFC 2132, 3.5", field<&DhcpRouter::address>("option.router", 32, "The preferred router")).with_prefix("dhcp");
  }
};
struct DhcpDnsServer {
  Ipv4Address address = {};
  static constexpr u8 kind = 6;
  static constexpr auto layout() {
    return protocol<DhcpDnsServer>("dhcp_dns", "Domain name server", "RFC 2132, 3.8", field<&DhcpDnsServer::address>("option.domain_name_server", 32, "The preferred name server")).with_prefix("dhcp");
  }
};
struct DhcpRequestedAddress {
  Ipv4Address address = {};
  static constexpr u8 kind = 50;
  static constexpr auto layout() {
    return protocol<DhcpRequestedAddress>("dhcp_requested", "Requested address", "RFC 2132, 9.1",
        field<&DhcpRequestedAddress::address>("option.requested_ip_address", 32, "Address the client asks for")).with_prefix("dhcp");
  }
};
struct DhcpLeaseTime {
  u32 seconds = 3600;
  static constexpr u8 kind = 51;
  static constexpr auto layout() {
    return protocol<DhcpLeaseTime>("dhcp_lease", "Address lease time", "RFC 2132, 9.2",
        field<&DhcpLeaseTime::seconds>("option.ip_address_lease_time", 32, "Seconds the address may be used")).with_prefix("dhcp");
  }
};
struct DhcpServer {
  Ipv4Address address = {};
  static constexpr u8 kind = 54;
  static constexpr auto layout() {
    return protocol<DhcpServer>("dhcp_server", "Server identifier", "RFC 2132, 9.7", field<&DhcpServer::address>("option.dhcp_server_id", 32, "Server that is meant")).with_prefix("dhcp");
  }
};
struct DhcpMaximumSize {
  u16 size = 1500;
  static constexpr u8 kind = 57;
  static constexpr auto layout() {
    return protocol<DhcpMaximumSize>("dhcp_max_size", "Maximum message size", "RFC 2132, 9.10",
        field<&DhcpMaximumSize::size>("option.dhcp_max_message_size", 16, "Longest message the client accepts")).with_prefix("dhcp");
  }
};
struct DhcpEnd {
  static constexpr u8 kind = 255;
  static constexpr bool single = true;
  static constexpr auto layout() { return protocol<DhcpEnd>("dhcp_end", "End of options", "RFC 2132, 3.2").with_prefix("dhcp"); }
};

/// The fields that BOOTP and DHCP share, and what stands behind them.
template <class T, class... More> constexpr auto bootp_table(std::string_view name, std::string_view title, std::string_view spec, More... more) {
  return protocol<T>(name, title, spec,
      field<&T::operation>    ("type", 8, "Who speaks", Values{bootp_types}, brief),
      field<&T::hardware_type>("hw.type", 8, "Kind of link address: 1 is Ethernet", Show::hex),
      field<&T::hardware_size>("hw.len", 8, "Bytes of a link address"),
      field<&T::hops>         ("hops", 8, "Relays passed"),
      field<&T::id>           ("id", 32, "Ties an answer to its request", Show::hex, brief),
      field<&T::seconds>      ("secs", 16, "Seconds since the client began"),
      field<&T::flags>        ("flags", 16, "0x8000: answer by broadcast", Show::hex),
      field<&T::client>       ("ip.client", 32, "Address the client has"),
      field<&T::your>         ("ip.your", 32, "Address the client gets", brief),
      field<&T::next_server>  ("ip.server", 32, "Server of the next step"),
      field<&T::relay>        ("ip.relay", 32, "Relay agent"),
      field<&T::client_mac>   ("hw.mac_addr", 48, "Link address of the client", brief),
      field<&T::padding>      ("hw.addr_padding", 80, "Rest of the link address", quiet),
      field<&T::server_name>  ("server", 512, "Name of the server, or more options", quiet),
      field<&T::file>         ("file", 1024, "Boot file, or more options", quiet), more...).with_prefix("dhcp");
}

struct Bootp {
  u8 operation = 1;
  u8 hardware_type = 1;
  u8 hardware_size = 6;
  u8 hops = 0;
  u32 id = 0;
  u16 seconds = 0;
  u16 flags = 0;
  Ipv4Address client = {};
  Ipv4Address your = {};
  Ipv4Address next_server = {};
  Ipv4Address relay = {};
  Mac client_mac = {};
  std::array<u8, 10> padding{};
  std::array<u8, 64> server_name{};
  std::array<u8, 128> file{};

  static constexpr bool answers(Bytes a, Bytes q) { return a[0] == 2 && q[0] == 1 && std::equal(a.data() + 4, a.data() + 8, q.data() + 4); }
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr auto layout() {
    return bootp_table<Bootp>("bootp", "Bootstrap protocol", "RFC 951, 3").with_label("dhcp");
  }
};

struct Dhcp {
  u8 operation = 1;
  u8 hardware_type = 1;
  u8 hardware_size = 6;
  u8 hops = 0;
  u32 id = 0;
  u16 seconds = 0;
  u16 flags = 0;
  Ipv4Address client = {};
  Ipv4Address your = {};
  Ipv4Address next_server = {};
  Ipv4Address relay = {};
  Mac client_mac = {};
  std::array<u8, 10> padding{};
  std::array<u8, 64> server_name{};
  std::array<u8, 128> file{};
  u32 cookie = 0x63825363;
  Options<312, 0> options = {};

  using other = Bootp;
  static constexpr bool is_other(Bytes b) { return b.size() >= 236 && (b.size() < 240 || load<0, 32>(b.data() + 236) != 0x63825363); }
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr OptionList option_list{infos<DhcpMessageType, DhcpSubnetMask, DhcpRouter, DhcpDnsServer, DhcpRequestedAddress, DhcpLeaseTime, DhcpServer, DhcpMaximumSize, DhcpEnd>, 2, 1, 255, 0};
  static constexpr Number numbers[] = {{&udp_port, 67}, {&udp_port, 68}};
  static constexpr Extra extras[] = {{"option.type", Show::decimal, "Kind of an option"}, {"option.hostname", Show::text, "Name of the client"}, {"option.domain_name", Show::text, "Domain of the client"},
                                     {"option.vendor_class_id", Show::text, "Kind of client"}, {"option.request_list_item", Show::decimal, "Option asked for"},
                                     {"dhcp.hw.mac_addr", Show::mac, "Link address that identifies the client", false, {}, true}};
  static constexpr bool answers(Bytes a, Bytes q) { return Bootp::answers(a, q); }
  static void describe(const LayerView& v, Facts& out);
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return bootp_table<Dhcp>("dhcp", "Dynamic host configuration protocol", "RFC 2131, 2", field<&Dhcp::cookie>("cookie", 32, "Tells DHCP from BOOTP", Show::hex, always(0x63825363)));
  }
};

inline constexpr Name dhcpv6_types[] = {{1, "solicit"}, {2, "advertise"}, {3, "request"}, {4, "confirm"}, {5, "renew"}, {6, "rebind"}, {7, "reply"}, {8, "release"}, {9, "decline"},
                                        {10, "reconfigure"}, {11, "information-request"}, {12, "relay-forward"}, {13, "relay-reply"}};

/// A message that relay agents wrap others in: its last header bytes are those of the option that holds the message.
struct Dhcpv6Relay {
  u8 type = 12;
  u8 hops = 0;
  Ipv6Address link = {};
  Ipv6Address peer = {};

  static u32 length(Bytes b);
  static Number next(Bytes b);
  static constexpr Extra extras[] = {{"option.type", Show::decimal, "Kind of an option"}};
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() {
    return protocol<Dhcpv6Relay>("dhcpv6_relay", "DHCP for IPv6, relayed", "RFC 8415, 9",
        field<&Dhcpv6Relay::type>("msgtype", 8, "Kind of message", Values{dhcpv6_types}, brief),
        field<&Dhcpv6Relay::hops>("hopcount", 8, "Relays passed"),
        field<&Dhcpv6Relay::link>("linkaddr", 128, "Address on the client's link"),
        field<&Dhcpv6Relay::peer>("peeraddr", 128, "Who sent the message to the relay", brief)).with_prefix("dhcpv6").with_label("dhcpv6");
  }
};

/// Options with 16-bit kinds and lengths, by value.
struct Dhcpv6Options : Tail<512> {
  /// False (and unchanged) when there is no room.
  constexpr bool add(u16 kind, Bytes value) {
    const u8 head[4] = {static_cast<u8>(kind >> 8), static_cast<u8>(kind), static_cast<u8>(value.size() >> 8), static_cast<u8>(value.size())};
    if (value.size() + 4 > capacity - size) return false;
    return append(head) && append(value);
  }
};

struct Dhcpv6 {
  u8 type = 1;
  u32 id = 0;
  Dhcpv6Options options = {};

  using other = Dhcpv6Relay;
  static constexpr bool is_other(Bytes b) { return !b.empty() && (b[0] == 12 || b[0] == 13); }
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr Number numbers[] = {{&udp_port, 546}, {&udp_port, 547}};
  static constexpr Extra extras[] = {{"option.type", Show::decimal, "Kind of an option"}, {"iaaddr.ip", Show::ipv6, "Address leased"}};
  static constexpr bool answers(Bytes a, Bytes q) { return (a[0] == 2 || a[0] == 7) && std::equal(a.data() + 1, a.data() + 4, q.data() + 1); }
  static void describe(const LayerView& v, Facts& out);
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<Dhcpv6>("dhcpv6", "DHCP for IPv6", "RFC 8415, 8",
        field<&Dhcpv6::type>("msgtype", 8, "Kind of message", Values{dhcpv6_types}, brief),
        field<&Dhcpv6::id>  ("xid", 24, "Ties an answer to its request", Show::hex, brief));
  }
};

}  // namespace rawket
