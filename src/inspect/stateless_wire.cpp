// Probes in batches, answers from a ring.
#include "rawket/inspect/stateless_wire.hpp"

#include <algorithm>

#include "rawket/io/packet_socket.hpp"

namespace rawket {
namespace {

class RingWire final : public StatelessWire {
 public:
  using Observe = std::function<void(const Dissection&, Nanoseconds)>;
  RingWire(const SweepProbes& probes, Observe observe, Sink* record, bool loopback, std::unique_ptr<Sender> sender, std::unique_ptr<PacketSocket> ears)
      : probes_(probes), observe_(std::move(observe)), record_(record), loopback_(loopback), sender_(std::move(sender)), ears_(std::move(ears)) {}

  Clock& clock() override { return clock_; }

  void send(std::span<const u64> probes, const std::function<void(u64)>& failed) override {
    sent_ += sender_->send_each(probes, record_, [&](std::size_t position) { failed(probes[position]); });
  }

  Result<void> listen(Nanoseconds until, const std::function<void(const Heard&)>& heard) override {
    // Between two probes of a fast scan there is no time to wait: what has come is taken. It is more than what was sent,
    // which the ring shows too; what is not taken in time piles up until it is lost.
    constexpr std::size_t most = 4096;
    std::size_t taken = 0;
    for (Nanoseconds wait = std::max<Nanoseconds>(until - clock_.now(), 0);; wait = 0) {
      const auto batch = RAWKET_TRY(ears_->next(wait));
      for (const CapturedPacket& p : batch) {
        dissect(standard_registry(), link_protocol(standard_registry(), static_cast<u16>(p.info.link_type)), p.bytes, dissection_);
        if (p.info.direction == Direction::out || loopback_) {  // there each packet is seen once, coming in
          const bool ours = probes_.is_ours(dissection_);
          seen_ += ours ? 1 : 0;
          if (ours || !loopback_) continue;
        }
        if (observe_) observe_(dissection_, p.info.time);
        if (const auto match = probes_.match(dissection_)) heard({match->probe, Answer::yes, 0, 0, false, 0, dissection_, p});
      }
      taken += batch.size();
      if (batch.empty() || (taken >= most && clock_.now() >= until)) return {};
    }
  }

  const std::optional<Error>& failure() const override { return sender_->failure(); }
  u64 sent() const override { return sent_; }
  u64 seen_leaving() const override { return seen_; }
  Counters counters() const override { return ears_->counters(); }

 private:
  const SweepProbes& probes_;
  Observe observe_;
  Sink* record_;
  bool loopback_;
  std::unique_ptr<Sender> sender_;
  std::unique_ptr<PacketSocket> ears_;
  SystemClock clock_;
  Dissection dissection_;
  u64 sent_ = 0, seen_ = 0;
};

}  // namespace

Result<std::unique_ptr<StatelessWire>> StatelessWire::open(const ApprovedPlan& plan, const SweepProbes& probes, Sink* record, std::function<void(const Dissection&, Nanoseconds)> observe) {
  constexpr u32 ring = 8u << 20;  // a tenth of a second at the highest pace; taking and giving back more takes longer than a small scan
  PacketSocketOptions how{.interface = plan.plan().interface.name, .engine = ReceiveEngine::automatic, .buffer_bytes = ring};
  const LinkType link = RAWKET_TRY(link_type_for(how));
  const Filter only = RAWKET_TRY(Filter::compile(probes.filter(), link));
  how.filter = &only;
  auto ears = RAWKET_TRY(PacketSocket::open(how));
  auto sender = RAWKET_TRY(Sender::open(plan, SendOrder::any));
  return std::make_unique<RingWire>(probes, std::move(observe), record, plan.plan().interface.loopback, std::move(sender), std::move(ears));
}

}  // namespace rawket
