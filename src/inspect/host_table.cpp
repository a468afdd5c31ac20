// ARP and neighbour discovery tell addresses; DHCP, mDNS, LLDP and SSDP names as well.
#include "rawket/inspect/host_table.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "rawket/base/text.hpp"
#include "rawket/packet/ends.hpp"
#include "rawket/proto/arp.hpp"
#include "rawket/proto/ethernet.hpp"
#include "rawket/proto/icmp.hpp"
#include "rawket/proto/icmpv6.hpp"

namespace rawket {
namespace {

enum Told : std::size_t { dhcp_name, dhcp_mac, dhcp_client, dns_owner, dns_type, dns_a, dns_aaaa, lldp_name, ssdp_server, name_count };
constexpr std::array<std::string_view, name_count> name_fields = {"dhcp.option.hostname", "dhcp.hw.mac_addr", "dhcp.ip.client", "dns.resp.name", "dns.resp.type", "dns.a",
                                                                  "dns.aaaa", "lldp.tlv.system.name", "http.server"};

bool has_layer(const Dissection& d, std::string_view name) {
  return std::ranges::any_of(d.layers(), [name](const Layer& l) { return l.protocol->name == name; });
}

bool is_somebody(const IpAddress& a) {
  const bool any = std::ranges::all_of(a.bytes(), [](u8 b) { return b == 0; });
  return !any && !a.is_multicast() && (a.is_v6 || a.octets[0] < 240);
}

std::string first_of(std::string_view values) { return clean_text(values.substr(0, values.find(','))); }

}  // namespace

Result<HostTable> HostTable::create() { return HostTable(RAWKET_TRY(ColumnPrinter::create(standard_registry(), name_fields, ColumnFormat::tabs))); }

std::vector<const KnownHost*> HostTable::observe(const Dissection& d, Nanoseconds time, std::string_view link) {
  news_.clear();
  link_ = link;
  std::optional<Mac> sender;
  if (const auto eth = d.header<Ethernet>()) sender = Mac(Ethernet(*eth).src);
  if (const auto header = d.header<Arp>()) {
    const Arp a = *header;
    if (a.opcode <= 2 && is_somebody(a.source)) learn(a.source, a.source_mac, HeardBy::arp, {}, time);
    return news_;
  }
  const auto ends = outermost_ends(d);
  if (const auto na = d.header<NeighbourAdvertisement>()) learn(IpAddress(NeighbourAdvertisement(*na).target), sender, HeardBy::neighbour_discovery, {}, time);
  else if (d.header<NeighbourSolicitation>() && ends && is_somebody(ends->source)) learn(ends->source, sender, HeardBy::neighbour_discovery, {}, time);
  if (ends && is_somebody(ends->source)) {
    const auto icmp = d.header<Icmp>();
    const auto icmp6 = d.header<Icmpv6>();
    constexpr u8 reply = 0, reply6 = 129;
    if ((icmp && Icmp(*icmp).type == reply) || (icmp6 && Icmpv6(*icmp6).type == reply6)) learn(ends->source, has_near(ends->source) ? sender : std::nullopt, HeardBy::echo, {}, time);
  }
  for (const std::string_view told : {"dhcp", "mdns", "lldp", "ssdp"})
    if (has_layer(d, told)) return observe_names(d, sender, time), news_;
  return news_;
}

bool HostTable::has_near(const IpAddress& a) const {
  return a.is_link_local() || std::ranges::any_of(near_, [&a](const OwnAddress& own) { return own.prefix.contains(a); });
}

std::vector<const KnownHost*> HostTable::answered(const IpAddress& host, HeardBy way, Nanoseconds time) {
  news_.clear();
  link_ = {};
  learn(host, std::nullopt, way, {}, time);
  return news_;
}

void HostTable::observe_names(const Dissection& d, const std::optional<Mac>& sender, Nanoseconds time) {
  TextBuffer line;
  names_.print({}, d, line);
  const auto values = split(line.view().substr(0, line.view().find('\n')), '\t');
  if (values.size() < name_count) return;
  const auto address = [&](Told n) { return IpAddress::parse(first_of(values[n])); };
  const auto ends = outermost_ends(d);
  if (has_layer(d, "dhcp")) {
    const auto mac = Mac::parse(first_of(values[dhcp_mac]));
    // What it has, not what it wishes for or is offered: that may still be another's.
    const auto own = address(dhcp_client);
    return learn(own && is_somebody(*own) ? *own : IpAddress(), mac, HeardBy::dhcp, first_of(values[dhcp_name]), time);
  }
  if (has_layer(d, "lldp")) return learn(IpAddress(), sender, HeardBy::lldp, first_of(values[lldp_name]), time);
  if (has_layer(d, "ssdp")) {
    if (ends && is_somebody(ends->source)) learn(ends->source, sender, HeardBy::ssdp, first_of(values[ssdp_server]), time);
    return;
  }
  // mDNS: records of addresses, each with its owner's name. Others may tell them too, so the link address is known only of the sender.
  const auto owners = split(values[dns_owner], ','), types = split(values[dns_type], ',');
  std::size_t next[2] = {0, 0};
  bool told = false;
  for (std::size_t i = 0; i < types.size() && i < owners.size(); ++i) {
    const bool v6 = types[i] == "28";  // AAAA; 1 is A
    if (!v6 && types[i] != "1") continue;
    const auto addresses = split(values[v6 ? dns_aaaa : dns_a], ',');
    if (next[v6] >= addresses.size()) break;
    const auto a = IpAddress::parse(addresses[next[v6]++]);
    if (!a || !is_somebody(*a)) continue;
    learn(*a, ends && ends->source == *a ? sender : std::nullopt, HeardBy::mdns, clean_text(owners[i]), time);
    told = true;
  }
  if (!told && ends && is_somebody(ends->source)) learn(ends->source, sender, HeardBy::mdns, {}, time);
}

void HostTable::learn(const IpAddress& address, std::optional<Mac> mac, HeardBy way, const std::string& name, Nanoseconds time) {
  if (mac && mac->is_group()) mac.reset();
  const bool nameless = !is_somebody(address);
  if (nameless && !mac) return;
  const std::string link(address.is_link_local() ? link_ : std::string_view());
  const Key key{address, nameless ? *mac : Mac(), link};
  if (hosts_.size() >= most_hosts && !hosts_.contains(key)) return void(++without_room_);
  const auto [at, is_new] = hosts_.try_emplace(key);
  KnownHost& h = at->second;
  bool news = is_new;
  const auto is_it = [&](const OwnAddress& own) { return own.prefix.address == address && (link.empty() || own.link == link); };
  if (is_new) h.address = address, h.link = link, h.first = time, h.ours = !nameless && std::ranges::any_of(near_, is_it);
  h.last = time;
  if (mac && h.macs.size() < most_macs && std::ranges::find(h.macs, *mac) == h.macs.end()) h.macs.push_back(*mac), news = true;
  if (!name.empty() && name != h.name) h.name = name, news = true;
  if (!h.has(way)) h.heard_by |= 1u << static_cast<unsigned>(way), news = true;
  if (news && std::ranges::find(news_, &h) == news_.end()) news_.push_back(&h);
}

std::vector<const KnownHost*> HostTable::hosts() const {
  std::vector<const KnownHost*> all;
  all.reserve(hosts_.size());
  for (const auto& [key, host] : hosts_) all.push_back(&host);
  std::ranges::sort(all, [](const KnownHost* a, const KnownHost* b) { return std::tie(a->address.is_v6, a->address.octets, a->link, a->macs) < std::tie(b->address.is_v6, b->address.octets, b->link, b->macs); });
  return all;
}

}  // namespace rawket
