// Where the probes of `ping`, `trace` and `pmtu` leave, by the rights there are.
#pragma once
#include "rawket/inspect/live_wire.hpp"

namespace rawket::cli {

struct OpenedWire {
  std::unique_ptr<LiveWire> wire;
  bool plain = false;   ///< without rights
};
/// Without the right for raw sockets: by plain sockets, and says so, where they can send what is asked.
Result<OpenedWire> open_wire(std::string_view command, std::span<const ApprovedPlan> plans, u64 stride, Sink* record);

/// What did not leave, and what was not heard.
void tell_troubles(const LiveWire& wire);

}  // namespace rawket::cli
