// How fast probes may leave: slowly at first, and slower again when fewer of them are answered than before.
//
// The order of the probes has to be random: then the same share of them is answered all along, and what falls short of that
// share was lost to the pace. Where nothing answers there is nothing to go by, and the pace rises to what was asked for.
#pragma once
#include <algorithm>
#include <vector>

#include "rawket/base/clock.hpp"

namespace rawket {

class RateGuide {
 public:
  /// Probes a second. With `steady` it is this rate all along: where answers are limited, their share says nothing.
  RateGuide(double wished, bool steady);
  /// Probes in a new order, of which another share may be answered.
  void begin(Nanoseconds now);
  /// How many more may leave now.
  u64 due(Nanoseconds now);
  /// When the next one may.
  Nanoseconds next() const;
  /// One has left. Its number is to be given back with its answer.
  u16 sent(Nanoseconds now);
  void answered(u16 number, Nanoseconds now);

  double rate() const { return rate_; }
  unsigned slowed() const { return slowed_; }  ///< how often it was
  void halve() { wished_ /= 2, rate_ = std::min(rate_, wished_); }

 private:
  /// Probes that left one after the other, judged together when their answers have to be here.
  struct Window {
    Nanoseconds began = 0, ended = 0;
    u32 sent = 0, answered = 0;
  };
  void set_rate(double rate, Nanoseconds now);
  void judge(Nanoseconds now);
  double surprise(const Window& window) const;
  bool all_heard(const Window& window, Nanoseconds now) const;
  void slow_down(const Window& window, Nanoseconds now);
  Nanoseconds patience() const;

  double wished_, rate_;
  double came_through_ = 0;              ///< probes a second, when last fewer were answered
  bool steady_, rising_;                 ///< doubling still
  unsigned slowed_ = 0;
  Nanoseconds anchor_ = 0;               ///< since when it is this rate,
  u64 since_ = 0;                        ///< and how many have left since
  std::vector<Window> windows_;
  std::size_t judged_ = 0, newest_ = 0;  ///< the next to be judged; the latest of which an answer has come
  Nanoseconds ignore_until_ = 0;         ///< what left before was too fast, as is known
  double answered_well_ = 0, sent_well_ = 0;  ///< in windows that were not short
  double delay_ = 0, deviation_ = 0;     ///< of answers, from the beginning of their window; 0: none yet
};

}  // namespace rawket
