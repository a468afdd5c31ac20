// Sleeping until it is time, in steps that are neither so short that they cost nor so long that they show.
#include "rawket/send/pacer.hpp"

#include <algorithm>
#include <cmath>

namespace rawket {
namespace {

constexpr Nanoseconds shortest_sleep = 50'000;           // more wake-ups than 20,000 a second cost more than they give
constexpr Nanoseconds longest_sleep = 100 * millisecond;  // a signal ends it anyway; other threads are heard of so
constexpr Nanoseconds backlog = 2 * millisecond;          // so much may be late before it is caught up slowly
constexpr double catching_up = 1.1;

}  // namespace

/// The first unit is due at once.
double Pacer::due_at(Nanoseconds now) const {
  const auto since = static_cast<double>(now - start_), ramp = static_cast<double>(ramp_);
  const double full = since >= ramp ? since - ramp / 2 : since * since / (2 * ramp);
  return full * rate_ / 1e9 + 1 - static_cast<double>(taken_);
}

u64 Pacer::wait_for(u64 wanted, const std::atomic<bool>& stop) {
  if (rate_ >= unlimited) return stop ? 0 : ~u64{0};
  const auto need = static_cast<double>(wanted);
  for (Nanoseconds now = clock_.now(); !stop; now = clock_.now()) {
    const double due = due_at(now) + (begun_ ? 0 : need - 1);  // of bits, a packet's worth at once
    if (due >= need) {
      const double most = rate_ * (static_cast<double>(now - last_) * catching_up + static_cast<double>(begun_ ? 0 : backlog)) / 1e9;
      last_ = now;
      begun_ = true;
      const bool late = due > rate_ * static_cast<double>(backlog) / 1e9 + need;
      return static_cast<u64>(late ? std::clamp(most, need, due) : due);
    }
    const auto missing = static_cast<Nanoseconds>(std::ceil((need - due) / rate_ * 1e9));
    clock_.sleep_until(now + std::clamp(missing, shortest_sleep, longest_sleep));
  }
  return 0;
}

bool Timetable::wait_for(u64 index, const std::atomic<bool>& stop) {
  const Nanoseconds when = start_ + static_cast<Nanoseconds>(static_cast<double>(offset_(index)) / speed_);
  for (Nanoseconds now = clock_.now(); !stop; now = clock_.now()) {
    if (now >= when) return true;
    clock_.sleep_until(std::min(when, now + longest_sleep));
  }
  return false;
}

}  // namespace rawket
