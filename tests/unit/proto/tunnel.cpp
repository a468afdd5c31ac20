// VXLAN, MPLS, PPPoE, GRE, AH, Teredo, GTP-U; and link types without Ethernet.
#include "../packet_test.hpp"
#include "rawket/proto/all.hpp"
#include "rawket/wire/build.hpp"

namespace rawket {
namespace {

using namespace test;

constexpr Ethernet frame{.dst = "02:00:00:00:00:02", .src = "02:00:00:00:00:01"};
constexpr Ipv4 ip{.id = 0x1234, .src = "198.18.0.1", .dst = "198.18.0.2"};
constexpr Ipv4 inner{.id = 2, .src = "192.0.2.1", .dst = "192.0.2.2"};
const auto ping = ip / Icmp{} / IcmpEcho{.id = 1, .seq = 1};
const auto inner_ping = inner / Icmp{} / IcmpEcho{.id = 1, .seq = 1};
const auto ping6 = Ipv6{.src = "2001:db8::1", .dst = "2001:db8::2"} / Icmpv6{} / Icmpv6Echo{.id = 1, .seq = 1};

TEST(VxlanTunnels, carry_a_frame_of_their_own) {
  const Seen seen("vxlan");
  EXPECT_EQ(seen.layers(), "eth ip udp vxlan eth ip icmp icmp_echo");
  expect_values(seen, {{"vxlan.vni", "1193046"}, {"vxlan.flags", "2048"}, {"eth.src", "[02:00:00:00:00:01,02:00:00:00:00:03]"}, {"ip.src", "[198.18.0.1,192.0.2.1]"},
      {"udp.checksum.status", "3"}, {"icmp.checksum.status", "1"}});
  EXPECT_EQ(hex_of(build(frame / ip / Udp{.sport = 50000, .checksum = u16{0}} / Vxlan{.vni = 0x123456} / Ethernet{.dst = "02:00:00:00:00:04", .src = "02:00:00:00:00:03"} /
      inner_ping)), vector("vxlan").hex);
}

TEST(MplsLabels, stack_until_the_last_one) {
  const Seen seen("mpls");
  EXPECT_EQ(seen.layers(), "eth mpls mpls ip icmp icmp_echo");
  expect_values(seen, {{"mpls.label", "[100,200]"}, {"mpls.exp", "[1,0]"}, {"mpls.bottom", "[0,1]"}, {"mpls.ttl", "[63,62]"}});
  EXPECT_EQ(hex_of(build(frame / Mpls{.label = 100, .exp = 1, .bottom = 0, .ttl = 63} / Mpls{.label = 200, .ttl = 62} / ping)), vector("mpls").hex);
}

TEST(MplsLabels, carry_frames_behind_a_control_word) {
  const Seen seen(protocol_named("mpls"), octets("00010140 00000007 020000000002 020000000001 0806"));
  EXPECT_EQ(seen.layers(), "mpls pwethcw eth");
  EXPECT_EQ(seen["pwethcw.sequence_number"], "7");
}

TEST(PppoeSessions, carry_ppp) {
  const Seen seen("pppoe");
  EXPECT_EQ(seen.layers(), "eth pppoes ppp ip icmp icmp_echo");
  expect_values(seen, {{"pppoe.session_id", "17"}, {"pppoe.payload_length", "30"}, {"ppp.protocol", "33"}});
  EXPECT_EQ(hex_of(build(frame / Pppoe{.session = 0x11} / Ppp{} / ping)), vector("pppoe").hex);
  const Seen discovery("pppoed");
  EXPECT_EQ(discovery.layers(), "eth pppoed data");
  expect_values(discovery, {{"pppoe.code", "9"}, {"pppoe.payload_length", "4"}});
}

TEST(PppoeSessions, with_a_compressed_protocol_number_are_read) {
  const Seen seen(protocol_named("ppp"), octets("21 4500001400000000 40110000 c6120001 c6120002"));
  EXPECT_EQ(seen.layers(), "ppp_short ip");
}

TEST(GreTunnels, have_words_that_depend_on_flags) {
  const Seen seen("gre_key");
  EXPECT_EQ(seen.layers(), "ip gre ip icmp icmp_echo");
  expect_values(seen, {{"gre.flags_and_version", "12288"}, {"gre.proto", "2048"}, {"gre.key", "3735928559"}, {"gre.sequence_number", "9"}, {"ip.src", "[198.18.0.1,192.0.2.1]"}});
  EXPECT_EQ(Seen(protocol_named("gre"), octets("0000 0800")).layers(), "gre");
  EXPECT_EQ(Seen(protocol_named("gre"), octets("2000 0800 dead")).dissection().stop, Stop::truncated);
}

TEST(GreTunnels, mirror_frames) {
  EXPECT_EQ(Seen(protocol_named("gre"), octets("1000 88be 00000001 1001 0001 00000000 020000000002 020000000001 0806")).layers(), "gre erspan eth");
  EXPECT_EQ(Seen(protocol_named("gre"), octets("1000 22eb 00000001 2001 0001 00000000 0000 0000 020000000002 020000000001 0806")).layers(), "gre erspan3 eth");
}

TEST(AuthenticationHeaders, are_stepped_over) {
  const Seen seen("ah");
  EXPECT_EQ(seen.layers(), "ip ah icmp icmp_echo");
  expect_values(seen, {{"ah.next_header", "1"}, {"ah.spi", "256"}, {"ah.sequence", "7"}, {"icmp.checksum.status", "1"}});
  AuthenticationHeader header{.spi = 0x100, .sequence = 7};
  const u8 signature[12] = {};
  header.options.append(signature);
  EXPECT_EQ(hex_of(build(ip / header / Icmp{} / IcmpEcho{.id = 1, .seq = 1})), vector("ah").hex);
}

TEST(TeredoTunnels, carry_ipv6_with_and_without_indicators) {
  const std::string six = "6000000000003b40 20010db8000000000000000000000001 20010db8000000000000000000000002";
  EXPECT_EQ(Seen(protocol_named("teredo"), octets(six)).layers(), "teredo ipv6");
  EXPECT_EQ(Seen(protocol_named("teredo"), octets("0000 0001 c6120001" + six)).layers(), "teredo ipv6");
  EXPECT_EQ(Seen(protocol_named("teredo"), octets("0001 00 00 0000000000000000 00 0000 0001 c6120001" + six)).layers(), "teredo ipv6");
}

TEST(GtpTunnels, carry_ip_behind_optional_words) {
  const std::string four = "4500001400000000 40110000 c6120001 c6120002";
  EXPECT_EQ(Seen(protocol_named("gtp"), octets("30 ff 0014 00000001" + four)).layers(), "gtp ip");
  EXPECT_EQ(Seen(protocol_named("gtp"), octets("32 ff 0018 00000001 00010000" + four)).layers(), "gtp ip");
  EXPECT_EQ(Seen(protocol_named("gtp"), octets("34 ff 001c 00000001 00000085 01000000" + four)).layers(), "gtp ip");
  EXPECT_EQ(Seen(protocol_named("gtp"), octets("32 01 0004 00000001 00010000")).layers(), "gtp") << "an echo request carries no packet";
}

TEST(GeneveTunnels, carry_frames_behind_options) {
  EXPECT_EQ(Seen(protocol_named("geneve"), octets("01 00 6558 00000100 0102 80 00 020000000002 020000000001 0806")).layers(), "geneve eth");
}

TEST(BsdLoopbackFrames, are_read_in_either_byte_order) {
  const Seen little("null_le"), big("null_be"), six("loop6");
  EXPECT_EQ(little.layers(), "null ip icmp icmp_echo");
  EXPECT_EQ(big.layers(), "loop ip icmp icmp_echo");
  EXPECT_EQ(six.layers(), "loop ipv6 icmpv6 icmpv6_echo");
  expect_values(little, {{"null.family", "2"}, {"layers", "[null,ip,icmp]"}});
  expect_values(big, {{"null.family", "2"}, {"layers", "[null,ip,icmp]"}});
  expect_values(six, {{"null.family", "30"}});
  EXPECT_EQ(hex_of(build(BsdLoopback{} / ping)), vector("null_le").hex);
  EXPECT_EQ(hex_of(build(BsdLoopbackBig{.family = 30u} / ping6)), vector("loop6").hex);
}

TEST(LinuxCookedFrames, of_both_versions_tell_the_direction) {
  const Seen one("sll"), two("sll2");
  EXPECT_EQ(one.layers(), "sll ip icmp icmp_echo");
  expect_values(one, {{"sll.pkttype", "4"}, {"sll.hatype", "1"}, {"sll.halen", "6"}, {"sll.src.eth", "02:00:00:00:00:01"}, {"sll.etype", "2048"}});
  EXPECT_EQ(two.layers(), "sll2 ipv6 icmpv6 icmpv6_echo");
  expect_values(two, {{"sll.etype", "34525"}, {"sll.ifindex", "3"}, {"sll.hatype", "1"}, {"sll.pkttype", "0"}, {"sll.src.eth", "02:00:00:00:00:01"}});
  EXPECT_EQ(hex_of(build(LinuxCooked{.packet_type = 4, .source = "02:00:00:00:00:01"} / ping)), vector("sll").hex);
  EXPECT_EQ(hex_of(build(LinuxCooked2{.interface = 3, .source = "02:00:00:00:00:01"} / ping6)), vector("sll2").hex);
}

TEST(OtherLinks, lead_to_ip) {
  EXPECT_EQ(Seen("chdlc").layers(), "chdlc ip icmp icmp_echo");
  EXPECT_EQ(hex_of(build(CiscoHdlc{} / ping)), vector("chdlc").hex);
  const std::string four = "4500001400000000 40110000 c6120001 c6120002";
  EXPECT_EQ(Seen(protocol_named("raw"), octets(four)).layers(), "raw ip");
  EXPECT_EQ(Seen(protocol_named("ppp_hdlc"), octets("ff03 0021" + four)).layers(), "ppp_hdlc ppp ip");
  EXPECT_EQ(Seen(protocol_named("ppp_hdlc"), octets("0021" + four)).layers(), "ppp_hdlc ppp ip") << "without address and control";
  EXPECT_EQ(Seen(protocol_named("fr"), octets("1841 03 cc" + four)).layers(), "fr ip");
  EXPECT_EQ(Seen(protocol_named("arcnet"), octets("01 02 0000 d4 00 0001" + four)).layers(), "arcnet ip");
}

TEST(Wlan, data_frames_carry_llc_behind_headers_of_different_length) {
  const std::string llc = "aaaa03 000000 0800 4500001400000000 40110000 c6120001 c6120002";
  const std::string addresses = "020000000001 020000000002 020000000003 0010";
  EXPECT_EQ(Seen(protocol_named("wlan"), octets("0801 0000" + addresses + llc)).layers(), "wlan llc snap ip");
  EXPECT_EQ(Seen(protocol_named("wlan"), octets("8801 0000" + addresses + "0000" + llc)).layers(), "wlan llc snap ip") << "quality of service";
  EXPECT_EQ(Seen(protocol_named("wlan"), octets("0803 0000" + addresses + "020000000004" + llc)).layers(), "wlan llc snap ip") << "four addresses";
  EXPECT_EQ(Seen(protocol_named("wlan"), octets("0841 0000" + addresses + llc)).layers(), "wlan data") << "encrypted";
  EXPECT_EQ(Seen(protocol_named("wlan"), octets("c400 0000 020000000001")).layers(), "wlan") << "clear to send";
  EXPECT_EQ(Seen(protocol_named("radiotap"), octets("0000 0900 00000000 00 0801 0000" + addresses + llc)).layers(), "radiotap wlan_radio wlan llc snap ip");
  EXPECT_EQ(Seen(protocol_named("radiotap"), octets("0000 0700 00000000 00")).dissection().stop, Stop::malformed);
}

}  // namespace
}  // namespace rawket
