// Looks for signs of harm while packets are sent: asks the next hop now and then, and listens to errors.
#pragma once
#include <memory>

#include "rawket/io/packet_socket.hpp"
#include "rawket/send/harm.hpp"
#include "rawket/send/plan.hpp"

namespace rawket {

class HarmWatch {
 public:
  /// Null where there is nothing to watch: loopback, slow plans, interfaces without Ethernet.
  static Result<std::unique_ptr<HarmWatch>> open(const Plan& plan);

  /// Cheap when called often; what is wrong, in words.
  std::optional<std::string> look(SendPermit permit, Nanoseconds now);

 private:
  HarmWatch(std::unique_ptr<PacketSocket> socket, const Plan::Watched& watched) : socket_(std::move(socket)), watched_(watched) {}
  bool is_next_hops(Bytes frame, bool ipv6) const;
  void listen(Nanoseconds now);
  void ask(SendPermit permit, Nanoseconds now);

  std::unique_ptr<PacketSocket> socket_;
  Plan::Watched watched_;
  HarmSigns signs_;
  Nanoseconds next_probe_ = 0, next_look_ = 0;
};

}  // namespace rawket
