// AF_XDP for sending: frames in memory that the driver reads, descriptors in a ring, completions in another.
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "send_engines.hpp"
#include "xdp_socket.hpp"

namespace rawket {
namespace {

constexpr u32 chunk_bytes = FrameSender::longest_xdp_frame, chunks = 512, ring_size = chunks;
constexpr u32 batch_frames = 32;  // what the kernel takes at one call

class XdpSender final : public FrameSender {
 public:
  XdpSender(Descriptor socket, Mapping frames, XdpRing<xdp_desc> sending, XdpRing<u64> done, std::size_t longest)
      : socket_(std::move(socket)), frames_(std::move(frames)), sending_(std::move(sending)), done_(std::move(done)), longest_(std::min<std::size_t>(longest, chunk_bytes)) {}

  Result<u64> send(SendPermit, std::span<const Bytes> frames, u64 count, const std::atomic<bool>& stop) override {
    patience_.progress();
    const u32 put_before = put_;  // of 32 bits: more are not put in one call
    const u64 most = std::min<u64>(count, 1u << 30);
    Result<void> problem;
    for (std::size_t at = 0; put_ - put_before < most && !stop;) {
      const u32 free = chunks - (put_ - reap());
      const u32 wanted = static_cast<u32>(std::min<u64>({free, most - (put_ - put_before), batch_frames}));
      u32 batch = 0;
      for (; batch < wanted && frames[at].size() <= longest_; ++batch) {
        place(frames[at]);
        at = at + 1 == frames.size() ? 0 : at + 1;
      }
      std::atomic_ref(*sending_.producer).store(put_, std::memory_order_release);
      const auto kicked = kick(batch);
      if (!kicked) problem = Failure{kicked.error()};
      if (batch < wanted && kicked)
        problem = fail(Errc::unsupported, "AF_XDP", "a frame of " + std::to_string(frames[at].size()) + " bytes is longer than it takes (" + std::to_string(longest_) + ")", "use --engine messages");
      if (!problem || !*kicked) break;
    }
    finish();
    const u64 left = put_ - put_before;
    if (left == 0 && !problem) return Failure{problem.error()};
    return left;
  }
  u64 waits() const override { return patience_.waits(); }

 private:
  /// Chunks are used in a circle, and come back in the same order.
  void place(Bytes frame) {
    const u64 address = u64{put_ % chunks} * chunk_bytes;
    std::memcpy(frames_.bytes() + address, frame.data(), frame.size());
    sending_.entries[put_ % ring_size] = {address, static_cast<u32>(frame.size()), 0};
    ++put_;
  }

  /// How many frames are done in all.
  u32 reap() {
    const u32 done = done_.produced();
    std::atomic_ref(*done_.consumer).store(done, std::memory_order_release);
    return done;
  }

  /// False when the queue stayed full.
  Result<bool> kick(u32 batch) {
    if (::sendto(socket_.number(), nullptr, 0, MSG_DONTWAIT, nullptr, 0) >= 0) {
      if (batch > 0) patience_.progress();
      return batch > 0 || patience_.wait();
    }
    if (errno == EAGAIN || errno == EBUSY || errno == ENOBUFS || errno == EINTR) return sending_.consumed() == put_ || patience_.wait();
    return fail_system("sending by AF_XDP");
  }

  /// What was put into the ring is given time to leave. It cannot be taken back: the driver may know of it already.
  void finish() {
    for (int i = 0; i < 100 && sending_.consumed() != put_; ++i)
      if (::sendto(socket_.number(), nullptr, 0, MSG_DONTWAIT, nullptr, 0) < 0) ::poll(nullptr, 0, 1);
  }

  Descriptor socket_;
  Mapping frames_;
  XdpRing<xdp_desc> sending_;
  XdpRing<u64> done_;
  QueuePatience patience_;
  std::size_t longest_;
  u32 put_ = 0;
};

}  // namespace

Result<std::unique_ptr<FrameSender>> open_xdp_sender(const Interface& interface) {
  Descriptor socket = RAWKET_TRY(open_xdp_socket());
  const int s = socket.number();
  Mapping frames = RAWKET_TRY(Mapping::memory(std::size_t{chunks} * chunk_bytes, "memory for AF_XDP"));
  RAWKET_TRY(share_xdp_memory(s, frames, chunk_bytes));
  constexpr u32 filled = 64;  // nothing is received, but a ring has to be there
  RAWKET_TRY(set_xdp(s, XDP_UMEM_FILL_RING, filled, "XDP_UMEM_FILL_RING"));
  RAWKET_TRY(set_xdp(s, XDP_UMEM_COMPLETION_RING, ring_size, "XDP_UMEM_COMPLETION_RING"));
  RAWKET_TRY(set_xdp(s, XDP_TX_RING, ring_size, "XDP_TX_RING"));
  const xdp_mmap_offsets at = RAWKET_TRY(xdp_offsets(s));
  auto sending = RAWKET_TRY(XdpRing<xdp_desc>::map(s, at.tx, ring_size, XDP_PGOFF_TX_RING));
  auto done = RAWKET_TRY(XdpRing<u64>::map(s, at.cr, ring_size, static_cast<long>(XDP_UMEM_PGOFF_COMPLETION_RING)));
  const auto bound = bind_xdp(s, interface.index, 0, false);
  if (!bound) return fail_system("AF_XDP on interface " + interface.name, bound.error().errno_value, "its first queue may be in use, or its driver has no AF_XDP: use --engine messages");
  return std::make_unique<XdpSender>(std::move(socket), std::move(frames), std::move(sending), std::move(done), interface.mtu + link_header);
}

}  // namespace rawket
