// Passes over what has not answered, each in a new random order; and what their yields say about what is still missing.
#include "rawket/inspect/scan.hpp"

#include <algorithm>
#include <cmath>

namespace rawket {

Scan::Scan(const ScanOptions& options, const SweepProbes& probes, std::function<void(const SweepProbes::Match&)> told)
    : options_(options), probes_(probes), told_(std::move(told)), verdicts_(static_cast<std::size_t>(probes.count())), random_(options.seed), guide_(options.rate, probes.silence_is_an_answer()),
      windows_(verdicts_.size()) {}

void Scan::resume(ScanState state) {
  pass_ = state.pass;
  account_ = std::move(state.account);
  resumed_ = std::move(state.marks);
  std::ranges::transform(resumed_, verdicts_.begin(), [](u8 mark) { return mark == ScanState::not_asked ? u8{0} : mark; });
}

ScanState Scan::state() const {
  ScanState s{pass_, account_, resumed_.empty() ? verdicts_ : resumed_};
  for (const u32 probe : not_left_)
    if (s.marks[probe] == 0) s.marks[probe] = ScanState::not_asked;
  for (std::size_t i = begun_.empty() ? next_ : begun_.front().second; i < next_; ++i) {
    if (s.marks[order_[i]] != 0) continue;
    s.marks[order_[i]] = ScanState::not_asked;
    --s.account.sent, --s.account.sent_by_pass.back();
  }
  for (std::size_t i = next_; i < order_.size(); ++i) s.marks[order_[i]] = ScanState::not_asked;
  return s;
}

bool Scan::begin_pass(Nanoseconds now) {
  if (pass_ >= options_.passes) return false;
  if (pass_ > 1 && account_.found_by_pass.back() == 0) return false;  // asking again finds nothing any more
  order_.clear();
  for (std::size_t i = 0; i < verdicts_.size(); ++i)
    if (verdict(i) == PortVerdict::unknown) order_.push_back(static_cast<u32>(i));
  if (order_.empty()) return false;
  if (pass_ > 0 && account_.loss() > 0.02) guide_.halve();
  ++pass_;
  account_.sent_by_pass.push_back(0), account_.found_by_pass.push_back(0);
  return begin_order(now);
}

bool Scan::begin_order(Nanoseconds now) {
  std::ranges::shuffle(order_, random_);
  next_ = 0, open_in_pass_ = 0;
  not_left_.clear(), begun_.clear();
  last_sent_ = last_answer_ = now;
  guide_.begin(now);
  return true;
}

void Scan::heard(const Heard& h) {
  if (const auto match = probes_.match(h.answer)) matched(*match);
}

void Scan::matched(const SweepProbes::Match& match) {
  if (pass_ == 0) return;
  const auto at = static_cast<std::size_t>(match.probe);
  last_answer_ = now_;
  if (verdicts_[at] != 0) return void(++account_.duplicates);
  verdicts_[at] = static_cast<u8>(match.verdict);
  ++account_.answered, ++account_.found_by_pass.back();
  guide_.answered(windows_[at], now_);
  if (open_in_pass_ > 0) --open_in_pass_;
  if (told_) told_(match);
}

void Scan::failed(u64 probe) {
  not_left_.push_back(static_cast<u32>(probe));
  ++account_.failed, --account_.sent;
  --account_.sent_by_pass.back();
  if (open_in_pass_ > 0) --open_in_pass_;
}

std::optional<Nanoseconds> Scan::step(Nanoseconds now, std::vector<u64>& probes) {
  constexpr u64 most_at_once = 256;
  now_ = now;
  while (!begun_.empty() && now - begun_.front().first >= options_.timeout) begun_.pop_front();
  if (!resumed_.empty()) {
    for (std::size_t i = 0; i < resumed_.size(); ++i)
      if (resumed_[i] == ScanState::not_asked) order_.push_back(static_cast<u32>(i));
    resumed_.clear();
    begin_order(now);
  }
  if (pass_ == 0 && !begin_pass(now)) return std::nullopt;
  const bool over = next_ == order_.size() && (open_in_pass_ == 0 || now - std::max(last_sent_, last_answer_) >= options_.timeout);
  if (over && !begin_pass(now)) return std::nullopt;
  if (next_ < order_.size()) begun_.emplace_back(now, next_);
  for (u64 left = std::min(most_at_once, guide_.due(now)); left > 0 && next_ < order_.size(); --left) {
    const u32 probe = order_[next_++];
    probes.push_back(probe);
    windows_[probe] = guide_.sent(now);
    ++account_.sent, ++account_.sent_by_pass.back(), ++open_in_pass_;
    last_sent_ = now;
  }
  return next_ == order_.size() ? std::max(last_sent_, last_answer_) + options_.timeout : guide_.next();
}

ScanAccount Scan::account() const {
  ScanAccount a = account_;
  a.answers_limited = probes_.silence_is_an_answer();
  a.slowed = guide_.slowed(), a.rate = guide_.rate();
  u64* const counts[] = {&a.unanswered, &a.open, &a.closed, &a.filtered, &a.unfiltered};
  for (const u8 mark : state().marks) ++*(mark == ScanState::not_asked ? &a.not_asked : counts[mark]);
  return a;
}

/// Each pass loses the same part: what the later ones found is to what the earlier ones found as the loss is to one.
double ScanAccount::loss() const {
  u64 earlier = 0, later = 0;
  for (std::size_t i = 0; i + 1 < found_by_pass.size(); ++i) earlier += found_by_pass[i], later += found_by_pass[i + 1];
  return earlier == 0 ? 0 : std::min(1.0, static_cast<double>(later) / static_cast<double>(earlier));
}

double ScanAccount::missed() const {
  if (found_by_pass.empty() || answers_limited) return 0;
  const double p = loss();
  if (p >= 1) return static_cast<double>(unanswered);
  return std::min(static_cast<double>(found_by_pass.back()) * p / (1 - p), static_cast<double>(unanswered));
}

double ScanAccount::missed_at_most() const {
  if (answers_limited || found_by_pass.size() < 2) return static_cast<double>(unanswered);  // one pass says nothing of its own loss
  const double m = missed(), found = static_cast<double>(found_by_pass.back());
  // Both the loss and the last yield are counts of chance: twice their deviation, and never less than nothing was seen.
  const double spread = 2 * std::sqrt(m + 1) + (found > 0 ? 2 * m / std::sqrt(found) : 0);
  return std::min(std::ceil(m + (loss() == 0 ? 0 : spread)), static_cast<double>(unanswered));
}

double ScanAccount::recall_at_least() const {
  const auto found = static_cast<double>(answered);
  return answered == 0 ? 0 : 100 * found / (found + missed_at_most());
}

}  // namespace rawket
