// Differences of two packets: what routers do, what they should not, and quoted packets.
#include "rawket/packet/diff.hpp"

#include "../packet_test.hpp"
#include "rawket/packet/packet.hpp"
#include "rawket/proto/all.hpp"

namespace rawket {
namespace {

using namespace test;

struct Pair {
  Pair(const Packet& x, const Packet& y) : first(x), second(y) {
    dissect(standard_registry(), first.first_protocol(), first.bytes(), a);
    dissect(standard_registry(), second.first_protocol(), second.bytes(), b);
  }
  std::string text() const {
    std::string s;
    for (const Difference& d : differences(a, b)) s += (d.kind == Difference::expected ? "+" : "!") + d.field + " " + d.before + ">" + d.after + (d.meaning.empty() ? "" : " " + d.meaning) + "\n";
    return s;
  }
  Packet first, second;
  Dissection a, b;
};

const Ethernet near{.dst = "02:00:00:00:00:02", .src = "02:00:00:00:00:01"}, far{.dst = "02:00:00:00:00:04", .src = "02:00:00:00:00:03"};
constexpr Ipv4 sent{.id = 7, .ttl = 64, .src = "198.18.0.1", .dst = "198.18.0.2"};

TEST(Diff, says_nothing_of_equal_packets) { EXPECT_EQ(Pair(near / sent / Udp{.sport = 1, .dport = 2} / "x", near / sent / Udp{.sport = 1, .dport = 2} / "x").text(), ""); }

TEST(Diff, a_routers_work_is_expected) {
  Ipv4 arrived = sent;
  arrived.ttl = 61;
  EXPECT_EQ(Pair(near / sent / Udp{.sport = 1, .dport = 9}, far / arrived / Udp{.sport = 1, .dport = 9}).text(),
            "+eth.dst 02:00:00:00:00:02>02:00:00:00:00:04\n+eth.src 02:00:00:00:00:01>02:00:00:00:00:03\n+ip.ttl 64>61 3 hops\n+ip.checksum 0xeea2>0xf1a2\n");
  arrived.ttl = 65;
  EXPECT_NE(Pair(sent / Udp{.sport = 1, .dport = 9}, arrived / Udp{.sport = 1, .dport = 9}).text().find("!ip.ttl 64>65 a hop count that grows"), std::string::npos);
}

TEST(Diff, a_checksum_of_any_kind_that_follows_is_expected) {
  const std::string text = Pair(sent / Sctp{.dport = u16{80}, .tag = 1}, sent / Sctp{.dport = u16{80}, .tag = 2}).text();
  EXPECT_NE(text.find("+sctp.checksum "), std::string::npos) << text;
  EXPECT_NE(text.find("!sctp.verification_tag "), std::string::npos) << text;
}

TEST(Diff, translation_and_changed_options_are_suspicious) {
  Ipv4 translated = sent;
  translated.src = "203.0.113.1";
  const std::string t = Pair(sent / Tcp{.sport = 1000, .dport = 80, .options = {Mss{1460}, SackPermitted{}}}, translated / Tcp{.sport = 2000, .dport = 80, .options = {Mss{1400}, Nop{}, Nop{}}}).text();
  EXPECT_NE(t.find("!ip.src 198.18.0.1>203.0.113.1 address translated"), std::string::npos) << t;
  EXPECT_NE(t.find("!tcp.srcport 1000>2000 port translated"), std::string::npos) << t;
  EXPECT_NE(t.find("!tcp.options.mss_val 1460>1400 MSS lowered"), std::string::npos) << t;
  EXPECT_NE(t.find("!tcp.option_kind 4>1 option changed"), std::string::npos) << t;
  EXPECT_NE(t.find("+tcp.checksum"), std::string::npos) << t;
}

TEST(Diff, layers_and_payload_that_come_or_go_are_told) {
  EXPECT_NE(Pair(near / sent / Udp{.sport = 1, .dport = 9}, near / Vlan{.id = 5} / sent / Udp{.sport = 1, .dport = 9}).text().find("+vlan >there layer added"), std::string::npos);
  EXPECT_NE(Pair(sent / Udp{.sport = 1, .dport = 9} / "abc", sent / Udp{.sport = 1, .dport = 9} / "abX").text().find("!data 3 bytes>3 bytes payload differs from byte 2 on"), std::string::npos);
}

TEST(Diff, a_quoted_packet_is_compared_as_far_as_it_goes) {
  Ipv4 quoted = sent;
  quoted.ttl = 1, quoted.length = 32;
  const Packet error = Ipv4{.src = "198.18.0.9", .dst = "198.18.0.1"} / Icmp{.type = 11} / IcmpError{} / quoted / Udp{.sport = 1, .dport = 9, .length = 12};
  EXPECT_EQ(Pair(near / sent / Udp{.sport = 1, .dport = 9} / "abcd", error).text().substr(0, 20), "+ip.ttl 64>1 63 hops");
}

TEST(Diff, the_key_of_the_way_survives_translation) {
  Ipv4 translated = sent;
  translated.src = "203.0.113.1", translated.ttl = 3;
  const Pair p(near / sent / Tcp{.sport = 1000, .dport = 80, .seq = 5} / "x", far / translated / Tcp{.sport = 2000, .dport = 80, .seq = 5} / "x");
  EXPECT_EQ(way_key(p.a), way_key(p.b));
  const Pair q(sent / Tcp{.seq = 5} / "x", sent / Tcp{.seq = 6} / "x");
  EXPECT_NE(way_key(q.a), way_key(q.b));
}

}  // namespace
}  // namespace rawket
