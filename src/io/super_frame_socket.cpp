// PACKET_VNET_HDR: a header before each frame says how the device is to cut it. virtio specification, 5.1.6.
#include "rawket/io/super_frame_socket.hpp"

#include <linux/if_packet.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>

#include "../host/socket_opener.hpp"
#include "offload_header.hpp"
#include "rawket/host/interfaces.hpp"
#include "socket_batch.hpp"

namespace rawket {
namespace {

constexpr u8 needs_checksum = 1, kind_none = 0, kind_udp = 5;

class OffloadSocket final : public SuperFrameSocket {
 public:
  OffloadSocket(Descriptor socket, u32 interface) : socket_(std::move(socket)), interface_(interface) {}

  Result<std::size_t> send(SendPermit, std::span<const SuperFrame> frames) override {
    std::array<OffloadHeader, most_at_once> headers;
    std::array<sockaddr_ll, most_at_once> addresses{};
    std::array<std::array<iovec, 2>, most_at_once> parts;
    std::array<mmsghdr, most_at_once> messages{};
    const std::size_t count = std::min(frames.size(), most_at_once);
    for (std::size_t i = 0; i < count; ++i) {
      const SuperFrame& f = frames[i];
      const bool several = f.bytes.size() > std::size_t{f.header_bytes} + f.segment_bytes;
      headers[i] = {needs_checksum, several ? kind_udp : kind_none, f.header_bytes, several ? f.segment_bytes : u16{0}, f.checksum_start, f.checksum_offset};
      addresses[i].sll_family = AF_PACKET, addresses[i].sll_ifindex = static_cast<int>(interface_), addresses[i].sll_protocol = htons(f.ether_type);
      parts[i] = {{{&headers[i], sizeof headers[i]}, {const_cast<u8*>(f.bytes.data()), f.bytes.size()}}};
      messages[i].msg_hdr.msg_name = &addresses[i], messages[i].msg_hdr.msg_namelen = sizeof addresses[i];
      messages[i].msg_hdr.msg_iov = parts[i].data(), messages[i].msg_hdr.msg_iovlen = parts[i].size();
    }
    return send_all(socket_.number(), std::span(messages).first(count), waits_);
  }
  u64 waits() const override { return waits_; }

 private:
  Descriptor socket_;
  u32 interface_;
  u64 waits_ = 0;
};

}  // namespace

Result<std::unique_ptr<SuperFrameSocket>> SuperFrameSocket::open(const std::string& interface) {
  const Interface found = RAWKET_TRY(interface_named(interface));
  Descriptor socket = RAWKET_TRY(open_socket({AF_PACKET, SOCK_RAW, 0}, "socket(AF_PACKET)"));
  const int on = 1;
  if (::setsockopt(socket.number(), SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) != 0) return fail_system("PACKET_VNET_HDR");
  return std::make_unique<OffloadSocket>(std::move(socket), found.index);
}

}  // namespace rawket
