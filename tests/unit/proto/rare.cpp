// Messages that are seldom met. Bytes worked out from the specifications that their tables name.
#include "../packet_test.hpp"

namespace rawket {
namespace {

using namespace test;

TEST(RareMessages, of_icmp_and_igmp) {
  const Seen probe(protocol_named("icmp"), octets("2a00 0000 0007 09 01 0003 0008 65746830"));  // RFC 8335, 2 and 2.1: an interface by its name, "eth0"
  EXPECT_EQ(probe.layers().substr(0, 23), "icmp icmp_extended_echo");
  expect_values(probe, {{"icmp.type", "42"}, {"icmp.ident", "7"}, {"icmp.ext.echo.sequence_number", "9"}, {"icmp.ext.echo.flags", "1"}});
  const Seen trace(protocol_named("igmp"), octets("1f08 0000 e0000109 c6120001 c6120002 c6120003 40 000102"));
  EXPECT_EQ(trace.layers(), "igmp igmp_traceroute");
  expect_values(trace, {{"igmp.maddr", "224.0.1.9"}, {"igmp.mtrace.saddr", "198.18.0.1"}, {"igmp.mtrace.raddr", "198.18.0.2"}, {"igmp.mtrace.rspaddr", "198.18.0.3"}, {"igmp.mtrace.resp_ttl", "64"},
      {"igmp.mtrace.q_id", "258"}});
}

TEST(RareMessages, of_tunnels_and_link_states) {
  const Seen tunnel(protocol_named("ip"), octets("45000020 00000000 40 73 0000 c6120001 c6120002 00000005 01020304 05060708"));  // RFC 3931, 4.1.1: protocol 115
  EXPECT_EQ(tunnel.layers(), "ip l2tp3 data");
  EXPECT_EQ(tunnel["l2tp.sid"], "5");
  // RFC 2328, A.3.6: an acknowledgement of one router's states
  const Seen states(protocol_named("ospf"), octets("0205002c c6120001 00000000 0000 0000 0000000000000000 0001 02 01 c6120001 c6120001 80000001 0000 0024"));
  EXPECT_EQ(states.layers().substr(0, 21), "ospf ospf_link_states");
}

TEST(RareMessages, of_names_on_a_link) {  // RFC 4795, 2.1.1: a query for "host", type A
  const Seen query(protocol_named("udp"), octets("c001 14eb 001e 0000  1234 0000 0001 0000 0000 0000 04 686f7374 00 0001 0001"));
  EXPECT_EQ(query.layers(), "udp llmnr");
  expect_values(query, {{"dns.id", "4660"}, {"dns.qry.name", "host"}, {"dns.qry.type", "1"}});
}

TEST(RareMessages, of_wireless_captures) {
  const Seen ppi(protocol_named("ppi"), octets("00 00 0800 69000000 d400 0000 020000000001"));  // an acknowledgement
  EXPECT_EQ(ppi.layers(), "ppi wlan_radio wlan");
  expect_values(ppi, {{"ppi.length", "8"}, {"ppi.dlt", "105"}});
  const Seen prism(protocol_named("prism"), octets("44000000 90000000" + std::string(272, '0') + "d400 0000 020000000001"));
  EXPECT_EQ(prism.layers(), "prism wlan_radio wlan");
  EXPECT_EQ(prism["prism.msglen"], "144");
}

TEST(RareMessages, of_loopback_captures) {  // an Ethernet type where an address family would be
  const Seen seen(protocol_named("null"), octets("0000 0800 4500001c 0000 0000 40 11 0000 c6120001 c6120002 0007 0007 0008 0000"));
  EXPECT_EQ(seen.layers(), "null_type ip udp");
  EXPECT_EQ(seen["null.type"], "2048");
}

TEST(RareMessages, of_files_and_old_tags) {
  const Seen packed(protocol_named("nbss"), octets("00000014 fc534d42 00001000 0200 0000 00000000 01020304"));  // MS-SMB2, 2.2.42.1
  EXPECT_EQ(packed.layers().substr(0, 20), "nbss smb2_compressed");
  expect_values(packed, {{"smb2.header.comp_transform.original_size", "1048576"}, {"smb2.header.comp_transform.comp_alg", "2"}});
  const Seen tag(protocol_named("eth"), octets("0180c2000000 020000000001 8100 0005 0003 424203"));  // a length where a type would be
  EXPECT_EQ(tag.layers().substr(0, 16), "eth vlan_len llc");
  expect_values(tag, {{"vlan.id", "5"}, {"vlan.len", "3"}});
}

TEST(RareMessages, of_wireguards_handshake) {  // 5.4.2, 5.4.3 and 5.4.7: the numbers are little endian, all else is encrypted or a key
  const auto message = [](std::string_view head, std::size_t size) { return octets(std::string(head) + std::string(2 * (size - head.size() / 2), '0')); };
  const Seen first(protocol_named("wg"), message("0100000005000000", 148)), second(protocol_named("wg"), message("020000000600000005000000", 92)),
      cookie(protocol_named("wg"), message("0300000005000000", 64));
  EXPECT_EQ(first.layers().substr(0, 16), "wg wg_initiation");
  EXPECT_EQ(first["wg.sender"], "5");
  EXPECT_EQ(second.layers().substr(0, 14), "wg wg_response");
  expect_values(second, {{"wg.sender", "6"}, {"wg.receiver", "5"}});
  EXPECT_EQ(cookie.layers().substr(0, 12), "wg wg_cookie");
  EXPECT_EQ(cookie["wg.receiver"], "5");
}

}  // namespace
}  // namespace rawket
