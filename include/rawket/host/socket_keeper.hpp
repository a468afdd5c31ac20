// For a process that has to look at packets before it knows which sockets it needs: the right to open them, kept aside.
#pragma once
#include <memory>

#include "rawket/base/error.hpp"

namespace rawket {

class SocketKeeper {
 public:
  /// Starts a small process that keeps CAP_NET_RAW and nothing else. As long as this object lives, the raw and packet sockets
  /// that this process may not open itself come from there. Call it before privileges are given up and before threads are
  /// started; one at a time. Nothing is started, and null is given, where this process has not the right itself.
  static Result<std::unique_ptr<SocketKeeper>> start();
  virtual ~SocketKeeper() = default;
};

}  // namespace rawket
