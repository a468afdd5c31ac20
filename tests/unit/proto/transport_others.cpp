// SCTP, DCCP, UDP-Lite, ESP, L2TP, WireGuard; ICMP's appended structures and segment routing.
#include "../packet_test.hpp"
#include "rawket/proto/all.hpp"
#include "rawket/wire/build.hpp"

namespace rawket {
namespace {

using namespace test;

constexpr Ipv4 ip{.src = "198.18.0.1", .dst = "198.18.0.2"};

TEST(Crc32c, is_what_rfc_3720_says) {
  Octets zeros(32), ones(32, 0xff);
  constexpr std::size_t nowhere = 1000;
  EXPECT_EQ(crc32c(zeros, nowhere), 0x8a9136aau) << "RFC 3720, B.4, its first byte the lowest";
  EXPECT_EQ(crc32c(ones, nowhere), 0x62a8ab43u);
}

TEST(SctpPackets, are_walked_by_chunks_and_end_at_the_user_data) {
  const Seen seen(protocol_named("sctp"), octets("c000 0050 00000007 00000000 03000010 00000001 00000400 00000000 00030013 00000001 00000000 00000000 616263 00"));
  EXPECT_EQ(seen.layers(), "sctp data");
  expect_values(seen, {{"sctp.srcport", "49152"}, {"sctp.dstport", "80"}, {"sctp.verification_tag", "7"}, {"sctp.chunk_type", "[3,0]"}, {"sctp.chunk_length", "[16,19]"}});
  Sctp made{.dport = u16{80}};
  ASSERT_TRUE(made.options.add(10, 0, octets("010203")));
  const auto frame = build(ip / made);
  EXPECT_EQ(hex_of(frame.bytes().subspan(20)), hex_of(octets("c000 0050 00000000 f6cef003 0a000007 01020300")));
  EXPECT_EQ(Seen(protocol_named("ip"), Octets(frame.bytes().begin(), frame.bytes().end())).fault_codes(), "");
}

TEST(SctpPackets, keep_their_checksum_right) {
  auto frame = build(ip / Sctp{.dport = u16{80}, .tag = 5});
  const auto codes = [](Bytes b) { return Seen(protocol_named("ip"), Octets(b.begin(), b.end())).fault_codes(); };
  frame.set<&Sctp::tag>(7u);
  EXPECT_EQ(codes(frame.bytes()), "") << "a field of a built frame";
  const auto inner = frame.bytes();
  Packet p = ip / Sctp{.dport = u16{80}, .tag = 5};
  p.set<&Sctp::tag>(7u);
  EXPECT_EQ(hex_of(p.bytes()), hex_of(inner)) << "of a packet by value";
  Octets changed(inner.begin(), inner.end());
  changed[28] ^= 1;
  const Repaired mended = repair(standard_registry(), protocol_named("ip"), changed, {.original_length = static_cast<u32>(changed.size())});
  EXPECT_EQ(mended.repairs, 1u);
  EXPECT_EQ(hex_of(mended.bytes), hex_of(inner));
}

TEST(SctpPackets, with_a_checksum_of_old_or_none_are_noted) {
  const auto codes = [](std::string_view checksum) {
    const Seen seen(protocol_named("sctp"), octets("c000 0050 00000007 " + std::string(checksum) + " 0b000004"));
    return seen.faults().empty() ? "" : std::string(severity_name(seen.faults()[0].severity));
  };
  EXPECT_EQ(codes("00000000"), "note") << "left to the device";
  EXPECT_EQ(codes("108f0127"), "note") << "Adler-32";
  EXPECT_EQ(codes("12345678"), "error");
}

TEST(DccpPackets, have_a_header_of_their_own_length) {
  const Seen seen(protocol_named("dccp"), octets("c000 1389 04 00 0000 05 000001 00000002 6162"));
  EXPECT_EQ(seen.layers(), "dccp data");
  expect_values(seen, {{"dccp.srcport", "49152"}, {"dccp.dstport", "5001"}, {"dccp.type", "2"}, {"dccp.x", "1"}});
  EXPECT_EQ(Seen(protocol_named("dccp"), octets("c000 1389 03 01 0000 04 000001")).layers(), "dccp_partial");
}

TEST(UdpLitePackets, leave_a_part_uncovered) {
  EXPECT_EQ(Seen(protocol_named("udplite"), octets("c000 1389 0000 0000 6162")).layers(), "udplite data");
  const Seen part(protocol_named("udplite"), octets("c000 1389 0008 0000 6162"));
  EXPECT_EQ(part.layers(), "udplite_partial data");
  EXPECT_EQ(part["udp.checksum_coverage"], "8");
}

TEST(EspPackets, stand_alone_and_in_udp) {
  const Seen seen(protocol_named("esp"), octets("00000100 00000007 aabbccdd"));
  EXPECT_EQ(seen.layers(), "esp");
  expect_values(seen, {{"esp.spi", "256"}, {"esp.sequence", "7"}});
  EXPECT_EQ(Seen(protocol_named("udpencap"), octets("00000100 00000007 aabbccdd")).layers(), "udpencap esp");
  EXPECT_EQ(Seen(protocol_named("udpencap"), octets("00000000 0102030405")).layers(), "udpencap data");
  EXPECT_EQ(Seen(protocol_named("udpencap"), octets("ff")).layers(), "udpencap");
}

TEST(L2tpTunnels, have_a_length_or_none) {
  const std::string four = "ff03 0021 4500001400000000 40110000 c6120001 c6120002";
  const Seen brief(protocol_named("l2tp"), octets("0002 0011 0022" + four)), full(protocol_named("l2tp"), octets("4002 0020 0011 0022" + four));
  EXPECT_EQ(brief.layers(), "l2tp ppp_hdlc ppp ip");
  EXPECT_EQ(full.layers(), "l2tp_long ppp_hdlc ppp ip");
  expect_values(brief, {{"l2tp.type", "0"}, {"l2tp.tunnel", "17"}, {"l2tp.session", "34"}});
  expect_values(full, {{"l2tp.type", "0"}, {"l2tp.tunnel", "17"}, {"l2tp.session", "34"}});
  EXPECT_EQ(Seen(protocol_named("l2tp"), octets("c802 000c 0011 0000 0001 0001"))["l2tp.type"], "1");
}

TEST(WireGuardMessages, have_four_kinds) {
  const Seen seen(protocol_named("wg"), octets("04 000000 01000000 0200000000000000 aabb"));
  EXPECT_EQ(seen.layers(), "wg wg_data");
  expect_values(seen, {{"wg.type", "4"}, {"wg.receiver", "1"}, {"wg.counter", "2"}});
  EXPECT_EQ(Seen(protocol_named("wg"), octets("09 000000 01000000")).layers(), "data");
}

TEST(IcmpErrors, have_structures_behind_their_quote) {
  std::string quote = "4500001400000000 40110000 c6120001 c6120002";
  for (int i = 0; i < 27; ++i) quote += "00000000";
  const Seen seen(protocol_named("icmp"), octets("0b00 0000 00200000" + quote + "20000000 0008 0101 00064140"));
  EXPECT_EQ(seen["icmp.mpls.label"], "100");
  std::string quote6 = "6000000000083a01 20010db8000000000000000000000001 20010db8000000000000000000000002 8000abcd00010001";
  for (int i = 0; i < 20; ++i) quote6 += "00000000";
  const Seen six(protocol_named("icmpv6"), octets("0300 0000 10000000" + quote6 + "20000000 0008 0101 00064140 0028 020f 00000007 0002 0000 20010db8000000000000000000000009 08 65746837000000 00000578"));
  expect_values(six, {{"icmp.mpls.label", "100"}, {"icmp.int_info.role", "0"}, {"icmp.int_info.index", "7"}, {"icmp.int_info.ipv6", "2001:db8::9"}, {"icmp.int_info.name", "eth7"}, {"icmp.int_info.mtu", "1400"}});
  for (const char* cut : {"0028 020f 00000007", "0008 020f 00000007", "0005 0202 09", "0004 02ff", "0003 0101", "0006 0101 0006"})
    EXPECT_EQ(Seen(protocol_named("icmpv6"), octets("0300 0000 10000000" + quote6 + "20000000 " + cut))["icmp.int_info.mtu"], "-") << cut;
}

TEST(SegmentRoutes, list_their_segments) {
  const Seen seen(protocol_named("ipv6.routing"), octets("3b 02 04 00 00 00 0007 20010db8000000000000000000000001"));
  expect_values(seen, {{"ipv6.routing.srh.last_entry", "0"}, {"ipv6.routing.srh.tag", "7"}, {"ipv6.routing.srh.addr", "2001:db8::1"}});
}

TEST(WlanFrames, name_addresses_and_networks) {
  const std::string a = "020000000001", b = "020000000002", c = "020000000003";
  const Seen beacon(protocol_named("wlan"), octets("8000 0000" + a + b + c + "1000 0000000000000000 6400 0000 0003 616263"));
  EXPECT_EQ(beacon.layers(), "wlan");
  expect_values(beacon, {{"wlan.fc.type_subtype", "8"}, {"wlan.da", "02:00:00:00:00:01"}, {"wlan.sa", "02:00:00:00:00:02"}, {"wlan.bssid", "02:00:00:00:00:03"}, {"wlan.seq", "1"}, {"wlan.ssid", "616263"}});
  const Seen upwards(protocol_named("wlan"), octets("4801 0000" + a + b + c + "1000"));
  expect_values(upwards, {{"wlan.fc.type_subtype", "36"}, {"wlan.bssid", "02:00:00:00:00:01"}, {"wlan.sa", "02:00:00:00:00:02"}, {"wlan.da", "02:00:00:00:00:03"}});
  const Seen radio(protocol_named("radiotap"), octets("0000 0e00 28000000 6c09 a000 ea 00 d400 0000" + a));
  EXPECT_EQ(radio.layers(), "radiotap wlan_radio wlan");
  expect_values(radio, {{"radiotap.channel.freq", "2412"}, {"radiotap.dbm_antsignal", "-22"}, {"wlan.ra", "02:00:00:00:00:01"}});
}

}  // namespace
}  // namespace rawket
