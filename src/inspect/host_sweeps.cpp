// On a link its own questions reach also who answers no echo; elsewhere echo is all there is.
#include "rawket/inspect/host_sweeps.hpp"

#include <algorithm>
#include <random>

#include "rawket/host/route_table.hpp"

namespace rawket {
namespace {

class Sweeps {
 public:
  Sweeps(std::span<const Interface> interfaces, const RoutedQuestion& routed) : interfaces_(interfaces), routed_(routed) {}

  Result<void> add_own_networks(const Interface& i, const OwnNetworks& wanted, std::vector<Prefix>& left_out) {
    for (const Prefix& p : i.addresses) {
      if (p.address.is_v6) continue;
      if (p.length < wanted.widest) {
        left_out.push_back(p);
        continue;
      }
      std::vector<IpAddress> hosts = RAWKET_TRY(addresses_in(p, interfaces_));
      std::erase_if(hosts, [&wanted](const IpAddress& a) { return is_among(a, wanted.exclude); });
      if (routed_.also_near) std::erase(hosts, p.address);  // of the link it is asked too: somebody else may have it
      if (hosts.empty()) continue;
      if (routed_.also_near) add_routed(std::move(hosts), i, p.address);
      else add(HostQuestion::arp, std::move(hosts), i, p.address);
    }
    return {};
  }

  /// From the link-local address, and from another: hosts answer by the one that fits.
  void add_groups(const Interface& i) {
    const IpAddress all_nodes = Ipv6Address("ff02::1");
    for (const bool link_local : {true, false})
      if (const auto source = source_on(i, true, link_local); source && source->is_link_local() == link_local) add(HostQuestion::group_echo, {all_nodes}, i, *source);
  }

  Result<void> add_targets(std::vector<IpAddress> hosts) {
    for (const Interface& i : interfaces_) {
      if (!routed_.interface.empty() && i.name != routed_.interface) continue;
      const auto is_near = [&i](const IpAddress& a) { return can_be_swept(i) && is_among(a, i.addresses); };
      std::vector<IpAddress> here;
      std::ranges::copy_if(hosts, std::back_inserter(here), is_near);
      std::erase_if(hosts, is_near);
      const auto source = here.empty() ? std::nullopt : source_on(i, here.front().is_v6, false);
      if (source && !routed_.also_near) add(source->is_v6 ? HostQuestion::solicitation : HostQuestion::arp, std::move(here), i, *source);
      else std::ranges::copy_if(here, std::back_inserter(hosts), [&i](const IpAddress& a) { return !i.has(a); });
    }
    if (hosts.empty()) return {};
    for (RouteGroup& g : RAWKET_TRY(group_by_route(hosts, {.interface = routed_.interface}))) {
      if (g.no_route) {
        not_reached.push_back(*g.no_route);
        continue;
      }
      const Interface out = RAWKET_TRY(interface_numbered(g.route->interface));
      const IpAddress source = g.route->loopback ? g.hosts.front() : g.route->source;
      add_routed(std::move(g.hosts), out, source);
    }
    return {};
  }

  std::vector<HostSweep> all{};
  std::vector<Error> not_reached{};

 private:
  /// Preferably (not) link-local.
  static std::optional<IpAddress> source_on(const Interface& i, bool v6, bool link_local) {
    std::optional<IpAddress> other;
    for (const Prefix& p : i.addresses) {
      if (p.address.is_v6 != v6) continue;
      if (p.address.is_link_local() == link_local) return p.address;
      other = p.address;
    }
    return other;
  }

  void add(HostQuestion question, std::vector<IpAddress> hosts, const Interface& from, const IpAddress& source) {
    std::random_device random;
    all.push_back({std::make_unique<HostProbes>(question, std::move(hosts), from, source, static_cast<u16>(random()), random()), question, from.name});
  }

  void add_routed(std::vector<IpAddress> hosts, const Interface& from, const IpAddress& source) {
    if (routed_.tcp_port == 0) return add(HostQuestion::echo, std::move(hosts), from, source);
    std::random_device random;
    const auto source_port = static_cast<u16>(random() % 28232 + 32768);
    all.push_back({std::make_unique<ScanProbes>(ScanTargets{std::move(hosts), {routed_.tcp_port}}, ScanKind::syn, source, source_port, random() | u64{random()} << 32), HostQuestion::tcp, from.name});
  }

  std::span<const Interface> interfaces_;
  RoutedQuestion routed_;
};

}  // namespace

bool can_be_swept(const Interface& i) {
  constexpr u16 ethernet = 1;
  return i.up && !i.loopback && i.hardware_type == ethernet;
}

Result<std::vector<IpAddress>> addresses_in(const Prefix& p, std::span<const Interface> interfaces) {
  const unsigned width = p.address.is_v6 ? 128 : 32, bits = width - p.length;
  if (bits > 16) return fail(Errc::out_of_range, p.text(), "a prefix of more than 65,536 addresses", p.address.is_v6 ? "/112 is the largest" : "/16 is the largest");
  const bool own = std::ranges::any_of(interfaces, [&p](const Interface& i) { return std::ranges::any_of(i.addresses, [&p](const Prefix& o) { return o.length == p.length && p.contains(o.address); }); });
  const u64 count = u64{1} << bits, skipped = !p.address.is_v6 && bits >= 2 && own ? 1 : 0;
  std::vector<IpAddress> all;
  for (u64 i = skipped; i < count - skipped; ++i) {
    IpAddress a = p.address;
    const std::size_t last = width / 8 - 1;
    a.octets[last] = static_cast<u8>((a.octets[last] & ~(count - 1)) | (i & 0xff));
    a.octets[last - 1] = static_cast<u8>((a.octets[last - 1] & ~((count - 1) >> 8)) | (i >> 8 & 0xff));
    all.push_back(a);
  }
  return all;
}

Result<std::vector<HostSweep>> sweeps_of_own_networks(std::span<const Interface> interfaces, const OwnNetworks& wanted, std::vector<Prefix>& left_out) {
  Sweeps sweeps(interfaces, wanted.routed);
  const bool groups = wanted.v6 && std::ranges::none_of(wanted.exclude, [](const Prefix& p) { return p.address.is_v6; });
  for (const Interface& i : interfaces) {
    if (!can_be_swept(i) || (!wanted.interface.empty() && i.name != wanted.interface)) continue;
    if (wanted.v4) RAWKET_TRY(sweeps.add_own_networks(i, wanted, left_out));
    if (groups) sweeps.add_groups(i);
  }
  return std::move(sweeps.all);
}

Result<std::vector<HostSweep>> sweeps_of(std::vector<IpAddress> hosts, std::span<const Interface> interfaces, const RoutedQuestion& routed, std::vector<Error>& not_reached) {
  Sweeps sweeps(interfaces, routed);
  RAWKET_TRY(sweeps.add_targets(std::move(hosts)));
  not_reached = std::move(sweeps.not_reached);
  return std::move(sweeps.all);
}

}  // namespace rawket
