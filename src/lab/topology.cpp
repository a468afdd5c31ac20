// The built-in ones are made by small loops.
#include "rawket/lab/topology.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "rawket/base/text.hpp"

namespace rawket {
namespace {

using Kind = Topology::Kind;

constexpr BuiltInTopology built_in[] = {
    {"pair", "two hosts, joined directly"},
    {"lan N", "N hosts at one switch (1 to 64)"},
    {"chain N", "N routers between two hosts (0 to 30)"},
    {"ecmp N", "two routers with N routers of equal cost between them (2 to 16)"},
    {"nat N", "N hosts behind a router that translates their addresses, and a host outside (1 to 60)"},
    {"firewalled", "a router between two hosts that lets ping, TCP 22, 80 and 443 pass to h2, rejects TCP 25, drops the rest"},
    {"blackhole-mtu", "two routers with an MTU of 1400 between them; the first one's 'too big' never arrives"},
};

class Maker {
 public:
  std::size_t add(std::string name, Kind kind) {
    t.nodes.push_back({std::move(name), kind});
    return t.nodes.size() - 1;
  }
  void join(std::size_t a, std::size_t b, u32 mtu = 1500) { t.links.push_back({a, b, mtu}); }
  std::string numbered(char letter, unsigned n) const { return letter + std::to_string(n); }
  Topology t;
};

Topology lan(unsigned count) {
  Maker m;
  for (unsigned n = 1; n <= count; ++n) m.add(m.numbered('h', n), Kind::host);
  if (count == 2) return m.join(0, 1), m.t;
  const std::size_t middle = m.add("switch", Kind::switched);
  for (unsigned n = 0; n < count; ++n) m.join(n, middle);
  return m.t;
}

Topology chain(unsigned routers) {
  Maker m;
  const std::size_t first = m.add("h1", Kind::host), last = m.add("h2", Kind::host);
  std::size_t before = first;
  for (unsigned n = 1; n <= routers; ++n) {
    const std::size_t router = m.add(m.numbered('r', n), Kind::router);
    m.join(before, router);
    before = router;
  }
  m.join(before, last);
  return m.t;
}

Topology ecmp(unsigned paths) {
  Maker m;
  const std::size_t h1 = m.add("h1", Kind::host), h2 = m.add("h2", Kind::host), in = m.add("in", Kind::router), out = m.add("out", Kind::router);
  m.join(h1, in);
  for (unsigned n = 1; n <= paths; ++n) {
    const std::size_t middle = m.add(m.numbered('m', n), Kind::router);
    m.join(in, middle), m.join(middle, out);
  }
  m.join(out, h2);
  return m.t;
}

Topology nat(unsigned inside) {
  Maker m;
  for (unsigned n = 1; n <= inside; ++n) m.add(m.numbered('h', n), Kind::host);
  const std::size_t server = m.add("server", Kind::host), gateway = m.add("gateway", Kind::router);
  const std::size_t middle = inside == 1 ? 0 : m.add("switch", Kind::switched);
  for (unsigned n = 0; n < inside && inside > 1; ++n) m.join(n, middle);
  m.join(middle, gateway), m.join(gateway, server);
  m.t.nats.push_back({gateway, {middle}});
  return m.t;
}

Topology firewalled(unsigned) {
  Topology t = chain(1);
  t.nodes[2].name = "firewall";
  t.firewalls.push_back({2, R"(table inet filter {
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related counter accept
    iifname "eth1" counter accept
    icmp type echo-request counter accept
    icmpv6 type echo-request counter accept
    tcp dport { 22, 80, 443 } counter accept
    tcp dport 25 counter reject with icmpx admin-prohibited
  }
}
)"});
  return t;
}

Topology blackhole_mtu(unsigned) {
  Topology t = chain(2);
  t.links[1].mtu = 1400;
  t.firewalls.push_back({2, R"(table inet filter {
  chain output {
    type filter hook output priority filter;
    icmp type destination-unreachable icmp code frag-needed counter drop
    icmpv6 type packet-too-big counter drop
  }
}
)"});
  return t;
}

struct Size {
  std::string_view name;
  unsigned least, most, usual;
  Topology (*make)(unsigned);
};
constexpr Size sizes[] = {{"pair", 2, 2, 2, lan}, {"lan", 1, 64, 3, lan}, {"chain", 0, 30, 3, chain}, {"ecmp", 2, 16, 4, ecmp},
                          {"nat", 1, 60, 2, nat}, {"firewalled", 0, 0, 0, firewalled}, {"blackhole-mtu", 0, 0, 0, blackhole_mtu}};

std::string names_of_built_in() {
  std::string all;
  for (const BuiltInTopology& b : built_in) all += (all.empty() ? "" : ", ") + std::string(b.words);
  return all;
}

}  // namespace

std::span<const BuiltInTopology> built_in_topologies() { return built_in; }

namespace {

/// "delay=5ms" behind a topology: on each of its links.
Result<void> impair_all(Topology& topology, std::span<const std::string> settings) {
  for (const std::string& s : settings) {
    const std::size_t equals = s.find('=');
    for (Topology::Link& l : topology.links) RAWKET_TRY(set_impairment(l.how, s.substr(0, equals), s.substr(equals + 1)));
  }
  return {};
}

Result<Topology> named(std::span<const std::string> words) {
  if (words.empty()) return lan(2);
  const std::string& name = words.front();
  const auto* known = std::ranges::find(sizes, name, &Size::name);
  if (known != std::end(sizes)) {
    const auto count = words.size() > 1 ? parse_number(words[1]) : std::optional<u64>(known->usual);
    if (words.size() > 1 && known->least == known->most) return fail(Errc::out_of_range, "topology " + name, "takes no number");
    if (words.size() > 2 || !count || *count < known->least || *count > known->most)
      return fail(Errc::out_of_range, "topology " + name, "takes a number from " + std::to_string(known->least) + " to " + std::to_string(known->most), name + " " + std::to_string(known->usual));
    return known->make(static_cast<unsigned>(*count));
  }
  if (words.size() > 1 || name.find_first_of("./") == name.npos) return fail(Errc::unknown_name, "lab", "there is no topology '" + clean_text(name) + "'", names_of_built_in() + ", or the path of a TOML file");
  std::ifstream file(name);
  if (!file) return fail_system(clean_text(name));
  std::ostringstream text;
  if (!(text << file.rdbuf())) return fail(Errc::malformed, clean_text(name), "cannot be read as text, or is empty", names_of_built_in() + ", or the path of a TOML file");
  return read_topology(text.view(), name);
}

}  // namespace

Result<Topology> topology_of(std::span<const std::string> words) {
  std::vector<std::string> name, settings;
  for (const std::string& w : words) (w.find('=') == w.npos ? name : settings).push_back(w);
  Topology topology = RAWKET_TRY(named(name));
  RAWKET_TRY(impair_all(topology, settings));
  return topology;
}

}  // namespace rawket
