// One line a host; several machines behind one address are told right there.
#include "discover_report.hpp"

#include <algorithm>
#include <set>

namespace rawket::cli {
namespace {

std::string ways_of(const KnownHost& h, std::string_view separator) {
  std::string all;
  for (std::size_t i = 0; i < std::size(heard_by_names); ++i)
    if (h.has(static_cast<HeardBy>(i))) all.append(all.empty() ? "" : separator).append(heard_by_names[i]);
  return all;
}

bool has_address(const KnownHost& h) { return std::ranges::any_of(h.address.bytes(), [](u8 b) { return b != 0; }); }

std::size_t machines_of(const std::vector<const KnownHost*>& hosts) {
  std::set<std::array<u8, 6>> macs;
  for (const KnownHost* h : hosts)
    for (const Mac& m : h->macs) macs.insert(m.octets);
  return macs.size();
}

}  // namespace

/// As it calls itself, else as the resolver does.
std::string DiscoverReport::name_of(const KnownHost& h) const { return h.name.empty() && has_address(h) ? names_.of(h.address) : h.name; }

void DiscoverReport::news(const KnownHost& host) {
  if (json_) {
    object(host, out_.text());
    if (host.name.empty() && has_address(host)) names_.about(host.address);
  } else if (passive_) line(host, out_.text());
  else name_of(host);  // asked for already
}

void DiscoverReport::object(const KnownHost& h, TextBuffer& t) {
  t.append("{\"event\":\"host\"");
  if (has_address(h)) t.append(",\"address\":\""), t.append(h.address.text()), t.append('"');
  if (!h.link.empty()) t.append(",\"interface\":\""), t.json_escaped(h.link), t.append('"');
  t.append(",\"link_addresses\":[");
  for (const Mac& m : h.macs) t.append(&m == h.macs.data() ? "\"" : ",\""), t.append(m.text()), t.append('"');
  t.append(']');
  if (const std::string_view vendor = h.macs.empty() ? std::string_view() : vendors_.name_of(h.macs.front()); !vendor.empty()) t.append(",\"vendor\":\""), t.json_escaped(vendor), t.append('"');
  if (!h.name.empty()) t.append(",\"name\":\""), t.json_escaped(h.name), t.append('"');
  t.append(",\"heard_by\":[\""), t.append(ways_of(h, "\",\"")), t.append("\"],\"duplicate\":"), t.append(h.is_duplicate() ? "true}\n" : "false}\n");
}

void DiscoverReport::line(const KnownHost& h, TextBuffer& t) {
  const std::string address = has_address(h) ? h.address.text() : "-";
  t.left(several_links_ && !h.link.empty() ? address + '%' + h.link : address, 26), t.left(h.macs.empty() ? "-" : h.macs.front().text(), 19), t.left(ways_of(h, " "), 14);
  if (!h.macs.empty()) t.append(' '), t.clean(vendors_.name_of(h.macs.front()));
  if (const std::string name = name_of(h); !name.empty()) t.append(' '), t.clean(name);
  t.append('\n');
  if (h.ours) t.append("  this is this machine's own address: another one claims it too\n");
  if (h.macs.size() < 2) return;
  t.append("  several machines claim this address:");
  for (const Mac& m : h.macs) t.append(' '), t.append(m.text());
  t.append('\n');
}

void DiscoverReport::live(const HostTable& table, Nanoseconds now) {
  live_.show(now, [&](TextBuffer& t) {
    for (const KnownHost* h : table.hosts()) line(*h, t);
    t.decimal(table.hosts().size()), t.append(" so far ...\n");
  });
}

void DiscoverReport::summary(const HostTable& table, const DiscoverAccount& a) {
  TextBuffer& t = out_.text();
  const auto hosts = table.hosts();
  const auto twice = static_cast<u64>(std::ranges::count_if(hosts, [](const KnownHost* h) { return h->is_duplicate(); }));
  names_.wait();
  if (json_) {
    names_.tell(t, true);
    const std::pair<std::string_view, u64> numbers[] = {{"addresses", hosts.size()}, {"machines", machines_of(hosts)}, {"duplicates", twice}, {"asked", a.asked}, {"answered", a.answered},
                                                        {"dropped_by_kernel", a.dropped}, {"without_room", table.without_room()}, {"took_ms", static_cast<u64>(a.took / millisecond)}};
    t.append("{\"event\":\"summary\"");
    for (const auto& [name, number] : numbers) t.append(",\""), t.append(name), t.append("\":"), t.decimal(number);
    t.append("}\n");
    return flush();
  }
  live_.clear();
  if (!passive_)
    for (const KnownHost* h : hosts) line(*h, t);
  t.decimal(hosts.size()), t.append(hosts.size() == 1 ? " address" : " addresses");
  if (const std::size_t machines = machines_of(hosts); machines > 0) t.append(" of "), t.decimal(machines), t.append(machines == 1 ? " machine on the link" : " machines on the link");
  if (twice > 0) t.append(", "), t.decimal(twice), t.append(" of them claimed by several machines");
  if (a.asked > 0) {
    t.append("; "), t.decimal(a.asked), t.append(a.asked == 1 ? " question, " : " questions, "), t.decimal(a.answered), t.append(" answered, ");
    t.decimal(static_cast<u64>(a.took / millisecond)), t.append(" ms");
  }
  t.append('\n');
  if (a.dropped > 0) t.append("  "), t.decimal(a.dropped), t.append(" packets were not heard, for want of room\n");
  if (table.without_room() > 0) t.append("  "), t.decimal(table.without_room()), t.append(" packets were of hosts for which the table has no room\n");
  flush();
}

}  // namespace rawket::cli
