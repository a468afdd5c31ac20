// Interfaces and their addresses: two dumps, joined by the interface's index.
#include "rawket/host/interfaces.hpp"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "netlink.hpp"
#include "rawket/base/text.hpp"

namespace rawket {
namespace {

Interface read_link(const nlmsghdr& message) {
  const auto* link = reinterpret_cast<const ifinfomsg*>(&message + 1);
  Interface i;
  i.index = static_cast<u32>(link->ifi_index);
  i.hardware_type = link->ifi_type;
  i.up = (link->ifi_flags & IFF_UP) != 0;
  constexpr unsigned lower_up = 1u << 16;  // IFF_LOWER_UP of linux/if.h, which cannot stand beside net/if.h; IFF_RUNNING follows it up to a second later
  i.carrier = (link->ifi_flags & lower_up) != 0;
  i.loopback = (link->ifi_flags & IFF_LOOPBACK) != 0;
  i.promiscuous = (link->ifi_flags & IFF_PROMISC) != 0;
  each_attribute(message, sizeof *link, [&i](u16 type, Bytes value) {
    if (type == IFLA_IFNAME) i.name = as_text(value.first(value.empty() ? 0 : value.size() - 1));
    if (type == IFLA_MTU) i.mtu = attribute_u32(value);
    if (type == IFLA_NUM_RX_QUEUES) i.receive_queues = attribute_u32(value);
    // IFF_PROMISC only tells of the administrator's wish; the count includes sockets that listen.
    if (type == IFLA_PROMISCUITY && attribute_u32(value) > 0) i.promiscuous = true;
    if (type == IFLA_ADDRESS && value.size() == i.mac.octets.size()) std::copy(value.begin(), value.end(), i.mac.octets.begin());
  });
  return i;
}

std::optional<IpAddress> read_address(Bytes value) {
  if (value.size() != 4 && value.size() != 16) return std::nullopt;
  IpAddress a;
  a.is_v6 = value.size() == 16;
  std::copy(value.begin(), value.end(), a.octets.begin());
  return a;
}

void add_address(const nlmsghdr& message, std::vector<Interface>& all) {
  const auto* header = reinterpret_cast<const ifaddrmsg*>(&message + 1);
  std::optional<IpAddress> address, local;
  each_attribute(message, sizeof *header, [&](u16 type, Bytes value) {
    if (type == IFA_ADDRESS) address = read_address(value);
    if (type == IFA_LOCAL) local = read_address(value);
  });
  if (local) address = local;  // on a point-to-point link IFA_ADDRESS is the peer's
  const auto owner = std::ranges::find(all, header->ifa_index, &Interface::index);
  if (address && owner != all.end()) owner->addresses.push_back({*address, header->ifa_prefixlen});
}

void move_ipv4_first(std::vector<Prefix>& addresses) {
  std::vector<Prefix> sorted;
  for (const bool is_v6 : {false, true})
    std::ranges::copy_if(addresses, std::back_inserter(sorted), [is_v6](const Prefix& p) { return p.address.is_v6 == is_v6; });
  addresses = std::move(sorted);
}

Result<std::vector<Interface>> dump_interfaces(Netlink& netlink) {
  std::vector<Interface> all;
  NetlinkRequest links(RTM_GETLINK, NLM_F_DUMP, ifinfomsg{});
  RAWKET_TRY(netlink.run(links, "RTM_GETLINK", [&all](const nlmsghdr& m) {
    if (m.nlmsg_type == RTM_NEWLINK && m.nlmsg_len >= sizeof m + sizeof(ifinfomsg)) all.push_back(read_link(m));
  }));
  NetlinkRequest addresses(RTM_GETADDR, NLM_F_DUMP, ifaddrmsg{});
  RAWKET_TRY(netlink.run(addresses, "RTM_GETADDR", [&all](const nlmsghdr& m) {
    if (m.nlmsg_type == RTM_NEWADDR && m.nlmsg_len >= sizeof m + sizeof(ifaddrmsg)) add_address(m, all);
  }));
  for (Interface& i : all) move_ipv4_first(i.addresses);
  return all;
}

}  // namespace

Result<std::vector<Interface>> interfaces() {
  constexpr int tries = 4;  // a dump that a change interrupts is to be read again
  for (int i = 1;; ++i) {
    Netlink netlink = RAWKET_TRY(Netlink::open());
    auto all = dump_interfaces(netlink);
    if (all || i == tries) return all;
  }
}

bool Interface::has(const IpAddress& address) const { return std::ranges::find(addresses, address, &Prefix::address) != addresses.end(); }

Result<Interface> interface_numbered(u32 index) {
  for (Interface& i : RAWKET_TRY(interfaces()))
    if (i.index == index) return std::move(i);
  return fail(Errc::unknown_name, "interface " + std::to_string(index), "it is gone", "rawket iface shows the interfaces there are now");
}

Result<Interface> interface_named(std::string_view name) {
  std::vector<Interface> all = RAWKET_TRY(interfaces());
  const auto found = std::ranges::find(all, name, &Interface::name);
  if (found != all.end()) return std::move(*found);
  std::vector<std::string_view> names;
  std::string list;
  for (const Interface& i : all) {
    names.push_back(i.name);
    list += (list.empty() ? "" : ", ") + clean_text(i.name);
  }
  return fail(Errc::unknown_name, "interface", "there is no interface '" + clean_text(name) + "'" + did_you_mean(name, names),
              list.empty() ? "this network namespace has no interface" : "one of: " + list);
}

}  // namespace rawket
