// Flows: keys that both directions share, Community ID, what is counted, and bounded memory.
#include "rawket/session/flow_table.hpp"

#include <set>

#include "../packet_test.hpp"
#include "rawket/base/digest.hpp"
#include "rawket/packet/packet.hpp"
#include "rawket/proto/all.hpp"

namespace rawket {
namespace {

using namespace test;

FlowPacket flow_of(const Packet& p, Nanoseconds time = 0, u64 number = 1) {
  Dissection d;
  dissect(standard_registry(), p.first_protocol(), p.bytes(), d);
  const auto f = flow_packet({.number = number, .time = time}, d);
  if (!f) throw std::invalid_argument("no flow");
  return *f;
}
bool has_flow(const Packet& p) {
  Dissection d;
  dissect(standard_registry(), p.first_protocol(), p.bytes(), d);
  return flow_packet({}, d).has_value();
}
constexpr Ipv4 there{.src = "198.18.0.1", .dst = "198.18.0.2"}, back{.src = "198.18.0.2", .dst = "198.18.0.1"};

TEST(Digest, sha1_gives_the_values_of_the_standard) {
  const auto hex = [](std::string_view s) { return hex_of(sha1(as_bytes(s))); };
  EXPECT_EQ(hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  EXPECT_EQ(base64(as_bytes(std::string_view("f"))), "Zg==");
  EXPECT_EQ(base64(as_bytes(std::string_view("foobar"))), "Zm9vYmFy");
}

TEST(Flow, both_directions_have_one_key) {
  const FlowPacket a = flow_of(there / Tcp{.sport = 40000, .dport = 80}), b = flow_of(back / Tcp{.sport = 80, .dport = 40000});
  EXPECT_EQ(a.key, b.key);
  EXPECT_NE(a.from_high, b.from_high);
  EXPECT_NE(a.key, flow_of(there / Tcp{.sport = 40001, .dport = 80}).key);
  EXPECT_NE(a.key, flow_of(there / Udp{.sport = 40000, .dport = 80}).key);
}

TEST(Flow, community_ids_are_those_of_the_specification) {
  const Ipv4 ip{.src = "128.232.110.120", .dst = "66.35.250.204"};
  const FlowKey key = flow_of(ip / Tcp{.sport = 34855, .dport = 80}).key;
  EXPECT_EQ(community_id(key), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
  EXPECT_EQ(community_id(key, 1), "1:3V71V58M3Ksw/yuFALMcW0LAHvc=");
}

TEST(Flow, later_fragments_are_one_of_their_own) {
  Ipv4 later = there;
  later.fragment = 100;
  const FlowPacket f = flow_of(carrying(later, as_bytes(std::string_view("\x9c\x40\x00\x50"))));
  EXPECT_TRUE(f.key.later_fragment);
  EXPECT_EQ(f.key.low_port + f.key.high_port, 0);
  EXPECT_NE(f.key, flow_of(there / Tcp{}).key);
  EXPECT_EQ(endpoint_text(f.key, false), "198.18.0.1");
  const FlowPacket v6 = flow_of(Ipv6{.src = "2001:db8::1", .dst = "2001:db8::2"} / Ipv6Fragment{.next_header = 17, .offset = 3});
  EXPECT_TRUE(v6.key.later_fragment);
  EXPECT_EQ(v6.key.protocol, 17);
}

TEST(Flow, an_authentication_header_hides_no_ports) {
  EXPECT_EQ(flow_of(there / AuthenticationHeader{} / Udp{.sport = 5, .dport = 6}).key, flow_of(there / Udp{.sport = 5, .dport = 6}).key);
}

TEST(Flow, an_echo_and_its_answer_are_one_and_an_error_is_its_own) {
  EXPECT_EQ(flow_of(there / Icmp{} / IcmpEcho{.id = 1}).key, flow_of(back / Icmp{.type = 0} / IcmpEcho{.id = 1}).key);
  const Packet error = back / Icmp{.type = 3, .code = 3} / IcmpError{} / there / Udp{.sport = 5, .dport = 6};
  EXPECT_EQ(flow_of(error).key.protocol, 1);
}

TEST(Flow, the_innermost_conversation_counts) {
  const FlowPacket p = flow_of(there / Udp{.sport = 9} / Vxlan{.vni = 1} / Ethernet{} / Ipv6{.src = "2001:db8::1", .dst = "2001:db8::2"} / Tcp{.sport = 7, .dport = 8});
  EXPECT_TRUE(p.key.is_v6);
  EXPECT_EQ(p.key.protocol, 6);
  EXPECT_EQ(endpoint_text(p.key, false), "[2001:db8::1]:7");
}

TEST(Flow, later_fragments_and_what_is_not_ip_have_none) {
  EXPECT_FALSE(has_flow(Ethernet{} / Arp{}));
  EXPECT_TRUE(has_flow(Ipv4{.flags = 1, .protocol = 17} / Udp{.sport = 1, .dport = 2}));
}

TEST(FlowTable, counts_by_side_and_knows_who_began) {
  FlowTable table;
  const FlowPacket packets[] = {flow_of(back / Tcp{.sport = 80, .dport = 40000, .seq = 5, .flags = Syn}, 1'000'000, 3), flow_of(there / Tcp{.sport = 40000, .dport = 80, .seq = 9, .ack = 6, .flags = Syn | Ack}, 2'000'000, 4),
                                flow_of(back / Tcp{.sport = 80, .dport = 40000, .seq = 6, .ack = 10, .flags = Ack}, 4'000'000, 5), flow_of(back / Tcp{.sport = 80, .dport = 40000, .seq = 6, .flags = Psh | Ack} / "data", 5'000'000, 6),
                                flow_of(back / Tcp{.sport = 80, .dport = 40000, .seq = 6, .flags = Psh | Ack} / "data", 6'000'000, 7)};
  table.add(packets);
  ASSERT_EQ(table.flows().size(), 1u);
  const Flow& f = *table.find(packets[0].key);
  EXPECT_EQ(f.client().packets, 4u);
  EXPECT_EQ(f.server().packets, 1u);
  EXPECT_EQ(f.client().bytes, 3 * 40 + 8u + 40u);
  EXPECT_EQ(f.client().retransmissions, 1u);
  EXPECT_EQ(f.server().retransmissions, 0u);
  EXPECT_EQ(f.round_trip_us, 3000u);
  EXPECT_EQ(f.first_packet, 3u);
  EXPECT_EQ(f.last - f.first, 5'000'000);
}

TEST(FlowTable, finds_every_flow_among_many) {
  FlowTable table;
  std::vector<FlowPacket> packets;
  FlowPacket p = flow_of(there / Udp{.sport = 1, .dport = 2});
  for (u32 i = 0; i < 50'000; ++i) {
    p.key.low_port = static_cast<u16>(i), p.key.high_port = static_cast<u16>(i >> 16);
    p.key.low[3] = static_cast<u8>(i * 7);
    packets.push_back(p);
  }
  table.add(packets);
  table.add(packets);
  EXPECT_EQ(table.flows().size(), 50'000u);
  for (const FlowPacket& q : packets) ASSERT_TRUE(table.find(q.key) != nullptr && table.find(q.key)->low.packets + table.find(q.key)->high.packets == 2);
  EXPECT_LE(sizeof(Flow), 144u);
}

TEST(FlowTable, stays_within_its_limit_and_loses_nothing_silently) {
  u64 told = 0, packets_told = 0;
  FlowTable table({.most_flows = 100, .evicted = [&](const Flow& f) { ++told, packets_told += f.low.packets + f.high.packets; }});
  FlowPacket p = flow_of(there / Udp{.sport = 1, .dport = 2});
  const FlowPacket busy = flow_of(there / Udp{.sport = 7, .dport = 7});
  for (u32 i = 0; i < 5000; ++i) {
    p.key.low_port = static_cast<u16>(1000 + i);
    table.add({&p, 1});
    table.add({&busy, 1});
    ASSERT_LE(table.flows().size(), 100u);
  }
  EXPECT_EQ(table.evicted(), 5001u - 100u);
  EXPECT_EQ(told, table.evicted());
  ASSERT_NE(table.find(busy.key), nullptr) << "what is used stays";
  EXPECT_EQ(table.find(busy.key)->low.packets + table.find(busy.key)->high.packets, 5000u);
  u64 kept = 0;
  for (const Flow& f : table.flows()) {
    kept += f.low.packets + f.high.packets;
    EXPECT_EQ(table.find(f.key), &f);
  }
  EXPECT_EQ(kept + packets_told, 10'000u);
}

TEST(FlowKeys, cannot_be_made_to_fall_into_one_place) {
  std::set<u64> seen;
  for (u64 n = 0; n < 1000; ++n) {
    FlowKey k{.is_v6 = true};
    const u64 second = [n] {  // what forced a state without a secret
      const unsigned __int128 m = static_cast<unsigned __int128>(0x9e3779b97f4a7c15u ^ n) * 0xd6e8feb86659fd93u;
      return static_cast<u64>(m) ^ static_cast<u64>(m >> 64);
    }();
    std::memcpy(k.low.data(), &n, 8), std::memcpy(k.low.data() + 8, &second, 8);
    seen.insert(k.hash());
  }
  EXPECT_EQ(seen.size(), 1000u);
}

}  // namespace
}  // namespace rawket
