// Path MTU on simulated networks.
#include "rawket/inspect/path_mtu.hpp"

#include <gtest/gtest.h>

#include "network.hpp"
#include "rawket/inspect/probe_packet.hpp"

namespace rawket::test {
namespace {

Packet probe_packet(const PathMtuProbe& p, u64 index, bool v6) {
  const bool datagram = p.kind == PathMtuProbe::datagram;
  return make_probe({.from = *IpAddress::parse(v6 ? "2001:db8::1" : "198.18.0.1"), .to = *IpAddress::parse(v6 ? "2001:db8::9" : "198.18.9.9"), .protocol = datagram ? ProbeProtocol::udp : ProbeProtocol::icmp, .port = 33434,
                     .source_port = static_cast<u16>(datagram ? 40000 + index : 7), .number = static_cast<u16>(index + 1), .hop_limit = p.hop_limit, .size = p.size});
}

struct Found {
  PathMtuResult result;
  Nanoseconds took = 0;
  u64 sent = 0;
};

Found look(const std::string& network, PathMtuOptions options = {}, bool v6 = false, unsigned seed = 1) {
  if (v6) options.smallest = 1280;
  PathMtu engine(options);
  SimulatedWire wire(network, [&](u64 i) { return probe_packet(engine.probe(i), i, v6); }, seed);
  const std::atomic<bool> never = false;
  const Nanoseconds start = wire.clock().now();
  EXPECT_TRUE(run(engine, wire, never));
  return {engine.result(), wire.clock().now() - start, wire.sent()};
}

TEST(PathMtu, of_a_path_without_a_narrow_link_takes_one_round_trip) {
  for (const bool v6 : {false, true}) {
    const Found f = look(v6 ? "2001:db8:1::1 1ms, 2001:db8::9 20ms" : "198.18.1.1 1ms, 198.18.9.9 20ms", {}, v6);
    EXPECT_TRUE(f.result.reached);
    EXPECT_EQ(f.result.up, 1500u);
    EXPECT_EQ(f.result.down, 1500u);
    EXPECT_FALSE(f.result.black_hole);
    EXPECT_LE(f.took, second) << "hops that do not exist are not waited for for long";
  }
}

TEST(PathMtu, follows_what_a_router_tells) {
  for (const bool v6 : {false, true}) {
    const Found f = look(v6 ? "2001:db8:1::1 1ms, 2001:db8:2::2 2ms mtu=1400, 2001:db8::9 20ms" : "198.18.1.1 1ms, 198.18.2.1 2ms mtu=1400, 198.18.9.9 20ms", {}, v6);
    EXPECT_EQ(f.result.up, 1400u);
    ASSERT_EQ(f.result.told.size(), 1u);
    EXPECT_EQ(f.result.told[0].mtu, 1400u);
    EXPECT_FALSE(f.result.black_hole);
    EXPECT_LT(f.sent, 60u);
  }
}

TEST(PathMtu, finds_a_black_hole_to_the_byte_and_where_it_is) {
  for (const unsigned mtu : {1280u, 1337u, 1420u, 1499u})
    for (const bool v6 : {false, true}) {
      const std::string network = (v6 ? "2001:db8:1::1 1ms, 2001:db8:2::1 2ms hushed, 2001:db8:3::1 3ms mtu=" : "198.18.1.1 1ms, 198.18.2.1 2ms hushed, 198.18.3.1 3ms mtu=") + std::to_string(mtu) + (v6 ? ", 2001:db8::9 10ms" : ", 198.18.9.9 10ms");
      const Found f = look(network, {}, v6);
      EXPECT_EQ(f.result.up, mtu);
      EXPECT_TRUE(f.result.black_hole);
      EXPECT_EQ(f.result.last_passed, 2u) << network;
      EXPECT_EQ(f.result.first_failed, 3u) << network;
      EXPECT_LE(f.took, 8 * second) << network;
    }
}

TEST(PathMtu, tells_the_way_there_from_the_way_back) {
  const Found f = look("198.18.1.1 1ms, 198.18.2.1 2ms back=1360, 198.18.9.9 10ms");
  EXPECT_EQ(f.result.up, 1500u);
  EXPECT_EQ(f.result.down, 1360u);
  EXPECT_FALSE(f.result.together);
  const Found both = look("198.18.1.1 1ms hushed, 198.18.2.1 2ms mtu=1450 back=1360, 198.18.9.9 10ms");
  EXPECT_EQ(both.result.up, 1450u);
  EXPECT_EQ(both.result.down, 1360u);
}

TEST(PathMtu, two_narrow_links_one_behind_the_other) {
  const Found f = look("198.18.1.1 1ms, 198.18.2.1 2ms mtu=1400, 198.18.3.1 3ms mtu=1300, 198.18.9.9 10ms");
  EXPECT_EQ(f.result.up, 1300u);
  ASSERT_EQ(f.result.told.size(), 2u);
  EXPECT_EQ(f.result.told[1].from.text(), "198.18.2.1");
}

TEST(PathMtu, loss_does_not_pass_for_a_narrow_link) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const Found f = look("198.18.1.1 1ms, 198.18.2.1 2ms loss=10% mtu=1400 , 198.18.9.9 10ms", {.tries = 5}, false, seed);
    EXPECT_EQ(f.result.up, 1400u) << seed;
  }
}

TEST(PathMtu, is_exact_also_below_large_interfaces_and_on_long_paths) {
  for (const unsigned mtu : {1391u, 2049u, 5000u, 7321u, 8999u}) {
    const Found f = look("198.18.1.1 1ms hushed, 198.18.2.1 2ms mtu=" + std::to_string(mtu) + ", 198.18.9.9 10ms", {.largest = 9000});
    EXPECT_EQ(f.result.up, mtu);
    EXPECT_TRUE(f.result.exact);
    EXPECT_EQ(f.result.last_passed, 1u);
    EXPECT_EQ(f.result.first_failed, 2u);
  }
  std::string network;
  for (unsigned hop = 1; hop <= 12; ++hop) network += "198.18." + std::to_string(hop) + ".1 " + std::to_string(hop) + "ms" + (hop == 11 ? " hushed, " : hop == 12 ? " mtu=1391, " : ", ");
  const Found far = look(network + "198.18.9.9 20ms", {.largest = 9000});
  EXPECT_EQ(far.result.up, 1391u);
  EXPECT_EQ(far.result.last_passed, 11u);
  EXPECT_EQ(far.result.first_failed, 12u);
}

TEST(PathMtu, without_probes_for_the_last_byte_tells_what_is_known) {
  const Found f = look("198.18.1.1 1ms hushed, 198.18.2.1 2ms mtu=40000 loss=3%, 198.18.9.9 10ms", {.largest = 65535, .tries = 8});
  EXPECT_TRUE(f.result.reached);
  EXPECT_GE(f.result.up, 576u);
  EXPECT_LE(f.result.up, 40000u);
  EXPECT_LE(f.sent, PathMtu::most_probes);
}

TEST(PathMtu, a_host_that_is_silent_is_not_reached) {
  const Found f = look("198.18.1.1 1ms, 198.18.9.9 10ms silent");
  EXPECT_FALSE(f.result.reached);
  EXPECT_LE(f.took, 4 * second);
}

}  // namespace
}  // namespace rawket::test
