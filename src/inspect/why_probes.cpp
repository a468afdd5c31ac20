// The probes of `why`, and what this machine knows before they leave.
#include <algorithm>
#include <cerrno>
#include <map>
#include <random>

#include "../host/descriptor.hpp"
#include "rawket/base/text.hpp"
#include "rawket/inspect/path_mtu.hpp"
#include "rawket/inspect/probe_packet.hpp"
#include "rawket/inspect/why_facts.hpp"

namespace rawket {
namespace {

u64 setting(const std::string& name) { return parse_number(trim(read_small_file(("/proc/sys/net/" + name).c_str()))).value_or(0); }

/// The one that most entries lead through.
std::optional<IpAddress> usual_gateway(const std::vector<RouteEntry>& entries) {
  std::map<std::string, std::pair<unsigned, IpAddress>> gateways;
  for (const RouteEntry& e : entries)
    if (e.gateway) {
      auto& known = gateways.try_emplace(e.gateway->text(), 0u, *e.gateway).first->second;
      ++known.first;
    }
  const auto most = std::ranges::max_element(gateways, {}, [](const auto& g) { return g.second.first; });
  return most == gateways.end() ? std::nullopt : std::optional(most->second.second);
}

/// Where the route would leave or, without one, of any interface that is up.
std::string where_ipv6_is_off(const WhyFacts& f) {
  const auto off = [](const std::string& name) { return setting("ipv6/conf/" + name + "/disable_ipv6") == 1; };
  if (f.route && f.route->loopback) return {};
  for (const Interface& i : f.interfaces) {
    const bool meant = f.route ? i.index == f.route->interface : !i.loopback && i.up;
    if (meant && off(i.name)) return off("all") ? "all" : i.name;
  }
  return {};
}

/// Entries that the kernel's answer can have come from: those that refuse in its way, or those of the main table.
std::vector<RouteEntry> meant(const std::vector<RouteEntry>& entries, const std::optional<Error>& refusal) {
  constexpr u32 main_table = 254;
  const auto says = [](RouteKind k) { return k == RouteKind::blackhole ? EINVAL : k == RouteKind::prohibit ? EACCES : k == RouteKind::unreachable ? EHOSTUNREACH : 0; };
  std::vector<RouteEntry> all;
  for (const RouteEntry& e : entries)
    if (refusal && e.refuses() ? says(e.kind) == refusal->errno_value : e.table == main_table && !e.refuses()) all.push_back(e);
  return all;
}

/// Lengths between what everyone takes and the question's: those that usual links and tunnels have.
std::vector<unsigned> sizes_below(unsigned size, bool v6) {
  std::vector<unsigned> all;
  for (const unsigned s : usual_mtus)
    if (s < size && s >= (v6 ? 1280 : 576)) all.push_back(s);
  if (size != 0) all.insert(all.end(), {size, size});  // one may have been lost
  return all;
}

/// IP's.
u8 number_of(ProbeProtocol protocol, bool v6) { return protocol == ProbeProtocol::tcp ? 6 : protocol == ProbeProtocol::udp ? 17 : v6 ? 58 : 1; }

}  // namespace

WhyFacts local_facts(const WhyQuestion& question) {
  WhyFacts f;
  f.question = question;
  const bool v6 = question.to.is_v6;
  f.interfaces = interfaces().value_or(std::vector<Interface>());
  const RouteNarrowing by{.interface = question.interface, .protocol = number_of(question.protocol, v6), .port = question.port};
  if (auto route = route_to(question.to, by); route) f.route = *route;
  else f.no_route = route.error();
  if (const auto usual = route_to(question.to); !question.interface.empty() && usual)
    for (const Interface& i : f.interfaces)
      if (i.index == usual->interface && i.name != question.interface) f.usual_interface = i.name;
  if (const auto entries = route_entries(v6); entries) {
    f.entry = longest_match(meant(*entries, f.no_route), question.to);
    f.usual_gateway = usual_gateway(meant(*entries, std::nullopt));
  }
  for (const Interface& i : f.interfaces) f.reverse_path_filters[i.name] = static_cast<int>(setting("ipv4/conf/" + i.name + "/rp_filter"));
  f.reverse_path_filters["all"] = static_cast<int>(setting("ipv4/conf/all/rp_filter"));
  f.refusing_rule = refusing_rule(question.to, by).value_or(std::nullopt);
  if (v6) f.ipv6_disabled_on = where_ipv6_is_off(f);
  return f;
}

WhyProbes::WhyProbes(const WhyFacts& facts)
    : question_(facts.question),
      source_(facts.route->loopback ? facts.question.to : facts.route->source),
      sizes_(sizes_below(facts.question.size, facts.question.to.is_v6)),
      first_port_(static_cast<u16>(33000 + std::random_device()() % 30000)) {}

Packet WhyProbes::make(u64 index) const {
  ProbePacket p{.from = source_, .to = question_.to, .protocol = question_.protocol, .port = question_.port, .number = static_cast<u16>(index + 1)};
  p.source_port = question_.protocol == ProbeProtocol::icmp ? first_port_ : static_cast<u16>(first_port_ + index);
  if (index == 0) p.size = question_.size;
  else if (index == 1 && question_.size == 0) p.protocol = ProbeProtocol::icmp, p.source_port = first_port_;
  else if (index >= 2 && index < 2 + hops) p.hop_limit = static_cast<unsigned>(index - 1);
  else p.size = size_of(index);
  return make_probe(p);
}

}  // namespace rawket
