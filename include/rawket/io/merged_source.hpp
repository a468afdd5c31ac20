// Several sockets as one source, their packets in the order of time.
#pragma once
#include <memory>
#include <vector>

#include "rawket/io/receiving_socket.hpp"

namespace rawket {

/// `interfaces()` are those of the sockets, one after the other; the members of a fanout group, and the queues of AF_XDP, have an
/// interface each, of the same name. A packet is held back until no socket can still give an older one (at most 25 ms). A socket whose interface
/// goes away is a `new_problem`; the last one's error is the source's.
std::unique_ptr<LiveSource> merge(std::vector<std::unique_ptr<ReceivingSocket>> sockets);

}  // namespace rawket
