// The kernel's route to a destination, and the link addresses of neighbours.
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "netlink.hpp"
#include "rawket/base/clock.hpp"
#include "rawket/host/interfaces.hpp"
#include "rawket/host/route_table.hpp"

namespace rawket {
namespace {

IpAddress address_of(Bytes value, const IpAddress& otherwise) {
  if (value.size() != 4 && value.size() != 16) return otherwise;
  IpAddress a;
  a.is_v6 = value.size() == 16;
  std::ranges::copy(value, a.octets.begin());
  return a;
}

Route read_route(const nlmsghdr& message, const IpAddress& destination) {
  const auto* header = reinterpret_cast<const rtmsg*>(&message + 1);
  Route route;
  route.next_hop = destination;
  route.source.is_v6 = destination.is_v6;
  route.loopback = header->rtm_type == RTN_LOCAL;
  route.broadcast = header->rtm_type == RTN_BROADCAST;
  each_attribute(message, sizeof *header, [&](u16 type, Bytes value) {
    if (type == RTA_OIF) route.interface = attribute_u32(value);
    if (type == RTA_PREFSRC) route.source = address_of(value, route.source);
    if (type == RTA_GATEWAY) route.next_hop = address_of(value, destination);
    // struct rtvia: a family, then the address; an IPv4 route may go through an IPv6 router (RFC 5549).
    if (type == RTA_VIA && value.size() > 2) route.next_hop = address_of(value.subspan(2), destination);
  });
  return route;
}

// Any datagram makes the kernel ask for the link address; port 9 is "discard" (RFC 863).
Result<void> poke(u32 interface, const IpAddress& address) {
  constexpr u16 discard_port = 9;
  const Descriptor s(::socket(address.is_v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!s.open()) return fail_system("socket(SOCK_DGRAM)");
  const int index = static_cast<int>(interface);
  const u32 unicast_index = htonl(interface);
  ssize_t sent = 0;
  if (address.is_v6) {
    ::setsockopt(s.number(), IPPROTO_IPV6, IPV6_UNICAST_IF, &unicast_index, sizeof unicast_index);
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(discard_port);
    to.sin6_scope_id = static_cast<u32>(index);
    std::memcpy(&to.sin6_addr, address.octets.data(), 16);
    sent = ::sendto(s.number(), "", 0, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  } else {
    ::setsockopt(s.number(), IPPROTO_IP, IP_UNICAST_IF, &unicast_index, sizeof unicast_index);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(discard_port);
    std::memcpy(&to.sin_addr, address.octets.data(), 4);
    sent = ::sendto(s.number(), "", 0, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  if (sent < 0 && errno != EAGAIN && errno != ENOBUFS) return fail_system("asking for the link address of " + address.text());
  return {};
}

}  // namespace

Result<Route> route_to(const IpAddress& destination, const RouteNarrowing& by) {
  const u32 interface = by.interface.empty() ? 0 : RAWKET_TRY(interface_named(by.interface)).index;
  // The kernel would take an own address for a neighbour's on another interface.
  if (interface != 0)
    if (auto own = route_to(destination); own && own->loopback) return own;
  Netlink netlink = RAWKET_TRY(Netlink::open());
  rtmsg header{};
  header.rtm_family = destination.is_v6 ? AF_INET6 : AF_INET;
  header.rtm_dst_len = destination.is_v6 ? 128 : 32;
  NetlinkRequest request(RTM_GETROUTE, 0, header);
  request.put(RTA_DST, destination.bytes());
  if (interface != 0) request.put_u32(RTA_OIF, interface);
  if (by.protocol != 0) request.put_u8(RTA_IP_PROTO, by.protocol);
  const u8 port[] = {static_cast<u8>(by.port >> 8), static_cast<u8>(by.port)};
  if (by.port != 0) request.put(RTA_DPORT, port);
  std::optional<Route> route;
  bool refused = false;
  const auto done = netlink.run(request, "RTM_GETROUTE", [&](const nlmsghdr& m) {
    if (m.nlmsg_type != RTM_NEWROUTE || m.nlmsg_len < sizeof m + sizeof(rtmsg)) return;
    const u8 type = reinterpret_cast<const rtmsg*>(&m + 1)->rtm_type;
    refused = type == RTN_UNREACHABLE || type == RTN_PROHIBIT || type == RTN_BLACKHOLE;
    route = read_route(m, destination);
  });
  if (done && route && !refused) return *route;
  const bool named = !by.interface.empty();
  Error error{.code = Errc::system, .where = "route", .what = "no route to " + destination.text() + (named ? " by " + by.interface : ""), .advice = {}};
  error.errno_value = done ? ENETUNREACH : done.error().errno_value;
  error.advice = "rawket why " + destination.text() + (named ? " -i " + by.interface : "") + " finds the reason";
  return Failure{std::move(error)};
}

Result<std::optional<Mac>> neighbour(u32 interface, const IpAddress& address) {
  const NeighbourEntry found = RAWKET_TRY(neighbour_entry(interface, address));
  return found.usable() ? found.mac : std::nullopt;
}

Result<std::optional<Mac>> resolve_neighbour(u32 interface, const IpAddress& address, int milliseconds) {
  auto found = RAWKET_TRY(neighbour(interface, address));
  if (found) return found;
  RAWKET_TRY(poke(interface, address));
  SystemClock clock;
  const Nanoseconds end = clock.now() + milliseconds * millisecond;
  // A failed entry is an older answer until the kernel has had the time to ask three times, a second apart.
  for (int pause = 1;; pause = std::min(pause * 2, 20)) {
    found = RAWKET_TRY(neighbour(interface, address));
    if (found || clock.now() >= end) return found;
    ::poll(nullptr, 0, pause);
  }
}

}  // namespace rawket
