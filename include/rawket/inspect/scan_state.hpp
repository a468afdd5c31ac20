// How far a scan has come, as text: what an interrupted one leaves behind, so that it can go on.
#pragma once
#include <optional>

#include "rawket/inspect/scan.hpp"

namespace rawket {

/// What was sent before, as the wire counted it.
struct ScanTraffic {
  u64 sent = 0, seen_leaving = 0, dropped = 0;
};

/// What makes a scan this one: its kind, its hosts and its ports.
std::string scan_key(const ScanTargets& targets, ScanKind kind);

std::string scan_state_text(const ScanState& state, const ScanTraffic& traffic, const std::string& key);
/// `malformed` when it is none, or was cut off; `refused` when it is another scan's.
Result<std::pair<ScanState, ScanTraffic>> read_scan_state(std::string_view text, u64 probes, const std::string& key);

}  // namespace rawket
