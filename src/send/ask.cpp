// Rounds of asking; answers are looked up by whom they come from.
#include "rawket/send/ask.hpp"

#include <unordered_map>

#include "rawket/io/packet_socket.hpp"
#include "rawket/proto/arp.hpp"
#include "rawket/proto/icmp.hpp"
#include "rawket/proto/icmpv6.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"
#include "rawket/proto/tcp.hpp"
#include "rawket/proto/udp.hpp"

namespace rawket {
namespace {

constexpr u64 most_questions = 1u << 16;
constexpr u64 anybody = 0;  ///< the key of questions to a group: whoever answers

/// Who is spoken to: address and, for TCP and UDP, port. `source` takes the sender's end instead. Quoted packets are
/// looked into from layer `from` on.
u64 peer_key(const Dissection& d, bool source) {
  u64 key = hash_start;
  const auto mix = [&](Bytes b) { key = hash_bytes(key, b); };
  std::size_t from = 0;
  for (std::size_t i = 0; i < d.layers().size(); ++i)
    if (d.layers()[i].protocol->quotes) from = i + 1, source = false;
  for (std::size_t i = from; i < d.layers().size(); ++i) {
    const Layer& l = d.layers()[i];
    const bool ports = (l.protocol == &info<Tcp> || l.protocol == &info<Udp>) && l.length >= 4;  // a quoted header may be cut behind them
    if (l.length < l.protocol->fixed && !ports) break;
    const u8* h = d.packet.data() + l.offset;
    if (ports) mix({h + (source ? 0 : 2), 2});
    if (l.protocol == &info<Ipv4>) mix({h + (source ? 12 : 16), 4});
    if (l.protocol == &info<Ipv6>) mix({h + (source ? 8 : 24), 16});
    if (l.protocol == &info<Arp>) mix({h + (source ? 14 : 24), 4});
    if (l.protocol == &info<IcmpEcho> || l.protocol == &info<Icmpv6Echo>) mix({h, 4});  // identifier and sequence number: thousands of echoes may go to one host
  }
  return key;
}

struct Question {
  Packet packet;
  bool answered = false;
  Nanoseconds asked_at = 0;
  bool stamped = false;  ///< that time is the kernel's
  u32 attempt = 0;
};

class Round {
 public:
  Round(const ApprovedPlan& plan, Source& ears, const std::function<void(const Answered&)>& heard) : plan_(plan), ears_(ears), heard_(heard) {}

  Result<void> prepare() {
    const Supply& supply = plan_.plan().supply;
    if (supply.count > most_questions) return fail(Errc::refused, "ask", "at most " + std::to_string(most_questions) + " questions at once");
    Dissection d;
    for (u64 i = 0; i < supply.count; ++i) {
      questions_.push_back({RAWKET_TRY(supply.make(i))});
      dissect(standard_registry(), questions_.back().packet.first_protocol(), questions_.back().packet.bytes(), d);
      const Needs needs = plan_.policy().needs_of(d);
      const bool group = needs.has(Need::multicast) || needs.has(Need::broadcast);
      by_peer_.emplace(group ? anybody : peer_key(d, false), i);
      multicast_ = multicast_ || group;
    }
    return {};
  }

  /// Takes what has come until `deadline`, or until all is answered.
  Result<void> listen(Clock& clock, Nanoseconds deadline, const std::atomic<bool>& stop) {
    do {
      const Nanoseconds left = deadline - clock.now();
      const auto batch = RAWKET_TRY(ears_.next(left > 50 * millisecond ? 50 * millisecond : left > 0 ? left : 0));
      for (const CapturedPacket& p : batch) hear(p);
      if (open_ == 0 && !multicast_) return {};
    } while (clock.now() < deadline && !stop);
    return {};
  }

  std::vector<Question>& questions() { return questions_; }
  u64 open_questions() const { return open_; }
  void count_open() { open_ = static_cast<u64>(std::ranges::count_if(questions_, [](const Question& q) { return !q.answered; })); }
  AskReport report;

 private:
  void hear(const CapturedPacket& p) {
    dissect(standard_registry(), link_protocol(standard_registry(), static_cast<u16>(p.info.link_type)), p.bytes, answer_);
    if (p.info.direction == Direction::out && !plan_.plan().interface.loopback) return stamp(p);
    if (!hear_from(p, peer_key(answer_, true))) hear_from(p, anybody);
  }
  /// The socket also sees questions leave, later than this program handed them over: that is when they were asked.
  void stamp(const CapturedPacket& p) {
    const auto [begin, end] = by_peer_.equal_range(peer_key(answer_, false));
    for (auto it = begin; it != end; ++it) {
      Question& q = questions_[it->second];
      if (q.asked_at == 0 || q.answered || p.info.time < q.asked_at || !ends_like(p.bytes, q.packet.bytes())) continue;
      q.asked_at = p.info.time;
      q.stamped = true;
      return;
    }
  }
  /// The same but for what the kernel fills in: link and IP header.
  static bool ends_like(Bytes frame, Bytes question) {
    constexpr std::size_t headers = 40;
    const std::size_t size = question.size() > headers ? question.size() - headers : std::min<std::size_t>(question.size(), 8);
    return frame.size() >= size && std::ranges::equal(frame.last(size), question.last(size));
  }
  /// True when the packet answers a question that was put to this peer.
  bool hear_from(const CapturedPacket& p, u64 key) {
    const auto [begin, end] = by_peer_.equal_range(key);
    for (auto it = begin; it != end; ++it) {
      Question& q = questions_[it->second];
      if (q.answered && !multicast_) continue;
      if (q.asked_at == 0) continue;
      dissect(standard_registry(), q.packet.first_protocol(), q.packet.bytes(), question_);
      const Answer kind = answers(answer_, question_);
      if (kind == Answer::no) continue;
      if (!q.answered) --open_;
      q.answered = true;
      report.answered.push_back({it->second, kind, {p.bytes.begin(), p.bytes.end()}, p.info, elapsed(q.asked_at, p.info.time), q.stamped, q.attempt});
      if (heard_) heard_(report.answered.back());
      return true;
    }
    return false;
  }

  const ApprovedPlan& plan_;
  Source& ears_;
  const std::function<void(const Answered&)>& heard_;
  std::vector<Question> questions_;
  std::unordered_multimap<u64, u64> by_peer_;
  u64 open_ = 0;
  bool multicast_ = false;  ///< several may answer: listen to the end
  Dissection answer_, question_;
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
    for (u64 i = 0; i < round.questions().size() && !stop; ++i) {
      Question& q = round.questions()[i];
      if (q.answered) continue;
      if (auto r = round.listen(clock, next, stop); !r) return Failure{r.error()};
      if (clock.now() < next) clock.sleep_until(next);
      next += gap;
      q.asked_at = wall_clock();
      q.stamped = false;
      q.attempt = attempt;
      if (sender_->send_one(i, record)) ++round.report.sent.sent;
      else ++round.report.sent.failed;
    }
    if (auto r = round.listen(clock, clock.now() + options.timeout, stop); !r) return Failure{r.error()};
  }
  for (u64 i = 0; i < round.questions().size(); ++i)
    if (!round.questions()[i].answered) round.report.unanswered.push_back(i);
  round.report.sent.took = clock.now() - start;
  round.report.sent.error = sender_->failure();
  round.report.received = ears_->counters();
  return std::move(round.report);
}

}  // namespace rawket
