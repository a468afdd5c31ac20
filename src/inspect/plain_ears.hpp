// What plain sockets tell, put together as packets: so that it is matched, and shown, like any other.
#pragma once
#include <map>
#include <memory>
#include <set>

#include "rawket/io/source.hpp"
#include "rawket/send/plain_message.hpp"
#include "rawket/send/plan.hpp"

namespace rawket {

class PlainEars final : public Source {
 public:
  /// `plans` have to outlive it. `unsupported` when plain sockets cannot send some packet of them.
  static Result<std::unique_ptr<PlainEars>> open(std::span<const ApprovedPlan> plans);

  std::shared_ptr<PlainSockets> sockets() const { return sockets_; }
  /// IP packets: answers with a header as it must have been, and ICMP errors with what was sent as their quotation.
  Result<std::span<const CapturedPacket>> next(Nanoseconds wait) override;
  bool ended() const override { return false; }
  std::span<const InterfaceDescription> interfaces() const override { return {&interface_, 1}; }
  Counters counters() override { return counters_; }

 private:
  struct Sent {
    const ApprovedPlan* plan = nullptr;  ///< null: of several
    u64 index = 0;
  };
  Result<void> learn(const ApprovedPlan& plan);
  std::optional<Packet> question(const PlainArrival& error) const;
  std::optional<Packet> rebuild(const PlainArrival& arrival) const;

  std::set<PlainKey> keys_;
  std::map<std::pair<PlainKey, u64>, Sent> sent_;  ///< by the socket and what tells its packets apart
  std::map<PlainKey, IpAddress> own_;              ///< the address that is asked from
  std::shared_ptr<PlainSockets> sockets_;
  InterfaceDescription interface_{.name = "plain sockets", .link_type = LinkType::raw};
  std::vector<Packet> packets_;
  std::vector<CapturedPacket> batch_;
  Counters counters_;
};

}  // namespace rawket
