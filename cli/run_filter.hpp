// Which packets belong to a command that is watched.
#pragma once
#include <set>

#include "rawket/host/watched_command.hpp"
#include "rawket/io/source.hpp"
#include "rawket/packet/dissect.hpp"

namespace rawket::cli {

class RunFilter {
 public:
  explicit RunFilter(std::unique_ptr<WatchedCommand> command) : command_(std::move(command)) {}

  WatchedCommand& command() { return *command_; }
  /// Ports are told before a packet can leave by them: this is asked before each batch is looked at.
  void learn() {
    for (const LocalPort& p : command_->new_ports()) ports_.insert(p);
  }
  /// Of the command's sockets, or an ICMP error about such a packet.
  bool concerns(const CapturedPacket& packet);

 private:
  bool has(u8 protocol, u16 port) const { return ports_.contains({protocol, port}) || ports_.contains({protocol, 0}); }

  std::unique_ptr<WatchedCommand> command_;
  std::set<LocalPort> ports_;
  std::unique_ptr<Dissection> dissection_ = std::make_unique<Dissection>();
};

}  // namespace rawket::cli
