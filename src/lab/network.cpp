// Built by rtnetlink alone, so no program has to be installed. Addresses are ready at once: no duplicate detection.
#include "network.hpp"

#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>

#include <cerrno>

#include "../host/netlink.hpp"

namespace rawket {
namespace {

constexpr const char* network_file = "/proc/self/ns/net";
constexpr u8 address_generation_none = 1;  // IN6_ADDR_GEN_MODE_NONE

Result<Descriptor> new_network() {
  if (::unshare(CLONE_NEWNET) != 0) return fail_system("unshare(CLONE_NEWNET)");
  Descriptor network(::open(network_file, O_RDONLY | O_CLOEXEC));
  if (!network.open()) return fail_system(network_file);
  return network;
}

Result<Netlink> enter(const Descriptor& network) {
  if (::setns(network.number(), CLONE_NEWNET) != 0) return fail_system("setns(CLONE_NEWNET)");
  return Netlink::open();
}

ifinfomsg link_header(u32 index, unsigned flags = 0) {
  ifinfomsg header{};
  header.ifi_family = AF_UNSPEC;
  header.ifi_index = static_cast<int>(index);
  header.ifi_flags = flags;
  header.ifi_change = flags;
  return header;
}

// One request makes both ends: `peer` is born in the namespace `network`.
Result<void> add_pair(Netlink& netlink, const std::string& name, const Mac* mac, const LabInterface& peer, const Descriptor& network) {
  const ifinfomsg header = link_header(0);
  NetlinkRequest request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, header);
  request.put_text(IFLA_IFNAME, name).put_u32(IFLA_MTU, peer.mtu);
  if (mac != nullptr) request.put(IFLA_ADDRESS, mac->octets);
  request.begin(IFLA_LINKINFO).put_text(IFLA_INFO_KIND, "veth").begin(IFLA_INFO_DATA);
  request.begin(VETH_INFO_PEER, {reinterpret_cast<const u8*>(&header), sizeof header});
  request.put_text(IFLA_IFNAME, peer.name).put(IFLA_ADDRESS, peer.mac.octets).put_u32(IFLA_MTU, peer.mtu).put_u32(IFLA_NET_NS_FD, static_cast<u32>(network.number()));
  request.end().end().end();
  auto done = netlink.run(request, "making a veth pair");
  if (!done && done.error().errno_value == EOPNOTSUPP) done.error().advice = "the kernel has no veth devices (CONFIG_VETH): sudo modprobe veth";
  return done;
}

Result<void> add_bridge(Netlink& netlink, const std::string& name) {
  NetlinkRequest request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, link_header(0));
  request.put_text(IFLA_IFNAME, name).begin(IFLA_LINKINFO).put_text(IFLA_INFO_KIND, "bridge");
  // Without snooping, multicast floods: neighbour discovery works from the first packet on.
  request.begin(IFLA_INFO_DATA).put_u8(IFLA_BR_MCAST_SNOOPING, 0).end().end();
  auto done = netlink.run(request, "making a bridge");
  if (!done && done.error().errno_value == EOPNOTSUPP) done.error().advice = "the kernel has no bridge devices (CONFIG_BRIDGE): sudo modprobe bridge";
  return done;
}

// The kernel makes link-local addresses, and announces them, unless told not to before the link is up.
Result<void> no_own_ipv6(Netlink& netlink, u32 index) {
  NetlinkRequest request(RTM_SETLINK, 0, link_header(index));
  request.begin(IFLA_AF_SPEC).begin(AF_INET6).put_u8(IFLA_INET6_ADDR_GEN_MODE, address_generation_none).end().end();
  const auto done = netlink.run(request, "IFLA_INET6_ADDR_GEN_MODE");
  // A kernel without IPv6 has nothing to switch off.
  if (!done && done.error().errno_value != EAFNOSUPPORT && done.error().errno_value != EINVAL) return done;
  return {};
}

Result<void> set_up(Netlink& netlink, u32 index, u32 bridge = 0) {
  NetlinkRequest request(RTM_SETLINK, 0, link_header(index, IFF_UP));
  if (bridge != 0) request.put_u32(IFLA_MASTER, bridge);
  return netlink.run(request, "setting a link up");
}

Result<void> add_address(Netlink& netlink, u32 index, const IpAddress& address, u8 prefix_length, u8 scope = RT_SCOPE_UNIVERSE) {
  ifaddrmsg header{};
  header.ifa_family = address.is_v6 ? AF_INET6 : AF_INET;
  header.ifa_prefixlen = prefix_length;
  header.ifa_flags = address.is_v6 ? IFA_F_NODAD : 0;
  header.ifa_scope = scope;
  header.ifa_index = index;
  NetlinkRequest request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, header);
  request.put(IFA_LOCAL, address.bytes()).put(IFA_ADDRESS, address.bytes());
  if (!address.is_v6) {
    const u32 host_bits = (u32{1} << (32 - prefix_length)) - 1;
    request.put(IFA_BROADCAST, IpAddress(Ipv4Address::from_number(address.v4().number() | host_bits)).bytes());
  }
  return netlink.run(request, "adding the address " + address.text());
}

Ipv6Address link_local(const LabInterface& i) {
  Ipv6Address address;
  address.octets[0] = 0xfe;
  address.octets[1] = 0x80;
  address.octets[15] = i.ipv6.octets[15];
  return address;
}

// No router tells of itself here, and each request would stand in everyone's captures.
void quiet_router_requests(const std::string& interface) {
  const std::string folder = "/proc/sys/net/ipv6/conf/" + interface;
  write_small_file((folder + "/accept_ra").c_str(), "0");
  write_small_file((folder + "/router_solicitations").c_str(), "0");
}

// A kernel without IPv6, or one where it is switched off, makes a lab of IPv4 alone.
bool has_no_ipv6(const Result<void>& done) { return !done && (done.error().errno_value == EOPNOTSUPP || done.error().errno_value == EACCES || done.error().errno_value == EAFNOSUPPORT); }

Result<void> configure_interface(Netlink& netlink, const LabInterface& i) {
  const u32 index = ::if_nametoindex(i.name.c_str());
  quiet_router_requests(i.name);
  RAWKET_TRY(no_own_ipv6(netlink, index));
  RAWKET_TRY(add_address(netlink, index, i.ipv4, 24));
  RAWKET_TRY(set_up(netlink, index));
  const auto global = add_address(netlink, index, i.ipv6, 64);
  if (has_no_ipv6(global)) return {};
  RAWKET_TRY(global);
  return add_address(netlink, index, link_local(i), 64, RT_SCOPE_LINK);
}

Result<void> make_router(const std::string& name) {
  const bool forwards = write_small_file("/proc/sys/net/ipv4/ip_forward", "1");
  if (!forwards) return fail_system("lab: " + name + " cannot be made a router: /proc/sys/net/ipv4/ip_forward", "a container may have /proc/sys read-only: start it with --security-opt systempaths=unconfined");
  write_small_file("/proc/sys/net/ipv6/conf/all/forwarding", "1");
  for (const char* family : {"ipv4", "ipv6"}) write_small_file((std::string("/proc/sys/net/") + family + "/fib_multipath_hash_policy").c_str(), "1");  // by ports too
  return {};
}

Result<void> configure_host(const LabHost& host, const Descriptor& network) {
  Netlink netlink = RAWKET_TRY(enter(network));
  RAWKET_TRY(set_up(netlink, ::if_nametoindex("lo")));
  if (host.router) RAWKET_TRY(make_router(host.name));
  for (const LabInterface& i : host.interfaces) RAWKET_TRY(configure_interface(netlink, i));
  return {};
}

void append_attribute(std::vector<u8>& bytes, u16 type, Bytes value) {
  const rtattr head{static_cast<u16>(RTA_LENGTH(value.size())), type};
  const auto* start = reinterpret_cast<const u8*>(&head);
  bytes.insert(bytes.end(), start, start + sizeof head);
  bytes.insert(bytes.end(), value.begin(), value.end());
}

/// One or several next hops, as RTA_MULTIPATH wants them.
std::vector<u8> next_hops(const LabRoute& route, bool v6) {
  std::vector<u8> all;
  for (const LabHop& hop : route.hops) {
    std::vector<u8> gateway;
    append_attribute(gateway, RTA_GATEWAY, v6 ? Bytes(hop.ipv6.octets) : Bytes(hop.ipv4.octets));
    rtnexthop head{};
    head.rtnh_len = static_cast<u16>(sizeof head + gateway.size());
    head.rtnh_ifindex = static_cast<int>(::if_nametoindex(hop.interface.c_str()));
    const auto* start = reinterpret_cast<const u8*>(&head);
    all.insert(all.end(), start, start + sizeof head);
    all.insert(all.end(), gateway.begin(), gateway.end());
  }
  return all;
}

Result<void> add_route(Netlink& netlink, const LabRoute& route, bool v6) {
  rtmsg header{};
  header.rtm_family = v6 ? AF_INET6 : AF_INET;
  header.rtm_dst_len = v6 ? 64 : 24;
  header.rtm_table = RT_TABLE_MAIN, header.rtm_protocol = RTPROT_STATIC, header.rtm_scope = RT_SCOPE_UNIVERSE, header.rtm_type = RTN_UNICAST;
  NetlinkRequest request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, header);
  const LabSubnet subnet(route.subnet);
  request.put(RTA_DST, v6 ? Bytes(subnet.ipv6.octets) : Bytes(subnet.ipv4.octets)).put(RTA_MULTIPATH, next_hops(route, v6));
  auto done = netlink.run(request, "adding a route");
  return v6 && has_no_ipv6(done) ? Result<void>() : done;
}

Result<void> add_routes(std::span<const LabRoute> routes, const Descriptor& network) {
  if (routes.empty()) return {};
  Netlink netlink = RAWKET_TRY(enter(network));
  for (const LabRoute& route : routes)
    for (const bool v6 : {false, true}) RAWKET_TRY(add_route(netlink, route, v6));
  return {};
}

Result<void> join_to_switch(Netlink& netlink, std::size_t number, const LabInterface& interface, const std::string& bridge, const Descriptor& network) {
  const std::string port = "port." + std::to_string(number);  // no node's name has a point
  RAWKET_TRY(add_pair(netlink, port, nullptr, interface, network));
  const u32 index = ::if_nametoindex(port.c_str());
  RAWKET_TRY(no_own_ipv6(netlink, index));
  return set_up(netlink, index, ::if_nametoindex(bridge.c_str()));
}

Result<void> join_all(const LabPlan& plan, std::span<const Descriptor> networks, const Descriptor& middle) {
  Netlink switches = RAWKET_TRY(enter(middle));
  for (const std::string& name : plan.switches) {
    RAWKET_TRY(add_bridge(switches, name));
    const u32 bridge = ::if_nametoindex(name.c_str());
    RAWKET_TRY(no_own_ipv6(switches, bridge));
    RAWKET_TRY(set_up(switches, bridge));
  }
  for (const LabPlan::Wire& w : plan.wires) {
    const LabHost& host = plan.hosts[w.host];
    const LabInterface& interface = host.interfaces[w.interface];
    if (w.to_switch) {
      if (::setns(middle.number(), CLONE_NEWNET) != 0) return fail_system("setns(CLONE_NEWNET)");  // names are looked up there
      RAWKET_TRY(join_to_switch(switches, static_cast<std::size_t>(&w - plan.wires.data()), interface, plan.switches[w.switched], networks[w.host]));
      continue;
    }
    Netlink netlink = RAWKET_TRY(enter(networks[w.host]));
    RAWKET_TRY(add_pair(netlink, interface.name, &interface.mac, plan.hosts[w.other_host].interfaces[w.other_interface], networks[w.other_host]));
  }
  return {};
}

}  // namespace

Result<std::vector<Descriptor>> build_network(const LabPlan& plan) {
  std::vector<Descriptor> networks;
  for (std::size_t i = 0; i < plan.hosts.size(); ++i) networks.push_back(RAWKET_TRY(new_network()));
  const Descriptor middle = RAWKET_TRY(new_network());
  RAWKET_TRY(join_all(plan, networks, middle));
  for (std::size_t i = 0; i < plan.hosts.size(); ++i) RAWKET_TRY(configure_host(plan.hosts[i], networks[i]));
  for (std::size_t i = 0; i < plan.hosts.size(); ++i) RAWKET_TRY(add_routes(plan.routes[i], networks[i]));
  if (::setns(middle.number(), CLONE_NEWNET) != 0) return fail_system("setns(CLONE_NEWNET)");
  return networks;
}

}  // namespace rawket
