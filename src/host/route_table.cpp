// Dumps, read entry by entry.
#include "rawket/host/route_table.hpp"

#include <linux/fib_rules.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "netlink.hpp"

namespace rawket {
namespace {

IpAddress address_from(Bytes value) {
  IpAddress a;
  a.is_v6 = value.size() == 16;
  if (value.size() == 4 || value.size() == 16) std::ranges::copy(value, a.octets.begin());
  return a;
}

const RouteEntry* longest_of(const std::vector<RouteEntry>& entries, const IpAddress& to, bool local_too) {
  const RouteEntry* best = nullptr;
  for (const RouteEntry& e : entries) {
    if ((e.table == RT_TABLE_LOCAL && !local_too) || !e.destination.contains(to)) continue;
    if (best == nullptr || e.destination.length > best->destination.length || (e.destination.length == best->destination.length && e.metric < best->metric)) best = &e;
  }
  return best;
}

/// The kernel's texts end with a zero.
bool is_text(Bytes value, std::string_view text) { return value.size() == text.size() + 1 && std::equal(text.begin(), text.end(), value.begin()); }

/// Of two numbers that a rule has.
template <class Range, class Number>
bool is_within(Bytes value, Number number) {
  Range range{};
  if (value.size() != sizeof range) return false;
  std::memcpy(&range, value.data(), sizeof range);
  return number >= range.start && number <= range.end;
}

RouteKind kind_of(u8 type) {
  switch (type) {
    case RTN_UNICAST: return RouteKind::unicast;
    case RTN_LOCAL: return RouteKind::local;
    case RTN_BROADCAST: return RouteKind::broadcast;
    case RTN_MULTICAST: return RouteKind::multicast;
    case RTN_UNREACHABLE: return RouteKind::unreachable;
    case RTN_PROHIBIT: return RouteKind::prohibit;
    case RTN_BLACKHOLE: return RouteKind::blackhole;
    default: return RouteKind::other;
  }
}

RouteEntry read_entry(const nlmsghdr& message) {
  const auto* header = reinterpret_cast<const rtmsg*>(&message + 1);
  RouteEntry e;
  e.kind = kind_of(header->rtm_type);
  e.destination.address.is_v6 = header->rtm_family == AF_INET6;
  e.destination.length = header->rtm_dst_len;
  e.table = header->rtm_table;
  each_attribute(message, sizeof *header, [&e](u16 type, Bytes value) {
    if (type == RTA_DST) e.destination.address = address_from(value);
    if (type == RTA_TABLE) e.table = attribute_u32(value);
    if (type == RTA_PRIORITY) e.metric = attribute_u32(value);
    if (type == RTA_OIF) e.interface = attribute_u32(value);
    if (type == RTA_GATEWAY) e.gateway = address_from(value);
    if (type == RTA_METRICS)
      each_nested(value, [&e](u16 metric, Bytes number) {
        if (metric == RTAX_MTU) e.mtu = attribute_u32(number);
      });
  });
  return e;
}

NeighbourState state_of(u16 bits) {
  constexpr std::pair<u16, NeighbourState> states[] = {{NUD_INCOMPLETE, NeighbourState::incomplete}, {NUD_REACHABLE, NeighbourState::reachable}, {NUD_STALE, NeighbourState::stale},
                                                       {NUD_DELAY, NeighbourState::delay}, {NUD_PROBE, NeighbourState::probe}, {NUD_FAILED, NeighbourState::failed},
                                                       {NUD_NOARP, NeighbourState::no_arp}, {NUD_PERMANENT, NeighbourState::permanent}};
  for (const auto& [bit, state] : states)
    if ((bits & bit) != 0) return state;
  return NeighbourState::none;
}

template <class Header> bool is_whole(const nlmsghdr& m, u16 type) { return m.nlmsg_type == type && m.nlmsg_len >= sizeof m + sizeof(Header); }

}  // namespace

std::string RouteEntry::text() const {
  std::string text = kind == RouteKind::unreachable ? "unreachable " : kind == RouteKind::prohibit ? "prohibit " : kind == RouteKind::blackhole ? "blackhole " : "";
  text += destination.length == 0 ? "default" : destination.address.text() + "/" + std::to_string(destination.length);
  if (table != RT_TABLE_MAIN && table != 0) text += " table " + std::to_string(table);
  return text;
}

Result<std::vector<RouteEntry>> route_entries(bool v6) {
  Netlink netlink = RAWKET_TRY(Netlink::open());
  rtmsg header{};
  header.rtm_family = v6 ? AF_INET6 : AF_INET;
  NetlinkRequest request(RTM_GETROUTE, NLM_F_DUMP, header);
  std::vector<RouteEntry> all;
  RAWKET_TRY(netlink.run(request, "RTM_GETROUTE", [&all](const nlmsghdr& m) {
    if (is_whole<rtmsg>(m, RTM_NEWROUTE)) all.push_back(read_entry(m));
  }));
  return all;
}

std::optional<RouteEntry> longest_match(const std::vector<RouteEntry>& entries, const IpAddress& to) {
  const RouteEntry* best = longest_of(entries, to, false);
  return best == nullptr ? std::nullopt : std::optional(*best);
}

Result<std::vector<RouteGroup>> group_by_route(std::span<const IpAddress> hosts, const RouteNarrowing& by) {
  constexpr u64 most_comparisons = 100'000'000;  // of a router with all routes of the Internet: there each host is asked for
  const std::vector<RouteEntry> entries = hosts.empty() ? std::vector<RouteEntry>() : RAWKET_TRY(route_entries(hosts.front().is_v6));
  const bool few = u64{entries.size()} * hosts.size() <= most_comparisons;
  std::map<const RouteEntry*, std::size_t> by_entry;  // where its group is
  std::vector<RouteGroup> groups;
  const auto group_of = [&](const IpAddress& host) {
    auto route = route_to(host, by);
    const auto same = [&](const RouteGroup& g) { return route ? g.route && g.route->interface == route->interface && g.route->source == route->source : g.no_route.has_value(); };
    const auto found = std::ranges::find_if(groups, same);
    if (found != groups.end()) return static_cast<std::size_t>(found - groups.begin());
    groups.push_back(route ? RouteGroup{{}, *route, {}} : RouteGroup{{}, {}, route.error()});
    return groups.size() - 1;
  };
  for (const IpAddress& host : hosts) {
    const RouteEntry* longest = few ? longest_of(entries, host, true) : nullptr;
    const auto known = few ? by_entry.find(longest) : by_entry.end();
    const std::size_t group = known != by_entry.end() ? known->second : group_of(host);
    if (few) by_entry.try_emplace(longest, group);
    groups[group].hosts.push_back(host);
  }
  return groups;
}

Result<std::optional<u32>> refusing_rule(const IpAddress& to, const RouteNarrowing& by) {
  Netlink netlink = RAWKET_TRY(Netlink::open());
  fib_rule_hdr header{};
  header.family = to.is_v6 ? AF_INET6 : AF_INET;
  NetlinkRequest request(RTM_GETRULE, NLM_F_DUMP, header);
  std::optional<u32> found;
  RAWKET_TRY(netlink.run(request, "RTM_GETRULE", [&](const nlmsghdr& m) {
    if (found || !is_whole<fib_rule_hdr>(m, RTM_NEWRULE)) return;
    const auto* rule = reinterpret_cast<const fib_rule_hdr*>(&m + 1);
    if (rule->action != FR_ACT_UNREACHABLE && rule->action != FR_ACT_PROHIBIT && rule->action != FR_ACT_BLACKHOLE) return;
    Prefix destination{.address = {}, .length = rule->dst_len};
    destination.address.is_v6 = to.is_v6;
    u32 number = 0;
    bool meant = rule->src_len == 0 && rule->tos == 0 && (rule->flags & FIB_RULE_INVERT) == 0;  // by source or mark: that cannot be told
    each_attribute(m, sizeof *rule, [&](u16 type, Bytes value) {
      if (type == FRA_DST) destination.address = address_from(value);
      if (type == FRA_PRIORITY) number = attribute_u32(value);
      if (type == FRA_FWMARK || type == FRA_SPORT_RANGE || type == FRA_TUN_ID) meant = false;
      if (type == FRA_IIFNAME) meant = meant && is_text(value, "lo");  // what this machine makes itself
      if (type == FRA_OIFNAME) meant = meant && !by.interface.empty() && is_text(value, by.interface);
      if (type == FRA_IP_PROTO) meant = meant && value.size() == 1 && value[0] == by.protocol;
      if (type == FRA_DPORT_RANGE) meant = meant && is_within<fib_rule_port_range>(value, by.port);
      if (type == FRA_UID_RANGE) meant = meant && is_within<fib_rule_uid_range>(value, ::geteuid());
    });
    if (meant && destination.contains(to)) found = number;
  }));
  return found;
}

Result<NeighbourEntry> neighbour_entry(u32 interface, const IpAddress& address) {
  Netlink netlink = RAWKET_TRY(Netlink::open());
  ndmsg header{};
  header.ndm_family = address.is_v6 ? AF_INET6 : AF_INET;
  NetlinkRequest request(RTM_GETNEIGH, NLM_F_DUMP, header);
  NeighbourEntry found;
  RAWKET_TRY(netlink.run(request, "RTM_GETNEIGH", [&](const nlmsghdr& m) {
    if (!is_whole<ndmsg>(m, RTM_NEWNEIGH)) return;
    const auto* entry = reinterpret_cast<const ndmsg*>(&m + 1);
    if (entry->ndm_ifindex != static_cast<int>(interface)) return;
    bool same = false;
    std::optional<Mac> mac;
    each_attribute(m, sizeof *entry, [&](u16 type, Bytes value) {
      if (type == NDA_DST) same = std::ranges::equal(value, address.bytes());
      if (type != NDA_LLADDR || value.size() != 6) return;
      mac.emplace();
      std::ranges::copy(value, mac->octets.begin());
    });
    if (same) found = {state_of(entry->ndm_state), mac};
  }));
  return found;
}

}  // namespace rawket
