// Gathering what `diagnose` judges: first what can be read, then a probe, what the kernel says of it, and what comes back.
#pragma once
#include <functional>
#include <memory>

#include "rawket/inspect/why.hpp"
#include "rawket/packet/packet.hpp"
#include "rawket/send/sender.hpp"

namespace rawket {

/// Route, interfaces and settings, as they are now. Needs no right, sends nothing.
WhyFacts local_facts(const WhyQuestion& question);

/// The packets that are sent: the question, a small or other one beside it, some with low hop limits, and, of a long question,
/// some of other lengths. Needs the route in `facts`.
class WhyProbes {
 public:
  static constexpr unsigned hops = 12;
  explicit WhyProbes(const WhyFacts& facts);

  u64 count() const { return 2 + hops + sizes_.size(); }
  Packet make(u64 index) const;
  bool has_control() const { return question_.size != 0 || question_.protocol != ProbeProtocol::icmp; }
  /// 0 when this probe is not one of a length.
  unsigned size_of(u64 index) const { return index < 2 + hops ? 0 : sizes_[static_cast<std::size_t>(index - 2 - hops)]; }
  const WhyQuestion& question() const { return question_; }
  u16 first_port() const { return first_port_; }

 private:
  WhyQuestion question_;
  IpAddress source_;
  std::vector<unsigned> sizes_;
  u16 first_port_;
};

struct WhyOptions {
  Nanoseconds wait = second;  ///< for the answer
  Nanoseconds patience = 3500 * millisecond;  ///< where routers are on the way and nothing at all has come
  bool trace = true;          ///< let the kernel tell what the firewall does with the probe (CAP_NET_ADMIN)
};

class WhyInquiry {
 public:
  virtual ~WhyInquiry() = default;
  /// Opens its sockets. `plans`: of `probes`, and, where the next hop's link address was set by hand, of one question for it.
  static Result<std::unique_ptr<WhyInquiry>> open(std::span<const ApprovedPlan> plans, const WhyProbes& probes, const WhyOptions& options, Sink* record);
  /// Sends, waits, and asks the kernel. Looks at no packet: rights may be given up behind it.
  virtual void ask(WhyFacts& facts, const std::atomic<bool>& stop) = 0;
  /// Looks at what has come meanwhile; needs no right.
  virtual void read(WhyFacts& facts) = 0;
  virtual u64 sent() const = 0;
};

}  // namespace rawket
