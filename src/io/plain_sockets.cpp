// Datagram sockets with their error queues.
#include "rawket/io/plain_sockets.hpp"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>

#include "../host/descriptor.hpp"
#include "../host/socket_address.hpp"
#include "socket_batch.hpp"

namespace rawket {
namespace {

Result<Descriptor> open_one(const PlainKey& key, const std::string& interface) {
  const int family = key.ipv6 ? AF_INET6 : AF_INET, level = key.ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, echo = key.ipv6 ? int{IPPROTO_ICMPV6} : int{IPPROTO_ICMP}, on = 1;
  Descriptor s(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, key.icmp ? echo : int{IPPROTO_UDP}));
  if (!s.open() && errno == EACCES) return fail(Errc::no_permission, "socket(SOCK_DGRAM, ICMP)", "this user's group is not among those that may ask by echo", "sudo sysctl net.ipv4.ping_group_range='0 2147483647'");
  if (!s.open()) return fail_system("socket(SOCK_DGRAM)");
  if (!interface.empty() && ::setsockopt(s.number(), SOL_SOCKET, SO_BINDTODEVICE, interface.data(), static_cast<socklen_t>(interface.size())) != 0) return fail_system("interface " + interface);
  const SocketAddress own(key.ipv6 ? IpAddress(Ipv6Address()) : IpAddress(Ipv4Address()), key.number);
  if (::bind(s.number(), own.get(), own.size()) != 0) return fail_system("bind");
  // What a router once told of the path's MTU is not remembered: IPv4 packets leave without DF, IPv6 ones whole or not at all.
  const int mtu = key.ipv6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, tried = key.ipv6 ? IPV6_PMTUDISC_PROBE : IP_PMTUDISC_INTERFACE;
  if (::setsockopt(s.number(), level, mtu, &tried, sizeof tried) != 0) return fail_system("IP_MTU_DISCOVER");
  const int errors = key.ipv6 ? IPV6_RECVERR : IP_RECVERR, hops = key.ipv6 ? IPV6_RECVHOPLIMIT : IP_RECVTTL;
  if (::setsockopt(s.number(), level, errors, &on, sizeof on) != 0) return fail_system("IP_RECVERR");
  ::setsockopt(s.number(), level, hops, &on, sizeof on);
  ::setsockopt(s.number(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  return s;
}

class LivePlainSockets final : public PlainSockets {
 public:
  Result<void> add(const PlainKey& key, const std::string& interface) {
    if (sockets_.contains(key)) return {};
    sockets_.emplace(key, RAWKET_TRY(open_one(key, interface)));
    return {};
  }

  Result<void> send(SendPermit, const PlainKey& by, const PlainMessage& m) override {
    const auto found = sockets_.find(by);
    if (found == sockets_.end()) return fail(Errc::refused, "send", "port " + std::to_string(by.number) + " of this machine is somebody else's");
    const int s = found->second.number();
    int pending = 0;
    socklen_t size = sizeof pending;
    ::getsockopt(s, SOL_SOCKET, SO_ERROR, &pending, &size);  // an error about an earlier one would be this one's: it is in the queue
    SocketAddress to(m.to, m.port);
    iovec bytes{const_cast<u8*>(m.bytes.data()), m.bytes.size()};
    alignas(cmsghdr) std::array<char, 2 * CMSG_SPACE(sizeof(int))> control{};
    msghdr header{};
    header.msg_name = to.get(), header.msg_namelen = to.size();
    header.msg_iov = &bytes, header.msg_iovlen = 1;
    header.msg_control = control.data(), header.msg_controllen = control.size();
    cmsghdr* item = CMSG_FIRSTHDR(&header);
    const int level = by.ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
    for (const auto& [type, value] : {std::pair<int, int>{by.ipv6 ? IPV6_HOPLIMIT : IP_TTL, m.hop_limit}, {by.ipv6 ? IPV6_TCLASS : IP_TOS, m.traffic_class}}) {
      item->cmsg_level = level, item->cmsg_type = type, item->cmsg_len = CMSG_LEN(sizeof value);
      std::memcpy(CMSG_DATA(item), &value, sizeof value);
      item = CMSG_NXTHDR(&header, item);
    }
    if (::sendmsg(s, &header, 0) < 0) return fail_system("send");
    return {};
  }

  Result<void> hear(Nanoseconds wait, const std::function<void(const PlainArrival&)>& heard) override {
    std::vector<pollfd> all;
    for (const auto& [key, s] : sockets_) all.push_back({s.number(), POLLIN, 0});
    const timespec limit{static_cast<time_t>(wait / second), static_cast<long>(wait % second)};
    if (::ppoll(all.data(), all.size(), &limit, nullptr) < 0 && errno != EINTR) return fail_system("poll");
    std::size_t at = 0;
    for (const auto& [key, s] : sockets_) {
      const short events = all[at++].revents;
      if (events == 0) continue;
      while (receive(key, s.number(), MSG_ERRQUEUE, heard)) {
      }
      while (receive(key, s.number(), 0, heard)) {
      }
    }
    return {};
  }

 private:
  /// False when nothing more is there. What a pending error says is in the error queue as well.
  bool receive(const PlainKey& key, int s, int flags, const std::function<void(const PlainArrival&)>& heard) {
    SocketAddress from;
    iovec room{buffer_.data(), buffer_.size()};
    alignas(cmsghdr) std::array<char, 512> control{};
    msghdr header{};
    header.msg_name = from.get(), header.msg_namelen = SocketAddress::room;
    header.msg_iov = &room, header.msg_iovlen = 1;
    header.msg_control = control.data(), header.msg_controllen = control.size();
    const ssize_t n = ::recvmsg(s, &header, flags);
    if (n < 0) return flags == 0 && errno != EAGAIN && errno != EINTR && errno != EBADF;
    PlainArrival a{.socket = key, .bytes = Bytes(buffer_.data(), static_cast<std::size_t>(n)), .peer = from.address().value_or(IpAddress()), .port = from.port(), .time = wall_clock(), .is_error = flags != 0};
    bool known = flags == 0;
    for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
      const Bytes bytes(CMSG_DATA(item), item->cmsg_len - CMSG_LEN(0));
      if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SO_TIMESTAMPNS) a.time = time_of(bytes);
      else if ((item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_TTL) || (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_HOPLIMIT)) a.hop_limit = static_cast<u8>(value_of<int>(bytes));
      else if ((item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_RECVERR) || (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_RECVERR)) known = tell_error(bytes, a);
    }
    if (known) heard(a);
    return true;
  }

  /// False for what this machine itself says: nobody on the way did.
  static bool tell_error(Bytes bytes, PlainArrival& a) {
    const auto e = value_of<sock_extended_err>(bytes);
    if (bytes.size() < sizeof e + sizeof(sockaddr_in)) return false;
    if (e.ee_origin != SO_EE_ORIGIN_ICMP && e.ee_origin != SO_EE_ORIGIN_ICMP6) return false;
    a.type = e.ee_type, a.code = e.ee_code, a.told = e.ee_info;
    SocketAddress teller;
    std::memcpy(teller.get(), bytes.data() + sizeof e, std::min<std::size_t>(bytes.size() - sizeof e, SocketAddress::room));
    a.teller = teller.address().value_or(IpAddress());
    return true;
  }

  std::map<PlainKey, Descriptor> sockets_;
  std::array<u8, 65536> buffer_{};
};

}  // namespace

Result<std::unique_ptr<PlainSockets>> PlainSockets::open(std::span<const PlainKey> keys, const std::string& interface) {
  constexpr std::size_t others = 64;
  allow_descriptors(keys.size() + others);
  auto sockets = std::make_unique<LivePlainSockets>();
  // Of many UDP ports one or the other may be somebody else's: what would leave by it does not, and that is told then.
  std::optional<Error> first;
  std::size_t opened = 0;
  for (const PlainKey& key : keys) {
    if (auto added = sockets->add(key, interface)) ++opened;
    else if (!first) first = added.error();
  }
  if (first && (opened == 0 || first->code == Errc::no_permission)) return Failure{*first};
  return sockets;
}

}  // namespace rawket
