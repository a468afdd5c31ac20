// Durations as people write them, and clocks that go forward.
#include "rawket/base/clock.hpp"

#include <gtest/gtest.h>

namespace rawket {
namespace {

Nanoseconds duration(std::string_view text) {
  Nanoseconds out = -1;
  return parse_duration(text, out) ? out : -1;
}

TEST(Duration, units_are_read_and_a_bare_number_is_seconds) {
  EXPECT_EQ(duration("2"), 2 * second);
  EXPECT_EQ(duration("1.5s"), 1500 * millisecond);
  EXPECT_EQ(duration("200ms"), 200 * millisecond);
  EXPECT_EQ(duration("10us"), 10'000);
  EXPECT_EQ(duration("7ns"), 7);
  EXPECT_EQ(duration("2m"), 120 * second);
  EXPECT_EQ(duration("1h"), 3600 * second);
  EXPECT_EQ(duration("0"), 0);
  EXPECT_EQ(duration(".25"), second / 4);
}

TEST(Duration, what_is_none_is_refused_and_nothing_is_written) {
  for (std::string_view bad : {"", "s", "ms", "-1", "-1s", "1 s", "1x", "1sec", "abc", "nan", "inf", "1e99", "1..5", " 1", "1s ", "10000000h"}) EXPECT_EQ(duration(bad), -1) << bad;
}

TEST(Clock, now_never_goes_back_and_a_time_that_passed_is_not_waited_for) {
  SystemClock clock;
  Clock& c = clock;
  const Nanoseconds a = c.now();
  c.sleep_until(a - second);
  c.sleep_until(0);
  EXPECT_GE(c.now(), a);
  EXPECT_GT(wall_clock(), 1'500'000'000 * second);
}

}  // namespace
}  // namespace rawket
