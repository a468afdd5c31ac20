// DHCP for both versions of IP: built, read back, relayed, and with options that lie.
#include "rawket/proto/dhcp.hpp"

#include "../packet_test.hpp"
#include "rawket/proto/all.hpp"
#include "rawket/wire/build.hpp"

namespace rawket {
namespace {

using namespace test;

constexpr Ipv4 ip{.id = 0x1234, .src = "198.18.0.1", .dst = "198.18.0.2"};
std::string zeros(std::size_t bytes) { return std::string(2 * bytes, '0'); }
/// RFC 2131, 2: the fixed part of a request, up to and with the cookie.
std::string fixed_part() { return "01010600 3903f326 00000000 00000000 00000000 00000000 00000000 020000000001" + zeros(10 + 64 + 128) + "63825363"; }

TEST(DhcpMessages, are_built_and_read_with_their_options) {
  const auto packet = build(ip / Udp{.sport = 68, .dport = 67} / Dhcp{.id = 0x3903f326, .client_mac = "02:00:00:00:00:01",
      .options = {DhcpMessageType{3}, DhcpRequestedAddress{"198.18.0.77"}, DhcpLeaseTime{3600}, DhcpEnd{}}});
  const std::string hex = hex_of(packet);
  std::string wanted = fixed_part() + "350103 3204c612004d 330400000e10 ff";
  std::erase(wanted, ' ');
  EXPECT_EQ(hex.substr(56), wanted);
  const Seen seen(protocol_named("ip"), octets(hex));
  EXPECT_EQ(seen.layers(), "ip udp dhcp");
  expect_values(seen, {{"dhcp.type", "1"}, {"dhcp.id", "956560166"}, {"dhcp.hw.mac_addr", "02:00:00:00:00:01"}, {"dhcp.option.dhcp", "3"}, {"dhcp.option.requested_ip_address", "198.18.0.77"},
      {"dhcp.option.ip_address_lease_time", "3600"}, {"dhcp.option.type", "[53,50,51,0]"}});
}

TEST(DhcpMessages, tell_texts_and_lists) {
  const Seen seen(protocol_named("dhcp"), octets(fixed_part() + "0c05686f737400 0f07 6578616d706c65 3c024142 3702 0103 ff"));
  expect_values(seen, {{"dhcp.option.hostname", "host"}, {"dhcp.option.domain_name", "example"}, {"dhcp.option.vendor_class_id", "AB"}, {"dhcp.option.request_list_item", "[1,3]"}});
}

TEST(DhcpMessages, without_the_cookie_are_bootp) {
  const Seen seen(protocol_named("dhcp"), octets("02010600 00000001" + zeros(228)));
  EXPECT_EQ(seen.layers(), "bootp");
  expect_values(seen, {{"layers", "[dhcp]"}, {"dhcp.type", "2"}, {"dhcp.id", "1"}});
}

TEST(DhcpMessages, with_an_option_past_the_end_tell_what_is_there) {
  const Seen seen(protocol_named("dhcp"), octets(fixed_part() + "350101 0cff41"));
  expect_values(seen, {{"dhcp.option.type", "[53,12]"}, {"dhcp.option.hostname", "A"}});
}

TEST(Dhcpv6Messages, have_options_with_wide_kinds) {
  Dhcpv6Options options;
  const u8 time[2] = {0, 0};
  EXPECT_TRUE(options.add(8, time));
  EXPECT_EQ(hex_of(build(Dhcpv6{.type = 1, .id = 0x102030, .options = options})), "01102030" "000800020000");
  const Seen seen(protocol_named("dhcpv6"), octets("01102030 000800020000 00030028 0000000100000000 00000000 00050018 20010db8000000000000000000000001 0000000000000000"));
  expect_values(seen, {{"dhcpv6.msgtype", "1"}, {"dhcpv6.xid", "1056816"}, {"dhcpv6.option.type", "[8,3,5]"}, {"dhcpv6.iaaddr.ip", "2001:db8::1"}});
}

TEST(Dhcpv6Messages, may_be_wrapped_by_relays) {
  const std::string link = "20010db8000000000000000000000001", peer = "fe800000000000000000000000000002";
  const Seen seen(protocol_named("dhcpv6"), octets("0c00" + link + peer + "00090004 01102030 00120001 41"));
  EXPECT_EQ(seen.layers(), "dhcpv6_relay dhcpv6");
  expect_values(seen, {{"dhcpv6.msgtype", "[12,1]"}, {"dhcpv6.linkaddr", "2001:db8::1"}, {"dhcpv6.xid", "1056816"}, {"dhcpv6.option.type", "[9,18]"}});
}

}  // namespace
}  // namespace rawket
