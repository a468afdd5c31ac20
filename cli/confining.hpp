// The moment between opening and looking: from then on this process can do next to nothing.
#pragma once
#include "rawket/host/sandbox.hpp"

namespace rawket::cli {

/// Gives up all privileges and enters the sandbox; comes after everything is open, and before a packet is looked at.
/// What this kernel cannot close off is told.
Result<void> confine(const SandboxOptions& options = {});

}  // namespace rawket::cli
