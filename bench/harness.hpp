// Measures ours and the peers in turn, round by round, and judges the medians against goals.
#pragma once
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "rawket/base/bytes.hpp"

namespace rawket::bench {

/// Makes the compiler believe that `value` is used, and that all memory may be read.
template <class T> [[gnu::always_inline]] inline void keep(const T& value) { asm volatile("" : : "g"(&value) : "memory"); }

/// Nanoseconds of processor time per call of `work(i)`: the time this machine gives to others does not count.
template <class Work> double time_per_item(u64 items, const Work& work) {
  const auto now = [] {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
  };
  const double start = now();
  for (u64 i = 0; i < items; ++i) work(i);
  return (now() - start) / static_cast<double>(items);
}

struct Contender {
  std::string name;
  std::function<double()> sample;  ///< nanoseconds per item
  double at_least = 0;             ///< how many times faster ours shall be; 0: only for comparison
};

/// One thing to do, done by ours and by others.
struct Task {
  std::string name;
  std::function<double()> ours;
  std::vector<Contender> others{};
  double at_most = 0;  ///< nanoseconds that ours may take; 0: no such goal
};

struct Options {
  unsigned rounds = 7;
  u64 packets = 10'000'000;         ///< in the file that is read
  std::vector<std::string> groups;  ///< empty: all
  std::string rawket = "rawket";    ///< the command's path
  std::string capture;              ///< a file whose packets are decoded; empty: none
};

/// Runs every task `rounds` times in both orders by turns, and prints one row per other contender. Returns how many goals were missed.
unsigned measure(const std::vector<Task>& tasks, unsigned rounds);
void print_heading();

/// The groups, each with its tasks; they keep what their tasks need alive.
std::vector<Task> decode_tasks(), build_tasks(), single_packet_tasks(), session_tasks();
std::vector<Task> captured_tasks(const std::string& path);
std::vector<Task> file_tasks(const Options& options, const std::string& file), command_tasks(const Options& options, const std::string& file, u64 packets);

}  // namespace rawket::bench
