// Which process has a socket: asked of a small process of its own, which may look into /proc and never sees a packet.
#pragma once
#include <memory>
#include <string>

#include "rawket/base/address.hpp"
#include "rawket/base/error.hpp"

namespace rawket {

/// This machine's end of a packet, and who is at the other.
struct SocketEnd {
  u8 protocol = 0;      ///< of IP; of ICMP the port is the echo's identifier
  u16 port = 0, remote_port = 0;
  IpAddress remote{};

  friend bool operator==(const SocketEnd&, const SocketEnd&) = default;
};

struct ProcessFacts {
  u32 id = 0;
  std::string name;       ///< as /proc/PID/comm has it: bytes that anybody may have chosen
  std::string container;  ///< the first twelve digits of a container's number; empty outside of one
};

/// Sockets are looked for all the time, so that those which were there for some hundredths of a second are known when
/// their packets are asked about; shorter ones may not be. Other users' processes need root.
class ProcessFinder {
 public:
  /// Call it before privileges are given up and before threads are started. It looks at this process's network namespace.
  static Result<std::unique_ptr<ProcessFinder>> start();
  virtual ~ProcessFinder() = default;
  /// Null when nobody is known to have it. Remembered for some seconds; the answer is valid until the next call.
  virtual const ProcessFacts* find(const SocketEnd& end) = 0;
};

}  // namespace rawket
