// The built-in ones are made by small loops, those in files are checked name by name.
#include "rawket/lab/topology.hpp"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <array>
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

struct Size {
  std::string_view name;
  unsigned least, most, usual;
  Topology (*make)(unsigned);
};
constexpr Size sizes[] = {{"pair", 2, 2, 2, lan}, {"lan", 1, 64, 3, lan}, {"chain", 0, 30, 3, chain}, {"ecmp", 2, 16, 4, ecmp}};

class TopologyReader {
 public:
  explicit TopologyReader(std::string_view name) : name_(name) {}

  Result<Topology> read(const toml::table& table) {
    constexpr std::array<std::string_view, 4> keys = {"hosts", "routers", "switches", "link"};
    for (const auto& [key, value] : table)
      if (std::ranges::find(keys, key.str()) == keys.end()) return wrong(key.source(), "there is no '" + clean_text(key.str()) + "'" + did_you_mean(key.str(), keys));
    RAWKET_TRY(nodes(table, "hosts", Kind::host));
    RAWKET_TRY(nodes(table, "routers", Kind::router));
    RAWKET_TRY(nodes(table, "switches", Kind::switched));
    if (t_.nodes.empty() || t_.nodes.front().kind != Kind::host) return wrong(table.source(), "there is no host", "hosts = [\"h1\", \"h2\"]");
    if (t_.nodes.size() > most_lab_nodes) return wrong(table.source(), "more than " + std::to_string(most_lab_nodes) + " nodes");
    if (const auto* links = table["link"].as_array())
      for (const toml::node& link : *links) RAWKET_TRY(add_link(link));
    else if (table["link"]) return wrong(table["link"].node()->source(), "a link is a table of its own", "[[link]]");
    return std::move(t_);
  }

 private:
  Failure wrong(const toml::source_region& where, const std::string& what, std::string_view advice = {}) const {
    return fail(Errc::malformed, clean_text(name_) + ", line " + std::to_string(where.begin.line), what, advice);
  }

  static bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 12 && std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }) && text.front() != '-';
  }

  Result<void> nodes(const toml::table& table, std::string_view key, Kind kind) {
    if (!table.contains(key)) return {};
    const auto* names = table[key].as_array();
    if (names == nullptr) return wrong(table[key].node()->source(), std::string(key) + " is a list of names", std::string(key) + " = [\"x1\", \"x2\"]");
    for (const toml::node& n : *names) {
      const auto name = n.value<std::string>();
      if (!name || !is_name(*name) || *name == "lo") return wrong(n.source(), "a name has one to twelve small letters, digits and hyphens");
      if (find(*name) != t_.nodes.size()) return wrong(n.source(), "there are two nodes '" + *name + "'");
      t_.nodes.push_back({*name, kind});
    }
    return {};
  }

  std::size_t find(std::string_view name) const { return static_cast<std::size_t>(std::ranges::find(t_.nodes, name, &Topology::Node::name) - t_.nodes.begin()); }

  Result<void> add_link(const toml::node& node) {
    const toml::table* link = node.as_table();
    if (link == nullptr) return wrong(node.source(), "a link is a table");
    constexpr std::array<std::string_view, 2> keys = {"between", "mtu"};
    for (const auto& [key, value] : *link)
      if (std::ranges::find(keys, key.str()) == keys.end()) return wrong(key.source(), "a link has no '" + clean_text(key.str()) + "'" + did_you_mean(key.str(), keys));
    const auto* ends = (*link)["between"].as_array();
    if (ends == nullptr || ends->size() != 2) return wrong(node.source(), "a link is between two nodes", "between = [\"h1\", \"r1\"]");
    Topology::Link made;
    for (std::size_t i = 0; i < 2; ++i) {
      const std::string name = (*ends)[i].value_or(std::string());
      const std::size_t at = find(name);
      if (at == t_.nodes.size()) return wrong(node.source(), "there is no node '" + clean_text(name) + "'");
      (i == 0 ? made.a : made.b) = at;
    }
    if (made.a == made.b) return wrong(node.source(), "a node is not joined to itself");
    if (t_.nodes[made.a].kind == Kind::switched && t_.nodes[made.b].kind == Kind::switched) return wrong(node.source(), "two switches are one: join their hosts to one of them");
    const std::int64_t mtu = link->contains("mtu") ? (*link)["mtu"].value_exact<std::int64_t>().value_or(0) : 1500;
    if (mtu < 1280 || mtu > 65535) return wrong(node.source(), "an MTU is 1280 to 65535, so that IPv6 fits");
    made.mtu = static_cast<u32>(mtu);
    t_.links.push_back(made);
    return {};
  }

  std::string_view name_;
  Topology t_;
};

std::string names_of_built_in() {
  std::string all;
  for (const BuiltInTopology& b : built_in) all += (all.empty() ? "" : ", ") + std::string(b.words);
  return all;
}

}  // namespace

std::span<const BuiltInTopology> built_in_topologies() { return built_in; }

Result<Topology> read_topology(std::string_view toml, std::string_view name) {
  const toml::parse_result parsed = toml::parse(toml, name);
  if (!parsed) return fail(Errc::malformed, clean_text(name) + ", line " + std::to_string(parsed.error().source().begin.line), clean_text(parsed.error().description()));
  return TopologyReader(name).read(parsed.table());
}

Result<Topology> topology_of(std::span<const std::string> words) {
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

std::string draw(const Topology& t) {
  std::vector<std::vector<std::size_t>> links(t.nodes.size());
  for (std::size_t i = 0; i < t.links.size(); ++i) links[t.links[i].a].push_back(i), links[t.links[i].b].push_back(i);
  const auto wire = [&](const Topology::Link& l) { return l.mtu == 1500 ? std::string(" --- ") : " --(mtu " + std::to_string(l.mtu) + ")-- "; };
  const auto shown = [&](std::size_t node) { return t.nodes[node].kind == Kind::host ? t.nodes[node].name : t.nodes[node].kind == Kind::router ? "(" + t.nodes[node].name + ")" : "[" + t.nodes[node].name + "]"; };
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
