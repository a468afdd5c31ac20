// Work that may turn out to be needed after this process has given up its rights.
#pragma once
#include <functional>
#include <memory>

#include "rawket/base/error.hpp"

namespace rawket {

/// A copy of this process, as it is when it is prepared, that waits. Of this process it takes a number and nothing else, so
/// that whoever took this one over could not make it do anything new. It has the standard streams and no other descriptor.
class Later {
 public:
  virtual ~Later() = default;  ///< ends the copy
  static Result<std::unique_ptr<Later>> prepare(std::function<void(int)> work);
  /// Has `work(number)` done, each time in a fresh copy of the copy, and waits for it.
  virtual void run(int number) = 0;
};

}  // namespace rawket
