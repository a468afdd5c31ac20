// rawket iface: interfaces, addresses, and offloads that make captures differ from the wire.
#include "rawket/host/interfaces.hpp"

#include <algorithm>

#include "output.hpp"
#include "rawket/base/text.hpp"
#include "rawket/host/facts.hpp"

namespace rawket::cli {
namespace {

std::vector<std::string> distortions(const Interface& i) {
  std::vector<std::string> words;
  const auto o = offloads(i.name);
  if (!o) return words;
  if (o->tx_checksum) words.emplace_back("tx-checksum");
  if (o->gso || o->tso) words.emplace_back("gso");
  if (o->gro || o->lro) words.emplace_back("gro");
  if (o->rx_vlan) words.emplace_back("rx-vlan");
  return words;
}

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
  std::string s;
  for (const std::string& w : words) {
    if (!s.empty()) s += separator;
    s += w;
  }
  return s;
}

std::vector<std::string> flags(const Interface& i) {
  std::vector<std::string> words{i.up ? (i.carrier ? "up" : "up-no-carrier") : "down"};
  if (i.loopback) words.emplace_back("loopback");
  if (i.promiscuous) words.emplace_back("promiscuous");
  return words;
}

void text_line(TextBuffer& out, const Interface& i) {
  const std::size_t start = out.size();
  out.decimal(i.index), out.pad(start + 4), out.clean(i.name);
  out.pad(start + 20), out.append(' '), out.append(i.mac.text());
  out.append("  mtu "), out.decimal(i.mtu);
  out.append("  "), out.append(joined(flags(i), ","));
  out.append('\n');
  for (const Prefix& p : i.addresses) out.append("    "), out.append(p.text()), out.append('\n');
  if (const auto d = distortions(i); !d.empty()) out.append("    captures differ from the wire: "), out.append(joined(d, ", ")), out.append('\n');
}

void json_line(TextBuffer& out, const Interface& i) {
  const auto list = [&](std::string_view key, const std::vector<std::string>& words) {
    out.append(",\""), out.append(key), out.append("\":[");
    for (const std::string& w : words) out.append(&w == words.data() ? std::string_view("\"") : std::string_view(",\"")), out.json_escaped(w), out.append('"');
    out.append(']');
  };
  std::vector<std::string> addresses;
  for (const Prefix& p : i.addresses) addresses.push_back(p.text());
  out.append("{\"index\":"), out.decimal(i.index);
  out.append(",\"name\":\""), out.json_escaped(i.name);
  out.append("\",\"mac\":\""), out.append(i.mac.text());
  out.append("\",\"mtu\":"), out.decimal(i.mtu);
  out.append(",\"hardware_type\":"), out.decimal(i.hardware_type);
  list("flags", flags(i));
  list("addresses", addresses);
  list("distortions", distortions(i));
  out.append("}\n");
}

}  // namespace

int run_iface(const FactsOptions& options) {
  const auto all = interfaces();
  if (!all) return complain_and_exit(all.error());
  for (const std::string& word : options.words)
    if (const auto known = interface_named(word); !known) {
      complain(known.error());
      return usage;
    }
  Output out;
  for (const Interface& i : *all) {
    if (!options.words.empty() && std::ranges::find(options.words, i.name) == options.words.end()) continue;
    options.format == "json" ? json_line(out.text(), i) : text_line(out.text(), i);
  }
  return out.exit_code(ok);
}

}  // namespace rawket::cli
