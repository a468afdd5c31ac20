// When how much may leave: a rate that holds over seconds and over hundredths of one, without burning a core.
#pragma once
#include <atomic>
#include <functional>

#include "rawket/base/clock.hpp"

namespace rawket {

/// Units may be packets or bits. What is late is caught up at a tenth above the rate, never in a burst.
class Pacer {
 public:
  static constexpr double unlimited = 1e18;

  /// From nothing to `rate` units a second within `ramp`.
  Pacer(Clock& clock, double rate, Nanoseconds ramp = 0) : clock_(clock), rate_(rate), ramp_(ramp), start_(clock.now()), last_(start_) {}

  /// Waits until `wanted` units are due; how many are, at least so many. 0 when `stop` came first.
  u64 wait_for(u64 wanted, const std::atomic<bool>& stop);
  void took(u64 units) { taken_ += units; }

 private:
  double due_at(Nanoseconds now) const;

  Clock& clock_;
  double rate_;
  Nanoseconds ramp_, start_, last_;
  u64 taken_ = 0;
  bool begun_ = false;
};

/// Packets at times of their own: those of a capture.
class Timetable {
 public:
  /// `offset(i)` is when packet i is due, from the first; times that go back are due at once.
  Timetable(Clock& clock, std::function<Nanoseconds(u64)> offset, double speed) : clock_(clock), offset_(std::move(offset)), speed_(speed), start_(clock.now()) {}

  /// Waits until packet `index` is due; false when `stop` came first.
  bool wait_for(u64 index, const std::atomic<bool>& stop);
  /// From here on the times count anew: the next round begins, so long after the last one began.
  void next_round(Nanoseconds length) { start_ += static_cast<Nanoseconds>(static_cast<double>(length) / speed_); }

 private:
  Clock& clock_;
  std::function<Nanoseconds(u64)> offset_;
  double speed_;
  Nanoseconds start_;
};

}  // namespace rawket
