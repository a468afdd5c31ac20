// The raw socket. IPv6 datagrams arrive without their header, so one is rebuilt from ancillary data.
#include "rawket/io/raw_socket.hpp"

#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "../host/socket_address.hpp"
#include "../host/socket_opener.hpp"
#include "rawket/host/interfaces.hpp"
#include "rawket/host/privileges.hpp"
#include "socket_batch.hpp"

namespace rawket {
namespace {

constexpr std::size_t ipv6_header = 40, most_datagram = 65536, headroom = 64;
constexpr int ipv6_flowinfo = 11;   // IPV6_FLOWINFO of linux/in6.h, which netinet/in.h cannot stand beside
constexpr int ipv6_hdrincl = 36;    // IPV6_HDRINCL, Linux 4.5
constexpr int socket_meminfo = 55;  // SO_MEMINFO, Linux 4.12
constexpr std::size_t meminfo_words = 9, meminfo_drops = 8;

struct Ipv6Words {
  in6_pktinfo to{};
  u32 flow = 0;  ///< network order: traffic class and flow label
  int hop_limit = 0;
};

// RFC 8200 section 3. The payload length is what came, as there are no extension headers left.
void put_ipv6_header(u8* header, const Ipv6Words& words, const in6_addr& from, u8 protocol, std::size_t payload) {
  std::memcpy(header, &words.flow, sizeof words.flow);
  header[0] = static_cast<u8>(0x60 | (header[0] & 0x0f));
  const std::size_t told = std::min<std::size_t>(payload, 65535);
  header[4] = static_cast<u8>(told >> 8);
  header[5] = static_cast<u8>(told);
  header[6] = protocol;
  header[7] = static_cast<u8>(words.hop_limit);
  std::memcpy(header + 8, &from, 16);
  std::memcpy(header + 24, &words.to.ipi6_addr, 16);
}

class LiveRawSocket final : public RawSocket {
 public:
  LiveRawSocket(Descriptor socket, const RawSocketOptions& options, u32 interface_index)
      : socket_(std::move(socket)), options_(options), interface_index_(interface_index) {
    interfaces_.push_back(
        {options.interface.empty() ? "any" : options.interface, {}, {}, options.ipv6 ? LinkType::ipv6 : LinkType::ipv4, most_datagram});
    if (options.protocol != IPPROTO_RAW) batch_.emplace(most_datagram, headroom);
  }

  Result<void> prepare() {
    const int s = descriptor(), on = 1;
    const int own_header = options_.own_header ? 1 : 0;  // also 0 is said: protocol 255 switches it on by itself
    const int level = options_.ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
    if (::setsockopt(s, level, options_.ipv6 ? ipv6_hdrincl : IP_HDRINCL, &own_header, sizeof own_header) != 0)
      return fail_system(options_.ipv6 ? "IPV6_HDRINCL" : "IP_HDRINCL");
    if (::setsockopt(s, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) != 0) return fail_system("SO_BROADCAST");
    // A packet with a header of its own leaves as it is, also when a router has told of a narrow path to its destination before.
    const int as_it_is = IP_PMTUDISC_PROBE;
    if (own_header != 0) ::setsockopt(s, level, options_.ipv6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, &as_it_is, sizeof as_it_is);
    const std::string& name = options_.interface;
    if (!name.empty() && ::setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, name.data(), static_cast<socklen_t>(name.size())) != 0)
      return fail_system("SO_BINDTODEVICE " + name);
    if (!batch_) return {};
    set_receive_buffer(s, options_.buffer_bytes);
    if (::setsockopt(s, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0) return fail_system("SO_TIMESTAMPNS");
    ::setsockopt(s, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
    if (!options_.ipv6) return {};
    for (int option : {IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, ipv6_flowinfo})
      if (::setsockopt(s, IPPROTO_IPV6, option, &on, sizeof on) != 0) return fail_system("asking for the parts of the IPv6 header");
    return {};
  }

  Result<std::span<const CapturedPacket>> next(Nanoseconds wait) override {
    packets_.clear();
    if (!batch_) return packets_;
    auto got = batch_->receive(descriptor());
    if (got && *got == 0 && wait > 0) {
      wait_readable(descriptor(), wait);
      got = batch_->receive(descriptor());
    }
    // A raw socket also reports what ICMP said about datagrams it sent; that is not about receiving.
    if (!got && is_report(got.error().errno_value)) return packets_;
    if (!got) return Failure{got.error()};
    for (unsigned slot = 0; slot < *got; ++slot) packets_.push_back(read(slot));
    delivered_ += packets_.size();
    return packets_;
  }

  bool ended() const override { return !batch_; }
  std::span<const InterfaceDescription> interfaces() const override { return interfaces_; }

  Counters counters() override {
    u32 words[meminfo_words] = {};
    socklen_t size = sizeof words;
    if (::getsockopt(descriptor(), SOL_SOCKET, socket_meminfo, words, &size) == 0) {
      dropped_ += words[meminfo_drops] - kernel_drops_;  // a running 32-bit count
      kernel_drops_ = words[meminfo_drops];
    }
    return {.received = delivered_ + dropped_, .dropped = dropped_};
  }

  Result<std::size_t> send(SendPermit, std::span<const Datagram> datagrams) override;
  u64 send_waits() const override { return send_waits_; }
  int descriptor() const override { return socket_.number(); }

 private:
  static bool is_report(int reason) {
    return reason == ECONNREFUSED || reason == EHOSTUNREACH || reason == ENETUNREACH || reason == EPROTO || reason == EMSGSIZE || reason == EACCES;
  }

  CapturedPacket read(unsigned slot) {
    CapturedPacket packet;
    Ipv6Words words;
    packet.info.link_type = interfaces_[0].link_type;
    packet.info.direction = Direction::in;
    batch_->ancillary(slot, [&](int level, int type, Bytes bytes) {
      if (level == SOL_SOCKET && type == SCM_TIMESTAMPNS) packet.info.time = time_of(bytes), packet.info.time_source = TimeSource::kernel;
      if (level == SOL_SOCKET && type == SO_RXQ_OVFL) {
        const u32 count = value_of<u32>(bytes);
        packet.info.dropped_before = count - last_drop_count_;
        last_drop_count_ = count;
      }
      if (level != IPPROTO_IPV6) return;
      if (type == IPV6_PKTINFO) words.to = value_of<in6_pktinfo>(bytes);
      if (type == IPV6_HOPLIMIT) words.hop_limit = value_of<int>(bytes);
      if (type == ipv6_flowinfo) words.flow = value_of<u32>(bytes);
    });
    if (packet.info.time == 0) packet.info.time = wall_clock(), packet.info.time_source = TimeSource::reader;
    u8* start = batch_->start(slot);
    std::size_t size = batch_->captured(slot), original = batch_->real_length(slot);
    if (options_.ipv6) {
      sockaddr_in6 from{};
      std::memcpy(&from, &batch_->sender(slot), sizeof from);
      start -= ipv6_header;
      put_ipv6_header(start, words, from.sin6_addr, options_.protocol, original);
      size += ipv6_header;
      original += ipv6_header;
    }
    packet.bytes = Bytes(start, size);
    packet.info.original_length = static_cast<u32>(original);
    return packet;
  }

  bool fill_address(const IpAddress& destination, SocketAddress& address, msghdr& header) const;

  Descriptor socket_;
  RawSocketOptions options_;
  u32 interface_index_;
  std::optional<ReceiveBatch> batch_;
  std::vector<CapturedPacket> packets_;
  std::vector<InterfaceDescription> interfaces_;
  std::vector<mmsghdr> outgoing_;
  std::vector<iovec> parts_;
  std::vector<SocketAddress> addresses_;
  u64 delivered_ = 0, dropped_ = 0, send_waits_ = 0;
  u32 kernel_drops_ = 0, last_drop_count_ = 0;
};

bool LiveRawSocket::fill_address(const IpAddress& destination, SocketAddress& address, msghdr& header) const {
  if (destination.is_v6 != options_.ipv6) return false;
  // A link-local address means nothing without its link; on others the kernel ignores the scope.
  address = SocketAddress(destination, 0, interface_index_);
  header.msg_name = address.get(), header.msg_namelen = address.size();
  return true;
}

Result<std::size_t> LiveRawSocket::send(SendPermit, std::span<const Datagram> datagrams) {
  if (datagrams.empty()) return std::size_t{0};
  parts_.resize(datagrams.size());
  addresses_.resize(datagrams.size());
  outgoing_.assign(datagrams.size(), {});
  for (std::size_t i = 0; i < datagrams.size(); ++i) {
    msghdr& header = outgoing_[i].msg_hdr;
    parts_[i] = {const_cast<u8*>(datagrams[i].bytes.data()), datagrams[i].bytes.size()};
    header.msg_iov = &parts_[i];
    header.msg_iovlen = 1;
    if (!fill_address(datagrams[i].destination, addresses_[i], header))
      return fail(Errc::out_of_range, "send", datagrams[i].destination.text() + " is not an address of this socket's IP version");
  }
  auto sent = send_all(descriptor(), outgoing_, send_waits_);
  if (sent) return sent;
  Error error = std::move(sent).error();
  error.where = "sending to " + datagrams[0].destination.text();
  if (error.errno_value == EMSGSIZE) error.what = "a datagram of " + std::to_string(datagrams[0].bytes.size()) + " bytes exceeds the MTU";
  if (error.errno_value == EINVAL) error.what = "the kernel refuses the IP header: IHL is below 5 or longer than the datagram";
  return Failure{std::move(error)};
}

}  // namespace

Result<std::unique_ptr<RawSocket>> RawSocket::open(const RawSocketOptions& options) {
  u32 index = 0;
  if (!options.interface.empty()) index = RAWKET_TRY(interface_named(options.interface)).index;
  const std::string_view where = options.ipv6 ? "socket(AF_INET6, SOCK_RAW)" : "socket(AF_INET, SOCK_RAW)";
  Descriptor socket = RAWKET_TRY(open_socket({options.ipv6 ? AF_INET6 : AF_INET, SOCK_RAW, options.protocol}, where));
  auto live = std::make_unique<LiveRawSocket>(std::move(socket), options, index);
  RAWKET_TRY(live->prepare());
  return live;
}

}  // namespace rawket
