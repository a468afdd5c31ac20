// Subnets are numbered in the order of their first link, members of a subnet in the order in which they are joined to it.
#include "address_plan.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

namespace rawket {
namespace {

using Kind = Topology::Kind;

/// "2001:db8::10" is host 10 to a reader, so the digits are written as if they were decimal.
u8 as_digits(unsigned n) { return static_cast<u8>(n / 10 * 16 + n % 10); }

class Planner {
 public:
  explicit Planner(const Topology& t) : t_(t) {
    for (std::size_t node = 0; node < t.nodes.size(); ++node) {
      if (t.nodes[node].kind == Kind::switched) {
        place_[node] = plan.switches.size();
        plan.switches.push_back(t.nodes[node].name);
        continue;
      }
      place_[node] = plan.hosts.size();
      LabHost host;
      host.name = t.nodes[node].name;
      host.router = t.nodes[node].kind == Kind::router;
      plan.hosts.push_back(std::move(host));
    }
  }

  /// A topology may be made by hand.
  static Result<void> check(const Topology& t) {
    if (t.nodes.empty() || t.nodes.size() > most_lab_nodes + 1) return fail(Errc::out_of_range, "lab", "a lab has 1 to " + std::to_string(most_lab_nodes) + " hosts");
    for (const Topology::Link& l : t.links) {
      if (l.a >= t.nodes.size() || l.b >= t.nodes.size() || l.a == l.b) return fail(Errc::out_of_range, "lab", "a link's end is no other node");
      if (t.nodes[l.a].kind == Kind::switched && t.nodes[l.b].kind == Kind::switched) return fail(Errc::out_of_range, "lab", "two switches are joined");
    }
    for (const Topology::Firewall& f : t.firewalls)
      if (f.node >= t.nodes.size() || t.nodes[f.node].kind == Kind::switched) return fail(Errc::out_of_range, "lab", "a firewall is on no host");
    for (const Topology::Nat& n : t.nats) {
      if (n.node >= t.nodes.size() || t.nodes[n.node].kind != Kind::router) return fail(Errc::out_of_range, "lab", "a nat is on no router");
      for (const std::size_t inside : n.inside)
        if (std::ranges::none_of(t.links, [&](const Topology::Link& l) { return (l.a == n.node && l.b == inside) || (l.b == n.node && l.a == inside); }))
          return fail(Errc::out_of_range, "lab", "the router " + t.nodes[n.node].name + " is not joined to what is inside");
    }
    return {};
  }

  Result<void> join_all() {
    for (const Topology::Link& l : t_.links) {
      const bool a_switched = t_.nodes[l.a].kind == Kind::switched, b_switched = t_.nodes[l.b].kind == Kind::switched;
      const std::size_t host = a_switched ? l.b : l.a, other = a_switched ? l.a : l.b;
      const bool to_switch = a_switched || b_switched;
      const unsigned subnet = to_switch ? subnet_of_switch(other) : subnets_++;
      if (members_[subnet] >= 98) return fail(Errc::out_of_range, "lab", "more than 99 interfaces in one subnet");
      if (subnets_ > 255) return fail(Errc::out_of_range, "lab", "more than 255 subnets");
      LabPlan::Wire w{.host = place_[host], .interface = add_interface(host, subnet, l.mtu), .to_switch = to_switch, .how = l.how};
      if (to_switch) w.switched = place_[other];
      else w.other_host = place_[other], w.other_interface = add_interface(other, subnet, l.mtu);
      plan.wires.push_back(w);
    }
    for (LabHost& h : plan.hosts) {
      if (h.interfaces.empty()) return fail(Errc::out_of_range, "lab", h.name + " is joined to nothing");
      h.ipv4 = h.interfaces.front().ipv4, h.ipv6 = h.interfaces.front().ipv6, h.mac = h.interfaces.front().mac;
    }
    return {};
  }

  void find_routes() {
    plan.routes.resize(plan.hosts.size());
    for (std::size_t from = 0; from < plan.hosts.size(); ++from) routes_from(from);
    for (const Topology::Nat& n : t_.nats) hide_behind(n);
  }

  void collect_rules() {
    for (const Topology::Nat& n : t_.nats) plan.rules.push_back({place_[n.node], masquerade(n)});
    for (const Topology::Firewall& f : t_.firewalls) plan.rules.push_back({place_[f.node], f.rules});
  }

  LabPlan plan;

 private:
  unsigned subnet_of_switch(std::size_t node) {
    const auto [found, added] = switch_subnets_.emplace(node, subnets_);
    if (added) ++subnets_;
    return found->second;
  }

  std::size_t add_interface(std::size_t node, unsigned subnet, u32 mtu) {
    LabHost& host = plan.hosts[place_[node]];
    const LabSubnet address(subnet);
    LabInterface i{.name = "eth" + std::to_string(host.interfaces.size()), .ipv4 = address.ipv4, .ipv6 = address.ipv6, .mac = "02:00:00:00:00:00", .mtu = mtu, .subnet = subnet};
    const unsigned member = ++members_[subnet];
    i.ipv4.octets[3] = static_cast<u8>(member);
    i.ipv6.octets[15] = as_digits(member);
    i.mac.octets[4] = static_cast<u8>(subnet), i.mac.octets[5] = as_digits(member);
    at_subnet_[subnet].emplace_back(place_[node], host.interfaces.size());
    host.interfaces.push_back(i);
    return host.interfaces.size() - 1;
  }

  /// Breadth first over routers; of each subnet all first hops that lead to it by the shortest way.
  void routes_from(std::size_t from) {
    std::vector<unsigned> distance(plan.hosts.size(), ~0u);
    std::vector<std::vector<LabHop>> first(plan.hosts.size());
    std::map<unsigned, std::pair<unsigned, std::vector<LabHop>>> subnets;
    std::deque<std::size_t> open{from};
    distance[from] = 0;
    while (!open.empty()) {
      const std::size_t at = open.front();
      open.pop_front();
      if (at != from && !plan.hosts[at].router) continue;
      for (const LabInterface& i : plan.hosts[at].interfaces) {
        auto& [best, hops] = subnets.try_emplace(i.subnet, ~0u, std::vector<LabHop>()).first->second;
        if (distance[at] < best) best = distance[at], hops = first[at];
        else if (distance[at] == best) add_new(hops, first[at]);
        for (const auto& [next, interface] : at_subnet_[i.subnet]) {
          if (next == at || distance[next] < distance[at] + 1) continue;
          const LabInterface& theirs = plan.hosts[next].interfaces[interface];
          const std::vector<LabHop> hop = at == from ? std::vector<LabHop>{{i.name, theirs.ipv4, theirs.ipv6}} : first[at];
          if (distance[next] == ~0u) open.push_back(next), distance[next] = distance[at] + 1;
          add_new(first[next], hop);
        }
      }
    }
    for (auto& [subnet, way] : subnets)
      if (way.first > 0) plan.routes[from].push_back({subnet, std::move(way.second)});
  }

  /// All nodes that are reached from the inside without passing the router.
  std::vector<bool> inside_of(const Topology::Nat& n) const {
    std::vector<bool> met(t_.nodes.size());
    std::deque<std::size_t> open(n.inside.begin(), n.inside.end());
    while (!open.empty()) {
      const std::size_t at = open.front();
      open.pop_front();
      if (met[at] || at == n.node) continue;
      met[at] = true;
      for (const Topology::Link& l : t_.links)
        if (l.a == at || l.b == at) open.push_back(l.a == at ? l.b : l.a);
    }
    return met;
  }

  /// The subnets with somebody inside.
  std::set<unsigned> subnets_of(const std::vector<bool>& inside) const {
    std::set<unsigned> all;
    for (std::size_t node = 0; node < t_.nodes.size(); ++node)
      if (inside[node] && t_.nodes[node].kind != Kind::switched)
        for (const LabInterface& i : plan.hosts[place_.at(node)].interfaces) all.insert(i.subnet);
    return all;
  }

  void hide_behind(const Topology::Nat& n) {
    const std::vector<bool> inside = inside_of(n);
    const std::set<unsigned> hidden = subnets_of(inside);
    for (std::size_t node = 0; node < t_.nodes.size(); ++node)
      if (!inside[node] && node != n.node && t_.nodes[node].kind != Kind::switched) std::erase_if(plan.routes[place_[node]], [&](const LabRoute& r) { return hidden.contains(r.subnet); });
  }

  std::string masquerade(const Topology::Nat& n) const {
    const std::set<unsigned> hidden = subnets_of(inside_of(n));
    std::string outside;
    for (const LabInterface& i : plan.hosts[place_.at(n.node)].interfaces)
      if (!hidden.contains(i.subnet)) outside += (outside.empty() ? "\"" : ", \"") + i.name + "\"";
    if (outside.empty()) return {};
    return "table inet nat {\n  chain postrouting {\n    type nat hook postrouting priority srcnat;\n    oifname { " + outside + " } counter masquerade\n  }\n}\n";
  }

  static void add_new(std::vector<LabHop>& all, const std::vector<LabHop>& more) {
    for (const LabHop& h : more)
      if (std::ranges::none_of(all, [&h](const LabHop& known) { return known.ipv4 == h.ipv4; })) all.push_back(h);
  }

  const Topology& t_;
  std::map<std::size_t, std::size_t> place_;  ///< of a node among the hosts, or among the switches
  std::map<std::size_t, unsigned> switch_subnets_;
  std::map<unsigned, unsigned> members_;
  std::map<unsigned, std::vector<std::pair<std::size_t, std::size_t>>> at_subnet_;  ///< host and interface
  unsigned subnets_ = 0;
};

}  // namespace

LabSubnet::LabSubnet(unsigned number) {
  ipv4.octets[2] = static_cast<u8>(number);
  ipv6.octets[7] = as_digits(number % 100), ipv6.octets[6] = as_digits(number / 100);
}

Result<LabPlan> plan_addresses(const Topology& topology) {
  RAWKET_TRY(Planner::check(topology));
  Planner p(topology);
  RAWKET_TRY(p.join_all());
  p.find_routes();
  p.collect_rules();
  return std::move(p.plan);
}

}  // namespace rawket
