// AF_XDP for sending: frames in memory that the driver reads, descriptors in a ring, completions in another.
#include <linux/if_xdp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "rawket/host/privileges.hpp"
#include "send_engines.hpp"

namespace rawket {
namespace {

constexpr u32 chunk_bytes = FrameSender::longest_xdp_frame, chunks = 512, ring_size = chunks;
constexpr u32 batch_frames = 32;  // what the kernel takes at one call

/// A ring of 32-bit positions that only grow, and its entries.
template <class Entry>
struct XdpRing {
  Mapping memory;
  u32* producer = nullptr;
  u32* consumer = nullptr;
  Entry* entries = nullptr;

  static Result<XdpRing> map(int socket, const xdp_ring_offset& at, u32 count, long page) {
    XdpRing r{RAWKET_TRY(Mapping::of(socket, at.desc + count * sizeof(Entry), page, "mmap of an AF_XDP ring"))};
    r.producer = reinterpret_cast<u32*>(r.memory.bytes() + at.producer);
    r.consumer = reinterpret_cast<u32*>(r.memory.bytes() + at.consumer);
    r.entries = reinterpret_cast<Entry*>(r.memory.bytes() + at.desc);
    return r;
  }
  u32 produced() const { return std::atomic_ref(*producer).load(std::memory_order_acquire); }
  u32 consumed() const { return std::atomic_ref(*consumer).load(std::memory_order_acquire); }
};

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

template <class T>
Result<void> set(int socket, int option, const T& value, std::string_view name) {
  if (::setsockopt(socket, SOL_XDP, option, &value, sizeof value) == 0) return {};
  return fail_system(name, errno, errno == ENOBUFS || errno == EPERM ? "its memory is bounded by RLIMIT_MEMLOCK: ulimit -l unlimited, or use --engine messages" : "");
}

}  // namespace

Result<std::unique_ptr<FrameSender>> open_xdp_sender(const Interface& interface) {
  Descriptor socket(::socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (!socket.open()) {
    const int why = errno;
    return fail_system("socket(AF_XDP)", why, why == EPERM ? advice_for_net_raw() : why == EAFNOSUPPORT ? "this kernel has no AF_XDP: use --engine messages" : "");
  }
  const int s = socket.number();
  void* memory = ::mmap(nullptr, std::size_t{chunks} * chunk_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory == MAP_FAILED) return fail_system("memory for AF_XDP");
  Mapping frames(memory, std::size_t{chunks} * chunk_bytes);
  xdp_umem_reg area{};
  area.addr = reinterpret_cast<u64>(memory), area.len = frames.size(), area.chunk_size = chunk_bytes;
  RAWKET_TRY(set(s, XDP_UMEM_REG, area, "XDP_UMEM_REG"));
  constexpr u32 filled = 64;  // nothing is received, but a ring has to be there
  RAWKET_TRY(set(s, XDP_UMEM_FILL_RING, filled, "XDP_UMEM_FILL_RING"));
  RAWKET_TRY(set(s, XDP_UMEM_COMPLETION_RING, ring_size, "XDP_UMEM_COMPLETION_RING"));
  RAWKET_TRY(set(s, XDP_TX_RING, ring_size, "XDP_TX_RING"));
  xdp_mmap_offsets at{};
  socklen_t size = sizeof at;
  if (::getsockopt(s, SOL_XDP, XDP_MMAP_OFFSETS, &at, &size) != 0) return fail_system("XDP_MMAP_OFFSETS");
  auto sending = RAWKET_TRY(XdpRing<xdp_desc>::map(s, at.tx, ring_size, XDP_PGOFF_TX_RING));
  auto done = RAWKET_TRY(XdpRing<u64>::map(s, at.cr, ring_size, static_cast<long>(XDP_UMEM_PGOFF_COMPLETION_RING)));
  sockaddr_xdp address{};
  address.sxdp_family = AF_XDP;
  address.sxdp_ifindex = interface.index;
  address.sxdp_flags = XDP_USE_NEED_WAKEUP;
  int tries = 20;  // a socket that was closed just now holds its queue a moment longer
  while (::bind(s, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EBUSY && --tries > 0) {
      ::poll(nullptr, 0, 10);
      continue;
    }
    return fail_system("AF_XDP on interface " + interface.name, errno, "its first queue may be in use, or its driver has no AF_XDP: use --engine messages");
  }
  return std::make_unique<XdpSender>(std::move(socket), std::move(frames), std::move(sending), std::move(done), interface.mtu + link_header);
}

}  // namespace rawket
