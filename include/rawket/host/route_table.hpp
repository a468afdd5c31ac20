// The tables behind a route: entries, rules that refuse, and what is known of neighbours. Read by rtnetlink(7).
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rawket/base/address.hpp"
#include "rawket/base/error.hpp"
#include "rawket/host/interfaces.hpp"

namespace rawket {

enum class RouteKind : u8 { unicast, local, broadcast, multicast, unreachable, prohibit, blackhole, other };

struct RouteEntry {
  RouteKind kind = RouteKind::unicast;
  Prefix destination{};
  u32 table = 0, metric = 0, interface = 0, mtu = 0;  ///< `mtu` 0: the interface's
  std::optional<IpAddress> gateway{};

  bool refuses() const { return kind == RouteKind::unreachable || kind == RouteKind::prohibit || kind == RouteKind::blackhole; }
  /// As `ip route del` takes it: "blackhole 198.18.1.0/24".
  std::string text() const;
};

/// All entries of a family, of all tables, in the kernel's order.
Result<std::vector<RouteEntry>> route_entries(bool v6);
/// The one with the longest prefix (of these, the least metric) that `to` is in; the local table does not count.
std::optional<RouteEntry> longest_match(const std::vector<RouteEntry>& entries, const IpAddress& to);

/// Hosts to which one route leads, or none.
struct RouteGroup {
  std::vector<IpAddress> hosts;
  std::optional<Route> route{};
  std::optional<Error> no_route{};
};
/// Hosts of one family by interface and source address, in the order of their first ones. The kernel is asked once for each entry
/// of its tables that leads to some of them, and not for each host.
Result<std::vector<RouteGroup>> group_by_route(std::span<const IpAddress> hosts, const RouteNarrowing& by = {});

/// A routing rule that refuses what is to `to`, by what is known of it: its number, as `ip rule del pref N` takes it.
Result<std::optional<u32>> refusing_rule(const IpAddress& to, const RouteNarrowing& by = {});

enum class NeighbourState : u8 { none, incomplete, reachable, stale, delay, probe, failed, no_arp, permanent };
inline constexpr std::string_view neighbour_state_names[] = {"not known", "being asked", "reachable", "known", "known", "being asked again", "failed", "not asked", "set by hand"};
struct NeighbourEntry {
  NeighbourState state = NeighbourState::none;
  std::optional<Mac> mac{};
  bool usable() const { return mac && state != NeighbourState::none && state != NeighbourState::incomplete && state != NeighbourState::failed && state != NeighbourState::no_arp; }
};
Result<NeighbourEntry> neighbour_entry(u32 interface, const IpAddress& address);

}  // namespace rawket
