// IPv4 with options, IPv6 with its extension headers.
#include "../packet_test.hpp"
#include "rawket/proto/all.hpp"
#include "rawket/wire/build.hpp"

namespace rawket {
namespace {

using namespace test;

constexpr Ipv6 six{.src = "2001:db8::1", .dst = "2001:db8::2"};

TEST(Ipv4Packets, have_every_field_of_rfc_791) {
  const Seen seen("ip_frag");
  EXPECT_EQ(seen.layers(), "ip data") << "a later fragment has no UDP header";
  expect_values(seen, {{"ip.version", "4"}, {"ip.hdr_len", "20"}, {"ip.dsfield", "0"}, {"ip.len", "36"}, {"ip.id", "48879"}, {"ip.flags", "1"}, {"ip.flags.mf", "1"},
      {"ip.flags.df", "0"}, {"ip.frag_offset", "185"}, {"ip.ttl", "64"},
                       {"ip.proto", "17"}, {"ip.checksum", "3833"}, {"ip.checksum.status", "1"}, {"ip.src", "198.18.0.1"}, {"ip.dst", "198.18.0.2"}});
  EXPECT_EQ(hex_of(build(Ipv4{.id = 0xbeef, .flags = 1, .fragment = 185, .protocol = 17, .src = "198.18.0.1", .dst = "198.18.0.2"} / Payload<16>{})), vector("ip_frag").hex);
}

TEST(Ipv4Packets, carry_router_alert) {
  const Seen seen("ip_ra");
  EXPECT_EQ(seen.layers(), "ip igmp igmp_group");
  expect_values(seen, {{"ip.hdr_len", "24"}, {"ip.dsfield.dscp", "48"}, {"ip.dsfield.ecn", "0"}, {"ip.flags.df", "1"}, {"ip.opt.type", "148"}, {"ip.opt.ra", "0"},
      {"ip.dst", "224.0.0.22"}});
  const auto f = build(Ipv4{.tos = 0xc0, .id = 1, .flags = 2, .ttl = 1, .protocol = 2, .src = "198.18.0.1", .dst = "224.0.0.22", .options = {IpRouterAlert{}}} /
      Payload<8>{{0x16, 0, 0x09, 0xe9, 0xe0, 0, 0, 0x16}});
  EXPECT_EQ(hex_of(f), vector("ip_ra").hex);
}

TEST(Ipv4Packets, carry_a_recorded_route) {
  const Seen seen("ip_rr");
  EXPECT_EQ(seen.layers(), "ip icmp icmp_echo");
  expect_values(seen, {{"ip.hdr_len", "32"}, {"ip.opt.type", "[7,0]"}, {"ip.opt.ptr", "8"}, {"icmp.ident", "1"}});
}

TEST(Ipv4Packets, with_a_header_of_fifteen_words_are_read) {
  std::string options;
  for (int i = 0; i < 40; ++i) options += "01";
  const Seen seen(protocol_named("ip"), octets("4f00 0044 0000 0000 4011 0000 c6120001 c6120002" + options + "0007 0009 0008 0000"));
  EXPECT_EQ(seen.layers(), "ip udp");
  expect_values(seen, {{"ip.hdr_len", "60"}, {"udp.srcport", "7"}, {"udp.checksum.status", "3"}});
}

TEST(Ipv4Packets, that_lie_about_their_lengths_stop_the_reading) {
  EXPECT_EQ(Seen(protocol_named("ip"), octets("4400 0014 0000 0000 4011 0000 c6120001 c6120002")).dissection().stop, Stop::malformed);
  EXPECT_EQ(Seen(protocol_named("ip"), octets("4500 0013 0000 0000 4011 0000 c6120001 c6120002")).dissection().stop, Stop::malformed);
  EXPECT_EQ(Seen(protocol_named("ip"), octets("4600 0014 0000 0000 4011 0000 c6120001 c6120002")).dissection().stop, Stop::truncated);
  EXPECT_EQ(Seen(protocol_named("ip"), octets("4500 0014 0000")).dissection().stop, Stop::truncated);
}

TEST(Ipv4Packets, nest_and_carry_ipv6) {
  const Seen seen("v6inv4");
  EXPECT_EQ(seen.layers(), "ip ipv6 icmpv6 icmpv6_echo");
  expect_values(seen, {{"ip.proto", "41"}, {"ipv6.src", "2001:db8::1"}, {"icmpv6.checksum.status", "1"}, {"ip.version", "[4,6]"}});
}

TEST(Ipv6Packets, have_every_field_of_rfc_8200) {
  const Seen seen(protocol_named("ipv6"), octets("6b812345 0000 3b ff 20010db8000000000000000000000001 20010db8000000000000000000000002"));
  expect_values(seen, {{"ipv6.version", "6"}, {"ipv6.tclass", "184"}, {"ipv6.tclass.dscp", "46"}, {"ipv6.tclass.ecn", "0"}, {"ipv6.flow", "74565"}, {"ipv6.plen", "0"},
      {"ipv6.nxt", "59"}, {"ipv6.hlim", "255"},
                       {"ipv6.src", "2001:db8::1"}, {"ipv6.dst", "2001:db8::2"}, {"ip.version", "6"}});
}

TEST(Ipv6Packets, carry_hop_by_hop_options_before_mld) {
  const Seen seen("v6_hbh_mld");
  EXPECT_EQ(seen.layers(), "ipv6 ipv6.hopopts icmpv6 mld");
  expect_values(seen, {{"ipv6.nxt", "0"}, {"ipv6.hopopts.nxt", "58"}, {"ipv6.hopopts.len", "0"}, {"ipv6.opt.router_alert", "0"}, {"ipv6.opt.type", "[5,1]"},
      {"icmpv6.type", "131"}, {"icmpv6.mld.multicast_address", "ff02::1:ff00:2"},
                       {"icmpv6.checksum.status", "1"}});
  const auto f = build(Ipv6{.hop_limit = 1, .src = "fe80::1", .dst = "ff02::1:ff00:2"} / HopByHop{.options = {Ipv6RouterAlert{}}} / Icmpv6{.type = 131} /
                       MulticastListener{.group = "ff02::1:ff00:2"});
  EXPECT_EQ(hex_of(f), vector("v6_hbh_mld").hex);
}

TEST(Ipv6Packets, carry_destination_options) {
  const Seen seen("v6_dst");
  EXPECT_EQ(seen.layers(), "ipv6 ipv6.dstopts icmpv6 icmpv6_echo data");
  expect_values(seen, {{"ipv6.dstopts.nxt", "58"}, {"ipv6.opt.type", "1"}, {"icmpv6.echo.identifier", "119"}, {"icmpv6.checksum.status", "1"}});
  EXPECT_EQ(hex_of(build(six / DestinationOptions{} / Icmpv6{.type = 128} / Icmpv6Echo{.id = 0x77, .seq = 3} / "abc")), vector("v6_dst").hex);
}

TEST(Ipv6Packets, with_a_routing_header_are_summed_for_their_last_stop) {
  const Seen seen("v6_rh");
  EXPECT_EQ(seen.layers(), "ipv6 ipv6.routing udp data");
  expect_values(seen, {{"ipv6.routing.type", "0"}, {"ipv6.routing.segleft", "1"}, {"ipv6.routing.len", "2"}, {"ipv6.routing.nxt", "17"}, {"udp.dstport", "5001"}});
  EXPECT_EQ(seen["udp.checksum.status"], "1") << "RFC 8200, 8.1: the pseudo header has the final destination";
}

TEST(Ipv6Packets, in_fragments_are_not_read_further_but_the_first) {
  const Seen later("v6_frag"), first("v6_frag0");
  EXPECT_EQ(later.layers(), "ipv6 ipv6.fraghdr data");
  expect_values(later, {{"ipv6.fraghdr.offset", "3"}, {"ipv6.fraghdr.more", "1"}, {"ipv6.fraghdr.ident", "51966"}, {"ipv6.fraghdr.nxt", "17"}});
  EXPECT_EQ(first.layers(), "ipv6 ipv6.fraghdr udp");
  expect_values(first, {{"udp.srcport", "5000"}, {"udp.checksum.status", "2"}});
  EXPECT_EQ(first.fault_codes(), "") << "a first fragment's UDP length counts what is in other packets";
  EXPECT_EQ(hex_of(build(six / Ipv6Fragment{.next_header = 17, .offset = 3, .more = 1, .id = 0xcafe} / Payload<8>{})), vector("v6_frag").hex);
}

TEST(Ipv4Packets, that_are_first_fragments_count_what_is_in_other_packets) {
  const auto f = build(Ipv4{.flags = 1} / Udp{.dport = 9, .length = 1000, .checksum = 0x1234} / "12345678");
  const Seen seen(protocol_named("ip"), {f.bytes().begin(), f.bytes().end()});
  EXPECT_EQ(seen["udp.checksum.status"], "2");
  EXPECT_EQ(seen.fault_codes(), "");
}

}  // namespace
}  // namespace rawket
