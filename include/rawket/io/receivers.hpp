// Opening what receives on one interface, by whichever engine: one interface for all of them.
//
// AF_XDP hears only what comes in by the device, and takes it from this machine: what passes the filter never reaches the
// kernel's own stack, what does not goes on as ever. There is a socket for each queue of the device. A small program inside
// the kernel runs the filter, stamps the time and hands over; it is gone with the sockets. It needs CAP_BPF and
// CAP_NET_ADMIN to open. Frames are as the driver got them: a VLAN tag that the device stripped is not known
// (ethtool -K eth0 rxvlan off), nor is a checksum that a neighbour on the same machine left to the device.
#pragma once
#include <memory>
#include <vector>

#include "rawket/io/packet_socket.hpp"

namespace rawket {

struct Receivers {
  std::vector<std::unique_ptr<ReceivingSocket>> sockets;  ///< one, or the members of a group, or one for each queue: for `merge`, or a thread each
  std::string why;  ///< what was wished for and is not there, with the reason: no AF_XDP but a ring, no ring but messages
};

/// `members` above 1: a group of packet sockets, divided as `how` says. AF_XDP divides by queues, whatever they say; where it
/// cannot be had, packet sockets receive, and `why` tells.
Result<Receivers> open_receivers(const PacketSocketOptions& options, Fanout how = Fanout::hash, u32 members = 1);

}  // namespace rawket
