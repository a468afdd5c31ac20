// One sender for each plan, one pair of ears for each interface.
#include "rawket/inspect/live_wire.hpp"

#include <poll.h>

#include <algorithm>
#include <array>

#include "plain_ears.hpp"
#include "rawket/io/packet_socket.hpp"
#include "rawket/send/asked_packets.hpp"

namespace rawket {
namespace {

/// The kernel routes, and others route back: on a machine with several interfaces an answer may come by another one.
std::string where_answers_come(const Plan& plan) {
  const auto all = interfaces();
  const bool several = all && std::ranges::count_if(*all, [](const Interface& i) { return i.up && !i.loopback; }) > 1;
  return plan.way == Way::raw_socket && several && !plan.interface.loopback ? "any" : plan.interface.name;
}

class SocketWire final : public LiveWire {
 public:
  SocketWire(std::span<const ApprovedPlan> plans, u64 stride, Sink* record) : plans_(plans), stride_(stride), record_(record), asked_(plans.front().policy()) {}

  Result<void> open() {
    for (const ApprovedPlan& plan : plans_) {
      senders_.push_back(RAWKET_TRY(Sender::open(plan)));
      const std::string name = where_answers_come(plan.plan());
      if (std::ranges::any_of(ears_, [&name](const auto& e) { return e->interfaces().front().name == name; })) continue;
      auto ears = RAWKET_TRY(PacketSocket::open({.interface = name}));
      descriptors_.push_back(ears->descriptor());
      ears_.push_back(std::move(ears));
    }
    return {};
  }

  Result<void> open_plain() {
    auto ears = RAWKET_TRY(PlainEars::open(plans_));
    for (const ApprovedPlan& plan : plans_) senders_.push_back(Sender::open_plain(plan, ears->sockets()));
    ears_.push_back(std::move(ears));
    return {};
  }

  Clock& clock() override { return clock_; }

  void send(std::span<const u64> probes, const std::function<void(u64)>& failed) override {
    while (!probes.empty()) {
      const auto at = static_cast<std::size_t>(probes.front() / stride_);
      std::size_t same = 1;
      if (plans_[at].plan().supply.fixed)
        while (same < probes.size() && probes[same] / stride_ == at) ++same;
      send_to(at, probes.first(same), failed);
      probes = probes.subspan(same);
    }
  }

  Result<void> listen(Nanoseconds until, const std::function<void(const Heard&)>& heard) override {
    const Nanoseconds left = std::max<Nanoseconds>(until - clock_.now(), 0);
    if (ears_.size() > 1) wait_for_any(left);
    for (const auto& e : ears_) {
      const auto batch = RAWKET_TRY(e->next(ears_.size() > 1 ? 0 : left));
      const Nanoseconds now = wall_clock();
      for (const CapturedPacket& p : batch)
        if (const auto m = is_copy(p) ? std::nullopt : asked_.hear(p))
          heard({m->index, m->kind, m->before, elapsed(m->asked_at, p.info.time), m->stamped, elapsed(m->handed_over, now), asked_.last(), p, asked_.question(m->index)});
    }
    return {};
  }

  const std::optional<Error>& failure() const override { return failure_; }
  u64 sent() const override { return sent_; }
  Counters counters() const override {
    Counters all;
    for (const auto& e : ears_) {
      const Counters c = e->counters();
      all.received += c.received, all.filtered += c.filtered, all.dropped += c.dropped;
    }
    return all;
  }

 private:
  /// A bridge, a bond or a VLAN shows a packet once more than the device below it did, at the same moment.
  bool is_copy(const CapturedPacket& p) {
    constexpr std::size_t cooked_header = 20;
    constexpr Nanoseconds moment = 2 * millisecond;
    if (p.info.link_type != LinkType::linux_sll2 || p.bytes.size() < cooked_header) return false;
    const u64 hash = hash_bytes(hash_start, p.bytes.subspan(cooked_header));
    const u32 interface = u32{p.bytes[4]} << 24 | u32{p.bytes[5]} << 16 | u32{p.bytes[6]} << 8 | p.bytes[7];
    for (const Seen& s : seen_)
      if (s.hash == hash && s.interface != interface && elapsed(s.time, p.info.time) < moment) return true;
    seen_[next_seen_++ % seen_.size()] = {hash, interface, p.info.time};
    return false;
  }
  /// Packets that do not change are made once, and leave together.
  void send_to(std::size_t at, std::span<const u64> probes, const std::function<void(u64)>& failed) {
    const Supply& supply = plans_[at].plan().supply;
    indices_.clear();
    for (const u64 probe : probes) {
      const u64 index = probe % stride_ % supply.count;
      if (supply.fixed && asked_.ask_again(probe, wall_clock())) {
        indices_.push_back(index);
        continue;
      }
      auto packet = supply.make(index);
      if (!packet) return note(packet.error()), std::ranges::for_each(probes, failed), void();
      asked_.ask(probe, std::move(*packet), wall_clock());
      indices_.push_back(index);
    }
    const auto stayed = [&](std::size_t position) {
      note(senders_[at]->failure().value_or(Error{}));
      failed(probes[position]);
    };
    if (supply.fixed) sent_ += senders_[at]->send_each(indices_, record_, stayed);
    else if (senders_[at]->send_one(indices_.front(), record_)) ++sent_;
    else stayed(0);
  }
  void note(const Error& error) {
    if (!failure_) failure_ = error;
  }
  void wait_for_any(Nanoseconds wait) {
    std::vector<pollfd> all;
    for (const int d : descriptors_) all.push_back({d, POLLIN, 0});
    const timespec limit{static_cast<time_t>(wait / second), static_cast<long>(wait % second)};
    ::ppoll(all.data(), all.size(), &limit, nullptr);
  }

  std::span<const ApprovedPlan> plans_;
  u64 stride_;
  Sink* record_;
  SystemClock clock_;
  AskedPackets asked_;
  std::vector<std::unique_ptr<Sender>> senders_;
  std::vector<std::unique_ptr<Source>> ears_;
  std::vector<int> descriptors_;  ///< theirs, where there are several
  std::vector<u64> indices_;
  std::optional<Error> failure_;
  u64 sent_ = 0;
  struct Seen {
    u64 hash = 0;
    u32 interface = 0;
    Nanoseconds time = 0;
  };
  std::array<Seen, 32> seen_{};
  std::size_t next_seen_ = 0;
};

}  // namespace

Result<std::unique_ptr<LiveWire>> LiveWire::open(std::span<const ApprovedPlan> plans, u64 stride, Sink* record) {
  if (plans.empty() || stride == 0) return fail(Errc::out_of_range, "inspection", "there is nothing to send");
  auto wire = std::make_unique<SocketWire>(plans, stride, record);
  RAWKET_TRY(wire->open());
  return wire;
}

Result<std::unique_ptr<LiveWire>> LiveWire::open_without_rights(std::span<const ApprovedPlan> plans, u64 stride) {
  if (plans.empty() || stride == 0) return fail(Errc::out_of_range, "inspection", "there is nothing to send");
  auto wire = std::make_unique<SocketWire>(plans, stride, nullptr);
  RAWKET_TRY(wire->open_plain());
  return wire;
}

}  // namespace rawket
