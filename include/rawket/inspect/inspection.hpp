// Inspections as machines without input and output: told what was heard and what time it is, they say which probes leave.
//
// The same machine runs on this machine's network and, in tests, on a simulated one with a clock of its own.
#pragma once
#include <atomic>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "rawket/base/clock.hpp"
#include "rawket/packet/answer.hpp"
#include "rawket/io/source.hpp"
#include "rawket/packet/packet.hpp"

namespace rawket {

/// A packet that answers a probe.
struct Heard {
  u64 probe = 0;                  ///< by its index
  Answer kind = Answer::yes;
  u32 before = 0;                 ///< answers to the same probe that came before: more than one is a duplicate
  Nanoseconds round_trip = 0;     ///< between the kernel's stamps of question and answer, where it stamped both
  bool stamped = false;           ///< it did
  Nanoseconds round_trip_here = 0;  ///< as this program sees it: from handing over to reading
  const Dissection& answer;       ///< valid during the call
  const CapturedPacket& packet;
  const Packet* question = nullptr;  ///< the probe, where the wire keeps it
};

class Inspection {
 public:
  virtual ~Inspection() = default;
  virtual void heard(const Heard& answer) = 0;
  /// Appends the probes that leave now. Returns when it wants to be asked again at the latest; nothing when it is done.
  /// `now` never goes back; its zero is anywhere.
  virtual std::optional<Nanoseconds> step(Nanoseconds now, std::vector<u64>& probes) = 0;
  /// Probes that could not leave: what `step` asked for, and what stopped it.
  virtual void failed(u64 probe) { static_cast<void>(probe); }
};

/// Where probes leave and answers come from.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual Clock& clock() = 0;
  /// In this order; `failed` is called for each that did not leave. Why is the wire's to tell.
  virtual void send(std::span<const u64> probes, const std::function<void(u64)>& failed) = 0;
  /// Waits until something comes, at most until `until`, and hands all of it to `heard`.
  virtual Result<void> listen(Nanoseconds until, const std::function<void(const Heard&)>& heard) = 0;
};

/// Runs an inspection to its end, or until `stop`. `tick` is called now and then, at least ten times a second.
Result<void> run(Inspection& inspection, Wire& wire, const std::atomic<bool>& stop, const std::function<void()>& tick = {});

}  // namespace rawket
