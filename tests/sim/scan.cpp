// Scan on simulated networks, and its probes against answers that are not theirs.
#include <gtest/gtest.h>

#include "network.hpp"
#include "rawket/inspect/scan.hpp"
#include "rawket/packet/craft.hpp"
#include "rawket/proto/tcp.hpp"

namespace rawket::test {
namespace {

constexpr u16 source_port = 45678;

ScanProbes probes_for(unsigned ports, bool v6 = false, ScanKind kind = ScanKind::syn) {
  ScanTargets t{.hosts = {v6 ? IpAddress(Ipv6Address("2001:db8::9")) : IpAddress(Ipv4Address("198.18.9.9"))}, .ports = {}};
  for (unsigned p = 1; p <= ports; ++p) t.ports.push_back(static_cast<u16>(p));
  return {std::move(t), kind, v6 ? IpAddress(Ipv6Address("2001:db8::1")) : IpAddress(Ipv4Address("198.18.0.1")), source_port, 0x1234567890abcdef};
}

struct Scanned {
  ScanAccount account;
  Nanoseconds took = 0;
  std::vector<u16> open;
  std::vector<Nanoseconds> times;
};

Scanned scan(const std::string& network, unsigned ports, ScanOptions options, unsigned seed = 1, bool v6 = false) {
  const ScanProbes probes = probes_for(ports, v6);
  SimulatedWire wire(network, [&probes](u64 i) { return probes.make(i); }, seed);
  Scanned s;
  options.seed = seed;
  Scan engine(options, probes, [&](const ScanProbes::Match& m) {
    if (m.verdict == PortVerdict::open) s.open.push_back(probes.targets().port(m.probe));
  });
  const std::atomic<bool> never = false;
  const Nanoseconds began = wire.clock().now();
  EXPECT_TRUE(run(engine, wire, never));
  s.took = wire.clock().now() - began;
  s.account = engine.account();
  s.times = wire.times;
  std::ranges::sort(s.open);
  return s;
}

TEST(Scan, finds_what_is_open_and_what_is_closed_at_its_rate) {
  for (const bool v6 : {false, true}) {
    const Scanned s = scan(v6 ? "2001:db8::9 10ms open=22|80|443" : "198.18.1.1 1ms, 198.18.9.9 10ms open=22|80|443", 1000, {.rate = 1000}, 1, v6);
    EXPECT_EQ(s.open, (std::vector<u16>{22, 80, 443}));
    EXPECT_EQ(s.account.closed, 997u);
    EXPECT_EQ(s.account.sent, 1000u) << "no second pass when all have answered";
    EXPECT_NEAR(static_cast<double>(s.took) / millisecond, 1009, 5) << "and no time is waited out";
    EXPECT_EQ(s.account.recall_at_least(), 100);
    for (std::size_t i = 1; i < s.times.size(); ++i) ASSERT_GE(s.times[i] - s.times[i - 1], millisecond - 1000);
  }
}

TEST(Scan, asks_again_and_says_what_it_may_have_missed) {
  unsigned held = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const Scanned s = scan("198.18.9.9 1ms loss=5% open=80", 2000, {.rate = 10000, .timeout = 50 * millisecond}, seed);
    const u64 missing = 2000 - s.account.answered;
    EXPECT_GE(100.0 * static_cast<double>(s.account.answered) / 2000, 99.5) << seed;
    EXPECT_NEAR(s.account.loss(), 0.05, 0.025) << seed;
    held += static_cast<double>(missing) <= s.account.missed_at_most() ? 1 : 0;
  }
  EXPECT_GE(held, 19u) << "the bound holds nineteen times of twenty";
  const Scanned once = scan("198.18.9.9 1ms loss=20%", 500, {.rate = 10000, .passes = 1, .timeout = 50 * millisecond});
  EXPECT_EQ(once.account.missed_at_most(), static_cast<double>(once.account.unanswered)) << "one pass knows nothing of its loss";
  EXPECT_LT(once.account.recall_at_least(), 90);
}

TEST(Scan, follows_what_the_way_takes) {
  for (const char* delay : {"1ms", "50ms"}) {
    const Scanned s = scan(std::string("198.18.1.1 1ms pace=5000, 198.18.9.9 ") + delay + " open=80", 20000, {.rate = 100000, .timeout = 200 * millisecond});
    EXPECT_GE(s.account.slowed, 1u) << delay;
    EXPECT_LE(s.account.rate, 6500) << delay;
    EXPECT_GE(s.account.recall_at_least(), 99) << delay;
    EXPECT_EQ(s.account.answered, 20000u) << delay;
    EXPECT_LE(s.account.sent, 24000u) << "few had to be asked again: " << delay;
    EXPECT_LE(s.took, 6 * second) << delay;
  }
}

TEST(Scan, does_not_slow_down_for_what_is_lost_at_any_pace) {
  unsigned slowed = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) slowed += scan("198.18.9.9 1ms loss=5%", 5000, {.rate = 50000, .passes = 1, .timeout = 50 * millisecond}, seed).account.slowed;
  EXPECT_LE(slowed, 1u);
  EXPECT_EQ(scan("198.18.1.1 1ms filter, 198.18.9.9 1ms", 5000, {.rate = 50000, .passes = 1}).account.slowed, 0u) << "where nothing answers there is nothing to go by";
}

TEST(RateGuide, tries_again_what_an_outage_took_back) {
  RateGuide guide(1000, false);
  std::deque<std::pair<Nanoseconds, u16>> coming;
  Nanoseconds now = second;
  guide.begin(now);
  u64 sent = 0;
  for (const Nanoseconds end = now + 20 * second; now < end; now += millisecond) {
    for (; !coming.empty() && coming.front().first <= now; coming.pop_front()) guide.answered(coming.front().second, now);
    for (u64 due = guide.due(now); due > 0; --due, ++sent) {
      const u16 number = guide.sent(now);
      if (now < 3 * second || now > 4 * second) coming.emplace_back(now + 5 * millisecond, number);
    }
  }
  EXPECT_GE(guide.slowed(), 1u);
  EXPECT_GE(guide.rate(), 900) << "ten seconds behind it";
  EXPECT_GE(sent, 10000u) << "of twenty thousand";
}

TEST(Scan, begins_slowly_and_goes_on_where_it_was_stopped) {
  const ScanProbes probes = probes_for(2000);
  SimulatedWire wire("198.18.9.9 1ms open=7|1500 loss=10%", [&probes](u64 i) { return probes.make(i); }, 3);
  std::vector<u16> open;
  const auto told = [&](const ScanProbes::Match& m) {
    if (m.verdict == PortVerdict::open) open.push_back(probes.targets().port(m.probe));
  };
  const ScanOptions options{.rate = 100000, .passes = 5, .timeout = 50 * millisecond};
  Scan first(options, probes, told);
  std::atomic<bool> stop = false;
  ASSERT_TRUE(run(first, wire, stop, [&] { stop = wire.sent() >= 1000; }));
  EXPECT_LE(wire.times[20] - wire.times[0], 5 * millisecond + 100'000) << "four thousand a second";
  EXPECT_GE(wire.times[20] - wire.times[0], 5 * millisecond - 100'000);
  const ScanState state = first.state();
  const auto left = static_cast<u64>(std::ranges::count(state.marks, ScanState::not_asked));
  EXPECT_EQ(left + state.account.sent, 2000u);
  Scan second(options, probes, told);
  second.resume(state);
  stop = false;
  ASSERT_TRUE(run(second, wire, stop));
  const ScanAccount a = second.account();
  EXPECT_EQ(a.answered + a.unanswered, 2000u);
  EXPECT_GE(a.answered, 1995u);
  EXPECT_EQ(a.sent_by_pass[0], 2000u) << "in the first pass each was asked once";
  EXPECT_LE(a.sent, wire.sent()) << "what was waited for was asked again";
  std::ranges::sort(open);
  EXPECT_EQ(open, (std::vector<u16>{7, 1500}));
}

TEST(Scan, ends_when_nobody_answers_and_asks_a_single_port_again) {
  const Scanned none = scan("198.18.1.1 1ms filter, 198.18.9.9 1ms", 100, {.rate = 1000, .timeout = 100 * millisecond});
  EXPECT_EQ(none.account.answered, 0u);
  EXPECT_EQ(none.account.unanswered, 100u);
  EXPECT_EQ(none.account.sent_by_pass.size(), 2u);
  unsigned found = 0;
  for (unsigned seed = 1; seed <= 40; ++seed) found += scan("198.18.9.9 1ms loss=20%", 1, {.timeout = 20 * millisecond}, seed).account.open > 0 ? 1 : 0;
  EXPECT_GE(found, 35u);
}

std::optional<PortVerdict> verdict_of(const ScanProbes& probes, const std::string& words) {
  const auto recipe = Recipe::parse(standard_registry(), std::string_view(words));
  EXPECT_TRUE(recipe) << words;
  const Packet packet = *recipe->make(0);
  Dissection d;
  dissect(standard_registry(), packet.first_protocol(), packet.bytes(), d);
  const auto m = probes.match(d);
  return m ? std::optional(m->verdict) : std::nullopt;
}

TEST(ScanProbes, know_their_answers_by_numbers_that_nobody_else_knows) {
  const ScanProbes probes = probes_for(100);
  const Packet probe = probes.make(79);  // port 80
  const u32 number = *probe.get<&Tcp::seq>();
  const std::string from = "ip src=198.18.9.9 dst=198.18.0.1 / tcp sport=80 dport=" + std::to_string(source_port), good = " ack=" + std::to_string(number + 1);
  EXPECT_EQ(verdict_of(probes, from + " flags=SA" + good), PortVerdict::open);
  EXPECT_EQ(verdict_of(probes, from + " flags=RA" + good), PortVerdict::closed);
  EXPECT_EQ(verdict_of(probes, from + " flags=SA ack=" + std::to_string(number)), std::nullopt) << "forged";
  EXPECT_EQ(verdict_of(probes, from + " flags=R ack=0"), std::nullopt) << "forged";
  EXPECT_EQ(verdict_of(probes, "ip src=198.18.9.8 dst=198.18.0.1 / tcp sport=80 dport=45678 flags=SA" + good), std::nullopt) << "from another host";
  EXPECT_EQ(verdict_of(probes, "ip src=198.18.9.9 dst=198.18.0.1 / tcp sport=81 dport=45678 flags=SA" + good), std::nullopt) << "from another port";
  EXPECT_EQ(verdict_of(probes, "ip src=198.18.9.9 dst=198.18.0.1 / tcp sport=80 dport=45677 flags=SA" + good), std::nullopt) << "to another port";
  const std::string quoted = " / ip src=198.18.0.1 dst=198.18.9.9 / tcp sport=45678 dport=80 seq=";
  EXPECT_EQ(verdict_of(probes, "ip src=198.18.1.1 dst=198.18.0.1 / icmp type=3 code=13" + quoted + std::to_string(number)), PortVerdict::filtered);
  EXPECT_EQ(verdict_of(probes, "ip src=198.18.1.1 dst=198.18.0.1 / icmp type=3 code=13" + quoted + "1"), std::nullopt) << "quotes what was not sent";
  EXPECT_EQ(verdict_of(probes, "ip src=198.18.1.1 dst=198.18.0.1 / icmp type=11 code=0" + quoted + std::to_string(number)), std::nullopt) << "time exceeded says nothing of a port";
  const ScanProbes other({.hosts = {IpAddress(Ipv4Address("198.18.9.9"))}, .ports = {80}}, ScanKind::syn, IpAddress(Ipv4Address("198.18.0.1")), source_port, 1);
  EXPECT_NE(*other.make(0).get<&Tcp::seq>(), number) << "another run has other numbers";
}

TEST(ScanProbes, know_udp_answers_and_refusals) {
  const ScanProbes probes = probes_for(100, true, ScanKind::udp);
  EXPECT_EQ(verdict_of(probes, "ipv6 src=2001:db8::9 dst=2001:db8::1 / udp sport=53 dport=45678 / x"), PortVerdict::open);
  const std::string quoted = " / ipv6 src=2001:db8::1 dst=2001:db8::9 / udp sport=45678 dport=53";
  EXPECT_EQ(verdict_of(probes, "ipv6 src=2001:db8::9 dst=2001:db8::1 / icmpv6 type=1 code=4" + quoted), PortVerdict::closed);
  EXPECT_EQ(verdict_of(probes, "ipv6 src=2001:db8::7 dst=2001:db8::1 / icmpv6 type=1 code=1" + quoted), PortVerdict::filtered);
  Dissection d;
  const Packet probe = probes.make(52);
  dissect(standard_registry(), probe.first_protocol(), probe.bytes(), d);
  EXPECT_TRUE(probes.is_ours(d));
  EXPECT_FALSE(probes.match(d));
}

}  // namespace
}  // namespace rawket::test
