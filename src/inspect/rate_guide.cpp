// Windows of probes, each compared with the share that was answered before.
#include "rawket/inspect/rate_guide.hpp"

#include <algorithm>
#include <cmath>

namespace rawket {
namespace {
constexpr double fastest = 1e7;                    // of a plan without a limit
constexpr double first_rate = 4000;                // a link of 2 Mbit/s takes it
constexpr double carefully = 1.01, boldly = 1.05;  // by what it rises again: above and below what came through
constexpr double slowest = 10;                     // a window of probes in three seconds still tells something
constexpr Nanoseconds window_time = 2 * millisecond;
constexpr u32 window_size = 32;                    // at least
constexpr Nanoseconds unknown_patience = 100 * millisecond;  // as long as nothing has answered
constexpr double enough = 20;                      // expected answers, before their lack means something
constexpr double surprising = 4;                   // standard deviations
}  // namespace

RateGuide::RateGuide(double wished, bool steady)
    : wished_(std::min(wished, fastest)), rate_(steady ? wished_ : std::min(wished_, first_rate)), steady_(steady), rising_(rate_ < wished_) {}

void RateGuide::begin(Nanoseconds now) {
  windows_.clear();
  judged_ = newest_ = 0;
  answered_well_ = sent_well_ = 0;
  ignore_until_ = 0;
  set_rate(rate_, now);
}

void RateGuide::set_rate(double rate, Nanoseconds now) {
  rate_ = std::clamp(rate, std::min(wished_, slowest), wished_);
  anchor_ = now;
  since_ = 0;
}

u64 RateGuide::due(Nanoseconds now) {
  if (!steady_) judge(now);
  const auto may = static_cast<u64>(rate_ * static_cast<double>(now - anchor_) / 1e9) + 1;
  return may > since_ ? may - since_ : 0;
}

Nanoseconds RateGuide::next() const { return anchor_ + static_cast<Nanoseconds>(std::ceil(static_cast<double>(since_) * 1e9 / rate_)) + 1; }

u16 RateGuide::sent(Nanoseconds now) {
  ++since_;
  const bool full = !windows_.empty() && windows_.back().sent >= window_size && now - windows_.back().began >= window_time;
  if (full) windows_.back().ended = now;
  if (windows_.empty() || full) windows_.push_back({.began = now});
  ++windows_.back().sent;
  return static_cast<u16>(windows_.size() - 1);
}

void RateGuide::answered(u16 number, Nanoseconds now) {
  // Numbers come round again; an answer is for the latest that had it.
  std::size_t at = (windows_.size() & ~std::size_t{0xffff}) | number;
  if (at >= windows_.size() && at >= 0x10000) at -= 0x10000;
  if (at >= windows_.size()) return;
  Window& w = windows_[at];
  ++w.answered;
  newest_ = std::max(newest_, at);
  const auto took = static_cast<double>(now - w.began);
  if (delay_ == 0) delay_ = took, deviation_ = took / 2;
  deviation_ += (std::abs(took - delay_) - deviation_) / 16;
  delay_ += (took - delay_) / 16;
}

Nanoseconds RateGuide::patience() const {
  return delay_ == 0 ? unknown_patience : std::max<Nanoseconds>(millisecond, static_cast<Nanoseconds>(delay_ + 4 * deviation_));
}

/// Answers come in the order of their questions, near enough: one to a later question says that earlier ones are not just unread.
bool RateGuide::all_heard(const Window& w, Nanoseconds now) const {
  return windows_[newest_].began >= w.ended + patience() || now >= w.ended + patience() + 2 * unknown_patience;
}

/// By how many standard deviations more, or fewer, are answered than expected.
double RateGuide::surprise(const Window& w) const {
  const auto sent = static_cast<double>(w.sent);
  const double share = sent_well_ > 0 ? answered_well_ / sent_well_ : 0, expected = sent * share;
  if (expected < enough) return 0;
  const double spread = std::sqrt(expected * (1 - share) * (1 + sent / sent_well_));  // neither share is known for sure
  return (static_cast<double>(w.answered) - expected) / std::max(spread, 1.0);
}

void RateGuide::judge(Nanoseconds now) {
  for (; judged_ < windows_.size(); ++judged_) {
    const Window& w = windows_[judged_];
    if (w.ended == 0 || now < w.ended + patience()) return;
    if (w.began < ignore_until_) continue;
    const double more = surprise(w);
    if (more < -surprising) {
      if (!all_heard(w, now)) return;
      slow_down(w, now);
      continue;
    }
    if (more > surprising) answered_well_ = sent_well_ = 0;  // before, it was too fast all along
    answered_well_ += static_cast<double>(w.answered), sent_well_ += static_cast<double>(w.sent);
    if (rate_ < wished_ && w.began >= anchor_) set_rate(rate_ * (rising_ ? 2 : rate_ < came_through_ ? boldly : carefully), now);  // it left at this rate
  }
}

/// Below what has come through: there it is seen which share is answered when nothing is lost.
void RateGuide::slow_down(const Window& w, Nanoseconds now) {
  const double expected = static_cast<double>(w.sent) * answered_well_ / sent_well_;
  const double left_at = static_cast<double>(w.sent) * 1e9 / static_cast<double>(std::max<Nanoseconds>(w.ended - w.began, 1));
  constexpr double most_at_once = 8;
  ++slowed_;
  rising_ = w.answered == 0;  // then nothing came through at any pace: when the way is there again, it is tried out again
  came_through_ = 0.9 * std::min(left_at, rate_) * static_cast<double>(w.answered) / expected;
  set_rate(std::max(came_through_ / 2, rate_ / most_at_once), now);
  ignore_until_ = now;
}

}  // namespace rawket
