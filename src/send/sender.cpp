// The only place that hands bytes to a socket.
#include "rawket/send/sender.hpp"

#include "rawket/io/packet_socket.hpp"
#include "rawket/io/raw_socket.hpp"
#include "rawket/proto/ethernet.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"

namespace rawket {

/// Holds the permit, and hands out nothing.
class PlanSender final : public Sender {
 public:
  PlanSender(std::unique_ptr<RawSocket> raw, std::unique_ptr<PacketSocket> packet) : raw_(std::move(raw)), packet_(std::move(packet)) {}

  SendReport send(const ApprovedPlan& approved, Clock& clock, Sink* record, const std::atomic<bool>& stop) override {
    SendReport report;
    const Plan& plan = approved.plan();
    const Nanoseconds start = clock.now();
    for (u64 i = 0; i < plan.count && !stop; ++i) {
      clock.sleep_until(start + static_cast<Nanoseconds>(static_cast<double>(i) * 1e9 / plan.rate));
      if (stop) break;
      switch (leave(approved, i % plan.supply.count, record)) {
        case Left::yes: ++report.sent; break;
        case Left::refused: ++report.refused; break;
        case Left::failed: ++report.failed; break;
      }
    }
    report.took = clock.now() - start;
    report.error = failure_;
    return report;
  }
  bool send_one(const ApprovedPlan& approved, u64 index, Sink* record) override { return leave(approved, index, record) == Left::yes; }
  const std::optional<Error>& failure() const override { return failure_; }

 private:
  enum class Left : u8 { yes, refused, failed };

  Left note(Left what, Error error) {
    if (!failure_) failure_ = std::move(error);
    return what;
  }

  /// Judged once more, by itself: what the plan's sample did not show must not leave either.
  Left leave(const ApprovedPlan& approved, u64 index, Sink* record) {
    const Plan& plan = approved.plan();
    const auto packet = plan.supply.make(index);
    if (!packet) return note(Left::failed, packet.error());
    dissect(standard_registry(), packet->first_protocol(), packet->bytes(), dissection_);
    Needs all = plan.needs | approved.policy().permitted;
    if (plan.away) all.add(Need::away);  // whose rate the plan already holds
    const std::string which = "packet " + std::to_string(index + 1);
    if (!fits(plan, packet->first_protocol()))
      return note(Left::refused, Error{.code = Errc::refused, .where = "send", .what = which + " begins with another layer than the plan's socket takes", .advice = {}});
    if (!all.has(Need::faulty) && plan.looked_at < plan.supply.count && has_errors(packet->size()))
      return note(Left::refused, Error{.code = Errc::refused, .where = "send", .what = which + " has faults", .advice = "if they are meant: --allow faulty"});
    if (approved.policy().is_forbidden(dissection_) || !approved.policy().needs_of(dissection_).without(all).empty())
      return note(Left::refused, Error{.code = Errc::refused, .where = "send", .what = which + " is outside the policy", .advice = {}});
    const Result<std::size_t> left = hand_over(plan, *packet);
    if (!left) return note(Left::failed, left.error());
    if (*left == 0) return note(Left::failed, Error{.code = Errc::system, .where = "send", .what = "the device's queue stayed full", .advice = "use a lower --rate"});
    if (record != nullptr) {
      const PacketInfo info{.time = wall_clock(), .original_length = static_cast<u32>(packet->size()), .link_type = static_cast<LinkType>(link_type_of(packet->first_protocol())), .direction = Direction::out};
      if (auto r = record->write({packet->bytes(), info}); !r) note(Left::yes, r.error());
    }
    return Left::yes;
  }

  static bool fits(const Plan& plan, const Protocol& first) {
    if (plan.way == Way::packet_socket) return &first == &info<Ethernet> || &first == &info<Ieee8023>;
    return &first == (plan.ipv6 ? &info<Ipv6> : &info<Ipv4>);
  }
  bool has_errors(std::size_t size) const {
    return std::ranges::any_of(lint(dissection_, {.original_length = static_cast<u32>(size)}), [](const Fault& f) { return f.severity == Severity::error; });
  }

  Result<std::size_t> hand_over(const Plan& plan, const Packet& packet) {
    if (plan.way == Way::packet_socket) {
      const Bytes frame = packet.bytes();
      return packet_->send(SendPermit(), {&frame, 1});
    }
    const Datagram datagram{packet.bytes(), destination_of(dissection_).value_or(IpAddress())};
    return raw_->send(SendPermit(), {&datagram, 1});
  }

  std::unique_ptr<RawSocket> raw_;
  std::unique_ptr<PacketSocket> packet_;
  Dissection dissection_;
  std::optional<Error> failure_;
};

Result<std::unique_ptr<Sender>> Sender::open(const ApprovedPlan& approved) {
  const Plan& plan = approved.plan();
  if (plan.way == Way::packet_socket) {
    auto socket = RAWKET_TRY(PacketSocket::open({.interface = plan.interface.name, .receive = false}));
    return std::make_unique<PlanSender>(nullptr, std::move(socket));
  }
  auto socket = RAWKET_TRY(RawSocket::open({.ipv6 = plan.ipv6, .protocol = 255, .own_header = true, .interface = {}}));
  return std::make_unique<PlanSender>(std::move(socket), nullptr);
}

}  // namespace rawket
