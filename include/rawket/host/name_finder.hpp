// Names of addresses, from a process of its own: this one can ask while it has given up its rights, and never waits for them.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "rawket/base/address.hpp"
#include "rawket/base/clock.hpp"
#include "rawket/base/error.hpp"

namespace rawket {

class NameFinder {
 public:
  /// Call it before privileges are given up and before threads are started. The process has no right, and sees addresses only.
  static Result<std::unique_ptr<NameFinder>> start();
  virtual ~NameFinder() = default;

  /// What the system's resolver calls it (getnameinfo(3)), cleaned, and empty when it has no name. Nothing as long as that is not
  /// known. The first call asks; names are found in the order of the questions.
  virtual std::optional<std::string> name_of(const IpAddress& address) = 0;
  /// Waits until all that was asked is known, at most so long.
  virtual void wait(Nanoseconds most) = 0;
};

}  // namespace rawket
