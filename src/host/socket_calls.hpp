// Socket calls of another process, stopped and looked at: seccomp_unotify(2).
#pragma once
#include <functional>

#include "descriptor.hpp"
#include "rawket/host/watched_command.hpp"

namespace rawket {

/// Installs the filter in the calling process, for good. The number of the descriptor by which it is told of; negative: no.
int notify_socket_calls();

/// The other end: answers one call after the other.
class SocketCalls {
 public:
  SocketCalls(Descriptor notifications, std::function<void(const LocalPort&)> found) : notifications_(std::move(notifications)), found_(std::move(found)) {}
  int descriptor() const { return notifications_.number(); }
  /// One call that has come; false when the last process of the command is gone.
  bool answer();

 private:
  int look_at(unsigned process, int call, const unsigned long long* arguments, bool& done);
  void learn(int socket);

  Descriptor notifications_;
  std::function<void(const LocalPort&)> found_;
};

}  // namespace rawket
