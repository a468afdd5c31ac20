// ICMP and ICMPv6: echo, errors with the packet they quote, neighbour discovery, multicast listeners.
#include "../packet_test.hpp"
#include "rawket/proto/all.hpp"
#include "rawket/wire/build.hpp"

namespace rawket {
namespace {

using namespace test;

constexpr Ipv4 back{.id = 1, .src = "198.18.0.2", .dst = "198.18.0.1"};
constexpr Ipv6 six{.src = "2001:db8::1", .dst = "2001:db8::2"};
const auto quoted = Ipv4{.length = 33, .id = 0x1234, .ttl = 1, .src = "198.18.0.1", .dst = "203.0.113.7"} / Udp{.sport = 40000, .dport = 33434, .length = 13, .checksum = 0x9a08};

TEST(IcmpMessages, echo_and_its_reply) {
  const Seen asks("icmp_echo"), answers("icmp_reply");
  EXPECT_EQ(asks.layers(), "ip icmp icmp_echo data");
  expect_values(asks, {{"icmp.type", "8"}, {"icmp.code", "0"}, {"icmp.checksum", "58875"}, {"icmp.checksum.status", "1"}, {"icmp.ident", "4369"}, {"icmp.seq", "8738"},
      {"layers", "[ip,icmp,data]"}});
  expect_values(answers, {{"icmp.type", "0"}, {"icmp.ident", "4369"}});
  EXPECT_EQ(hex_of(build(Ipv4{.id = 0x1234, .src = "198.18.0.1", .dst = "198.18.0.2"} / Icmp{} / IcmpEcho{.id = 0x1111, .seq = 0x2222} / "ping")), vector("icmp_echo").hex);
  EXPECT_EQ(hex_of(build(back / Icmp{.type = u8{0}} / IcmpEcho{.id = 0x1111, .seq = 0x2222} / "ping")), vector("icmp_reply").hex);
}

TEST(IcmpMessages, errors_quote_the_packet_they_are_about) {
  const Seen seen("icmp_unreach");
  EXPECT_EQ(seen.layers(), "ip icmp icmp_error ip udp");
  expect_values(seen, {{"icmp.type", "3"}, {"icmp.code", "3"}, {"ip.dst", "[198.18.0.1,203.0.113.7]"}, {"ip.id", "[1,4660]"}, {"udp.dstport", "33434"},
      {"udp.checksum.status", "2"}, {"ip.checksum.status", "[1,1]"}});
  EXPECT_EQ(seen.fault_codes(), "") << "a quoted packet is cut, and that is no fault";
  EXPECT_EQ(hex_of(build(back / Icmp{.type = 3, .code = 3} / IcmpError{} / quoted)), vector("icmp_unreach").hex);
  EXPECT_EQ(hex_of(build(back / Icmp{.type = 11} / IcmpError{} / quoted)), vector("icmp_ttl").hex);
}

TEST(IcmpMessages, have_a_layout_for_each_kind) {
  expect_values(Seen("icmp_toobig"), {{"icmp.type", "3"}, {"icmp.code", "4"}, {"icmp.mtu", "1400"}, {"udp.srcport", "40000"}});
  expect_values(Seen("icmp_redirect"), {{"icmp.type", "5"}, {"icmp.redir_gw", "198.18.0.254"}, {"udp.srcport", "40000"}});
  expect_values(Seen("icmp_param"), {{"icmp.type", "12"}, {"icmp.pointer", "20"}});
  expect_values(Seen("icmp_ts"), {{"icmp.type", "13"}, {"icmp.ident", "5"}, {"icmp.seq", "6"}, {"icmp.originate_timestamp", "1000"}, {"icmp.transmit_timestamp", "0"}});
  expect_values(Seen("icmp_mask"), {{"icmp.type", "17"}, {"icmp.address_mask", "255.254.0.0"}});
  EXPECT_EQ(hex_of(build(back / Icmp{.type = 3, .code = 4} / IcmpFragmentationNeeded{.mtu = 1400} / quoted)), vector("icmp_toobig").hex);
  EXPECT_EQ(hex_of(build(back / Icmp{.code = 1} / IcmpRedirect{.gateway = "198.18.0.254"} / quoted)), vector("icmp_redirect").hex);
  EXPECT_EQ(hex_of(build(back / Icmp{} / IcmpParameterProblem{.pointer = 20} / quoted)), vector("icmp_param").hex);
  EXPECT_EQ(hex_of(build(Ipv4{.id = 0x1234, .src = "198.18.0.1", .dst = "198.18.0.2"} / Icmp{} / IcmpTimestamp{.id = 5, .seq = 6, .originate = 1000})), vector("icmp_ts").hex);
}

TEST(IcmpMessages, of_an_unknown_type_keep_their_bytes) {
  const Seen seen(protocol_named("icmp"), octets("fd 00 0000 01020304"));
  EXPECT_EQ(seen.layers(), "icmp data");
}

TEST(Icmpv6Messages, echo_is_summed_with_the_pseudo_header) {
  const Seen seen("v6_echo_rep");
  EXPECT_EQ(seen.layers(), "ipv6 icmpv6 icmpv6_echo data");
  expect_values(seen, {{"icmpv6.type", "129"}, {"icmpv6.code", "0"}, {"icmpv6.checksum", "24168"}, {"icmpv6.checksum.status", "1"}, {"icmpv6.echo.identifier", "119"},
      {"icmpv6.echo.sequence_number", "3"}});
  EXPECT_EQ(hex_of(build(six / Icmpv6{.type = 129} / Icmpv6Echo{.id = 0x77, .seq = 3} / "abc")), vector("v6_echo_rep").hex);
}

TEST(Icmpv6Messages, errors_quote_the_packet_they_are_about) {
  for (std::string_view name : {"v6_toobig", "v6_unreach", "v6_ttl", "v6_param"}) {
    const Seen seen(name);
    EXPECT_TRUE(seen.layers().ends_with(" ipv6 udp data")) << seen.layers();
    expect_values(seen, {{"udp.dstport", "33434"}, {"icmpv6.checksum.status", "1"}, {"ipv6.plen", "[61,13]"}});
    EXPECT_EQ(seen.fault_codes(), "");
  }
  expect_values(Seen("v6_toobig"), {{"icmpv6.mtu", "1280"}, {"icmpv6.type", "2"}});
  expect_values(Seen("v6_param"), {{"icmpv6.pointer", "40"}, {"icmpv6.code", "1"}});
  const auto probe = six / Udp{.sport = 40000, .dport = 33434} / "probe";
  EXPECT_EQ(hex_of(build(Ipv6{.src = "2001:db8::fe", .dst = "2001:db8::1"} / Icmpv6{} / Icmpv6TooBig{.mtu = 1280} / probe)), vector("v6_toobig").hex);
}

TEST(NeighbourDiscovery, routers_are_asked_for_and_advertised) {
  const Seen asks("rs"), tells("ra");
  EXPECT_EQ(asks.layers(), "ipv6 icmpv6 nd_rs");
  expect_values(asks, {{"icmpv6.type", "133"}, {"icmpv6.opt.type", "1"}, {"icmpv6.opt.linkaddr", "020000000001"}});
  EXPECT_EQ(tells.layers(), "ipv6 icmpv6 nd_ra");
  expect_values(tells, {{"icmpv6.type", "134"}, {"icmpv6.nd.ra.cur_hop_limit", "64"}, {"icmpv6.nd.ra.flag", "72"}, {"icmpv6.nd.ra.router_lifetime", "1800"},
      {"icmpv6.nd.ra.reachable_time", "30000"}, {"icmpv6.nd.ra.retrans_timer", "1000"},
                        {"icmpv6.opt.type", "[1,5,3,25]"}, {"icmpv6.opt.mtu", "1480"}, {"icmpv6.opt.prefix", "2001:db8:1::"}, {"icmpv6.opt.prefix.length", "64"},
                            {"icmpv6.opt.prefix.flag", "192"},
                        {"icmpv6.opt.prefix.valid_lifetime", "86400"}, {"icmpv6.opt.prefix.preferred_lifetime", "14400"}, {"icmpv6.opt.rdnss", "2001:db8::53"},
                            {"icmpv6.opt.rdnss.lifetime", "600"}, {"icmpv6.checksum.status", "1"}});
  const auto f = build(Ipv6{.hop_limit = 255, .src = "fe80::1", .dst = "ff02::1"} / Icmpv6{} /
                       RouterAdvertisement{.hop_limit = 64, .flags = 0x48, .lifetime = 1800, .reachable = 30000, .retransmit = 1000,
                                           .options = {SourceLinkAddress{"02:00:00:00:00:01"}, NdMtu{.mtu = 1480},
                                               PrefixInformation{.valid = 86400, .preferred = 14400, .prefix = "2001:db8:1::"},
                                                       RecursiveDns{.lifetime = 600, .server = "2001:db8::53"}}});
  EXPECT_EQ(hex_of(f), vector("ra").hex);
}

TEST(NeighbourDiscovery, neighbours_are_asked_for_and_advertised) {
  const Seen asks("ns"), tells("na");
  EXPECT_EQ(asks.layers(), "ipv6 icmpv6 nd_ns");
  expect_values(asks, {{"icmpv6.nd.ns.target_address", "fe80::2"}, {"icmpv6.opt.linkaddr", "020000000001"}});
  EXPECT_EQ(tells.layers(), "ipv6 icmpv6 nd_na");
  expect_values(tells, {{"icmpv6.nd.na.target_address", "fe80::2"}, {"icmpv6.nd.na.flag.r", "1"}, {"icmpv6.nd.na.flag.s", "1"}, {"icmpv6.nd.na.flag.o", "1"},
      {"icmpv6.opt.type", "2"}, {"icmpv6.opt.linkaddr", "020000000002"}});
  EXPECT_EQ(hex_of(build(Ipv6{.hop_limit = 255, .src = "fe80::1", .dst = "ff02::1:ff00:2"} / Icmpv6{} / NeighbourSolicitation{.target = "fe80::2",
      .options = {SourceLinkAddress{"02:00:00:00:00:01"}}})), vector("ns").hex);
  EXPECT_EQ(hex_of(build(Ipv6{.hop_limit = 255, .src = "fe80::2", .dst = "fe80::1"} / Icmpv6{} / NeighbourAdvertisement{.flags = 0xe0000000, .target = "fe80::2",
      .options = {TargetLinkAddress{"02:00:00:00:00:02"}}})), vector("na").hex);
}

TEST(NeighbourDiscovery, redirects_name_the_better_hop) {
  const Seen seen("nd_redirect");
  EXPECT_EQ(seen.layers(), "ipv6 icmpv6 nd_redirect");
  expect_values(seen, {{"icmpv6.rd.na.target_address", "fe80::7"}, {"icmpv6.rd.na.destination_address", "2001:db8::9"}, {"icmpv6.opt.linkaddr", "020000000007"}});
  EXPECT_EQ(hex_of(build(Ipv6{.hop_limit = 255, .src = "fe80::1", .dst = "fe80::5"} / Icmpv6{} / NdRedirect{.target = "fe80::7", .destination = "2001:db8::9",
      .options = {TargetLinkAddress{"02:00:00:00:00:07"}}})), vector("nd_redirect").hex);
}

TEST(MulticastListeners, are_queried) {
  const Seen seen("mld_q");
  EXPECT_EQ(seen.layers(), "ipv6 icmpv6 mld");
  expect_values(seen, {{"icmpv6.type", "130"}, {"icmpv6.mld.maximum_response_delay", "10000"}, {"icmpv6.mld.multicast_address", "::"}});
  EXPECT_EQ(hex_of(build(Ipv6{.hop_limit = 255, .src = "fe80::1", .dst = "ff02::1"} / Icmpv6{} / MulticastListener{.delay = 10000})), vector("mld_q").hex);
}

}  // namespace
}  // namespace rawket
