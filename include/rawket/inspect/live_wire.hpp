// Probes by approved plans, answers by packet sockets: the only wire that is real.
#pragma once
#include <memory>

#include "rawket/inspect/inspection.hpp"
#include "rawket/send/sender.hpp"

namespace rawket {

class LiveWire : public Wire {
 public:
  /// A plan for each target; probe i of plan n has the index n * `stride` + i. After it no right is needed any more.
  /// `record` gets what leaves, and may be null; the plans and it have to outlive the wire.
  static Result<std::unique_ptr<LiveWire>> open(std::span<const ApprovedPlan> plans, u64 stride, Sink* record);
  /// The same for who has no right: ICMP echo and UDP, by the kernel's plain sockets and what they tell of errors. The moment of
  /// leaving is this program's; nothing is seen of what was changed on the way. `unsupported` for other packets.
  static Result<std::unique_ptr<LiveWire>> open_without_rights(std::span<const ApprovedPlan> plans, u64 stride);
  virtual const std::optional<Error>& failure() const = 0;  ///< the first packet that did not leave
  virtual u64 sent() const = 0;
  virtual Counters counters() const = 0;                    ///< of all that was heard
};

}  // namespace rawket
