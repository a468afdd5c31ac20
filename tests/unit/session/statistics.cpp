// Statistics: what is counted where, and that nothing grows without end.
#include "rawket/session/statistics.hpp"

#include "../packet_test.hpp"
#include "rawket/packet/packet.hpp"
#include "rawket/proto/all.hpp"

namespace rawket {
namespace {

using namespace test;

void count(Statistics& s, const Packet& p, Nanoseconds time = 0, u32 original = 0) {
  Dissection d;
  dissect(standard_registry(), p.first_protocol(), p.bytes(), d, original);
  s.add({.time = time, .original_length = original}, d);
}

TEST(Statistics, counts_protocols_by_the_way_they_stack) {
  Statistics s;
  count(s, Ethernet{} / Ipv4{} / Udp{.dport = 9} / "x");
  count(s, Ethernet{} / Ipv4{} / Tcp{.dport = 9});
  count(s, Ethernet{} / Arp{});
  ASSERT_EQ(s.protocols().inner.size(), 1u);
  const ProtocolNode& eth = *s.protocols().inner[0];
  EXPECT_EQ(eth.amount.packets, 3u);
  ASSERT_EQ(eth.inner.size(), 2u);
  EXPECT_EQ(eth.inner[0]->name, "ip");
  EXPECT_EQ(eth.inner[0]->amount.packets, 2u);
  EXPECT_EQ(eth.inner[0]->inner.size(), 2u);
  EXPECT_EQ(s.all().packets, 3u);
}

TEST(Statistics, counts_hosts_sizes_and_what_was_cut) {
  Statistics s;
  count(s, Ipv4{.src = "198.18.0.1", .dst = "198.18.0.2"} / Udp{.dport = 9} / "four", 5, 1500);
  count(s, Ipv4{.src = "198.18.0.2", .dst = "198.18.0.1"} / Udp{.dport = 9}, 3);
  EXPECT_EQ(s.all().bytes, 1528u);
  EXPECT_EQ(s.cut(), 1u);
  EXPECT_EQ(s.sizes()[0].packets, 1u);
  EXPECT_EQ(s.sizes()[5].packets, 1u) << "1024 to 1518";
  const auto hosts = s.endpoints();
  ASSERT_EQ(hosts.size(), 2u);
  EXPECT_EQ(hosts[0].sent.bytes + hosts[0].received.bytes, 1528u);
  EXPECT_EQ(s.first(), 3);
  EXPECT_EQ(s.last(), 5);
}

TEST(Statistics, a_series_keeps_every_packet_while_its_steps_grow) {
  TimeSeries t;
  auto random = random_source();
  u64 packets = 0;
  for (Nanoseconds time = 1'700'000'000 * second; packets < 5000; ++packets) t.add(time += static_cast<Nanoseconds>(random() % static_cast<u64>(3600 * second)), 10);
  t.add(0, 10), t.add(std::numeric_limits<Nanoseconds>::max(), 10), packets += 2;
  EXPECT_LE(t.steps().size(), TimeSeries::most_steps);
  u64 kept = 0;
  for (const Amount& a : t.steps()) kept += a.packets;
  EXPECT_EQ(kept, packets);
}

TEST(Statistics, nothing_grows_without_end) {
  Statistics s;
  for (u32 i = 0; i < Statistics::most_endpoints + 1000; ++i) count(s, Ipv4{.src = Ipv4Address::from_number(i), .dst = "198.18.0.1"} / Udp{.dport = 9});
  EXPECT_EQ(s.endpoints().size(), Statistics::most_endpoints);
  EXPECT_EQ(s.unlisted(), 1001u);
  EXPECT_EQ(s.all().packets, Statistics::most_endpoints + 1000u);
}

}  // namespace
}  // namespace rawket
