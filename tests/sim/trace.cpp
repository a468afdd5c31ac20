// Trace on simulated networks: hops, silence, limits, loss, several paths, changes on the way.
#include <gtest/gtest.h>

#include "network.hpp"
#include "rawket/inspect/trace.hpp"
#include "rawket/packet/craft.hpp"

namespace rawket::test {
namespace {

struct Traced {
  explicit Traced(const std::string& network, TraceOptions options = {}, bool v6 = false, bool udp = false, unsigned seed = 1)
      : make([=](u64 i) {
          const TraceProbe p = Trace::probe_of(i, options);
          const std::string number = std::to_string((i + 1) & 0xffff), port = std::to_string(40000 + p.flow);
          std::string words = v6 ? "ipv6 src=2001:db8::1 dst=2001:db8:9::9 hop_limit=" + std::to_string(p.hop) : "ip src=198.18.0.1 dst=198.18.9.9 ttl=" + std::to_string(p.hop) + " id=" + number;
          words += udp ? " / udp sport=" + port + " dport=33434 / xx" : std::string(v6 ? " / icmpv6 / icmpv6_echo id=" : " / icmp / icmp_echo id=") + port + " seq=" + number;
          return *Recipe::parse(standard_registry(), std::string_view(words))->make(0);
        }),
        wire(network, make, seed), trace(options, make) {
    const std::atomic<bool> never = false;
    const Nanoseconds start = wire.clock().now();
    EXPECT_TRUE(run(trace, wire, never));
    took = wire.clock().now() - start;
  }
  std::string path() const {
    std::string text;
    for (const TraceHop& h : trace.hops()) {
      text += text.empty() ? "" : " ";
      text += h.responders.empty() ? "*" : h.responders.front().address.text();
    }
    return text;
  }

  std::function<Packet(u64)> make;
  SimulatedWire wire;
  Trace trace;
  Nanoseconds took = 0;
};

const std::string ten = "198.18.1.1 1ms, 198.18.2.1 2ms, 198.18.3.1 3ms, 198.18.4.1 4ms, 198.18.5.1 5ms, 198.18.6.1 6ms, 198.18.7.1 7ms, 198.18.8.1 8ms, 198.18.9.1 9ms, 198.18.9.9 10ms";

TEST(Trace, finds_all_hops_in_one_round_trip) {
  for (const bool udp : {false, true}) {
    const Traced t(ten, {.rounds = 1}, false, udp);
    EXPECT_EQ(t.path(), "198.18.1.1 198.18.2.1 198.18.3.1 198.18.4.1 198.18.5.1 198.18.6.1 198.18.7.1 198.18.8.1 198.18.9.1 198.18.9.9");
    EXPECT_EQ(t.trace.distance(), 10u);
    EXPECT_LE(t.took, 10 * millisecond + 50 * millisecond) << "one round trip and 50 ms";
    for (const TraceHop& h : t.trace.hops()) EXPECT_EQ(h.sent, 1u) << "what went beyond the host is not counted";
    EXPECT_EQ(t.trace.hops()[4].responders[0].round_trips.least(), 5 * millisecond);
  }
  const Traced six("2001:db8:1::1 1ms, 2001:db8:2::1 2ms, 2001:db8:9::9 3ms", {.rounds = 2}, true);
  EXPECT_EQ(six.path(), "2001:db8:1::1 2001:db8:2::1 2001:db8:9::9");
}

TEST(Trace, goes_on_past_a_silent_router_and_far_hosts) {
  const Traced silent("198.18.1.1 1ms, 198.18.2.1 1ms silent, 198.18.9.9 3ms", {.rounds = 2});
  EXPECT_EQ(silent.path(), "198.18.1.1 * 198.18.9.9");
  EXPECT_EQ(silent.trace.hops()[1].lost, 2u);
  EXPECT_LE(silent.took, 1500 * millisecond);
  std::string far;
  for (int i = 1; i <= 24; ++i) far += "198.18." + std::to_string(100 + i) + ".1 5ms, ";
  const Traced t(far + "198.18.9.9 30ms", {.rounds = 1});
  EXPECT_EQ(t.trace.distance(), 25u) << "further than the first probes";
  EXPECT_EQ(t.trace.hops().size(), 25u);
  const Traced never("198.18.1.1 1ms, 198.18.2.1 1ms filter, 198.18.9.9 3ms", {.rounds = 1, .timeout = 200 * millisecond});
  EXPECT_EQ(never.trace.distance(), 0u);
  EXPECT_EQ(never.path().substr(0, 23), "198.18.1.1 198.18.2.1 *");
}

TEST(Trace, tells_limits_from_losses) {
  const Traced limited("198.18.1.1 1ms, 198.18.2.1 2ms limit=1, 198.18.9.9 3ms", {.rounds = 10, .round_gap = 100 * millisecond});
  EXPECT_NEAR(limited.trace.rate_limited(2), 80, 11) << "one in a second";
  EXPECT_EQ(limited.trace.loss(2), 0);
  EXPECT_EQ(limited.trace.rate_limited(1), 0);
  const Traced lossy("198.18.1.1 1ms, 198.18.2.1 2ms, 198.18.3.1 3ms, 198.18.4.1 4ms, 198.18.5.1 5ms loss=20%, 198.18.6.1 6ms, 198.18.9.9 7ms", {.rounds = 500, .round_gap = 10 * millisecond});
  EXPECT_EQ(lossy.trace.loss(4), 0);
  for (const unsigned hop : {5u, 6u, 7u}) EXPECT_NEAR(lossy.trace.loss(hop), 20, 3) << "hop " << hop;
}

TEST(Trace, enumerates_paths_of_equal_cost_with_its_confidence) {
  const Traced t("198.18.1.1 1ms, 198.18.2.1|198.18.2.2|198.18.2.3|198.18.2.4 2ms, 198.18.9.9 3ms", {.flows = 32, .rounds = 1, .round_gap = 20 * millisecond}, false, true);
  EXPECT_EQ(t.trace.hops()[1].responders.size(), 4u);
  EXPECT_EQ(t.trace.paths(), 4u);
  EXPECT_GT(t.trace.confidence(), 95);
  const Traced one("198.18.1.1 1ms, 198.18.2.1|198.18.2.2|198.18.2.3|198.18.2.4 2ms, 198.18.9.9 3ms", {.rounds = 5}, false, true);
  EXPECT_EQ(one.trace.hops()[1].responders.size(), 1u) << "one flow is one path";
  EXPECT_EQ(one.trace.confidence(), 0) << "one flow says nothing of others";
}

TEST(Trace, tells_what_was_changed_and_where) {
  const Traced t("198.18.1.1 1ms rewrite=ip.dsfield.dscp:10, 198.18.2.1 2ms, 198.18.3.1 3ms, 198.18.9.9 4ms", {.rounds = 1}, false, true);
  EXPECT_TRUE(t.trace.hops()[0].responders[0].changes.empty()) << "there it had not been changed yet";
  ASSERT_EQ(t.trace.hops()[1].responders[0].changes.size(), 1u);
  EXPECT_NE(t.trace.hops()[1].responders[0].changes[0].field.find("dsfield"), std::string::npos) << t.trace.hops()[1].responders[0].changes[0].field;
}

TEST(Trace, tells_labels_and_interfaces_that_routers_append) {
  const std::string labels = "000c0101" "0006403f" "000c8140", interface = "00280" "20f" "00000007" "00020000" "20010db8000000000000000000000009" "08657468370000" "00" "00000578";
  const std::string near = "0014028c" "00000003" "00010000" "c6120309" "00000000";
  for (const bool v6 : {false, true}) {
    const std::string network = v6 ? "2001:db8:1::1 1ms, 2001:db8:2::1 2ms appends=" + labels + interface + ", 2001:db8:3::1 2ms appends=" + near + ", 2001:db8:9::9 3ms"
                                   : "198.18.1.1 1ms, 198.18.2.1 2ms appends=" + labels + interface + ", 198.18.3.1 2ms appends=" + near + ", 198.18.9.9 3ms";
    const Traced t(network, {.rounds = 2}, v6);
    const auto& hops = t.trace.hops();
    EXPECT_EQ(hops[1].responders.at(0).labels, (std::vector<u32>{100, 200}));
    EXPECT_EQ(hops[1].responders.at(0).interfaces, (std::vector<std::string>{"came in by number 7 2001:db8::9 eth7 mtu 1400"}));
    EXPECT_EQ(hops[2].responders.at(0).interfaces, (std::vector<std::string>{"was to leave by number 3 198.18.3.9"}));
    for (const std::size_t other : {0u, 3u}) EXPECT_TRUE(hops[other].responders.at(0).labels.empty() && hops[other].responders.at(0).interfaces.empty());
  }
}

TEST(Trace, numbers_its_probes_both_ways) {
  const TraceOptions o{.most_hops = 30, .flows = 4};
  for (const TraceProbe p : {TraceProbe{0, 0, 1}, TraceProbe{2, 3, 30}, TraceProbe{99, 1, 17}}) {
    const TraceProbe back = Trace::probe_of(Trace::index_of(p, o), o);
    EXPECT_EQ(back.round, p.round);
    EXPECT_EQ(back.flow, p.flow);
    EXPECT_EQ(back.hop, p.hop);
  }
}

}  // namespace
}  // namespace rawket::test
