// Datagrams by raw sockets, frames by whatever engine is wanted or best.
#include "outlet.hpp"

#include <algorithm>
#include <thread>

#include "rawket/io/raw_socket.hpp"
#include "rawket/packet/fragments.hpp"
#include "rawket/send/plain_message.hpp"

namespace rawket {
namespace {

constexpr double fast_rate = 100'000, messages_rate = 400'000;  // packets a second: past the queue, by two threads; where AF_XDP pays
constexpr u64 many_packets = 1000;                              // of which a second thread is worth its start

class Datagrams final : public Outlet {
 public:
  Datagrams(std::unique_ptr<RawSocket> socket, u32 fragment) : socket_(std::move(socket)), fragment_(fragment) {}

  Result<u64> send(SendPermit permit, const PreparedPackets& store, std::span<const Prepared> packets, u64 count, const std::atomic<bool>& stop) override {
    constexpr u64 most = 64;
    u64 sent = 0;
    while (sent < count && !stop) {
      batch_.clear();
      for (u64 i = sent; i < count && batch_.size() < most; ++i) {
        const Prepared& p = packets[static_cast<std::size_t>(i % packets.size())];
        if (fragment_ != 0 && p.size > fragment_) {
          if (!batch_.empty()) break;  // those before it first
          const auto left = send_in_pieces(permit, store, p);
          if (!left && sent == 0) return Failure{left.error()};
          if (!left) return sent;
          ++sent;
          continue;
        }
        batch_.push_back({store.bytes(p), p.destination});
      }
      if (batch_.empty()) continue;
      const auto left = socket_->send(permit, batch_);
      if (!left && sent == 0) return Failure{left.error()};
      sent += left.value_or(0);
      if (left.value_or(0) < batch_.size()) break;
    }
    return sent;
  }
  u64 waits() const override { return socket_->send_waits(); }

 private:
  /// All of them, or an error: some may have left.
  Result<void> send_in_pieces(SendPermit permit, const PreparedPackets& store, const Prepared& p) {
    Result<void> all;
    const bool cut = make_fragments(store.bytes(p), fragment_, fragment_identification(p), [&](Bytes bytes) {
      const Datagram one{bytes, p.destination};
      const auto left = all ? socket_->send(permit, {&one, 1}) : Result<std::size_t>(1);
      if (!left) all = Failure{left.error()};
      else if (*left == 0) all = Failure{queue_stayed_full()};
    });
    return cut ? all : fail(Errc::refused, "send", "this packet may not be cut up");
  }

  std::unique_ptr<RawSocket> socket_;
  u32 fragment_;
  std::vector<Datagram> batch_;
};

class PlainDatagrams final : public Outlet {
 public:
  explicit PlainDatagrams(std::shared_ptr<PlainSockets> sockets) : sockets_(std::move(sockets)) {}

  Result<u64> send(SendPermit permit, const PreparedPackets& store, std::span<const Prepared> packets, u64 count, const std::atomic<bool>& stop) override {
    for (u64 sent = 0; sent < count; ++sent) {
      const auto plain = plain_packet(store.bytes(packets[static_cast<std::size_t>(sent % packets.size())]));
      if (stop) return sent;
      const Result<void> left = plain ? sockets_->send(permit, plain->by, plain->message) : fail(Errc::unsupported, "send", "no plain socket sends this packet");
      if (!left) return sent > 0 ? Result<u64>(sent) : Failure{left.error()};
    }
    return count;
  }
  u64 waits() const override { return 0; }

 private:
  std::shared_ptr<PlainSockets> sockets_;
};

class Frames final : public Outlet {
 public:
  explicit Frames(std::unique_ptr<FrameSender> sender) : sender_(std::move(sender)) {}

  Result<u64> send(SendPermit permit, const PreparedPackets& store, std::span<const Prepared> packets, u64 count, const std::atomic<bool>& stop) override {
    frames_.clear();
    for (const Prepared& p : packets.first(static_cast<std::size_t>(std::min<u64>(count, packets.size())))) frames_.push_back(store.bytes(p));
    return sender_->send(permit, frames_, count, stop);
  }
  u64 waits() const override { return sender_->waits(); }

 private:
  std::unique_ptr<FrameSender> sender_;
  std::vector<Bytes> frames_;
};

Result<std::unique_ptr<Outlet>> open_frames(const Plan& plan, SendEngine engine, const PreparedPackets& store) {
  std::vector<Bytes> all;
  if (engine == SendEngine::live_frames)
    for (const Prepared& p : store.all()) all.push_back(store.bytes(p));
  auto sender = RAWKET_TRY(FrameSender::open({.interface = plan.interface.name, .engine = engine, .fast = plan.rate >= fast_rate, .frames = all}));
  return std::make_unique<Frames>(std::move(sender));
}

Result<std::unique_ptr<Outlet>> open_datagrams(const Plan& plan) {
  auto socket = RAWKET_TRY(RawSocket::open({.ipv6 = plan.ipv6, .protocol = 255, .own_header = true, .interface = plan.bound ? plan.interface.name : ""}));
  return std::make_unique<Datagrams>(std::move(socket), plan.fragment);
}

}  // namespace

void Outlet::send_each(SendPermit permit, const PreparedPackets& store, std::span<const Prepared> packets, const Stayed& stayed) {
  const std::atomic<bool> never{false};
  for (std::size_t at = 0; at < packets.size();) {
    const auto left = send(permit, store, packets.subspan(at), packets.size() - at, never);
    if (left.value_or(0) == 0) stayed(at++, left ? queue_stayed_full() : left.error());
    else at += static_cast<std::size_t>(*left);
  }
}

Error queue_stayed_full() { return {.code = Errc::system, .where = "send", .what = "the device's queue stayed full", .advice = "use a lower --rate"}; }

std::unique_ptr<Outlet> plain_outlet(std::shared_ptr<PlainSockets> sockets) { return std::make_unique<PlainDatagrams>(std::move(sockets)); }

Result<OpenedOutlet> open_outlet(const Plan& plan, const PreparedPackets& store, SendOrder order) {
  if (plan.way == Way::connections) return fail(Errc::unsupported, "send", "this plan is for connections of the kernel");
  if (plan.way == Way::raw_socket) {
    auto one = RAWKET_TRY(open_datagrams(plan));
    if (order != SendOrder::any || plan.rate < fast_rate || plan.supply.count < many_packets || std::thread::hardware_concurrency() < 2) return OpenedOutlet{std::move(one)};
    return OpenedOutlet{two_hands(std::move(one), RAWKET_TRY(open_datagrams(plan)))};
  }
  if (plan.engine == SendEngine::super_frames) return OpenedOutlet{RAWKET_TRY(open_super_frames(plan.interface.name)), plan.engine};
  if (plan.engine != SendEngine::automatic) return OpenedOutlet{RAWKET_TRY(open_frames(plan, plan.engine, store)), plan.engine};
  std::string why;
  if (plan.rate > messages_rate && plan.largest <= FrameSender::longest_xdp_frame) {
    auto direct = open_frames(plan, SendEngine::xdp, store);
    if (direct) return OpenedOutlet{std::move(*direct), SendEngine::xdp};
    why = direct.error().text();
  }
  return OpenedOutlet{RAWKET_TRY(open_frames(plan, SendEngine::messages, store)), SendEngine::messages, why};
}

}  // namespace rawket
