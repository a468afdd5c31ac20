// Chunks of memory go round: fill ring -> device -> receive ring -> reader -> fill ring. Between two calls all but those of
// the last batch are with the kernel.
#include "receive_xdp.hpp"

#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/random.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <deque>
#include <mutex>

#include "../host/socket_opener.hpp"
#include "place.hpp"
#include "socket_batch.hpp"
#include "xdp_program.hpp"
#include "xdp_socket.hpp"

namespace rawket {
namespace {

constexpr u32 driver_headroom = 256;  // XDP_PACKET_HEADROOM: before each frame in its chunk
constexpr u32 small_chunk = 2048, large_chunk = 4096;
constexpr u32 fewest_chunks = 256, most_in_batch = 128;

u32 most_bytes_in(u32 chunk) { return chunk - driver_headroom; }

/// What the sockets of one interface share.
struct Shared {
  Place place;
  u32 snapshot_length = 0;
  u64 mark = 0;
  ReceiveEngine engine = ReceiveEngine::xdp;
  XdpAttachment attachment{};
  Descriptor promiscuous{};
  std::once_flag detached{};

  /// From now on nothing comes; each socket's thread may say so.
  void detach() {
    std::call_once(detached, [this] { attachment.link.reset(), promiscuous.reset(); });
  }
};

/// Memory, rings, and where the reader stands in them.
struct Rings {
  Mapping frames;
  XdpRing<xdp_desc> received;
  XdpRing<u64> fill;
  u32 chunk_bytes = 0, count = 0;
  u32 read = 0;    ///< position in `received`
  u32 filled = 0;  ///< position in `fill`

  static Result<Rings> map(int socket, u32 chunk_bytes, u32 count) {
    Rings r{RAWKET_TRY(Mapping::memory(std::size_t{count} * chunk_bytes, "memory for AF_XDP")), {}, {}, chunk_bytes, count};
    RAWKET_TRY(share_xdp_memory(socket, r.frames, chunk_bytes));
    RAWKET_TRY(set_xdp(socket, XDP_UMEM_FILL_RING, count, "XDP_UMEM_FILL_RING"));
    constexpr u32 unused = 64;  // nothing is sent, but a ring has to be there
    RAWKET_TRY(set_xdp(socket, XDP_UMEM_COMPLETION_RING, unused, "XDP_UMEM_COMPLETION_RING"));
    RAWKET_TRY(set_xdp(socket, XDP_RX_RING, count, "XDP_RX_RING"));
    const xdp_mmap_offsets at = RAWKET_TRY(xdp_offsets(socket));
    r.received = RAWKET_TRY(XdpRing<xdp_desc>::map(socket, at.rx, count, XDP_PGOFF_RX_RING));
    r.fill = RAWKET_TRY(XdpRing<u64>::map(socket, at.fr, count, static_cast<long>(XDP_UMEM_PGOFF_FILL_RING)));
    for (u32 i = 0; i < count; ++i) r.give_back(u64{i} * chunk_bytes);
    r.publish();
    return r;
  }

  void give_back(u64 address) { fill.entries[filled++ & (count - 1)] = address; }
  void publish() { std::atomic_ref(*fill.producer).store(filled, std::memory_order_release); }
  bool kernel_is_out_of_chunks() const { return fill.consumed() == filled; }
};

/// The kernel's monotonic time as wall time; looked at once a second, so that neighbours stay in order.
class WallTime {
 public:
  Nanoseconds of(u64 monotonic) {
    if (monotonic - looked_ > static_cast<u64>(second)) look(monotonic);
    return static_cast<Nanoseconds>(monotonic) + offset_;
  }

 private:
  void look(u64 monotonic) {
    const auto now = [] {
      timespec t{};
      ::clock_gettime(CLOCK_MONOTONIC, &t);
      return Nanoseconds{t.tv_sec} * second + t.tv_nsec;
    };
    Nanoseconds narrowest = second;
    for (int i = 0; i < 5; ++i) {  // the one that was interrupted least
      const Nanoseconds before = now(), wall = wall_clock(), after = now();
      if (after - before >= narrowest) continue;
      narrowest = after - before;
      offset_ = wall - before - narrowest / 2;
    }
    looked_ = monotonic;
  }
  u64 looked_ = 0;
  Nanoseconds offset_ = 0;
};

class XdpReceiver final : public ReceivingSocket {
 public:
  XdpReceiver(std::shared_ptr<Shared> shared, Descriptor socket, Rings rings, const std::string& filter)
      : shared_(std::move(shared)), socket_(std::move(socket)), rings_(std::move(rings)) {
    interfaces_.push_back({shared_->place.name, {}, filter, LinkType::ethernet, shared_->snapshot_length});
  }

  Result<std::span<const CapturedPacket>> next(Nanoseconds wait) override {
    give_chunks_back();
    if (ended_) return packets_;
    if (take() == 0 && (wait > 0 || stopping_)) {
      wait_readable(socket_.number(), stopping_ ? in_flight : wait);
      take();
    }
    if (!packets_.empty()) return packets_;
    if (const int problem = pending_error(); problem != 0) {
      ended_ = true;
      return removed_while_listening(shared_->place, problem);
    }
    ended_ = stopping_;
    return packets_;
  }

  void stop() override {
    stopping_ = true;
    shared_->detach();
  }
  bool ended() const override { return ended_; }
  std::span<const InterfaceDescription> interfaces() const override { return interfaces_; }
  /// Packets that wait in the ring are counted when they are read, those that were refused are not: they go on their way.
  Counters counters() override {
    note_losses();
    return {.received = delivered_ + dropped_, .dropped = dropped_};
  }
  int descriptor() const override { return socket_.number(); }
  u32 buffer_bytes() const override { return static_cast<u32>(rings_.frames.size()); }
  ReceiveEngine engine() const override { return shared_->engine; }
  const std::string& why_engine() const override { return why_; }
  void explain(std::string why) { why_ = std::move(why); }

 private:
  static constexpr Nanoseconds in_flight = 20 * millisecond;  // what the device has begun when the program goes

  /// Losses stand behind all that had been received when they happened.
  struct Loss {
    u32 position = 0;
    u64 count = 0;
  };

  void give_chunks_back() {
    packets_.clear();
    if (chunks_.empty()) return;
    if (rings_.kernel_is_out_of_chunks()) note_losses();
    for (const u64 address : chunks_) rings_.give_back(address);
    rings_.publish();
    chunks_.clear();
  }

  void note_losses() {
    xdp_statistics s{};
    socklen_t size = sizeof s;
    if (::getsockopt(socket_.number(), SOL_XDP, XDP_STATISTICS, &s, &size) != 0) return;
    const u64 all = s.rx_dropped + s.rx_ring_full;  // of copied frames those that found no chunk are among them
    if (all > dropped_) losses_.push_back({rings_.received.produced(), all - dropped_});
    dropped_ = std::max(all, dropped_);
  }

  std::size_t take() {
    const u32 ready = std::min(rings_.received.produced() - rings_.read, most_in_batch);
    for (u32 i = 0; i < ready; ++i, ++rings_.read) {
      const xdp_desc& at = rings_.received.entries[rings_.read & (rings_.count - 1)];
      chunks_.push_back(at.addr);
      packets_.push_back(packet(rings_.frames.bytes() + at.addr, at.len));
    }
    std::atomic_ref(*rings_.received.consumer).store(rings_.read, std::memory_order_release);
    delivered_ += ready;
    // A driver that ran dry sleeps until it is told that there are chunks again; waiting tells it too.
    if (ready > 0 && (rings_.fill.flags_now() & XDP_RING_NEED_WAKEUP) != 0) ::recvfrom(socket_.number(), nullptr, 0, MSG_DONTWAIT, nullptr, nullptr);
    return ready;
  }

  CapturedPacket packet(u8* frame, u32 size) {
    CapturedPacket p;
    read_time(frame, p.info);
    p.info.original_length = size;
    p.info.direction = Direction::in;
    p.bytes = Bytes(frame, std::min(size, shared_->snapshot_length));
    while (!losses_.empty() && losses_.front().position == rings_.read) p.info.dropped_before += losses_.front().count, losses_.pop_front();
    return p;
  }

  void read_time(u8* frame, PacketInfo& info) {
    XdpStamp stamp;
    std::memcpy(&stamp, frame - sizeof stamp, sizeof stamp);
    const bool stamped = stamp.mark == shared_->mark;
    info.time = stamped ? wall_time_.of(stamp.time) : wall_clock();
    info.time_source = stamped ? TimeSource::program : TimeSource::reader;
    if (stamped) std::memset(frame - sizeof stamp, 0, sizeof stamp.mark);  // the next frame here may come without
  }

  int pending_error() const {
    int problem = 0;
    socklen_t size = sizeof problem;
    return ::getsockopt(socket_.number(), SOL_SOCKET, SO_ERROR, &problem, &size) == 0 ? problem : errno;
  }

  std::shared_ptr<Shared> shared_;
  Descriptor socket_;
  Rings rings_;
  WallTime wall_time_;
  std::vector<CapturedPacket> packets_;
  std::vector<u64> chunks_;  ///< of `packets_`
  std::deque<Loss> losses_;  ///< that no packet has told yet
  std::vector<InterfaceDescription> interfaces_;
  std::string why_;
  bool stopping_ = false, ended_ = false;
  u64 delivered_ = 0, dropped_ = 0;
};

/// How many queues the device uses; a driver that does not tell uses all it has.
u32 queues_in_use(const Place& place) {
  const Descriptor any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ethtool_channels channels{};
  channels.cmd = ETHTOOL_GCHANNELS;
  ifreq request{};
  std::memcpy(request.ifr_name, place.name.data(), std::min(place.name.size(), sizeof request.ifr_name - 1));
  request.ifr_data = reinterpret_cast<char*>(&channels);
  if (::ioctl(any.number(), SIOCETHTOOL, &request) == 0 && channels.rx_count + channels.combined_count > 0) return channels.rx_count + channels.combined_count;
  return std::max(place.receive_queues, u32{1});
}

Result<u32> chunk_for(const Place& place, const PacketSocketOptions& options) {
  constexpr std::string_view where = "AF_XDP";
  if (place.index == 0) return fail(Errc::unsupported, where, "it receives on one interface, not on all", "name one with -i");
  if (options.cooked || place.link_type != LinkType::ethernet) return fail(Errc::unsupported, where, "it receives Ethernet frames only");
  const u32 longest = place.mtu + ETH_HLEN + 8;  // two tags
  if (longest <= most_bytes_in(small_chunk)) return small_chunk;
  if (longest <= most_bytes_in(large_chunk)) return large_chunk;
  return fail(Errc::unsupported, where, "frames of " + place.name + " may have " + std::to_string(longest) + " bytes; it takes " + std::to_string(most_bytes_in(large_chunk)),
              "lower the MTU, or use --engine ring");
}

struct Opened {
  Descriptor socket;
  Rings rings;
};

/// With less memory where the limit of locked memory wants it so.
Result<Opened> open_queue(const Place& place, u32 queue, u32 chunk, u32 bytes, bool copy) {
  for (u32 count = std::max(std::bit_floor(bytes / chunk), fewest_chunks);; count /= 2) {
    Descriptor socket = RAWKET_TRY(open_xdp_socket());
    auto rings = Rings::map(socket.number(), chunk, count);
    if (!rings && rings.error().errno_value == ENOBUFS && count > fewest_chunks) continue;
    if (!rings) return Failure{std::move(rings).error()};
    RAWKET_TRY(bind_xdp(socket.number(), place.index, queue, copy));
    return Opened{std::move(socket), std::move(*rings)};
  }
}

Result<bool> is_zero_copy(int socket) {
  xdp_options options{};
  socklen_t size = sizeof options;
  if (::getsockopt(socket, SOL_XDP, XDP_OPTIONS, &options, &size) != 0) return fail_system("XDP_OPTIONS");
  return (options.flags & XDP_OPTIONS_ZEROCOPY) != 0;
}

/// What the fastest way would have and this one has not, and what the fastest does not tell.
std::string shortcomings(bool zero_copy, bool generic, const std::string& interface) {
  if (zero_copy) return "what the device drops for want of room it counts itself: ethtool -S " + interface;
  return generic ? "" : "each frame is copied, as the driver has no zero-copy";
}

}  // namespace

namespace {

Result<std::vector<std::unique_ptr<ReceivingSocket>>> open_in_mode(const PacketSocketOptions& options, const std::string& before) {
  const bool generic = options.engine == ReceiveEngine::xdp_generic;
  auto shared = std::make_shared<Shared>(RAWKET_TRY(find_place(options)), std::clamp(options.snapshot_length, u32{1}, longest_snapshot));
  const u32 chunk = RAWKET_TRY(chunk_for(shared->place, options)), queues = queues_in_use(shared->place);
  shared->engine = options.engine;
  if (::getrandom(&shared->mark, sizeof shared->mark, 0) != sizeof shared->mark) return fail_system("getrandom");
  Descriptor map = RAWKET_TRY(bpf::make_map(BPF_MAP_TYPE_XSKMAP, sizeof(int), queues));
  const bpf::Program program = RAWKET_TRY(xdp_program(map.number(), options.filter, shared->mark));
  std::vector<std::unique_ptr<XdpReceiver>> receivers;
  bool zero_copy = true;
  for (u32 queue = 0; queue < queues; ++queue) {
    Opened opened = RAWKET_TRY(open_queue(shared->place, queue, chunk, options.buffer_bytes / queues, generic));
    const int number = opened.socket.number();
    RAWKET_TRY(bpf::write_map(map.number(), queue, &number));
    zero_copy = RAWKET_TRY(is_zero_copy(number)) && zero_copy;
    receivers.push_back(std::make_unique<XdpReceiver>(shared, std::move(opened.socket), std::move(opened.rings), options.filter == nullptr ? "" : options.filter->expression()));
  }
  RAWKET_TRY(bpf::freeze_map(map.number()));
  if (options.promiscuous) {
    shared->promiscuous = RAWKET_TRY(open_socket({AF_PACKET, SOCK_RAW, 0}, "socket(AF_PACKET)"));
    RAWKET_TRY(make_promiscuous(shared->promiscuous.number(), shared->place));
  }
  // Only now packets come: filtered, and each queue has its socket.
  shared->attachment = RAWKET_TRY(attach_xdp_program(shared->place.index, std::move(map), program, generic));
  const std::string why = before + shortcomings(zero_copy, generic, shared->place.name);
  std::vector<std::unique_ptr<ReceivingSocket>> sockets;
  for (auto& receiver : receivers) {
    receiver->explain(why);
    sockets.push_back(std::move(receiver));
  }
  return sockets;
}

}  // namespace

/// A driver without a mode of its own says so when the program comes: then all is opened anew, copied, behind it.
Result<std::vector<std::unique_ptr<ReceivingSocket>>> open_xdp_receivers(const PacketSocketOptions& options) {
  auto opened = open_in_mode(options, "");
  const int why = opened ? 0 : opened.error().errno_value;
  if (options.engine != ReceiveEngine::xdp || (why != EOPNOTSUPP && why != EINVAL && why != ERANGE)) return opened;
  PacketSocketOptions behind = options;
  behind.engine = ReceiveEngine::xdp_generic;
  return open_in_mode(behind, "behind the driver, not in it: " + opened.error().text());
}

}  // namespace rawket
