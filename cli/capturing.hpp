// The loop of `rawket capture`: packets from a source to the screen and to a sink, and what became of each.
#pragma once
#include "options.hpp"
#include "output.hpp"
#include "rawket/host/process_finder.hpp"
#include "rawket/io/pre_trigger.hpp"
#include "run_filter.hpp"
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
  /// Only packets of this command, and until its end. May be null.
  void follow(RunFilter* command) { command_ = command; }
  /// Whose packets they are is told. May be null.
  void name_processes(ProcessFinder* processes) { processes_ = processes; }
  /// Until a signal, the limit, `duration` (0: no end), the command's end, or the source's. The exit code: the command's, if there is one.
  int run(Nanoseconds duration);
  /// The kernel's counts, and what the display filter refused: what a file tells when the next begins.
  std::vector<Counters> counters_now();

 private:
  bool shows() const { return sink_ == nullptr || options_.print; }
  bool is_time_to_stop(Nanoseconds now, Nanoseconds end);
  Result<void> one(const CapturedPacket& packet);
  Result<void> round(Nanoseconds wait);
  Result<void> flush_in_time(bool idle);
  void answer_signals();
  const ProcessFacts* owner_of(const CapturedPacket& packet);
  Result<void> write(CapturedPacket packet, const ProcessFacts* owner, Passed& passed);
  Result<bool> write_segments(const CapturedPacket& packet, Passed& passed);
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
  u64 number_ = 0, counted_ = 0;  ///< of all that were taken, and of those that the limit is about: from the trigger on
  Nanoseconds flushed_ = 0, told_ = 0;
  Nanoseconds tell_every_ = 0;
  RunFilter* command_ = nullptr;
  ProcessFinder* processes_ = nullptr;
  std::unique_ptr<Dissection> ends_;  ///< what the process is looked for by
  std::string comment_;
  Nanoseconds command_ended_ = 0;
  int code_ = ok;  ///< of what happened on the way
  bool done_ = false, finished_ = false;
  bool looks_ = false;  ///< packets are dissected or shown, and not only counted and written
};

}  // namespace rawket::cli
