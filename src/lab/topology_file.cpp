// Topologies in TOML files, checked name by name; each error tells its line.
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "rawket/base/text.hpp"
#include "rawket/lab/topology.hpp"

namespace rawket {
namespace {

using Kind = Topology::Kind;

class TopologyReader {
 public:
  explicit TopologyReader(std::string_view name) : name_(name) {}

  Result<Topology> read(const toml::table& table) {
    constexpr std::array<std::string_view, 6> keys = {"hosts", "routers", "switches", "link", "firewall", "nat"};
    for (const auto& [key, value] : table)
      if (std::ranges::find(keys, key.str()) == keys.end()) return wrong(key.source(), "there is no '" + clean_text(key.str()) + "'" + did_you_mean(key.str(), keys));
    RAWKET_TRY(nodes(table, "hosts", Kind::host));
    RAWKET_TRY(nodes(table, "routers", Kind::router));
    RAWKET_TRY(nodes(table, "switches", Kind::switched));
    if (t_.nodes.empty() || t_.nodes.front().kind != Kind::host) return wrong(table.source(), "there is no host", "hosts = [\"h1\", \"h2\"]");
    if (t_.nodes.size() > most_lab_nodes) return wrong(table.source(), "more than " + std::to_string(most_lab_nodes) + " nodes");
    RAWKET_TRY(each(table, "link", &TopologyReader::add_link));
    RAWKET_TRY(each(table, "firewall", &TopologyReader::add_firewall));
    RAWKET_TRY(each(table, "nat", &TopologyReader::add_nat));
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

  Result<void> each(const toml::table& table, const std::string& what, Result<void> (TopologyReader::*add)(const toml::table&)) {
    if (!table.contains(what)) return {};
    const auto* tables = table[what].as_array();
    if (tables == nullptr) return wrong(table[what].node()->source(), "a " + what + " is a table of its own", "[[" + what + "]]");
    for (const toml::node& node : *tables) {
      if (node.as_table() == nullptr) return wrong(node.source(), "a " + what + " is a table", "[[" + what + "]]");
      RAWKET_TRY((this->*add)(*node.as_table()));
    }
    return {};
  }

  Result<void> only(const toml::table& table, std::string_view what, std::span<const std::string_view> keys) const {
    for (const auto& [key, value] : table)
      if (std::ranges::find(keys, key.str()) == keys.end()) return wrong(key.source(), "a " + std::string(what) + " has no '" + clean_text(key.str()) + "'" + did_you_mean(key.str(), keys));
    return {};
  }

  /// The node that `on` names, which must not be a switch.
  Result<std::size_t> place_of(const toml::table& table) const {
    const std::string name = table["on"].value_or(std::string());
    const std::size_t at = find(name);
    if (at == t_.nodes.size() || t_.nodes[at].kind == Kind::switched) return wrong(table.source(), "there is no host or router '" + clean_text(name) + "'", "on = \"r1\"");
    return at;
  }

  Result<void> add_firewall(const toml::table& table) {
    constexpr std::array<std::string_view, 2> keys = {"on", "rules"};
    RAWKET_TRY(only(table, "firewall", keys));
    const std::size_t at = RAWKET_TRY(place_of(table));
    const auto rules = table["rules"].value<std::string>();
    if (!rules) return wrong(table.source(), "a firewall has rules as nft(8) reads them", "rules = \"table inet filter { ... }\"");
    t_.firewalls.push_back({at, *rules});
    return {};
  }

  Result<void> add_nat(const toml::table& table) {
    constexpr std::array<std::string_view, 2> keys = {"on", "inside"};
    RAWKET_TRY(only(table, "nat", keys));
    Topology::Nat made{RAWKET_TRY(place_of(table)), {}};
    const auto* inside = table["inside"].as_array();
    if (inside == nullptr || inside->empty()) return wrong(table.source(), "a nat names the neighbours that are inside", "inside = [\"h1\"]");
    for (const toml::node& n : *inside) {
      const std::size_t at = find(n.value_or(std::string()));
      if (at == t_.nodes.size()) return wrong(n.source(), "there is no node '" + clean_text(n.value_or(std::string())) + "'");
      made.inside.push_back(at);
    }
    t_.nats.push_back(std::move(made));
    return {};
  }

  Result<void> impair(const toml::table& table, Impairment& how) const {
    for (const auto& [key, value] : table) {
      if (std::ranges::find(impairment_words, key.str()) == impairment_words.end()) continue;
      std::ostringstream text;
      if (const auto word = value.value<std::string>()) text << *word;
      else if (const auto number = value.value<double>()) text << *number;
      const auto set = set_impairment(how, key.str(), text.view());
      if (!set) return wrong(key.source(), set.error().where + ": " + set.error().what);
    }
    return {};
  }

  Result<void> add_link(const toml::table& link) {
    constexpr auto keys = [] {
      std::array<std::string_view, 2 + impairment_words.size()> all = {"between", "mtu"};
      std::ranges::copy(impairment_words, all.begin() + 2);
      return all;
    }();
    RAWKET_TRY(only(link, "link", keys));
    const auto* ends = link["between"].as_array();
    if (ends == nullptr || ends->size() != 2) return wrong(link.source(), "a link is between two nodes", "between = [\"h1\", \"r1\"]");
    Topology::Link made;
    for (std::size_t i = 0; i < 2; ++i) {
      const std::string name = (*ends)[i].value_or(std::string());
      const std::size_t at = find(name);
      if (at == t_.nodes.size()) return wrong(link.source(), "there is no node '" + clean_text(name) + "'");
      (i == 0 ? made.a : made.b) = at;
    }
    if (made.a == made.b) return wrong(link.source(), "a node is not joined to itself");
    if (t_.nodes[made.a].kind == Kind::switched && t_.nodes[made.b].kind == Kind::switched) return wrong(link.source(), "two switches are one: join their hosts to one of them");
    const std::int64_t mtu = link.contains("mtu") ? link["mtu"].value_exact<std::int64_t>().value_or(0) : 1500;
    if (mtu < 1280 || mtu > 65535) return wrong(link.source(), "an MTU is 1280 to 65535, so that IPv6 fits");
    made.mtu = static_cast<u32>(mtu);
    RAWKET_TRY(impair(link, made.how));
    t_.links.push_back(made);
    return {};
  }

  std::string_view name_;
  Topology t_;
};

}  // namespace

Result<Topology> read_topology(std::string_view toml, std::string_view name) {
  const toml::parse_result parsed = toml::parse(toml, name);
  if (!parsed) return fail(Errc::malformed, clean_text(name) + ", line " + std::to_string(parsed.error().source().begin.line), clean_text(parsed.error().description()));
  return TopologyReader(name).read(parsed.table());
}

}  // namespace rawket
