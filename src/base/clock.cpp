// Clocks and durations.
#include "rawket/base/clock.hpp"

#include <charconv>
#include <ctime>
#include <utility>

namespace rawket {
namespace {
Nanoseconds read_clock(clockid_t id) {
  timespec t{};
  clock_gettime(id, &t);
  return t.tv_sec * second + t.tv_nsec;
}
}  // namespace

Nanoseconds SystemClock::now() { return read_clock(CLOCK_MONOTONIC); }

void SystemClock::sleep_until(Nanoseconds when) {
  const timespec t{static_cast<time_t>(when / second), static_cast<long>(when % second)};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr);
}

Nanoseconds wall_clock() { return read_clock(CLOCK_REALTIME); }

bool parse_duration(std::string_view text, Nanoseconds& out) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !(value >= 0) || value > 1e9) return false;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  constexpr std::pair<std::string_view, double> units[] = {{"", 1e9}, {"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}, {"m", 60e9}, {"h", 3600e9}};
  for (const auto& [name, scale] : units)
    if (unit == name && value * scale < 9e18) {
      out = static_cast<Nanoseconds>(value * scale);
      return true;
    }
  return false;
}

}  // namespace rawket
