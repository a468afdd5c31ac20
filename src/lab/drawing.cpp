// A chain fits in one line; of anything else each wire is told once, at the one of its ends that was named first.
#include <algorithm>

#include "rawket/lab/topology.hpp"

namespace rawket {

std::string draw(const Topology& t) {
  std::vector<std::vector<std::size_t>> links(t.nodes.size());
  for (std::size_t i = 0; i < t.links.size(); ++i) links[t.links[i].a].push_back(i), links[t.links[i].b].push_back(i);
  const auto wire = [&](const Topology::Link& l) {
    std::string what = l.mtu == 1500 ? std::string() : "mtu " + std::to_string(l.mtu);
    if (l.how.any()) what += (what.empty() ? "" : " ") + text_of(l.how);
    return what.empty() ? std::string(" --- ") : " --(" + what + ")-- ";
  };
  const auto shown = [&](std::size_t node) {
    std::string name = t.nodes[node].name;
    if (std::ranges::find(t.nats, node, &Topology::Nat::node) != t.nats.end()) name += ": nat";
    if (std::ranges::find(t.firewalls, node, &Topology::Firewall::node) != t.firewalls.end()) name += ": firewall";
    if (t.nodes[node].kind == Topology::Kind::switched) return "[" + name + "]";
    return name != t.nodes[node].name || t.nodes[node].kind == Topology::Kind::router ? "(" + name + ")" : name;
  };
  const bool line = std::ranges::all_of(links, [](const auto& l) { return l.size() <= 2; }) && links.front().size() == 1 && t.links.size() + 1 == t.nodes.size();
  std::string text;
  if (line) {
    std::size_t at = 0, came_by = t.links.size(), met = 1;
    text = shown(at);
    for (bool more = true; more;) {
      more = false;
      for (const std::size_t l : links[at]) {
        if (l == came_by) continue;
        at = t.links[l].a == at ? t.links[l].b : t.links[l].a, came_by = l, more = true;
        text += wire(t.links[l]) + shown(at);
        ++met;
        break;
      }
    }
    if (met == t.nodes.size()) return text + "\n";
    text.clear();
  }
  for (std::size_t node = 0; node < t.nodes.size(); ++node) {
    std::vector<std::size_t> further;  // each wire once, at the one of its ends that was named first
    for (const std::size_t l : links[node])
      if (std::max(t.links[l].a, t.links[l].b) > node || t.links[l].a == t.links[l].b) further.push_back(l);
    std::erase_if(further, [&](std::size_t l) { return std::min(t.links[l].a, t.links[l].b) != node; });
    for (std::size_t i = 0; i < further.size(); ++i) {
      const Topology::Link& l = t.links[further[i]];
      const std::string name = shown(node);
      text += (i == 0 ? name : std::string(name.size(), ' ')) + (further.size() == 1 ? "" : i + 1 < further.size() ? " +" : " `") + wire(l) + shown(l.a == node ? l.b : l.a) + "\n";
    }
  }
  return text;
}

}  // namespace rawket
