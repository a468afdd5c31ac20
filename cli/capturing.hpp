// The loop of `rawket capture`: packets from a source to the screen and to a sink, and what became of each.
#pragma once
#include "options.hpp"
#include "output.hpp"
#include "rawket/io/pre_trigger.hpp"
#include "show.hpp"

namespace rawket::cli {

/// Where packets of one interface went that were looked at.
struct Passed {
  u64 taken = 0;     ///< written or shown
  u64 unwanted = 0;  ///< not let through by the display filter
};

class Capturing {
 public:
  /// `trigger` is null when only a signal triggers.
  Capturing(const CaptureOptions& options, LiveSource& source, Show& show, Show* trigger) : options_(options), source_(source), show_(show), trigger_(trigger) {}

  /// The sink, and the same again where it is one that waits for a trigger; both may be null.
  void write_to(Sink* sink, PreTrigger* waiting) { sink_ = sink, waiting_ = waiting; }
  /// Until a signal, the limit, `duration` (0: no end), the child's end (`child` above 0), or the source's. The exit code.
  int run(Nanoseconds duration, int child);
  /// The kernel's counts, and what the display filter refused: what a file tells when the next begins.
  std::vector<Counters> counters_now();

 private:
  bool shows() const { return sink_ == nullptr || options_.print; }
  bool is_time_to_stop(Nanoseconds now, Nanoseconds end);
  Result<void> one(const CapturedPacket& packet);
  Result<void> round(Nanoseconds wait);
  Result<void> flush_in_time(bool idle);
  void answer_signals();
  Result<void> trigger();
  std::string_view name_of(u32 interface) const;
  void tell_statistics();
  int finish(std::optional<Error> problem);
  std::vector<Counters> account();

  const CaptureOptions& options_;
  LiveSource& source_;
  Show& show_;
  Show* trigger_;
  Sink* sink_ = nullptr;
  PreTrigger* waiting_ = nullptr;
  Output output_;
  SystemClock clock_;
  std::vector<Passed> passed_;  ///< by interface
  u64 number_ = 0;
  Nanoseconds flushed_ = 0, told_ = 0;
  Nanoseconds tell_every_ = 0;
  int child_ = 0, child_code_ = -1;
  bool done_ = false, finished_ = false;
  bool looks_ = false;  ///< packets are dissected or shown, and not only counted and written
};

}  // namespace rawket::cli
