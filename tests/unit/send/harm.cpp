// What counts as harm, and what does not.
#include "rawket/send/harm.hpp"

#include <gtest/gtest.h>

namespace rawket {
namespace {

constexpr Nanoseconds gap = HarmSigns::probe_gap;

struct Link {
  HarmSigns signs;
  Nanoseconds now = second;
  /// A probe each quarter of a second; a negative round trip is no answer.
  std::optional<std::string> probes(int count, Nanoseconds round_trip) {
    for (; count > 0; --count) {
      signs.probe_sent(now);
      if (round_trip >= 0) signs.probe_answered(now + round_trip);
      now += gap;
      if (auto harm = signs.harm(now)) return harm;
    }
    return std::nullopt;
  }
};

TEST(HarmSigns, a_healthy_link_shows_none_however_long_it_is_watched) {
  Link link;
  EXPECT_FALSE(link.probes(1000, millisecond));
  EXPECT_FALSE(link.probes(100, 5 * millisecond)) << "some more is no harm";
}

TEST(HarmSigns, a_next_hop_that_falls_silent_is_told_within_about_a_second) {
  Link link;
  ASSERT_FALSE(link.probes(10, millisecond));
  const Nanoseconds then = link.now;
  const auto harm = link.probes(100, -1);
  ASSERT_TRUE(harm);
  EXPECT_NE(harm->find("stopped answering"), std::string::npos);
  EXPECT_LE(link.now - then, 5 * gap);
}

TEST(HarmSigns, one_that_never_answered_says_nothing) {
  Link link;
  EXPECT_FALSE(link.probes(100, -1));
}

TEST(HarmSigns, loss_of_half_is_told) {
  Link link;
  ASSERT_FALSE(link.probes(6, millisecond));
  std::optional<std::string> harm;
  for (int i = 0; i < 20 && !harm; ++i)
    if (!(harm = link.probes(1, -1))) harm = link.probes(1, millisecond);
  ASSERT_TRUE(harm);
  EXPECT_NE(harm->find("answers only"), std::string::npos);
}

TEST(HarmSigns, answers_that_take_ten_times_as_long_are_told) {
  Link link;
  ASSERT_FALSE(link.probes(6, 3 * millisecond));
  const auto harm = link.probes(20, 90 * millisecond);
  ASSERT_TRUE(harm);
  EXPECT_NE(harm->find("90 ms, and before it took 3 ms"), std::string::npos) << *harm;
}

TEST(HarmSigns, a_storm_of_errors_is_told_and_a_few_are_not) {
  Link link;
  for (int i = 0; i < 400; ++i) link.signs.error_received(link.now += millisecond);
  EXPECT_FALSE(link.signs.harm(link.now));
  for (int i = 0; i < 600; ++i) link.signs.error_received(link.now += 10 * millisecond);
  EXPECT_FALSE(link.signs.harm(link.now)) << "a hundred a second";
  for (int i = 0; i < 600; ++i) link.signs.error_received(link.now += millisecond);
  ASSERT_TRUE(link.signs.harm(link.now));
}

}  // namespace
}  // namespace rawket
