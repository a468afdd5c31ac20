// A command, run under the eyes of a process that learns every local port it uses before a packet can leave by it.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "rawket/base/error.hpp"

namespace rawket {

/// Where packets of the command begin or end on this machine.
struct LocalPort {
  u8 protocol = 0;  ///< of IP: 6 TCP, 17 UDP, ...; of an ICMP socket the port is the echo's identifier
  u16 port = 0;     ///< 0: a raw socket, which takes all of the protocol

  friend auto operator<=>(const LocalPort&, const LocalPort&) = default;
};

/// The command's socket calls are stopped by the kernel (seccomp user notification, seccomp_unotify(2)) until they were
/// looked at; sockets without a port are given one then, as the kernel would a moment later. Children are watched too.
/// What differs for the command: set-uid programs and file capabilities have no effect (no_new_privs), it has no
/// io_uring, and programs of another architecture (32 bits) are not watched.
class WatchedCommand {
 public:
  /// Ready to run; nothing of it has run yet. With sudo it runs as the user who called. A missing command is `unknown_name`.
  /// Call it before privileges are given up and before threads are started.
  static Result<std::unique_ptr<WatchedCommand>> start(const std::vector<std::string>& command);
  virtual ~WatchedCommand() = default;

  virtual void go() = 0;
  /// Ports that were not told before; does not wait.
  virtual std::vector<LocalPort> new_ports() = 0;
  /// Its exit code, or 128 + signal; -1 while it runs.
  virtual int exit_code() = 0;
  virtual int start_error() const = 0;  ///< the errno of a program that could not be started; 0
};

}  // namespace rawket
