// Thresholds: far from what a healthy network does, near enough to stop within about a second.
#include "rawket/send/harm.hpp"

#include <algorithm>
#include <span>

namespace rawket {
namespace {

constexpr std::size_t baseline_probes = 3, most_silent = 4, window = 12, most_lost = 6, recent = 5;
constexpr std::size_t storm = 500;  // errors in a second
constexpr Nanoseconds patience = 200 * millisecond, slower_by = 20 * millisecond;
constexpr int times_slower = 10;

Nanoseconds median(std::vector<Nanoseconds> times) {
  std::ranges::nth_element(times, times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2));
  return times[times.size() / 2];
}

std::string milliseconds(Nanoseconds t) { return std::to_string(t / millisecond) + " ms"; }

}  // namespace

void HarmSigns::probe_sent(Nanoseconds now) {
  probes_.push_back({now, -1});
  if (probes_.size() > window + 1) probes_.erase(probes_.begin());  // the newest may not be due yet
}

void HarmSigns::probe_answered(Nanoseconds now) {
  if (probes_.empty() || probes_.back().round_trip >= 0) return;
  probes_.back().round_trip = now - probes_.back().sent;
  if (first_.size() < baseline_probes) first_.push_back(probes_.back().round_trip);
}

void HarmSigns::error_received(Nanoseconds now) {
  errors_.push_back(now);
  if (errors_.size() > storm) errors_.erase(errors_.begin());
}

/// The round trip before it could be our doing; 0 while it is not known.
Nanoseconds HarmSigns::usual() const { return first_.size() < baseline_probes ? 0 : std::max<Nanoseconds>(median(first_), 1); }

std::optional<std::string> HarmSigns::harm(Nanoseconds now) const {
  if (errors_.size() >= storm && now - errors_.front() <= second) return "ICMP errors pour in: " + std::to_string(storm) + " within " + milliseconds(now - errors_.front());
  const Nanoseconds before = usual();
  if (before == 0) return std::nullopt;
  std::vector<Probe> due;  // those that had time to be answered
  for (const Probe& p : probes_)
    if (p.round_trip >= 0 || now - p.sent >= patience) due.push_back(p);
  const auto lost_of = [&](std::size_t last) {
    const auto newest = std::span(due).last(std::min(last, due.size()));
    return static_cast<std::size_t>(std::ranges::count_if(newest, [](const Probe& p) { return p.round_trip < 0; }));
  };
  if (lost_of(most_silent) == most_silent) return "the next hop has stopped answering";
  if (due.size() >= window && lost_of(window) >= most_lost) return "the next hop answers only " + std::to_string(window - lost_of(window)) + " of " + std::to_string(window) + " probes";
  std::vector<Nanoseconds> last;
  for (auto p = due.rbegin(); p != due.rend() && last.size() < recent; ++p)
    if (p->round_trip >= 0) last.push_back(p->round_trip);
  if (last.size() < recent) return std::nullopt;
  const Nanoseconds is = median(last);
  if (is > before * times_slower && is > before + slower_by) return "the next hop answers after " + milliseconds(is) + ", and before it took " + milliseconds(before);
  return std::nullopt;
}

}  // namespace rawket
