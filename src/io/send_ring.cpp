// TPACKET_V2 for sending: frames are put into slots of shared memory, and one call hands over all of them. packet_mmap.rst.
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "rawket/host/privileges.hpp"
#include "send_engines.hpp"

namespace rawket {
namespace {

constexpr u32 slot_bytes = 2048, slots = 512, block_bytes = 1u << 16;  // more slots leave the cache, and are slower
constexpr std::size_t data_at = TPACKET2_HDRLEN - sizeof(sockaddr_ll);

class RingSender final : public FrameSender {
 public:
  RingSender(Descriptor socket, Mapping ring) : socket_(std::move(socket)), ring_(std::move(ring)) {}

  Result<u64> send(SendPermit, std::span<const Bytes> frames, u64 count, const std::atomic<bool>& stop) override {
    constexpr u32 most = 64;
    u64 put = 0;
    for (std::size_t at = 0; put < count && !stop;) {
      u32 batch = 0;
      for (; batch < most && put + batch < count && status(slot_).load(std::memory_order_acquire) == TP_STATUS_AVAILABLE; ++batch) {
        if (!fill(frames[at])) break;
        at = at + 1 == frames.size() ? 0 : at + 1;
      }
      if (batch == 0 && frames[at].size() > slot_bytes - data_at)
        return put > 0 ? Result<u64>(put) : fail(Errc::unsupported, "ring", "a frame of " + std::to_string(frames[at].size()) + " bytes is longer than its slots", "use --engine messages");
      put += batch;
      const int problem = kick();
      if (problem == 0 && batch > 0) patience_.progress();
      if (problem != 0 && problem != EAGAIN && problem != ENOBUFS && problem != EINTR) return fail_system("sending by the ring", problem);
      if ((problem != 0 || batch == 0) && !patience_.wait()) break;
    }
    return put - withdrawn();
  }
  u64 waits() const override { return patience_.waits(); }

 private:
  tpacket2_hdr& head(u32 slot) const { return *reinterpret_cast<tpacket2_hdr*>(ring_.bytes() + std::size_t{slot} * slot_bytes); }
  std::atomic_ref<u32> status(u32 slot) const { return std::atomic_ref<u32>(head(slot).tp_status); }

  bool fill(Bytes frame) {
    if (frame.size() > slot_bytes - data_at) return false;
    tpacket2_hdr& h = head(slot_);
    h.tp_len = h.tp_snaplen = static_cast<u32>(frame.size());
    std::memcpy(reinterpret_cast<u8*>(&h) + data_at, frame.data(), frame.size());
    status(slot_).store(TP_STATUS_SEND_REQUEST, std::memory_order_release);
    slot_ = (slot_ + 1) % slots;
    return true;
  }
  int kick() const { return ::sendto(socket_.number(), nullptr, 0, MSG_DONTWAIT, nullptr, 0) < 0 ? errno : 0; }

  /// Frames that the kernel does not take stay requested: they are given a moment, and then taken back.
  u64 withdrawn() {
    for (int i = 0; i < 100; ++i) {
      if (kick() == 0) return 0;
      ::poll(nullptr, 0, 1);
    }
    u64 back = 0;
    for (u32 s = 0; s < slots; ++s) {
      const u32 is = status(s).load(std::memory_order_acquire);
      if (is != TP_STATUS_SEND_REQUEST && (is & TP_STATUS_WRONG_FORMAT) == 0) continue;
      status(s).store(TP_STATUS_AVAILABLE, std::memory_order_release);
      ++back;
    }
    return back;
  }

  Descriptor socket_;
  Mapping ring_;
  QueuePatience patience_;
  u32 slot_ = 0;
};

}  // namespace

Result<std::unique_ptr<FrameSender>> open_ring_sender(const Interface& interface, bool fast) {
  Descriptor socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (!socket.open()) {
    const int why = errno;
    return fail_system("socket(AF_PACKET)", why, why == EPERM ? advice_for_net_raw() : "");
  }
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
  return std::make_unique<RingSender>(std::move(socket), std::move(ring));
}

}  // namespace rawket
