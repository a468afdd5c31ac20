// The network interfaces, addresses, routes and neighbours of this machine, read by rtnetlink(7).
#pragma once
#include <vector>

#include "rawket/base/address.hpp"
#include "rawket/base/error.hpp"

namespace rawket {

struct Interface {
  u32 index = 0;
  std::string name;
  Mac mac;
  u16 hardware_type = 0;         ///< ARPHRD_*: 1 Ethernet, 772 loopback, 65534 none
  u32 mtu = 0;
  u32 receive_queues = 1;        ///< in use, where the driver tells; else as many as there can be
  bool up = false, carrier = false, loopback = false, promiscuous = false;
  std::vector<Prefix> addresses; ///< address and prefix length, IPv4 first

  bool has(const IpAddress& address) const;
};

Result<std::vector<Interface>> interfaces();
/// `unknown_name` with the nearest existing name.
Result<Interface> interface_named(std::string_view name);
/// By number, as routes have it; `unknown_name` when it is gone.
Result<Interface> interface_numbered(u32 index);

/// The kernel's choice for a destination (RTM_GETROUTE).
struct Route {
  u32 interface = 0;
  IpAddress source;              ///< preferred source address
  IpAddress next_hop;            ///< the gateway, or the destination itself when on link
  bool loopback = false;         ///< the destination is this machine
  bool broadcast = false;
};
/// What a route may depend on beside the destination.
struct RouteNarrowing {
  std::string interface{};       ///< it has to leave by this one, unless it is for this machine; an IPv4 destination without a route there is taken for a neighbour
  u8 protocol = 0;               ///< IP's number of TCP, UDP or ICMP, and the destination port, for rules that look at them
  u16 port = 0;
};
/// No route is a `system` error that names the destination.
Result<Route> route_to(const IpAddress& destination, const RouteNarrowing& by = {});

/// The link address of an on-link neighbour from the kernel's table; empty when not known (yet).
Result<std::optional<Mac>> neighbour(u32 interface, const IpAddress& address);
/// The same, but makes the kernel ask (one UDP datagram to the discard port of `address`, from the kernel's own stack) and waits.
Result<std::optional<Mac>> resolve_neighbour(u32 interface, const IpAddress& address, int milliseconds);

}  // namespace rawket
