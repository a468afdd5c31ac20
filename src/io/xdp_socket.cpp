// The calls that open, fill and bind.
#include "xdp_socket.hpp"

#include <poll.h>

#include <cerrno>

#include "../host/socket_opener.hpp"

namespace rawket {

Result<Descriptor> open_xdp_socket() {
  return open_socket({AF_XDP, SOCK_RAW, 0}, "socket(AF_XDP)");
}

Result<void> share_xdp_memory(int socket, const Mapping& memory, u32 chunk_bytes) {
  xdp_umem_reg area{};
  area.addr = reinterpret_cast<u64>(memory.bytes()), area.len = memory.size(), area.chunk_size = chunk_bytes;
  return set_xdp(socket, XDP_UMEM_REG, area, "XDP_UMEM_REG");
}

Result<xdp_mmap_offsets> xdp_offsets(int socket) {
  xdp_mmap_offsets at{};
  socklen_t size = sizeof at;
  if (::getsockopt(socket, SOL_XDP, XDP_MMAP_OFFSETS, &at, &size) != 0) return fail_system("XDP_MMAP_OFFSETS");
  return at;
}

Result<void> bind_xdp(int socket, u32 interface, u32 queue, bool copy) {
  sockaddr_xdp address{};
  address.sxdp_family = AF_XDP;
  address.sxdp_ifindex = interface, address.sxdp_queue_id = queue;
  address.sxdp_flags = static_cast<u16>(XDP_USE_NEED_WAKEUP | (copy ? XDP_COPY : 0));
  int tries = 20;  // a socket that was closed just now holds its queue a moment longer
  while (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno != EBUSY || --tries == 0) return fail_system("AF_XDP, queue " + std::to_string(queue), errno, errno == EBUSY ? "another program receives by it: end that, or use another --engine" : "");
    ::poll(nullptr, 0, 10);
  }
  return {};
}

}  // namespace rawket
