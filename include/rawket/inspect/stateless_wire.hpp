// A wire for many probes: nothing is kept of what was sent, answers tell by themselves whose they are.
#pragma once
#include <memory>

#include "rawket/inspect/scan.hpp"
#include "rawket/send/sender.hpp"

namespace rawket {

class StatelessWire : public Wire {
 public:
  /// After it no right is needed any more. Round trips are not measured. `record` gets what leaves, and may be null.
  /// `observe` is told all that comes in, and when; it may be empty. `probes` has to outlive the wire.
  static Result<std::unique_ptr<StatelessWire>> open(const ApprovedPlan& plan, const SweepProbes& probes, Sink* record, std::function<void(const Dissection&, Nanoseconds)> observe = {});
  virtual const std::optional<Error>& failure() const = 0;  ///< the first packet that did not leave
  virtual u64 sent() const = 0;                             ///< taken by the kernel
  virtual u64 seen_leaving() const = 0;                     ///< of them, those that the device was given, as a packet socket saw
  virtual Counters counters() const = 0;
};

}  // namespace rawket
