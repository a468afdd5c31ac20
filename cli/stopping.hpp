// Signals that end a command in order.
#pragma once
#include <atomic>

namespace rawket::cli {

/// True once INT, TERM or HUP came; blocking calls return early then.
extern std::atomic<bool> stop_requested;
/// From now on these signals only set `stop_requested`.
void stop_on_signals();

}  // namespace rawket::cli
