// A scan's wire for who has no right: the kernel connects, and says how that ended.
#pragma once
#include "rawket/inspect/scan.hpp"
#include "rawket/send/connections.hpp"

namespace rawket {

class ConnectWire final : public Wire {
 public:
  explicit ConnectWire(std::unique_ptr<Connections> connections) : connections_(std::move(connections)) {}
  /// `told`: how each ended that had an answer. `take`: what was accepted; who returns true has the descriptor. May be empty.
  void tell(std::function<void(const SweepProbes::Match&)> told, std::function<bool(u64 probe, int descriptor)> take) { told_ = std::move(told), take_ = std::move(take); }

  Clock& clock() override { return clock_; }
  void send(std::span<const u64> probes, const std::function<void(u64)>& failed) override;
  Result<void> listen(Nanoseconds until, const std::function<void(const Heard&)>& heard) override;
  u64 sent() const { return connections_->begun(); }
  const std::optional<Error>& failure() const { return connections_->failure(); }

 private:
  std::unique_ptr<Connections> connections_;
  std::function<void(const SweepProbes::Match&)> told_;
  std::function<bool(u64, int)> take_;
  SystemClock clock_;
};

}  // namespace rawket
