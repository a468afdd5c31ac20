// ICMP echo and UDP by the sockets that the kernel gives to anybody, and what it tells of ICMP errors: ip(7), IP_RECVERR.
//
// ICMP sockets (SOCK_DGRAM) are for groups that net.ipv4.ping_group_range names; the kernel fills in the identifier, which is
// the number the socket is bound to, and the checksum.
#pragma once
#include <functional>
#include <memory>
#include <span>

#include "rawket/base/address.hpp"
#include "rawket/base/clock.hpp"
#include "rawket/base/error.hpp"
#include "rawket/io/send_permit.hpp"

namespace rawket {

struct PlainKey {
  bool ipv6 = false, icmp = true;
  u16 number = 0;                 ///< echo identifier, or UDP source port
  friend auto operator<=>(const PlainKey&, const PlainKey&) = default;
};

struct PlainMessage {
  Bytes bytes;                    ///< an ICMP message, or what is inside a UDP datagram
  IpAddress to;
  u16 port = 0;                   ///< UDP's
  u8 hop_limit = 64, traffic_class = 0;
};

/// What came; its bytes are valid during the call that tells it.
struct PlainArrival {
  PlainKey socket;
  Bytes bytes;                    ///< of an error: so much of what was sent as it quotes
  IpAddress peer;                 ///< who sent it; of an error: to whom that was sent
  u16 port = 0;
  u8 hop_limit = 0;               ///< 0: not told
  Nanoseconds time = 0;           ///< the kernel's, when it came
  bool is_error = false;
  IpAddress teller{};             ///< of an error, with its ICMP type, code, and what it tells (an MTU)
  u8 type = 0, code = 0;
  u32 told = 0;
};

class PlainSockets {
 public:
  /// One socket for each key, on an interface if one is named. Afterwards no right is needed, nor was one before.
  static Result<std::unique_ptr<PlainSockets>> open(std::span<const PlainKey> keys, const std::string& interface);
  virtual ~PlainSockets() = default;
  virtual Result<void> send(SendPermit permit, const PlainKey& by, const PlainMessage& message) = 0;
  /// Waits until something comes, at most so long, and tells all of it.
  virtual Result<void> hear(Nanoseconds wait, const std::function<void(const PlainArrival&)>& heard) = 0;
};

}  // namespace rawket
