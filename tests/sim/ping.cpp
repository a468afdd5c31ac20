// Ping on simulated networks.
#include <gtest/gtest.h>

#include "network.hpp"
#include "rawket/inspect/ping.hpp"
#include "rawket/packet/craft.hpp"

namespace rawket::test {
namespace {

constexpr u64 stride = 1000;

struct Simulated {
  PingTarget target;
  std::vector<PingEvent::Kind> events;
  std::vector<Nanoseconds> times;
  Nanoseconds took = 0;
};

Simulated ping(const std::string& network, PingOptions options, const std::string& words, unsigned seed = 1) {
  options.stride = stride;
  const auto recipe = Recipe::parse(standard_registry(), std::string_view(words));
  EXPECT_TRUE(recipe) << words;
  SimulatedWire wire(network, [&](u64 i) { return *recipe->make(i); }, seed);
  Simulated s;
  Ping engine(options, [&](const PingEvent& e) { s.events.push_back(e.kind); });
  const std::atomic<bool> never = false;
  const Nanoseconds start = wire.clock().now();
  EXPECT_TRUE(run(engine, wire, never));
  s.target = engine.targets()[0];
  s.times = wire.times;
  s.took = wire.clock().now() - start;
  return s;
}

const std::string echo4 = "ip src=198.18.0.1 dst=198.18.9.9 / icmp / icmp_echo id=7 seq=0-999 / hello";
const std::string echo6 = "ipv6 src=2001:db8::1 dst=2001:db8::9 / icmpv6 / icmpv6_echo id=7 seq=0-999 / hello";

TEST(Ping, measures_each_round_trip_and_keeps_its_interval) {
  for (const auto& [network, words] : {std::pair{"198.18.9.9 20ms", echo4}, {"2001:db8::9 20ms", echo6}}) {
    const Simulated s = ping(network, {.count = 5, .interval = 200 * millisecond}, words);
    EXPECT_EQ(s.target.sent, 5u);
    EXPECT_EQ(s.target.answered, 5u);
    EXPECT_EQ(s.target.lost, 0u);
    EXPECT_EQ(s.target.round_trips.least(), 20 * millisecond);
    EXPECT_EQ(s.target.round_trips.percentile(99), 20 * millisecond);
    for (std::size_t i = 1; i < s.times.size(); ++i) EXPECT_EQ(s.times[i] - s.times[i - 1], 200 * millisecond);
    EXPECT_EQ(s.took, 4 * 200 * millisecond + 20 * millisecond) << "ends with the last answer";
  }
}

TEST(Ping, tells_lost_duplicate_and_late_apart) {
  const Simulated lossy = ping("198.18.9.9 1ms loss=20%", {.count = 1000, .interval = 10 * millisecond}, echo4);
  EXPECT_EQ(lossy.target.sent, 1000u);
  EXPECT_EQ(lossy.target.answered + lossy.target.lost, 1000u);
  EXPECT_NEAR(lossy.target.loss(), 20, 4);
  const Simulated twice = ping("198.18.9.9 1ms duplicate=100%", {.count = 10, .interval = 50 * millisecond}, echo4);
  EXPECT_EQ(twice.target.answered, 10u);
  EXPECT_GE(twice.target.duplicates, 9u) << "the last one's duplicate comes after the end";
  const Simulated late = ping("198.18.9.9 700ms", {.count = 3, .interval = second, .timeout = 500 * millisecond}, echo4);
  EXPECT_EQ(late.target.answered, 0u);
  EXPECT_EQ(late.target.lost, 3u);
  EXPECT_EQ(late.target.late, 2u);
}

TEST(Ping, tells_a_refusal_from_an_answer) {
  const Simulated closed = ping("198.18.9.9 3ms", {.count = 3, .interval = 10 * millisecond}, "ip src=198.18.0.1 dst=198.18.9.9 / udp sport=50000-50999 dport=9 / x");
  EXPECT_EQ(closed.target.answered, 3u) << "nobody listens there, but the host is there";
  const Simulated far = ping("198.18.1.1 1ms, 198.18.2.1 2ms, 198.18.9.9 3ms", {.count = 3, .interval = 10 * millisecond}, "ip src=198.18.0.1 dst=198.18.9.9 ttl=2 / icmp / icmp_echo id=7 seq=0-999");
  EXPECT_EQ(far.target.errors, 3u) << "a router's word is no answer";
  EXPECT_EQ(far.target.answered, 0u);
  const Simulated open = ping("198.18.9.9 3ms", {.count = 3, .interval = 10 * millisecond}, "ip src=198.18.0.1 dst=198.18.9.9 / tcp sport=50000-50999 dport=80 seq=5 flags=S");
  EXPECT_EQ(open.target.answered, 3u);
}

TEST(Ping, floods_as_fast_as_answers_come_and_goes_round_with_its_numbers) {
  const Simulated s = ping("198.18.9.9 1ms", {.count = 5000, .interval = 1000, .window = 4}, echo4);
  EXPECT_EQ(s.target.sent, 5000u);
  EXPECT_EQ(s.target.answered, 5000u);
  EXPECT_LE(s.took, 1300 * millisecond);
  const Simulated lossy = ping("198.18.9.9 1ms loss=50%", {.count = 3000, .interval = 1000, .timeout = 50 * millisecond, .window = 4}, echo4);
  EXPECT_EQ(lossy.target.sent, 3000u);
  EXPECT_EQ(lossy.target.answered + lossy.target.lost, 3000u);
  EXPECT_NEAR(lossy.target.loss(), 50, 4);
}

TEST(RoundTrips, have_exact_percentiles_and_a_histogram_that_holds_all) {
  RoundTrips r;
  for (int i = 100; i >= 1; --i) r.add(i * millisecond);
  EXPECT_EQ(r.percentile(50), 50 * millisecond);
  EXPECT_EQ(r.percentile(90), 90 * millisecond);
  EXPECT_EQ(r.percentile(99), 99 * millisecond);
  EXPECT_EQ(r.percentile(100), 100 * millisecond);
  EXPECT_EQ(r.least(), millisecond);
  EXPECT_EQ(r.mean(), 50'500'000);
  const auto bins = r.histogram(10);
  for (const u64 b : bins) EXPECT_EQ(b, 10u);
  EXPECT_EQ(RoundTrips().percentile(50), 0);
}

}  // namespace
}  // namespace rawket::test
