// Built by rtnetlink, so no program has to be installed. Addresses are ready at once: no duplicate detection.
#include "network.hpp"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>

#include <cerrno>

#include "../host/device.hpp"
#include "../host/firewall.hpp"
#include "links.hpp"
#include "relay.hpp"

namespace rawket {
namespace {

constexpr const char* network_file = "/proc/self/ns/net";

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

Result<void> add_port(Netlink& netlink, const std::string& port, const std::string& bridge) {
  const u32 index = ::if_nametoindex(port.c_str());
  RAWKET_TRY(no_own_ipv6(netlink, index));
  return set_up(netlink, index, ::if_nametoindex(bridge.c_str()));
}

/// The wires' ends in the middle: ports of switches, and those that a relay joins.
class Joining {
 public:
  Joining(const LabPlan& plan, std::span<const Descriptor> networks, const Descriptor& middle, Netlink& netlink) : plan_(plan), networks_(networks), middle_(middle), netlink_(netlink) {}

  Result<void> join(std::size_t number) {
    const LabPlan::Wire& w = plan_.wires[number];
    if (!w.to_switch && !w.how.any()) return join_directly(w);
    if (::setns(middle_.number(), CLONE_NEWNET) != 0) return fail_system("setns(CLONE_NEWNET)");  // names are looked up there
    const std::string port = "port." + std::to_string(number);  // no node's name has a point
    if (!w.how.any()) {
      RAWKET_TRY(add_pair(netlink_, port, nullptr, interface(w.host, w.interface), &networks_[w.host]));
      return add_port(netlink_, port, plan_.switches[w.switched]);
    }
    const std::string near = "near." + std::to_string(number), far = "far." + std::to_string(number);
    RAWKET_TRY(add_pair(netlink_, near, nullptr, interface(w.host, w.interface), &networks_[w.host]));
    if (w.to_switch) {
      RAWKET_TRY(add_pair(netlink_, far, nullptr, {.name = port, .ipv4 = {}, .ipv6 = {}, .mac = "02:00:00:00:00:00", .mtu = interface(w.host, w.interface).mtu}, nullptr));
      RAWKET_TRY(add_port(netlink_, port, plan_.switches[w.switched]));
      switch_off_offloads(port);  // also for what others at the switch send
    } else {
      RAWKET_TRY(add_pair(netlink_, far, nullptr, interface(w.other_host, w.other_interface), &networks_[w.other_host]));
    }
    for (const std::string& end : {near, far}) {
      RAWKET_TRY(no_own_ipv6(netlink_, ::if_nametoindex(end.c_str())));
      RAWKET_TRY(set_up(netlink_, ::if_nametoindex(end.c_str())));
      switch_off_offloads(end);
    }
    relayed.push_back({near, far, w.how});
    return {};
  }

  std::vector<RelayedWire> relayed{};

 private:
  const LabInterface& interface(std::size_t host, std::size_t number) const { return plan_.hosts[host].interfaces[number]; }

  Result<void> join_directly(const LabPlan::Wire& w) {
    Netlink netlink = RAWKET_TRY(enter(networks_[w.host]));
    const LabInterface& one = interface(w.host, w.interface);
    return add_pair(netlink, one.name, &one.mac, interface(w.other_host, w.other_interface), &networks_[w.other_host]);
  }

  const LabPlan& plan_;
  std::span<const Descriptor> networks_;
  const Descriptor& middle_;
  Netlink& netlink_;
};

Result<std::vector<RelayedWire>> join_all(const LabPlan& plan, std::span<const Descriptor> networks, const Descriptor& middle) {
  Netlink switches = RAWKET_TRY(enter(middle));
  for (const std::string& name : plan.switches) {
    RAWKET_TRY(add_bridge(switches, name));
    const u32 bridge = ::if_nametoindex(name.c_str());
    RAWKET_TRY(no_own_ipv6(switches, bridge));
    RAWKET_TRY(set_up(switches, bridge));
  }
  Joining joining(plan, networks, middle, switches);
  for (std::size_t i = 0; i < plan.wires.size(); ++i) RAWKET_TRY(joining.join(i));
  return std::move(joining.relayed);
}

/// Behind a relay the receiver has to see real checksums, or what was corrupted would pass for good.
Result<void> undress_impaired(const LabPlan& plan, std::span<const Descriptor> networks) {
  for (const LabPlan::Wire& w : plan.wires) {
    if (!w.how.any()) continue;
    RAWKET_TRY(enter(networks[w.host]));
    switch_off_offloads(plan.hosts[w.host].interfaces[w.interface].name);
    if (w.to_switch) continue;
    RAWKET_TRY(enter(networks[w.other_host]));
    switch_off_offloads(plan.hosts[w.other_host].interfaces[w.other_interface].name);
  }
  return {};
}

Result<void> load_rules(const LabPlan& plan, std::span<const Descriptor> networks) {
  for (const LabPlan::Rules& r : plan.rules) {
    RAWKET_TRY(enter(networks[r.host]));
    Firewall firewall = RAWKET_TRY(Firewall::open());
    auto loaded = firewall.run(r.nft);
    if (loaded) continue;
    loaded.error().where = "firewall of " + plan.hosts[r.host].name;
    return Failure{loaded.error()};
  }
  return {};
}

}  // namespace

Result<std::vector<Descriptor>> build_network(const LabPlan& plan) {
  std::vector<Descriptor> networks;
  for (std::size_t i = 0; i < plan.hosts.size(); ++i) networks.push_back(RAWKET_TRY(new_network()));
  const Descriptor middle = RAWKET_TRY(new_network());
  const std::vector<RelayedWire> relayed = RAWKET_TRY(join_all(plan, networks, middle));
  for (std::size_t i = 0; i < plan.hosts.size(); ++i) RAWKET_TRY(configure_host(plan.hosts[i], networks[i]));
  for (std::size_t i = 0; i < plan.hosts.size(); ++i) RAWKET_TRY(add_routes(plan.routes[i], networks[i]));
  RAWKET_TRY(undress_impaired(plan, networks));
  RAWKET_TRY(load_rules(plan, networks));
  if (::setns(middle.number(), CLONE_NEWNET) != 0) return fail_system("setns(CLONE_NEWNET)");
  if (!relayed.empty()) RAWKET_TRY(start_relay(relayed));
  return networks;
}

}  // namespace rawket
