// What a lab's first process does while the lab runs: reap, tell, and end with its owner.
#pragma once
#include "../host/channel.hpp"

namespace rawket {

/// Never returns: the process ends when the channel is closed or `owner` (a pidfd) is gone, and the kernel then kills
/// every process of its namespace.
[[noreturn]] void serve(int channel, int owner);

/// The owner's side of the channel. Asks to be told of the end of `process`, a number of the lab's own.
bool watch_process(int channel, int process);
struct ProcessEnd {
  int process = 0;  ///< in the lab's numbering
  int code = 0;     ///< exit code, or 128 + signal
};
/// Waits for the end of the next watched process.
Result<ProcessEnd> next_end(int channel);

}  // namespace rawket
