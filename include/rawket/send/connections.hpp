// TCP connections that the kernel makes, many at once, where an approved plan goes: it takes no right.
#pragma once
#include <functional>
#include <memory>

#include "rawket/base/clock.hpp"
#include "rawket/send/plan.hpp"

namespace rawket {

/// How an attempt to connect ended.
struct ConnectionEnd {
  u64 index = 0;   ///< of the plan's packet
  int error = 0;   ///< errno(3); 0: accepted. ETIMEDOUT: nobody answered in time
  int descriptor = -1;  ///< of an accepted one, which does not block; valid until the call returns, unless it was taken
};

class Connections {
 public:
  virtual ~Connections() = default;
  /// `patience`: how long an answer is waited for; `interface`: the one by which they leave, empty: as the routes say. As many
  /// at once as this process may have descriptors, at most a thousand.
  static Result<std::unique_ptr<Connections>> open(const ApprovedPlan& plan, Nanoseconds patience, const std::string& interface);

  /// To where packet `index` of the plan, a TCP SYN, goes. While too many are out it waits for one to end. False when it could
  /// not be begun.
  virtual bool begin(u64 index) = 0;
  /// Waits until some have ended, at most until `until` of the system's clock, and tells all that have. One that was accepted
  /// is reset behind it, so that nothing is left on the other side; `ended` may take its descriptor by returning true.
  virtual void wait(Nanoseconds until, const std::function<bool(const ConnectionEnd&)>& ended) = 0;
  virtual u64 begun() const = 0;
  virtual const std::optional<Error>& failure() const = 0;  ///< the first that could not be begun
};

}  // namespace rawket
