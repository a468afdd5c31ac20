// Times of many round trips, and what they are like.
#pragma once
#include <vector>

#include "rawket/base/clock.hpp"

namespace rawket {

/// Times of many round trips; the last million is kept for percentiles.
class RoundTrips {
 public:
  void add(Nanoseconds time);
  u64 count() const { return count_; }
  Nanoseconds least() const { return least_; }
  Nanoseconds most() const { return most_; }
  Nanoseconds mean() const { return count_ == 0 ? 0 : sum_ / static_cast<Nanoseconds>(count_); }
  /// The time that so many in a hundred do not exceed (nearest rank); 0 without any.
  Nanoseconds percentile(double percent) const;
  /// How many are in each of `bins` equal parts from the least to the most.
  std::vector<u64> histogram(std::size_t bins) const;

 private:
  static constexpr std::size_t most_kept = 1'000'000;
  std::vector<Nanoseconds> kept_;
  u64 count_ = 0;
  Nanoseconds sum_ = 0, least_ = 0, most_ = 0;
};

}  // namespace rawket
