// IGMP, VRRP, OSPF and PIM: bytes worked out from their specifications.
#include "../packet_test.hpp"
#include "rawket/proto/all.hpp"
#include "rawket/wire/build.hpp"

namespace rawket {
namespace {

using namespace test;

constexpr Ipv4 ip{.src = "198.18.0.1", .dst = "224.0.0.22"};

TEST(IgmpMessages, of_the_three_versions_are_told_apart_by_type_and_length) {
  const Seen one(protocol_named("igmp"), octets("11 00 eeff 00000000")), two(protocol_named("igmp"), octets("11 64 ee9b 00000000"));
  EXPECT_EQ(one.layers(), "igmp igmp_group");
  expect_values(one, {{"igmp.version", "1"}, {"igmp.checksum.status", "1"}});
  expect_values(two, {{"igmp.version", "2"}, {"igmp.max_resp", "100"}, {"igmp.maddr", "0.0.0.0"}, {"igmp.checksum.status", "1"}});
  const Seen three(protocol_named("igmp"), octets("11 0a 2278 e9010203 0a 7d 0001 c6120001"));
  EXPECT_EQ(three.layers(), "igmp igmp_query");
  expect_values(three, {{"igmp.version", "3"}, {"igmp.maddr", "233.1.2.3"}, {"igmp.s", "1"}, {"igmp.qrv", "2"}, {"igmp.qqic", "125"}, {"igmp.saddr", "198.18.0.1"}});
}

TEST(IgmpMessages, report_groups_with_their_sources) {
  const Seen seen(protocol_named("igmp"), octets("22 00 0000 0000 0002 01 00 0001 e9010203 c6120001 04 01 0000 e9010204 00000000"));
  EXPECT_EQ(seen.layers(), "igmp igmp_report");
  expect_values(seen, {{"igmp.version", "3"}, {"igmp.num_grp_recs", "2"}, {"igmp.record_type", "[1,4]"}, {"igmp.maddr", "[233.1.2.3,233.1.2.4]"}, {"igmp.saddr", "198.18.0.1"}});
}

TEST(IgmpMessages, are_built_with_their_checksum) {
  const auto frame = build(ip / Igmp{.max_response = 100} / IgmpGroup{.group = "233.1.2.3"});
  EXPECT_EQ(hex_of(frame.bytes().subspan(20)), hex_of(octets("16 64 fe96 e9010203")));
}

TEST(VrrpAdvertisements, of_both_versions_have_their_own_checksum) {
  const Seen two(protocol_named("vrrp"), octets("21 01 64 01 00 01 0000 c6120001 0000000000000000")), three(protocol_named("vrrp"), octets("31 02 c8 01 0064 0000 c6120001"));
  EXPECT_EQ(two.layers(), "vrrp");
  expect_values(two, {{"vrrp.version", "2"}, {"vrrp.type", "1"}, {"vrrp.virt_rtr_id", "1"}, {"vrrp.prio", "100"}});
  EXPECT_EQ(three.layers(), "vrrp3");
  expect_values(three, {{"vrrp.version", "3"}, {"vrrp.virt_rtr_id", "2"}, {"vrrp.prio", "200"}, {"vrrp.adver_int", "100"}});
}

TEST(OspfHellos, of_both_versions_tell_routers_and_neighbours) {
  const Seen two(protocol_named("ospf"), octets("02 01 0030 c0000201 00000000 0000 0000 0000000000000000 ffffff00 000a 02 01 00000028 c6120001 00000000 c0000202"));
  EXPECT_EQ(two.layers(), "ospf ospf_hello");
  expect_values(two, {{"ospf.version", "2"}, {"ospf.msg", "1"}, {"ospf.srcrouter", "192.0.2.1"}, {"ospf.area_id", "0.0.0.0"}, {"ospf.hello.hello_interval", "10"}, {"ospf.hello.active_neighbor", "192.0.2.2"}});
  const Seen three(protocol_named("ospf"), octets("03 01 0024 c0000201 00000001 0000 00 00 00000005 01 000013 000a 0028 00000000 00000000"));
  EXPECT_EQ(three.layers(), "ospf3 ospf3_hello");
  expect_values(three, {{"ospf.version", "3"}, {"ospf.area_id", "0.0.0.1"}, {"ospf.hello.interface_id", "5"}, {"ospf.hello.router_dead_interval", "40"}});
  EXPECT_EQ(Seen(protocol_named("ospf"), octets("02 04 0018 c0000201 00000000 0000 0002 0000011000000001 00")).layers(), "ospf_auth") << "behind the length lies the digest";
}

TEST(PimMessages, carry_a_packet_in_registers_only) {
  const Seen hello(protocol_named("pim"), octets("20 00 0000 0001 0002 0069"));
  EXPECT_EQ(hello.layers(), "pim");
  expect_values(hello, {{"pim.version", "2"}, {"pim.type", "0"}});
  EXPECT_EQ(Seen(protocol_named("pim"), octets("21 00 deff 00000000 4500001400000000 40110000 c6120001 c6120002")).layers(), "pim ip");
}

}  // namespace
}  // namespace rawket
