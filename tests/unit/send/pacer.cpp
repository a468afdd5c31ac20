// Rates on a clock that the test owns.
#include "rawket/send/pacer.hpp"

#include <gtest/gtest.h>

#include <map>

namespace rawket {
namespace {

const std::atomic<bool> never{false};

/// Sleeping takes as long as it is told to, and some more.
struct SlowClock final : Clock {
  Nanoseconds now() override { return time; }
  void sleep_until(Nanoseconds when) override {
    if (when > time) time = when + lag, ++sleeps;
  }
  Nanoseconds time = 5 * second, lag = 60'000;
  u64 sleeps = 0;
};

/// How many left in each hundredth of a second.
std::map<i64, u64> windows(double rate, Nanoseconds duration, SlowClock& clock, Nanoseconds ramp = 0) {
  std::map<i64, u64> counts;
  Pacer pacer(clock, rate, ramp);
  const Nanoseconds start = clock.time;
  while (clock.time - start < duration) {
    const u64 due = std::min<u64>(pacer.wait_for(1, never), 64);
    counts[(clock.time - start) / (10 * millisecond)] += due;
    pacer.took(due);
    clock.time += static_cast<Nanoseconds>(due) * 500;
  }
  return counts;
}

TEST(Pacer, holds_its_rate_on_the_whole_and_in_each_hundredth_of_a_second) {
  for (const double rate : {1000.0, 10'000.0, 100'000.0, 333'333.0}) {
    SlowClock clock;
    const auto counts = windows(rate, second, clock);
    u64 sum = 0;
    for (const auto& [window, count] : counts) {
      sum += count;
      if (window < 99) {
        EXPECT_NEAR(static_cast<double>(count), rate / 100, std::max(2.0, rate / 100 * 0.03)) << rate << " in window " << window;
      }
    }
    EXPECT_NEAR(static_cast<double>(sum), rate, rate * 0.01);
  }
}

TEST(Pacer, sleeps_between_packets) {
  SlowClock clock;
  windows(1000, second, clock);
  EXPECT_GE(clock.sleeps, 900u);
  EXPECT_LE(clock.sleeps, 1100u);
  SlowClock fast;
  windows(300'000, second, fast);
  EXPECT_LE(fast.sleeps, 20'000u) << "and not for each when they are many";
}

TEST(Pacer, what_a_long_pause_made_late_is_caught_up_slowly) {
  SlowClock clock;
  Pacer pacer(clock, 100'000);
  pacer.took(pacer.wait_for(1, never));
  clock.time += second;
  const u64 at_once = pacer.wait_for(1, never);
  pacer.took(at_once);
  u64 after = 0;
  for (const Nanoseconds start = clock.time; clock.time - start < second;) {
    const u64 due = pacer.wait_for(1, never);
    pacer.took(due);
    after += due;
  }
  EXPECT_LE(after, 111'000u);
  EXPECT_GE(after, 99'000u);
}

TEST(Pacer, a_ramp_begins_slowly) {
  SlowClock clock;
  const auto counts = windows(10'000, 2 * second, clock, second);
  u64 first = 0, second_half = 0;
  for (const auto& [window, count] : counts) (window < 100 ? first : second_half) += count;
  EXPECT_NEAR(static_cast<double>(first), 5000, 200);
  EXPECT_NEAR(static_cast<double>(second_half), 10'000, 200);
  EXPECT_LT(counts.at(5), counts.at(50));
}

TEST(Pacer, bits_are_waited_for_until_a_whole_packet_is_due) {
  SlowClock clock;
  Pacer pacer(clock, 1e6);
  const Nanoseconds start = clock.time;
  u64 packets = 0;
  for (; clock.time - start < second; ++packets) {
    ASSERT_GE(pacer.wait_for(8000, never), 8000u);
    pacer.took(8000);
  }
  EXPECT_NEAR(static_cast<double>(packets), 125, 2);
}

TEST(Pacer, a_stop_ends_the_wait_and_no_limit_does_not_wait) {
  SlowClock clock;
  const std::atomic<bool> stopped{true};
  EXPECT_EQ(Pacer(clock, 1).wait_for(1, stopped), 0u);
  EXPECT_EQ(Pacer(clock, Pacer::unlimited).wait_for(1, stopped), 0u);
  EXPECT_GT(Pacer(clock, Pacer::unlimited).wait_for(1, never), u64{1} << 40);
  EXPECT_EQ(clock.sleeps, 0u);
}

TEST(Timetable, keeps_the_times_of_a_capture_at_any_speed) {
  for (const double speed : {1.0, 2.0, 0.5}) {
    SlowClock clock;
    clock.lag = 0;
    const std::vector<Nanoseconds> times = {0, 10 * millisecond, 10 * millisecond, 5 * millisecond, second};
    Timetable table(clock, [&](u64 i) { return times[i]; }, speed);
    const Nanoseconds start = clock.time;
    for (u64 i = 0; i < times.size(); ++i) ASSERT_TRUE(table.wait_for(i, never));
    EXPECT_EQ(clock.time - start, static_cast<Nanoseconds>(static_cast<double>(second) / speed));
    table.next_round(second + 10 * millisecond);
    ASSERT_TRUE(table.wait_for(0, never));
    EXPECT_EQ(clock.time - start, static_cast<Nanoseconds>(static_cast<double>(second + 10 * millisecond) / speed)) << "the next round begins a gap later";
  }
}

}  // namespace
}  // namespace rawket
