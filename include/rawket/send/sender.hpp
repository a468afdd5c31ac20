// Sends an approved plan, at its pace. There is no other call that sends.
#pragma once
#include <atomic>
#include <functional>
#include <memory>

#include "rawket/base/clock.hpp"
#include "rawket/io/plain_sockets.hpp"
#include "rawket/io/source.hpp"
#include "rawket/send/plan.hpp"

namespace rawket {

struct SendReport {
  u64 sent = 0;
  u64 refused = 0;      ///< outside the policy when it was about to leave
  u64 failed = 0;       ///< the kernel said no
  u64 waits = 0;        ///< how often a full queue was waited for
  Nanoseconds took = 0;
  std::optional<Error> error;  ///< the first failure
  std::string harm;     ///< why it stopped itself; empty when it did not

  double rate() const { return took > 0 && sent > 1 ? static_cast<double>(sent - 1) * 1e9 / static_cast<double>(took) : 0; }  ///< packets a second, achieved
};

enum class SendOrder : u8 { as_given, any };

class Sender {
 public:
  virtual ~Sender() = default;
  /// Opens the socket that the plan names, by its engine; afterwards no right is needed any more. Where any order will do, what
  /// `send_each` is given may leave by two threads.
  static Result<std::unique_ptr<Sender>> open(const ApprovedPlan& plan, SendOrder order = SendOrder::as_given);
  /// For packets of ICMP echo and UDP: by sockets that took no right. What IP headers say beyond hop limit and traffic class is the
  /// kernel's to decide.
  static std::unique_ptr<Sender> open_plain(const ApprovedPlan& plan, std::shared_ptr<PlainSockets> sockets);

  /// All packets of the plan that it was opened for, or until `stop`. `record` gets what left, byte for byte; may be null.
  virtual SendReport send(Clock& clock, Sink* record, const std::atomic<bool>& stop) = 0;
  /// One packet of the plan, at once. False when it did not leave (the report of `failure` says why): the policy's budget holds
  /// for all that is sent so, however often.
  virtual bool send_one(u64 index, Sink* record) = 0;
  /// Several packets of the plan, at once, past those that do not leave. Returns how many left; `failed` is told where in `indices` the others are.
  virtual u64 send_each(std::span<const u64> indices, Sink* record, const std::function<void(std::size_t position)>& failed) = 0;
  virtual const std::optional<Error>& failure() const = 0;
  virtual SendEngine engine() const = 0;              ///< the one that was opened
  virtual const std::string& why_engine() const = 0;  ///< not the one that would have been chosen; empty otherwise
};

}  // namespace rawket
