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
Result<void> add_pair(Netlink& netlink, const std::string& name, const Mac* mac, const std::string& peer, const Mac& peer_mac,
                      const Descriptor& network) {
  const ifinfomsg header = link_header(0);
  NetlinkRequest request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, header);
  request.put_text(IFLA_IFNAME, name);
  if (mac != nullptr) request.put(IFLA_ADDRESS, mac->octets);
  request.begin(IFLA_LINKINFO).put_text(IFLA_INFO_KIND, "veth").begin(IFLA_INFO_DATA);
  request.begin(VETH_INFO_PEER, {reinterpret_cast<const u8*>(&header), sizeof header});
  request.put_text(IFLA_IFNAME, peer).put(IFLA_ADDRESS, peer_mac.octets).put_u32(IFLA_NET_NS_FD, static_cast<u32>(network.number()));
  request.end().end().end();
  auto done = netlink.run(request, "making a veth pair");
  if (!done && done.error().errno_value == EOPNOTSUPP) done.error().advice = "the kernel has no veth devices (CONFIG_VETH): sudo modprobe veth";
  return done;
}

Result<void> add_bridge(Netlink& netlink) {
  NetlinkRequest request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, link_header(0));
  request.put_text(IFLA_IFNAME, "switch").begin(IFLA_LINKINFO).put_text(IFLA_INFO_KIND, "bridge");
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

Ipv6Address link_local(const LabHost& host) {
  Ipv6Address address;
  address.octets[0] = 0xfe;
  address.octets[1] = 0x80;
  address.octets[15] = host.ipv6.octets[15];
  return address;
}

// No router is here to be asked for, and each request would stand in everyone's captures.
void quiet_router_requests() {
  write_small_file("/proc/sys/net/ipv6/conf/eth0/accept_ra", "0");
  write_small_file("/proc/sys/net/ipv6/conf/eth0/router_solicitations", "0");
}

Result<void> configure_host(const LabHost& host, const Descriptor& network) {
  Netlink netlink = RAWKET_TRY(enter(network));
  const u32 loopback = ::if_nametoindex("lo"), ethernet = ::if_nametoindex("eth0");
  quiet_router_requests();
  RAWKET_TRY(set_up(netlink, loopback));
  RAWKET_TRY(no_own_ipv6(netlink, ethernet));
  RAWKET_TRY(add_address(netlink, ethernet, host.ipv4, 24));
  RAWKET_TRY(set_up(netlink, ethernet));
  const auto global = add_address(netlink, ethernet, host.ipv6, 64);
  if (!global && global.error().errno_value != EOPNOTSUPP && global.error().errno_value != EACCES) return global;
  if (global) RAWKET_TRY(add_address(netlink, ethernet, link_local(host), 64, RT_SCOPE_LINK));
  return {};
}

Result<void> join_by_switch(std::span<const LabHost> hosts, std::span<const Descriptor> networks, const Descriptor& middle) {
  Netlink netlink = RAWKET_TRY(enter(middle));
  u32 bridge = 0;
  if (hosts.size() > 1) {
    RAWKET_TRY(add_bridge(netlink));
    bridge = ::if_nametoindex("switch");
    RAWKET_TRY(no_own_ipv6(netlink, bridge));
    RAWKET_TRY(set_up(netlink, bridge));
  }
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const std::string port = "to-" + hosts[i].name;
    RAWKET_TRY(add_pair(netlink, port, nullptr, "eth0", hosts[i].mac, networks[i]));
    const u32 index = ::if_nametoindex(port.c_str());
    RAWKET_TRY(no_own_ipv6(netlink, index));
    RAWKET_TRY(set_up(netlink, index, bridge));
  }
  return {};
}

}  // namespace

std::vector<LabHost> plan_hosts(unsigned count) {
  std::vector<LabHost> hosts;
  for (unsigned n = 1; n <= count; ++n) {
    LabHost host{"h" + std::to_string(n), "198.18.0.0", "2001:db8::", "02:00:00:00:00:00"};
    host.ipv4.octets[3] = static_cast<u8>(n);
    // "2001:db8::10" is host 10 to a reader, so the digits are written as if they were decimal.
    host.ipv6.octets[15] = static_cast<u8>(n / 10 * 16 + n % 10);
    host.mac.octets[5] = static_cast<u8>(n / 10 * 16 + n % 10);
    hosts.push_back(std::move(host));
  }
  return hosts;
}

Result<std::vector<Descriptor>> build_network(std::span<const LabHost> hosts) {
  std::vector<Descriptor> networks;
  for (std::size_t i = 0; i < hosts.size(); ++i) networks.push_back(RAWKET_TRY(new_network()));
  const Descriptor middle = RAWKET_TRY(new_network());
  if (hosts.size() == 2) {
    Netlink netlink = RAWKET_TRY(enter(networks[0]));
    RAWKET_TRY(add_pair(netlink, "eth0", &hosts[0].mac, "eth0", hosts[1].mac, networks[1]));
  } else {
    RAWKET_TRY(join_by_switch(hosts, networks, middle));
  }
  for (std::size_t i = 0; i < hosts.size(); ++i) RAWKET_TRY(configure_host(hosts[i], networks[i]));
  if (::setns(middle.number(), CLONE_NEWNET) != 0) return fail_system("setns(CLONE_NEWNET)");
  return networks;
}

}  // namespace rawket
