// What a socket that receives is bound to.
#pragma once
#include <string>

#include "rawket/io/packet_socket.hpp"

namespace rawket {

struct Place {
  u32 index = 0;  ///< 0: all interfaces
  std::string name = "any";
  LinkType link_type = LinkType::linux_sll2;
  u32 mtu = 0;
  u32 loopback_index = 0;
  u32 receive_queues = 1;
};

Result<Place> find_place(const PacketSocketOptions& options);

/// The error that ends a capture whose interface is no more.
Failure removed_while_listening(const Place& place, int errno_value);

/// Promiscuous mode for as long as this packet socket is open.
Result<void> make_promiscuous(int packet_socket, const Place& place);

}  // namespace rawket
