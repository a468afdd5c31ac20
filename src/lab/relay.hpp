// The process that hands frames on between the two ends of each impaired wire.
#pragma once
#include <span>
#include <string>

#include "rawket/base/error.hpp"
#include "rawket/lab/impairment.hpp"

namespace rawket {

struct RelayedWire {
  std::string near, far;  ///< interfaces of the calling thread's network namespace
  Impairment how;
};

/// Listens, then forks: when it returns, frames are handed on. The process ends with the process namespace.
Result<void> start_relay(std::span<const RelayedWire> wires);

}  // namespace rawket
