// Tags of switches and providers, and link types of those who capture: bytes worked out from their specifications.
#include "../packet_test.hpp"
#include "rawket/proto/all.hpp"
#include "rawket/wire/build.hpp"

namespace rawket {
namespace {

using namespace test;

const std::string addresses = "020000000002" "020000000001";
const std::string datagram = "45000021123400004011dc70c6120001c6120002" "1388" "1389" "000d" "08c9" "68656c6c6f";   // RFC 791, 3.1; RFC 768

TEST(ProviderTags, stand_before_the_payload_s_type) {
  const Seen etag(info<Ethernet>, octets(addresses + "893f" "600a" "1014" "0000" "0800" + datagram));
  EXPECT_EQ(etag.layers(), "eth etag ip udp data");
  expect_values(etag, {{"etag.pcp", "3"}, {"etag.iecid_base", "10"}, {"etag.group", "1"}, {"etag.ecid_base", "20"}, {"etag.etype", "2048"}});
  const Seen vntag(info<Ethernet>, octets(addresses + "8926" "8005" "0007" "0800" + datagram));
  EXPECT_EQ(vntag.layers(), "eth vntag ip udp data");
  expect_values(vntag, {{"vntag.dir", "1"}, {"vntag.dst", "5"}, {"vntag.src", "7"}});
  const Seen backbone(info<Ethernet>, octets(addresses + "88e7" "60012345" + addresses + "0800" + datagram));
  EXPECT_EQ(backbone.layers(), "eth ieee8021ah ip udp data");
  expect_values(backbone, {{"ieee8021ah.priority", "3"}, {"ieee8021ah.isid", "74565"}, {"ieee8021ah.cdst", "02:00:00:00:00:02"}});
}

TEST(ServiceHeaders, say_what_follows) {
  const Seen nsh(info<Ethernet>, octets(addresses + "894f" "0fc6" "01" "01" "00002a" "ff" + std::string(32, '0') + datagram));   // RFC 8300, 2.2 and 2.4
  EXPECT_EQ(nsh.layers(), "eth nsh ip udp data");
  expect_values(nsh, {{"nsh.ttl", "63"}, {"nsh.length", "6"}, {"nsh.mdtype", "1"}, {"nsh.nextproto", "1"}, {"nsh.spi", "42"}, {"nsh.si", "255"}});
  EXPECT_EQ(hex_of(build(Nsh{.path = 42})), "0fc2" "02" "01" "00002a" "ff");
  const Seen gpe(info<VxlanGpe>, octets("0c" "0000" "03" "000009" "00" + addresses + "0800" + datagram));
  EXPECT_EQ(gpe.layers(), "vxlan_gpe eth ip udp data");
  expect_values(gpe, {{"vxlan.vni", "9"}, {"vxlan.next_proto", "3"}});
  EXPECT_EQ(Seen(info<VxlanGpe>, octets("0c" "0000" "04" "000009" "00" "0fc2" "02" "01" "00002a" "ff" + datagram)).layers(), "vxlan_gpe nsh ip udp data");
  EXPECT_EQ(Seen(info<VxlanGpe>, octets("0c" "0000" "09" "000009" "00" "00")).layers(), "vxlan_gpe data");
}

TEST(NetfilterLog, has_its_packet_in_an_attribute_of_either_byte_order) {
  const Seen little(info<Nflog>, octets("02" "00" "0014" "0700" "0a00" "657800" "00" "2500" "0900" + datagram));
  EXPECT_EQ(little.layers(), "nflog ip udp data");
  expect_values(little, {{"nflog.family", "2"}, {"nflog.res_id", "20"}, {"nflog.prefix", "ex"}, {"ip.src", "198.18.0.1"}});
  const Seen big(info<Nflog>, octets("02" "00" "0014" "0007" "000a" "657800" "00" "0025" "0009" + datagram));
  EXPECT_EQ(big.layers(), "nflog ip udp data");
  for (const char* odd : {"02000014", "0200001403000900", "02000014ffff0900", "0200001404000100"}) Seen(info<Nflog>, octets(odd));  // reads no byte beyond
}

TEST(PacketTap, names_the_program_and_the_link_type) {
  Pktap tap;
  tap.interface = {'e', 'n', '0'};
  tap.command = {'c', 'u', 'r', 'l'};
  const auto built = build(tap / Ethernet{} / Ipv4{.src = "198.18.0.1", .dst = "198.18.0.2"} / Udp{});
  const Seen seen(info<Pktap>, Octets(built.bytes().begin(), built.bytes().end()));
  EXPECT_EQ(seen.layers(), "pktap eth ip udp");
  expect_values(seen, {{"pktap.hdrlen", "108"}, {"pktap.dlt", "1"}, {"pktap.ifname", "en0"}, {"pktap.cmdname", "curl"}, {"pktap.ecmdname", "-"}});
}

}  // namespace
}  // namespace rawket
