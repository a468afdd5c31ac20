// The only place that hands bytes to a socket: the loop over pace, prepared packets and the outlet.
#include "rawket/send/sender.hpp"

#include <sys/prctl.h>

#include "harm_watch.hpp"
#include "outlet.hpp"
#include "rawket/packet/fragments.hpp"
#include "rawket/send/pacer.hpp"

namespace rawket {
namespace {

constexpr std::size_t batch = 64;
constexpr u64 longest_stretch = 4096;       // of one packet again and again, before the pace is asked
constexpr u64 longest_watched = 2'000'000;  // of live frames, before signs of harm are looked for
constexpr unsigned most_failures = 1000;    // one after the other: nothing will leave any more

}  // namespace

/// Holds the permit, and hands out nothing.
class PlanSender final : public Sender {
 public:
  explicit PlanSender(const ApprovedPlan& approved) : approved_(approved), store_(approved_), one_(approved_) {
    if (approved_.policy().permitted.has(Need::many)) budget_ = ~u64{0};
  }

  Result<void> open(SendOrder order) {
    const Plan& plan = approved_.plan();
    ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);  // sleeps end when they should
    if (plan.engine == SendEngine::live_frames || plan.supply.count > 1 || plan.repeat() > 1) store_.prepare_all();
    if (plan.engine == SendEngine::live_frames && !store_.has_all()) return fail(Errc::unsupported, "live frames", "the packets are too many to be made before", "use another --engine");
    opened_ = RAWKET_TRY(open_outlet(plan, store_, order));
    watch_ = RAWKET_TRY(HarmWatch::open(plan));
    return {};
  }

  void open_plain(std::shared_ptr<PlainSockets> sockets) { opened_ = {.outlet = plain_outlet(std::move(sockets))}; }

  SendReport send(Clock& clock, Sink* record, const std::atomic<bool>& stop) override {
    SendReport report;
    const Plan& plan = approved_.plan();
    const Nanoseconds start = clock.now();
    const u64 waits_before = opened_.outlet->waits();
    Pacer pacer(clock, plan.in_bits() ? plan.bit_rate : plan.unlimited() ? Pacer::unlimited : plan.rate, plan.ramp);
    Timetable timetable(clock, plan.supply.offset, plan.speed);
    unsigned failures = 0;
    while (store_.left() > 0 && !stop && failures < most_failures) {
      const auto packets = store_.next(batch);
      if (packets.empty()) break;
      const u64 count = plan.timed() ? due_by_time(timetable, packets, stop) : due_by_rate(pacer, packets, stop);
      if (count == 0 || !(report.harm = look(clock.now())).empty()) break;
      const auto sent = opened_.outlet->send(SendPermit(), store_, cycle(packets, count), count, stop);
      const u64 left = sent.value_or(0);
      if (record != nullptr) keep(record, cycle(packets, count), left);
      report.sent += left;
      failures = left > 0 ? 0 : failures + 1;
      u64 passed = left;
      if (!stop && left < count && (!sent || left == 0)) {  // the one it stopped at will not leave
        note(sent ? queue_stayed_full() : sent.error());
        ++report.failed;
        ++passed;
      }
      if (plan.in_bits()) pacer.took(bits(cycle(packets, passed), passed));
      else pacer.took(passed);
      store_.pass(passed);
    }
    report.took = clock.now() - start;
    report.refused = store_.rejected().refused;
    report.failed += store_.rejected().failed;
    report.waits = opened_.outlet->waits() - waits_before;
    if (!failure_) failure_ = store_.first_rejection();
    report.error = failure_;
    return report;
  }

  bool send_one(u64 index, Sink* record) override {
    SystemClock clock;
    if (std::string harm = look(clock.now()); !harm.empty()) return note({.code = Errc::refused, .where = "send", .what = std::move(harm), .advice = {}}), false;
    if (budget_ == 0) return used_up(), false;
    one_.forget();
    const auto made = one_.make(index);
    if (!made) return note(made.error()), false;
    const auto sent = opened_.outlet->send(SendPermit(), one_, {&*made, 1}, 1, never_);
    if (!sent) return note(sent.error()), false;
    if (*sent == 0) return note(queue_stayed_full()), false;
    --budget_;
    if (record != nullptr) write(record, one_.bytes(*made), *made);
    return true;
  }

  u64 send_each(std::span<const u64> indices, Sink* record, const std::function<void(std::size_t)>& failed) override {
    const auto all = store_.all();
    u64 sent = 0;
    if (!store_.has_all() || all.size() != approved_.plan().supply.count) {
      for (std::size_t i = 0; i < indices.size(); ++i) send_one(indices[i], record) ? void(++sent) : failed(i);
      return sent;
    }
    SystemClock clock;
    std::string harm = look(clock.now());
    const auto may = static_cast<std::size_t>(harm.empty() ? std::min<u64>(indices.size(), budget_) : 0);
    chosen_.clear();
    for (const u64 index : indices.first(may)) chosen_.push_back(all[static_cast<std::size_t>(index)]);
    stayed_.clear();
    opened_.outlet->send_each(SendPermit(), store_, chosen_, [this](std::size_t position, const Error& why) { stayed_.push_back(position), note(why); });
    sent = may - stayed_.size();
    budget_ -= sent;
    if (!harm.empty()) note({.code = Errc::refused, .where = "send", .what = std::move(harm), .advice = {}});
    else if (may < indices.size()) used_up();
    if (record != nullptr) keep_left(record);
    for (const std::size_t position : stayed_) failed(position);
    for (std::size_t i = may; i < indices.size(); ++i) failed(i);
    return sent;
  }

  const std::optional<Error>& failure() const override { return failure_; }
  SendEngine engine() const override { return opened_.engine; }
  const std::string& why_engine() const override { return opened_.why; }

 private:
  /// All packets, where they can be gone round at once; else those at hand.
  std::span<const Prepared> cycle(std::span<const Prepared> packets, u64 count) const { return count > packets.size() ? store_.all() : packets; }

  /// How many rounds of packets may be sent at once: only from the start of all of them.
  u64 longest(std::span<const Prepared> packets) const {
    if (!store_.has_all() || !store_.at_start()) return packets.size();
    const u64 all = store_.all().size();
    if (opened_.engine == SendEngine::live_frames) return std::min(store_.left(), std::max<u64>(longest_watched / all, 1) * all);  // whole rounds
    return std::min(store_.left(), std::max<u64>(packets.size(), longest_stretch));
  }

  u64 due_by_rate(Pacer& pacer, std::span<const Prepared> packets, const std::atomic<bool>& stop) const {
    if (!approved_.plan().in_bits()) return std::min(pacer.wait_for(1, stop), longest(packets));
    u64 units = pacer.wait_for(packets.front().size * 8, stop), count = 0;
    for (const Prepared& p : packets) {
      if (units < p.size * 8) break;
      units -= p.size * 8;
      ++count;
    }
    return count;
  }

  /// Those whose time has come, one after the other.
  u64 due_by_time(Timetable& timetable, std::span<const Prepared> packets, const std::atomic<bool>& stop) {
    const u64 index = packets.front().index;
    if (last_index_ && index <= *last_index_) timetable.next_round(approved_.plan().supply.round());
    last_index_ = index;
    return timetable.wait_for(index, stop) ? 1 : 0;
  }

  void used_up() {
    note({.code = Errc::refused, .where = "send", .what = "the budget of " + std::to_string(approved_.policy().most_packets) + " packets is used up", .advice = "--budget, or --allow many"});
  }

  static u64 bits(std::span<const Prepared> packets, u64 count) {
    u64 sum = 0;
    for (u64 i = 0; i < count; ++i) sum += packets[static_cast<std::size_t>(i % packets.size())].size * 8;
    return sum;
  }

  void keep_left(Sink* record) {
    auto next = stayed_.begin();  // in their order
    for (std::size_t i = 0; i < chosen_.size(); ++i)
      if (next != stayed_.end() && *next == i) ++next;
      else write(record, opened_.outlet->as_sent(store_, chosen_, i), chosen_[i]);
  }
  void keep(Sink* record, std::span<const Prepared> packets, u64 count) {
    for (u64 i = 0; i < count; ++i) write(record, opened_.outlet->as_sent(store_, packets, i), packets[static_cast<std::size_t>(i % packets.size())]);
  }
  void write(Sink* record, Bytes bytes, const Prepared& p) {
    const u32 most = approved_.plan().fragment;
    const bool in_pieces = most != 0 && make_fragments(bytes, most, fragment_identification(p), [&](Bytes piece) { write_one(record, piece, p); });
    if (!in_pieces) write_one(record, bytes, p);
  }
  void write_one(Sink* record, Bytes bytes, const Prepared& p) {
    const PacketInfo info{.time = wall_clock(), .original_length = static_cast<u32>(bytes.size()), .link_type = p.link_type, .direction = Direction::out};
    if (auto r = record->write({bytes, info}); !r) record_failed_ = true, note(r.error());
  }
  /// Why to stop, seen from the network and the clock on the wall.
  std::string look(Nanoseconds now) {
    if (!harm_.empty()) return harm_;  // for good
    if (looked_ != 0 && now - looked_ < second / 50) return {};
    looked_ = now;
    if (record_failed_) harm_ = "what is sent can no longer be recorded";
    else if (!approved_.policy().is_open(wall_clock())) harm_ = "the policy's hours have ended (" + approved_.policy().hours_text() + ")";
    else if (watch_) harm_ = watch_->look(SendPermit(), now).value_or("");
    return harm_;
  }
  void note(Error error) {
    if (!failure_) failure_ = std::move(error);
  }

  ApprovedPlan approved_;
  PreparedPackets store_, one_;
  std::vector<Prepared> chosen_;
  std::vector<std::size_t> stayed_;  ///< of them, those that did not leave
  u64 budget_ = approved_.policy().most_packets;  ///< of packets that are sent one by one or chosen: a plan says not how often
  OpenedOutlet opened_;
  std::optional<Error> failure_;
  std::unique_ptr<HarmWatch> watch_;
  const std::atomic<bool> never_{false};
  bool record_failed_ = false;
  std::optional<u64> last_index_;
  Nanoseconds looked_ = 0;
  std::string harm_;
};

Result<std::unique_ptr<Sender>> Sender::open(const ApprovedPlan& approved, SendOrder order) {
  auto sender = std::make_unique<PlanSender>(approved);
  RAWKET_TRY(sender->open(order));
  return sender;
}

std::unique_ptr<Sender> Sender::open_plain(const ApprovedPlan& plan, std::shared_ptr<PlainSockets> sockets) {
  auto sender = std::make_unique<PlanSender>(plan);
  sender->open_plain(std::move(sockets));
  return sender;
}

}  // namespace rawket
