// Time as a number of nanoseconds, and where it comes from: passed in, so that tests own it.
#pragma once
#include <string>

#include "rawket/base/bytes.hpp"

namespace rawket {

/// Nanoseconds since 1970-01-01 UTC for packets; since any start for a monotonic clock.
using Nanoseconds = i64;
inline constexpr Nanoseconds millisecond = 1'000'000, second = 1'000'000'000;

/// From one time to another, negative when it is earlier. Times in captures are anybody's: what cannot be told is as much as can.
constexpr Nanoseconds elapsed(Nanoseconds from, Nanoseconds to) {
  Nanoseconds difference = 0;
  if (!__builtin_sub_overflow(to, from, &difference)) return difference;
  return to > from ? INT64_MAX : INT64_MIN;
}

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Nanoseconds now() = 0;                       ///< monotonic
  virtual void sleep_until(Nanoseconds when) = 0;      ///< returns at once when `when` has passed
};

/// CLOCK_MONOTONIC.
class SystemClock : public Clock {
 public:
  Nanoseconds now() override;
  void sleep_until(Nanoseconds when) override;
};

/// CLOCK_REALTIME: what packets are stamped with.
Nanoseconds wall_clock();

/// "1.5s", "200ms", "10us", "2m"; a bare number is seconds. False when it is none of these or negative.
bool parse_duration(std::string_view text, Nanoseconds& out);

}  // namespace rawket
