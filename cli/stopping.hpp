// Signals that end a command in order, and those that ask it for something.
#pragma once
#include <atomic>

namespace rawket::cli {

/// True once INT, TERM or HUP came; blocking calls return early then.
extern std::atomic<bool> stop_requested;
/// From now on these signals only set `stop_requested`.
void stop_on_signals();

/// Set by USR1 and USR2; whoever does what is asked sets them back.
extern std::atomic<bool> statistics_requested, trigger_requested;
/// From now on these signals only set them.
void ask_by_signals();

}  // namespace rawket::cli
