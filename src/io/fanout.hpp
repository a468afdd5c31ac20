// Joining packet sockets to a group that shares an interface's packets: PACKET_FANOUT of packet(7).
#pragma once
#include <optional>

#include "../host/descriptor.hpp"
#include "rawket/io/packet_socket.hpp"

namespace rawket {

struct FanoutGroup {
  Fanout how = Fanout::hash;
  u32 members = 1;
  std::optional<u16> id{};  ///< given by the kernel to the first that joins
};

/// A bound socket; until all have joined, members should be deaf.
Result<void> join_fanout(int socket, FanoutGroup& group);

}  // namespace rawket
