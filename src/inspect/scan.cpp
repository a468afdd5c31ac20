// Passes over what has not answered, each in a new random order; and what their yields say about what is still missing.
#include "rawket/inspect/scan.hpp"

#include <algorithm>
#include <cmath>

namespace rawket {
namespace {
constexpr double fastest = 1e7;  // of a plan without a limit
}

Scan::Scan(const ScanOptions& options, const SweepProbes& probes, std::function<void(const SweepProbes::Match&)> told)
    : options_(options), probes_(probes), told_(std::move(told)), verdicts_(static_cast<std::size_t>(probes.count())), random_(options.seed), rate_(std::min(options.rate, fastest)) {}

bool Scan::begin_pass(Nanoseconds now) {
  if (pass_ >= options_.passes) return false;
  if (pass_ > 1 && account_.found_by_pass.back() == 0) return false;  // asking again finds nothing any more
  order_.clear();
  for (std::size_t i = 0; i < verdicts_.size(); ++i)
    if (verdict(i) == PortVerdict::unknown) order_.push_back(static_cast<u32>(i));
  if (order_.empty()) return false;
  std::ranges::shuffle(order_, random_);
  if (pass_ > 0 && account_.loss() > 0.02) rate_ /= 2;
  ++pass_;
  next_ = 0, open_in_pass_ = 0;
  began_ = last_sent_ = last_answer_ = now;
  account_.sent_by_pass.push_back(0), account_.found_by_pass.push_back(0);
  return true;
}

void Scan::heard(const Heard& h) {
  const auto match = probes_.match(h.answer);
  if (!match || pass_ == 0) return;
  u8& known = verdicts_[static_cast<std::size_t>(match->probe)];
  last_answer_ = now_;
  if (known != 0) return void(++account_.duplicates);
  known = static_cast<u8>(match->verdict);
  ++account_.answered, ++account_.found_by_pass.back();
  if (open_in_pass_ > 0) --open_in_pass_;
  if (told_) told_(*match);
}

void Scan::failed(u64) {
  ++account_.failed, --account_.sent;
  --account_.sent_by_pass.back();
  if (open_in_pass_ > 0) --open_in_pass_;
}

std::optional<Nanoseconds> Scan::step(Nanoseconds now, std::vector<u64>& probes) {
  constexpr std::size_t most_at_once = 256;
  now_ = now;
  if (pass_ == 0 && !begin_pass(now)) return std::nullopt;
  const bool over = next_ == order_.size() && (open_in_pass_ == 0 || now - std::max(last_sent_, last_answer_) >= options_.timeout);
  if (over && !begin_pass(now)) return std::nullopt;
  const double due = rate_ * static_cast<double>(now - began_) / 1e9 + 1;
  for (std::size_t n = 0; n < most_at_once && next_ < order_.size() && static_cast<double>(next_) < due; ++n) {
    probes.push_back(order_[next_++]);
    ++account_.sent, ++account_.sent_by_pass.back(), ++open_in_pass_;
    last_sent_ = now;
  }
  if (next_ == order_.size()) return std::max(last_sent_, last_answer_) + options_.timeout;
  return began_ + static_cast<Nanoseconds>(static_cast<double>(next_) * 1e9 / rate_);
}

ScanAccount Scan::account() const {
  ScanAccount a = account_;
  a.answers_limited = probes_.silence_is_an_answer();
  u64* const counts[] = {&a.unanswered, &a.open, &a.closed, &a.filtered, &a.unfiltered};
  for (const u8 v : verdicts_) ++*counts[v];
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
