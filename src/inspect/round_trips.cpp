// Percentiles are of what was kept, exactly; the rest is of all.
#include "rawket/inspect/round_trips.hpp"

#include <algorithm>
#include <cmath>

namespace rawket {

void RoundTrips::add(Nanoseconds time) {
  least_ = count_ == 0 ? time : std::min(least_, time);
  most_ = std::max(most_, time);
  sum_ += time;
  if (kept_.size() < most_kept) kept_.push_back(time);
  else kept_[count_ % most_kept] = time;
  ++count_;
}

Nanoseconds RoundTrips::percentile(double percent) const {
  if (kept_.empty()) return 0;
  std::vector<Nanoseconds> sorted = kept_;
  const double rank = std::ceil(percent / 100 * static_cast<double>(sorted.size()));
  const std::size_t at = std::clamp<std::size_t>(static_cast<std::size_t>(rank), 1, sorted.size()) - 1;
  std::ranges::nth_element(sorted, sorted.begin() + static_cast<std::ptrdiff_t>(at));
  return sorted[at];
}

std::vector<u64> RoundTrips::histogram(std::size_t bins) const {
  std::vector<u64> counts(bins);
  const double width = static_cast<double>(most_ - least_ + 1) / static_cast<double>(bins);
  for (const Nanoseconds time : kept_) ++counts[std::min(static_cast<std::size_t>(static_cast<double>(time - least_) / width), bins - 1)];
  return counts;
}

}  // namespace rawket
