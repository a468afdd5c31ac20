// A scan's wire for who has no right: the kernel connects, and says how that ended.
#pragma once
#include "rawket/inspect/scan.hpp"
#include "rawket/send/connections.hpp"

namespace rawket {

class ConnectWire final : public Wire {
 public:
  explicit ConnectWire(std::unique_ptr<Connections> connections) : connections_(std::move(connections)) {}
  /// How each ended that had an answer.
  void tell(std::function<void(const SweepProbes::Match&)> told) { told_ = std::move(told); }

  Clock& clock() override { return clock_; }
  void send(std::span<const u64> probes, const std::function<void(u64)>& failed) override;
  Result<void> listen(Nanoseconds until, const std::function<void(const Heard&)>& heard) override;
  u64 sent() const { return connections_->begun(); }
  const std::optional<Error>& failure() const { return connections_->failure(); }

 private:
  std::unique_ptr<Connections> connections_;
  std::function<void(const SweepProbes::Match&)> told_;
  SystemClock clock_;
};

}  // namespace rawket
