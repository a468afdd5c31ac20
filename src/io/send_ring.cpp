// TPACKET_V2 for sending: frames are put into slots of shared memory, and one call hands over all of them. packet_mmap.rst.
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "../host/socket_opener.hpp"
#include "mapping.hpp"
#include "send_engines.hpp"

namespace rawket {
namespace {

constexpr u32 slot_bytes = 2048, slots = 512, block_bytes = 1u << 16;  // more slots leave the cache, and are slower
constexpr std::size_t data_at = TPACKET2_HDRLEN - sizeof(sockaddr_ll);

class RingSender final : public FrameSender {
 public:
  RingSender(Descriptor socket, Mapping ring, std::size_t longest) : socket_(std::move(socket)), ring_(std::move(ring)), longest_(std::min<std::size_t>(longest, slot_bytes - data_at)) {}

  Result<u64> send(SendPermit, std::span<const Bytes> frames, u64 count, const std::atomic<bool>& stop) override {
    constexpr u32 most = 64;
    patience_.progress();
    u64 put = 0;
    Result<void> problem;
    for (std::size_t at = 0; put < count && !stop && problem;) {
      u32 batch = 0;
      for (; batch < most && put + batch < count && frames[at].size() <= longest_ && status(slot_).load(std::memory_order_acquire) == TP_STATUS_AVAILABLE; ++batch) {
        fill(frames[at]);
        at = at + 1 == frames.size() ? 0 : at + 1;
      }
      put += batch;
      const int reason = kick();
      if (reason == 0 && batch > 0) patience_.progress();
      if (reason != 0 && reason != EAGAIN && reason != ENOBUFS && reason != EINTR) problem = fail_system("sending by the ring", reason);
      else if (put < count && frames[at].size() > longest_)
        problem = fail(Errc::unsupported, "ring", "a frame of " + std::to_string(frames[at].size()) + " bytes is longer than it takes (" + std::to_string(longest_) + ")", "use --engine messages");
      else if ((reason != 0 || batch == 0) && !patience_.wait()) break;
    }
    put -= withdrawn();
    if (put == 0 && !problem) return Failure{problem.error()};
    return put;
  }
  u64 waits() const override { return patience_.waits(); }

 private:
  tpacket2_hdr& head(u32 slot) const { return *reinterpret_cast<tpacket2_hdr*>(ring_.bytes() + std::size_t{slot} * slot_bytes); }
  std::atomic_ref<u32> status(u32 slot) const { return std::atomic_ref<u32>(head(slot).tp_status); }

  void fill(Bytes frame) {
    tpacket2_hdr& h = head(slot_);
    h.tp_len = h.tp_snaplen = static_cast<u32>(frame.size());
    std::memcpy(reinterpret_cast<u8*>(&h) + data_at, frame.data(), frame.size());
    status(slot_).store(TP_STATUS_SEND_REQUEST, std::memory_order_release);
    slot_ = (slot_ + 1) % slots;
  }
  int kick() const { return ::sendto(socket_.number(), nullptr, 0, MSG_DONTWAIT, nullptr, 0) < 0 ? errno : 0; }

  /// Frames that the kernel does not take stay requested: they are given a moment, and then taken back. It looks on from the
  /// first of them, so that is where the next frame goes.
  u64 withdrawn() {
    const auto is_left = [this](u32 slot) { return (status(slot).load(std::memory_order_acquire) & (TP_STATUS_SEND_REQUEST | TP_STATUS_WRONG_FORMAT)) != 0; };
    u64 back = 0;
    for (int i = 0; i < 100 && is_left((slot_ + slots - 1) % slots) && kick() != 0; ++i) ::poll(nullptr, 0, 1);
    while (back < slots && is_left((slot_ + slots - 1) % slots)) {
      slot_ = (slot_ + slots - 1) % slots;
      status(slot_).store(TP_STATUS_AVAILABLE, std::memory_order_release);
      ++back;
    }
    return back;
  }

  Descriptor socket_;
  Mapping ring_;
  QueuePatience patience_;
  std::size_t longest_;
  u32 slot_ = 0;
};

}  // namespace

Result<std::unique_ptr<FrameSender>> open_ring_sender(const Interface& interface, bool fast) {
  Descriptor socket = RAWKET_TRY(open_socket({AF_PACKET, SOCK_RAW, 0}, "socket(AF_PACKET)"));
  const int version = TPACKET_V2, on = fast ? 1 : 0;
  tpacket_req request{};
  request.tp_block_size = block_bytes;
  request.tp_block_nr = slots * slot_bytes / block_bytes;
  request.tp_frame_size = slot_bytes;
  request.tp_frame_nr = slots;
  if (::setsockopt(socket.number(), SOL_PACKET, PACKET_VERSION, &version, sizeof version) != 0 || ::setsockopt(socket.number(), SOL_PACKET, PACKET_TX_RING, &request, sizeof request) != 0)
    return fail_system("PACKET_TX_RING");
  ::setsockopt(socket.number(), SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = static_cast<int>(interface.index);
  if (::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return fail_system("interface " + interface.name);
  Mapping ring = RAWKET_TRY(Mapping::of(socket.number(), std::size_t{slots} * slot_bytes, 0, "mmap of the sending ring"));
  return std::make_unique<RingSender>(std::move(socket), std::move(ring), interface.mtu + link_header);
}

}  // namespace rawket
