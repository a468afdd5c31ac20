// Each function is one request of rtnetlink.
#include "links.hpp"

#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cerrno>

namespace rawket {
namespace {

constexpr u8 address_generation_none = 1;  // IN6_ADDR_GEN_MODE_NONE

ifinfomsg link_message(u32 index, unsigned flags = 0) {
  ifinfomsg header{};
  header.ifi_family = AF_UNSPEC;
  header.ifi_index = static_cast<int>(index);
  header.ifi_flags = flags;
  header.ifi_change = flags;
  return header;
}

}  // namespace

// One request makes both ends.
Result<void> add_pair(Netlink& netlink, const std::string& name, const Mac* mac, const LabInterface& peer, const Descriptor* network) {
  const ifinfomsg header = link_message(0);
  NetlinkRequest request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, header);
  request.put_text(IFLA_IFNAME, name).put_u32(IFLA_MTU, peer.mtu);
  if (mac != nullptr) request.put(IFLA_ADDRESS, mac->octets);
  request.begin(IFLA_LINKINFO).put_text(IFLA_INFO_KIND, "veth").begin(IFLA_INFO_DATA);
  request.begin(VETH_INFO_PEER, {reinterpret_cast<const u8*>(&header), sizeof header});
  request.put_text(IFLA_IFNAME, peer.name).put(IFLA_ADDRESS, peer.mac.octets).put_u32(IFLA_MTU, peer.mtu);
  if (network != nullptr) request.put_u32(IFLA_NET_NS_FD, static_cast<u32>(network->number()));
  request.end().end().end();
  auto done = netlink.run(request, "making a veth pair");
  if (!done && done.error().errno_value == EOPNOTSUPP) done.error().advice = "the kernel has no veth devices (CONFIG_VETH): sudo modprobe veth";
  return done;
}

Result<void> add_bridge(Netlink& netlink, const std::string& name) {
  NetlinkRequest request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, link_message(0));
  request.put_text(IFLA_IFNAME, name).begin(IFLA_LINKINFO).put_text(IFLA_INFO_KIND, "bridge");
  // Without snooping, multicast floods: neighbour discovery works from the first packet on.
  request.begin(IFLA_INFO_DATA).put_u8(IFLA_BR_MCAST_SNOOPING, 0).end().end();
  auto done = netlink.run(request, "making a bridge");
  if (!done && done.error().errno_value == EOPNOTSUPP) done.error().advice = "the kernel has no bridge devices (CONFIG_BRIDGE): sudo modprobe bridge";
  return done;
}

// The kernel makes link-local addresses, and announces them, unless told not to before the link is up.
Result<void> no_own_ipv6(Netlink& netlink, u32 index) {
  NetlinkRequest request(RTM_SETLINK, 0, link_message(index));
  request.begin(IFLA_AF_SPEC).begin(AF_INET6).put_u8(IFLA_INET6_ADDR_GEN_MODE, address_generation_none).end().end();
  const auto done = netlink.run(request, "IFLA_INET6_ADDR_GEN_MODE");
  // A kernel without IPv6 has nothing to switch off.
  if (!done && done.error().errno_value != EAFNOSUPPORT && done.error().errno_value != EINVAL) return done;
  return {};
}

Result<void> set_up(Netlink& netlink, u32 index, u32 bridge) {
  NetlinkRequest request(RTM_SETLINK, 0, link_message(index, IFF_UP));
  if (bridge != 0) request.put_u32(IFLA_MASTER, bridge);
  return netlink.run(request, "setting a link up");
}

}  // namespace rawket
