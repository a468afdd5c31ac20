// AF_XDP for receiving: a socket for each queue, a program before them. networking/af_xdp.rst.
#pragma once
#include <memory>
#include <vector>

#include "rawket/io/packet_socket.hpp"

namespace rawket {

Result<std::vector<std::unique_ptr<ReceivingSocket>>> open_xdp_receivers(const PacketSocketOptions& options);

}  // namespace rawket
