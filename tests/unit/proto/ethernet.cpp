// Ethernet II, 802.3 with LLC and SNAP, VLAN tags, ARP: bytes of another implementation read and built.
#include "../packet_test.hpp"
#include "rawket/proto/all.hpp"
#include "rawket/wire/build.hpp"

namespace rawket {
namespace {

using namespace test;

constexpr Ethernet frame{.dst = "02:00:00:00:00:02", .src = "02:00:00:00:00:01"};
constexpr Ipv4 ip{.id = 0x1234, .src = "198.18.0.1", .dst = "198.18.0.2"};

TEST(EthernetFrames, have_addresses_and_a_type) {
  const Seen seen("eth_udp");
  EXPECT_EQ(seen.layers(), "eth ip udp data");
  expect_values(seen, {{"eth.dst", "02:00:00:00:00:02"}, {"eth.src", "02:00:00:00:00:01"}, {"eth.type", "2048"}, {"layers", "[eth,ip,udp,data]"}, {"udp.dstport", "5001"},
      {"udp.length", "13"}, {"udp.checksum.status", "1"}});
}

TEST(EthernetFrames, of_the_802_3_kind_have_a_length_and_llc) {
  const Seen seen("llc_stp");
  EXPECT_EQ(seen.layers(), "ieee8023 llc stp stp_configuration");
  expect_values(seen, {{"eth.len", "38"}, {"eth.type", "-"}, {"llc.dsap", "66"}, {"llc.ssap", "66"}, {"llc.control", "3"}, {"layers", "[eth,llc,stp]"}});
  EXPECT_EQ(seen.dissection().layers().back().end, 14u + 38u);
}

TEST(EthernetFrames, padding_behind_an_802_3_length_is_no_payload) {
  Octets b = octets(vector("llc_stp").hex);
  b.resize(64);
  const Seen seen(protocol_named("eth"), b);
  EXPECT_EQ(seen.dissection().layers().back().end, 14u + 38u);
}

TEST(EthernetFrames, a_short_frame_is_padded_and_the_padding_is_not_the_packets) {
  Octets b = octets(vector("eth_udp").hex);
  b.resize(60);
  const Seen seen(protocol_named("eth"), b);
  EXPECT_EQ(seen.dissection().payload().size(), 5u);
  EXPECT_EQ(seen["udp.checksum.status"], "1");
  EXPECT_EQ(seen.fault_codes(), "");
}

TEST(Snap, carries_an_ethernet_type) {
  const Seen seen("snap_ip");
  EXPECT_EQ(seen.layers(), "ieee8023 llc snap ip icmp icmp_echo");
  expect_values(seen, {{"llc.oui", "0"}, {"llc.type", "2048"}, {"ip.src", "198.18.0.1"}, {"icmp.seq", "2"}});
  EXPECT_EQ(hex_of(build(Ieee8023{.dst = "02:00:00:00:00:02", .src = "02:00:00:00:00:01"} / Llc{} / Snap{} / ip / Icmp{.type = 8} / IcmpEcho{.id = 1, .seq = 2})),
            vector("snap_ip").hex);
}

TEST(VlanTags, have_a_priority_and_an_identifier) {
  const Seen seen("dot1q");
  EXPECT_EQ(seen.layers(), "eth vlan ip udp");
  expect_values(seen, {{"eth.type", "33024"}, {"vlan.priority", "5"}, {"vlan.dei", "1"}, {"vlan.id", "100"}, {"vlan.etype", "2048"}});
  EXPECT_EQ(hex_of(build(frame / Vlan{.priority = 5, .dei = 1, .id = 100} / ip / Udp{.sport = 5000, .dport = 5001})), vector("dot1q").hex);
}

TEST(VlanTags, stack_in_802_1ad) {
  const Seen seen("qinq");
  EXPECT_EQ(seen.layers(), "eth ieee8021ad vlan ip udp");
  expect_values(seen, {{"ieee8021ad.id", "200"}, {"ieee8021ad.priority", "3"}, {"vlan.id", "100"}});
  EXPECT_EQ(hex_of(build(frame / ServiceVlan{.priority = 3, .id = 200} / Vlan{.id = 100} / ip / Udp{.sport = 5000, .dport = 5001})), vector("qinq").hex);
}

TEST(VlanTags, twice_the_same_kind_makes_lists) {
  const Seen seen(protocol_named("eth"), octets("020000000002 020000000001 8100 0001 8100 0002 86dd"));
  expect_values(seen, {{"vlan.id", "[1,2]"}, {"vlan.etype", "[33024,34525]"}});
}

TEST(ArpMessages, ask_and_answer) {
  const Seen asks("arp_req"), answers("arp_rep");
  EXPECT_EQ(asks.layers(), "eth arp");
  expect_values(asks, {{"arp.opcode", "1"}, {"arp.hw.type", "1"}, {"arp.proto.type", "2048"}, {"arp.hw.size", "6"}, {"arp.proto.size", "4"},
      {"arp.src.hw_mac", "02:00:00:00:00:01"}, {"arp.src.proto_ipv4", "198.18.0.1"},
                       {"arp.dst.hw_mac", "00:00:00:00:00:00"}, {"arp.dst.proto_ipv4", "198.18.0.2"}, {"arp.isgratuitous", "-"}});
  expect_values(answers, {{"arp.opcode", "2"}, {"arp.dst.hw_mac", "02:00:00:00:00:01"}});
  EXPECT_EQ(hex_of(build(Ethernet{.src = "02:00:00:00:00:01"} / Arp{.source_mac = "02:00:00:00:00:01", .source = "198.18.0.1", .target = "198.18.0.2"})), vector("arp_req").hex);
}

TEST(ArpMessages, that_announce_or_probe_are_told_apart) {
  expect_values(Seen(protocol_named("arp"), octets("0001 0800 06 04 0001 020000000001 c6120001 000000000000 c6120001")), {{"arp.isgratuitous", "1"}, {"arp.isprobe", "-"}});
  expect_values(Seen(protocol_named("arp"), octets("0001 0800 06 04 0001 020000000001 00000000 000000000000 c6120001")), {{"arp.isprobe", "1"}, {"arp.isgratuitous", "-"}});
}

TEST(ArpMessages, of_other_networks_are_read_by_their_sizes) {
  const Seen seen(protocol_named("arp"), octets("0007 0800 01 04 0001 aa c6120001 00 c6120002"));
  EXPECT_EQ(seen.layers(), "arp_other");
  expect_values(seen, {{"arp.hw.type", "7"}, {"arp.hw.size", "1"}, {"arp.src.hw", "aa"}, {"arp.src.proto_ipv4", "198.18.0.1"}, {"arp.dst.hw", "00"},
      {"arp.dst.proto_ipv4", "198.18.0.2"}});
}

}  // namespace
}  // namespace rawket
