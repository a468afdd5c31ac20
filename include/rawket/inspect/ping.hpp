// Round trips to one or several hosts: how many came back, how long they took, in which order.
#pragma once
#include <deque>
#include <unordered_map>

#include "rawket/inspect/inspection.hpp"
#include "rawket/inspect/round_trips.hpp"

namespace rawket {

struct PingOptions {
  std::size_t targets = 1;
  u64 stride = 0;                ///< indices of each target, from target * stride on; so many probes can be out
  u64 count = 0;                 ///< probes to each target; 0: without end
  Nanoseconds interval = second;  ///< between two probes to one target
  Nanoseconds timeout = second;  ///< a probe without an answer for so long is lost
  u32 window = 0;                ///< above 0: the next probe leaves when one is answered, so many are out at once; `interval` then bounds the rate from above, and none waits longer than 10 ms
};

struct PingTarget {
  u64 sent = 0, answered = 0, lost = 0, late = 0, duplicates = 0, reordered = 0, failed = 0;
  u64 errors = 0;                 ///< ICMP errors from others than the host; a refusal of its own is an answer
  u64 changed = 0;                ///< of the answers, those that are not what was sent
  u64 out = 0;                    ///< still waited for
  RoundTrips round_trips, round_trips_here;
  bool kernel_stamped = true;     ///< all `round_trips` are between the kernel's stamps

  double loss() const { return sent == out ? 0 : 100.0 * static_cast<double>(lost) / static_cast<double>(sent - out); }  ///< percent of those whose time is over
};

/// What happened to one probe.
struct PingEvent {
  enum Kind : u8 { answer, error, duplicate, late, lost, failed } kind = answer;
  std::size_t target = 0;
  u64 number = 0;                 ///< from 1
  const Heard* heard = nullptr;   ///< of what came
  bool reordered = false;
  std::string changed{};          ///< what of the answer is not as it was sent; empty when all is
};

class Ping final : public Inspection {
 public:
  Ping(const PingOptions& options, std::function<void(const PingEvent&)> told);
  void heard(const Heard& answer) override;
  void failed(u64 probe) override;
  std::optional<Nanoseconds> step(Nanoseconds now, std::vector<u64>& probes) override;
  std::span<const PingTarget> targets() const { return targets_; }

 private:
  struct Out {
    u64 number = 0;
    Nanoseconds sent = 0;
    bool open = true;
  };
  struct State {
    u64 next = 0, highest = 0;       ///< numbers, from 1
    u64 slot = 0;                    ///< where a free index is looked for
    Nanoseconds due = 0;
    std::deque<std::pair<u64, u64>> order;  ///< probes and their numbers, in the order in which they left
    std::unordered_map<u64, Out> out;  ///< by probe
  };
  void expire(std::size_t target, Nanoseconds now);
  bool has_more(std::size_t target) const;
  u64 free_slot(std::size_t target);
  bool may_send(std::size_t target, Nanoseconds now) const;
  Nanoseconds next_time(std::size_t target, Nanoseconds now) const;

  PingOptions options_;
  std::function<void(const PingEvent&)> told_;
  std::vector<PingTarget> targets_;
  std::vector<State> states_;
  bool started_ = false;
};

}  // namespace rawket
