// The packet socket: opened deaf, filtered, then bound, so that nothing slips in before the filter holds.
#include "rawket/io/packet_socket.hpp"

#include <net/if.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>

#include "../host/socket_opener.hpp"
#include "fanout.hpp"
#include "kernel_filter.hpp"
#include "packet_frame.hpp"
#include "place.hpp"
#include "rawket/host/privileges.hpp"
#include "receive_ring.hpp"
#include "socket_batch.hpp"

namespace rawket {
namespace {

template <class T>
Result<void> set_option(int socket, int level, int option, const T& value, std::string_view name) {
  if (::setsockopt(socket, level, option, &value, sizeof value) != 0) return fail_system(name);
  return {};
}

class LivePacketSocket final : public PacketSocket {
 public:
  LivePacketSocket(Descriptor socket, Place place, const PacketSocketOptions& options)
      : socket_(std::move(socket)), place_(std::move(place)), snapshot_length_(std::clamp(options.snapshot_length, u32{1}, longest_snapshot)), receives_(options.receive) {
    if (options.filter != nullptr) filter_ = *options.filter;
    interfaces_.push_back({place_.name, {}, filter_.expression(), place_.link_type, snapshot_length_});
  }

  /// Ends with the binding: from then on packets come. A member of a group hears nothing before it has joined.
  Result<void> begin(const PacketSocketOptions& options, FanoutGroup* group = nullptr) {
    if (receives_) RAWKET_TRY(prepare_receiving(options, group != nullptr));
    const int past_queue = options.past_queue ? 1 : 0;
    if (past_queue != 0) RAWKET_TRY(set_option(descriptor(), SOL_PACKET, PACKET_QDISC_BYPASS, past_queue, "PACKET_QDISC_BYPASS"));
    const std::string where = "interface " + place_.name;
    if (!bind_to(receives_ ? ETH_P_ALL : 0)) return fail_system(where);
    // A device that is down takes the binding, and says so only here.
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(descriptor(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error != 0)
      return fail_system(where, error, error == ENETDOWN ? "it is down: ip link set " + place_.name + " up" : "");
    if (group == nullptr) return {};
    RAWKET_TRY(join_fanout(descriptor(), *group));
    return attach_filter(descriptor(), kernel_filter_);
  }

  Result<std::span<const CapturedPacket>> next(Nanoseconds wait) override {
    packets_.clear();
    if (ended()) return packets_;
    auto got = fetch();
    if (got && *got == 0 && (wait > 0 || stopping_)) {
      wait_readable(descriptor(), stopping_ ? 2 * ReceiveRing::block_patience * millisecond : down_ ? std::min(wait, look_again) : wait);
      got = fetch();
    }
    if (!got) return after_error(got.error());
    if (*got == 0 && down_ && gone()) return removed_while_listening(place_, ENODEV);
    if (*got == 0 && stopping_) ended_ = true;
    delivered_ += packets_.size();
    return packets_;
  }

  void stop() override {
    constexpr u16 nobodys = 0xffff;  // reserved by IEEE: no frame has it; 0 would leave the binding as it is
    stopping_ = true;
    bind_to(nobodys);
  }

  bool ended() const override { return ended_ || !receives_; }
  std::span<const InterfaceDescription> interfaces() const override { return interfaces_; }

  /// Packets that wait in the kernel's queue are counted when they are read.
  Counters counters() override {
    tpacket_stats statistics{};
    socklen_t size = sizeof statistics;
    // Reading sets the kernel's 32-bit counts back to zero.
    if (receives_ && ::getsockopt(descriptor(), SOL_PACKET, PACKET_STATISTICS, &statistics, &size) == 0) dropped_ += statistics.tp_drops;
    return {.received = delivered_ + filtered_ + dropped_, .filtered = filtered_, .dropped = dropped_};
  }

  Result<std::size_t> send(SendPermit, std::span<const Bytes> frames) override;
  u64 send_waits() const override { return send_waits_; }
  int descriptor() const override { return socket_.number(); }
  u32 buffer_bytes() const override { return buffer_bytes_; }
  ReceiveEngine engine() const override { return ring_ ? ReceiveEngine::ring : ReceiveEngine::messages; }
  const std::string& why_engine() const override { return why_engine_; }

 private:
  bool bind_to(u16 protocol) {
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(protocol);
    address.sll_ifindex = static_cast<int>(place_.index);
    return ::bind(descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }

  Result<void> prepare_receiving(const PacketSocketOptions& options, bool deaf) {
    const int s = descriptor();
    const bool cooked = place_.link_type == LinkType::linux_sll2;
    KernelFilter plan = RAWKET_TRY(plan_kernel_filter({options.filter, cooked, snapshot_length_, place_.loopback_index}));
    judge_ = plan.judge;
    if (deaf) RAWKET_TRY(make_deaf(s));
    else if (!plan.program.empty()) RAWKET_TRY(attach_filter(s, plan.program));
    kernel_filter_ = std::move(plan.program);
    const int ignore = options.own_packets ? 0 : 1;
    if (ignore != 0) RAWKET_TRY(set_option(s, SOL_PACKET, PACKET_IGNORE_OUTGOING, ignore, "PACKET_IGNORE_OUTGOING"));
    RAWKET_TRY(prepare_engine(options));
    if (!options.promiscuous || place_.index == 0) return {};
    return make_promiscuous(s, place_);
  }

  Result<void> prepare_engine(const PacketSocketOptions& options) {
    if (options.engine != ReceiveEngine::messages) {
      auto ring = ReceiveRing::map(descriptor(), options.buffer_bytes, options.exact_segments && place_.link_type != LinkType::linux_sll2);
      if (ring) {
        buffer_bytes_ = ring->bytes();
        ring_.emplace(std::move(*ring));
        return {};
      }
      if (options.engine == ReceiveEngine::ring) return Failure{std::move(ring).error()};
      why_engine_ = ring.error().text();
    }
    const int on = 1;
    RAWKET_TRY(set_option(descriptor(), SOL_SOCKET, SO_TIMESTAMPNS, on, "SO_TIMESTAMPNS"));
    RAWKET_TRY(set_option(descriptor(), SOL_PACKET, PACKET_AUXDATA, on, "PACKET_AUXDATA"));
    ::setsockopt(descriptor(), SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);  // only tells where in the stream packets were lost
    buffer_bytes_ = set_receive_buffer(descriptor(), options.buffer_bytes);
    batch_.emplace(snapshot_length_, frame_headroom);
    return {};
  }

  /// How many frames there were, filtered ones included.
  Result<unsigned> fetch() { return ring_ ? fetch_block() : fetch_messages(); }

  Result<unsigned> fetch_messages() {
    const unsigned got = RAWKET_TRY(batch_->receive(descriptor()));
    for (unsigned slot = 0; slot < got; ++slot) take(frame_of(*batch_, slot));
    return got;
  }

  /// Of one block at most: its packets are borrowed.
  Result<unsigned> fetch_block() {
    constexpr unsigned most = 128;  // what is used soon after stays in the cache
    unsigned got = 0;
    for (KernelFrame f; got < most; ++got) {
      if (!ring_->next(f)) {
        if (got > 0) break;
        bool found = false;
        while (ring_->advance() && !(found = ring_->next(f))) continue;
        if (!found) break;
        if (ring_->losing()) counters();
        f.drop_count = static_cast<u32>(dropped_);  // it may have been read, and so reset, since the last block
      }
      take(f);
    }
    int problem = 0;
    socklen_t size = sizeof problem;
    if (got == 0 && ::getsockopt(descriptor(), SOL_SOCKET, SO_ERROR, &problem, &size) == 0 && problem != 0) return fail_system("receiving", problem);
    return got;
  }

  void take(const KernelFrame& frame) {
    FrameContext context{place_.link_type, snapshot_length_, place_.mtu, last_drop_count_};
    const CapturedPacket packet = read_frame(frame, context);
    const bool in_question = judge_ == Judge::user || (judge_ == Judge::user_for_tagged && packet.info.vlan_restored);
    if (in_question && !filter_.matches(packet.bytes, packet.info.original_length)) {
      ++filtered_;
      return;
    }
    last_drop_count_ = context.drop_count;
    packets_.push_back(packet);
  }

  // ENETDOWN passes: packets come again with the device. It comes once, when the device goes down, which it also does just
  // before it goes away; of that nothing more is told. `bind` by number holds on to the device through a change of its name.
  Result<std::span<const CapturedPacket>> after_error(const Error& error) {
    if (error.errno_value != ENETDOWN && error.errno_value != ENODEV && error.errno_value != ENXIO) return Failure{error};
    down_ = place_.index != 0;
    if (down_ && gone()) return removed_while_listening(place_, error.errno_value);
    return packets_;
  }

  /// Looks at a device that went down: it may be up again, or away.
  bool gone() {
    ifreq request{};
    request.ifr_ifindex = static_cast<int>(place_.index);
    ended_ = ::ioctl(descriptor(), SIOCGIFNAME, &request) != 0;
    if (!ended_) down_ = ::ioctl(descriptor(), SIOCGIFFLAGS, &request) != 0 || (request.ifr_flags & IFF_UP) == 0;
    return ended_;
  }

  Error explain_send(Error error, std::size_t size) const;

  Descriptor socket_;
  Place place_;
  u32 snapshot_length_;
  static constexpr Nanoseconds look_again = 100 * millisecond;
  bool receives_, ended_ = false, stopping_ = false, down_ = false;
  u32 buffer_bytes_ = 0;
  std::string why_engine_;
  Filter filter_;
  Judge judge_ = Judge::kernel;
  std::vector<BpfInstruction> kernel_filter_;
  std::optional<ReceiveRing> ring_;
  std::optional<ReceiveBatch> batch_;  ///< where there is no ring
  std::vector<CapturedPacket> packets_;
  std::vector<InterfaceDescription> interfaces_;
  std::vector<mmsghdr> outgoing_;
  std::vector<iovec> parts_;
  u64 delivered_ = 0, filtered_ = 0, dropped_ = 0, send_waits_ = 0;
  u32 last_drop_count_ = 0;
};

Result<std::size_t> LivePacketSocket::send(SendPermit, std::span<const Bytes> frames) {
  if (frames.empty()) return std::size_t{0};
  if (place_.index == 0) return fail(Errc::unsupported, "send", "frames leave by one interface, but all are listened to", "name one with -i");
  if (place_.link_type == LinkType::linux_sll2)
    return fail(Errc::unsupported, "send", "a cooked socket has no link header to send", "open it without 'cooked'");
  parts_.resize(frames.size());
  outgoing_.assign(frames.size(), {});
  for (std::size_t i = 0; i < frames.size(); ++i) {
    parts_[i] = {const_cast<u8*>(frames[i].data()), frames[i].size()};
    outgoing_[i].msg_hdr.msg_iov = &parts_[i];
    outgoing_[i].msg_hdr.msg_iovlen = 1;
  }
  auto sent = send_all(descriptor(), outgoing_, send_waits_);
  if (!sent) return Failure{explain_send(std::move(sent).error(), frames[0].size())};
  return sent;
}

Error LivePacketSocket::explain_send(Error error, std::size_t size) const {
  error.where = "sending on " + place_.name;
  const std::string frame = "a frame of " + std::to_string(size) + " bytes ";
  switch (error.errno_value) {
    case EMSGSIZE:
      error.what = frame + "is longer than the device takes (MTU " + std::to_string(place_.mtu) + ")";
      break;
    case EINVAL:
      error.what = frame + "is shorter than the link header";
      break;
    case ENETDOWN:
      error.advice = "it is down: ip link set " + place_.name + " up";
      break;
    case ENXIO:
    case ENODEV:
      error.what = "the interface was removed";
      break;
    default:
      break;
  }
  return error;
}

}  // namespace

Result<LinkType> link_type_for(const PacketSocketOptions& options) { return RAWKET_TRY(find_place(options)).link_type; }

namespace {

Result<std::unique_ptr<LivePacketSocket>> open_deaf(const PacketSocketOptions& options) {
  Place place = RAWKET_TRY(find_place(options));
  const int type = place.link_type == LinkType::linux_sll2 ? SOCK_DGRAM : SOCK_RAW;
  // Protocol 0 receives nothing: the socket is deaf until it is bound.
  Descriptor socket = RAWKET_TRY(open_socket({AF_PACKET, type, 0}, "socket(AF_PACKET)"));
  return std::make_unique<LivePacketSocket>(std::move(socket), std::move(place), options);
}

}  // namespace

Result<std::unique_ptr<PacketSocket>> PacketSocket::open(const PacketSocketOptions& options) {
  auto live = RAWKET_TRY(open_deaf(options));
  RAWKET_TRY(live->begin(options));
  return live;
}

Result<std::vector<std::unique_ptr<PacketSocket>>> PacketSocket::open_fanout(const PacketSocketOptions& options, Fanout how, u32 count) {
  FanoutGroup group{how, std::max(count, u32{1})};
  std::vector<std::unique_ptr<PacketSocket>> members;
  while (members.size() < group.members) {
    auto live = RAWKET_TRY(open_deaf(options));
    RAWKET_TRY(live->begin(options, &group));
    members.push_back(std::move(live));
  }
  return members;
}

}  // namespace rawket
