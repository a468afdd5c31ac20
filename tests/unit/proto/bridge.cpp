// Spanning tree, link layer discovery and MACsec: bytes worked out from their specifications.
#include "../packet_test.hpp"
#include "rawket/proto/all.hpp"
#include "rawket/wire/build.hpp"

namespace rawket {
namespace {

using namespace test;

TEST(SpanningTree, messages_tell_root_and_bridge) {
  const auto frame = build(Stp{} / StpConfiguration{.root = "02:00:00:00:00:01", .cost = 4, .bridge = "02:00:00:00:00:02"});
  EXPECT_EQ(hex_of(frame.bytes()), hex_of(octets("0000 00 00 00 8000 020000000001 00000004 8000 020000000002 8001 0000 1400 0200 0f00")));
  const Seen seen(protocol_named("stp"), {frame.bytes().begin(), frame.bytes().end()});
  EXPECT_EQ(seen.layers(), "stp stp_configuration");
  expect_values(seen, {{"stp.version", "0"}, {"stp.type", "0"}, {"stp.root.hw", "02:00:00:00:00:01"}, {"stp.root.cost", "4"}, {"stp.bridge.hw", "02:00:00:00:00:02"}, {"stp.port", "32769"}});
  EXPECT_EQ(Seen(protocol_named("stp"), octets("0000 00 80")).layers(), "stp") << "a topology change is its type alone";
  EXPECT_EQ(Seen(protocol_named("llc"), octets("aaaa03 00000c 010b 0000 02 02")).layers(), "llc snap stp") << "one tree per VLAN";
}

TEST(LinkDiscovery, items_are_walked_to_the_end) {
  Lldp made{.chassis = "02:00:00:00:00:01"};
  ASSERT_TRUE(made.add(2, as_bytes("\5eth0")) && made.add(3, octets("0078")) && made.add(5, as_bytes("host")) && made.add(0, {}));
  const auto frame = build(made);
  EXPECT_EQ(hex_of(frame.bytes()), hex_of(octets("0207 04 020000000001 0405 05 65746830 0602 0078 0a04 686f7374 0000")));
  const Seen seen(protocol_named("lldp"), {frame.bytes().begin(), frame.bytes().end()});
  expect_values(seen, {{"lldp.chassis.id.mac", "02:00:00:00:00:01"}, {"lldp.port.id", "eth0"}, {"lldp.time_to_live", "120"}, {"lldp.tlv.system.name", "host"}});
  EXPECT_EQ(Seen(protocol_named("lldp"), octets("0205 07 61626364 0000"))["lldp.chassis.id.mac"], "-") << "named otherwise";
}

TEST(MacsecTags, show_the_type_where_they_do_not_encrypt) {
  const Seen hidden(protocol_named("macsec"), octets("2c 00 00000007 0200000000010001 aabbccdd"));
  EXPECT_EQ(hidden.layers(), "macsec data");
  expect_values(hidden, {{"macsec.PN", "7"}, {"macsec.SCI", "144115188075921409"}});
  EXPECT_EQ(Seen(protocol_named("macsec"), octets("00 00 00000007 0800 4500001400000000 40110000 c6120001 c6120002")).layers(), "macsec ip");
}

}  // namespace
}  // namespace rawket
