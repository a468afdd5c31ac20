// A wire for many probes: nothing is kept of what was sent, answers tell by themselves whose they are.
#pragma once
#include <memory>

#include "rawket/inspect/inspection.hpp"
#include "rawket/send/sender.hpp"

namespace rawket {

struct StatelessOptions {
  std::string filter{};  ///< pcap-filter words: what the ears hear
  std::function<std::optional<u64>(const Dissection&)> answers{};  ///< which probe a packet answers
  std::function<bool(const Dissection&)> is_ours{};                ///< a probe on its way out
  std::function<void(const Dissection&, Nanoseconds)> observe{};   ///< everything that comes in, and when; may be empty
};

class StatelessWire : public Wire {
 public:
  /// After it no right is needed any more. Round trips are not measured. `record` gets what leaves, and may be null.
  static Result<std::unique_ptr<StatelessWire>> open(const ApprovedPlan& plan, StatelessOptions options, Sink* record);
  virtual const std::optional<Error>& failure() const = 0;  ///< the first packet that did not leave
  virtual u64 sent() const = 0;                             ///< taken by the kernel
  virtual u64 seen_leaving() const = 0;                     ///< of them, those that the device was given, as a packet socket saw
  virtual Counters counters() const = 0;
};

}  // namespace rawket
