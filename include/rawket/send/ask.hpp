// Questions and answers: sends a plan's packets and matches what comes back.
#pragma once
#include "rawket/packet/answer.hpp"
#include "rawket/send/sender.hpp"

namespace rawket {

struct AskOptions {
  Nanoseconds timeout = second;   ///< after the last question of a round
  u32 retries = 1;                ///< further rounds for what stayed unanswered
};

/// One answer: which packet of the plan, what came, and how long it took.
struct Answered {
  u64 index = 0;
  Answer kind = Answer::yes;
  std::vector<u8> bytes;
  PacketInfo info;
  Nanoseconds round_trip = 0;     ///< from when the question left to when the answer came, by the kernel's stamps
  bool stamped = false;           ///< false: the kernel told only the answer's time, and the question's is from just before sending (loopback)
  u32 attempt = 0;
};

struct AskReport {
  std::vector<Answered> answered;      ///< in the order they came
  std::vector<u64> unanswered;         ///< indices
  SendReport sent;
  Counters received;
};

/// A socket to send by and one to hear answers on; open both, give up rights, then ask.
class Asker {
 public:
  static Result<Asker> open(const ApprovedPlan& plan);
  /// `heard` is called for each answer as it comes; may be empty. Stops early when `stop` becomes true.
  Result<AskReport> ask(const ApprovedPlan& plan, const AskOptions& options, Clock& clock, Sink* record, const std::atomic<bool>& stop,
                        const std::function<void(const Answered&)>& heard);

 private:
  Asker(std::unique_ptr<Sender> sender, std::unique_ptr<Source> ears) : sender_(std::move(sender)), ears_(std::move(ears)) {}
  std::unique_ptr<Sender> sender_;
  std::unique_ptr<Source> ears_;
};

}  // namespace rawket
