// From targets, or none, to who is asked what by which interface.
#pragma once
#include <memory>
#include <span>

#include "rawket/inspect/host_probes.hpp"

namespace rawket {

struct HostSweep {
  std::unique_ptr<SweepProbes> probes;
  HostQuestion question;
  std::string interface;
};

/// How hosts are asked along routes.
struct RoutedQuestion {
  bool also_near = false;        ///< on the own link too, instead of by its own questions
  u16 tcp_port = 0;              ///< by TCP SYN to it; 0: by ICMP echo
  std::string interface{};       ///< by this one, the own link's hosts too; empty: the route's
};

/// All addresses of a prefix; of an IPv4 network that one of these interfaces is in, but its own and its broadcast address: only
/// there they are known to be no host's. More than 65,536 are `out_of_range`.
Result<std::vector<IpAddress>> addresses_in(const Prefix& prefix, std::span<const Interface> interfaces);

struct OwnNetworks {
  bool v4 = true, v6 = true;
  RoutedQuestion routed{};
  std::string interface{};       ///< only this one; empty: all
  unsigned widest = 20;          ///< IPv4 networks that are larger are left out
  std::vector<Prefix> exclude{}; ///< not asked; with one of IPv6 no group is, which everybody on the link would hear
};
/// Each address of the interfaces' IPv4 networks, and all IPv6 nodes of their links at once. `left_out` gets the networks that are too large.
Result<std::vector<HostSweep>> sweeps_of_own_networks(std::span<const Interface> interfaces, const OwnNetworks& wanted, std::vector<Prefix>& left_out);

/// Of one family. Those on a link of these interfaces are asked there (unless `also_near`), the others along routes. No sweep when all are this machine's own.
/// `not_reached`: why no route leads to some.
Result<std::vector<HostSweep>> sweeps_of(std::vector<IpAddress> hosts, std::span<const Interface> interfaces, const RoutedQuestion& routed, std::vector<Error>& not_reached);

/// Up, with link addresses to ask for.
bool can_be_swept(const Interface& interface);

}  // namespace rawket
