// Rounds of asking; answers are looked up by whom they come from.
#include "rawket/send/ask.hpp"

#include "rawket/io/packet_socket.hpp"
#include "rawket/send/asked_packets.hpp"

namespace rawket {
namespace {

constexpr u64 most_questions = 1u << 16;

class Round {
 public:
  Round(const ApprovedPlan& plan, Source& ears, const std::function<void(const Answered&)>& heard) : plan_(plan), ears_(ears), heard_(heard), asked_(plan.policy()) {}

  Result<void> prepare() {
    const Supply& supply = plan_.plan().supply;
    if (supply.count > most_questions) return fail(Errc::refused, "ask", "at most " + std::to_string(most_questions) + " questions at once");
    for (u64 i = 0; i < supply.count; ++i) questions_.push_back(RAWKET_TRY(supply.make(i)));
    return {};
  }

  /// Takes what has come until `deadline`, or until all is answered.
  Result<void> listen(Clock& clock, Nanoseconds deadline, const std::atomic<bool>& stop) {
    do {
      const Nanoseconds left = deadline - clock.now();
      const auto batch = RAWKET_TRY(ears_.next(left > 50 * millisecond ? 50 * millisecond : left > 0 ? left : 0));
      for (const CapturedPacket& p : batch) hear(p);
      if (open_ == 0 && !asked_.has_groups()) return {};
    } while (clock.now() < deadline && !stop);
    return {};
  }

  void ask(u64 index, u32 attempt) { asked_.ask(index, questions_[index], wall_clock(), attempt); }
  bool is_answered(u64 index) const { return asked_.is_answered(index); }
  u64 size() const { return questions_.size(); }
  void count_open() {
    open_ = 0;
    for (u64 i = 0; i < size(); ++i) open_ += is_answered(i) ? 0 : 1;
  }
  u64 open_questions() const { return open_; }
  AskReport report;

 private:
  void hear(const CapturedPacket& p) {
    const auto m = asked_.hear(p);
    if (!m || (m->before > 0 && !asked_.has_groups())) return;
    if (m->before == 0) --open_;
    report.answered.push_back({m->index, m->kind, {p.bytes.begin(), p.bytes.end()}, p.info, elapsed(m->asked_at, p.info.time), m->stamped, m->attempt});
    if (heard_) heard_(report.answered.back());
  }

  const ApprovedPlan& plan_;
  Source& ears_;
  const std::function<void(const Answered&)>& heard_;
  std::vector<Packet> questions_;
  AskedPackets asked_;
  u64 open_ = 0;
};

}  // namespace

Result<Asker> Asker::open(const ApprovedPlan& plan) {
  auto ears = RAWKET_TRY(PacketSocket::open({.interface = plan.plan().interface.name}));
  auto sender = RAWKET_TRY(Sender::open(plan));
  return Asker(std::move(sender), std::move(ears));
}

Result<AskReport> Asker::ask(const ApprovedPlan& plan, const AskOptions& options, Clock& clock, Sink* record, const std::atomic<bool>& stop,
                             const std::function<void(const Answered&)>& heard) {
  Round round(plan, *ears_, heard);
  if (auto r = round.prepare(); !r) return Failure{r.error()};
  const Nanoseconds start = clock.now(), gap = static_cast<Nanoseconds>(1e9 / plan.plan().rate);
  for (u32 attempt = 0; attempt <= options.retries && !stop; ++attempt) {
    round.count_open();
    if (round.open_questions() == 0) break;
    Nanoseconds next = clock.now();
    for (u64 i = 0; i < round.size() && !stop; ++i) {
      if (round.is_answered(i)) continue;
      if (auto r = round.listen(clock, next, stop); !r) return Failure{r.error()};
      if (clock.now() < next) clock.sleep_until(next);
      next += gap;
      round.ask(i, attempt);
      if (sender_->send_one(i, record)) ++round.report.sent.sent;
      else ++round.report.sent.failed;
    }
    if (auto r = round.listen(clock, clock.now() + options.timeout, stop); !r) return Failure{r.error()};
  }
  for (u64 i = 0; i < round.size(); ++i)
    if (!round.is_answered(i)) round.report.unanswered.push_back(i);
  round.report.sent.took = clock.now() - start;
  round.report.sent.error = sender_->failure();
  round.report.received = ears_->counters();
  return std::move(round.report);
}

}  // namespace rawket
