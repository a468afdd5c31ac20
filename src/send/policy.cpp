// Judging addresses.
#include "rawket/send/policy.hpp"

#include "rawket/base/text.hpp"
#include "rawket/packet/ends.hpp"
#include "rawket/proto/arp.hpp"

namespace rawket {
namespace {

/// The last address of an IPv4 subnet.
bool is_subnet_broadcast(const Prefix& p, const IpAddress& a) {
  if (p.address.is_v6 || a.is_v6 || p.length > 30 || !p.contains(a)) return false;
  const u32 host = p.length == 0 ? ~u32{} : (u32{1} << (32 - p.length)) - 1;
  return (a.v4().number() & host) == host;
}

}  // namespace

std::optional<IpAddress> destination_of(const Dissection& d) {
  const auto e = outermost_ends(d);
  return e ? std::optional(e->destination) : std::nullopt;
}

bool Policy::is_ours(const IpAddress& a) const {
  if (a.is_loopback()) return true;
  for (const Interface& i : own)
    for (const Prefix& p : i.addresses)
      if (p.address == a) return true;
  return false;
}

bool Policy::is_near(const IpAddress& a) const {
  if (a.is_loopback()) return true;
  for (const Interface& i : own)
    for (const Prefix& p : i.addresses)
      if (p.length > 0 && p.contains(a)) return true;
  return false;
}

Needs Policy::needs_of(const Dissection& d) const {
  Needs needs;
  const auto own_mac = [&](const Mac& m) { return std::ranges::any_of(own, [&](const Interface& i) { return i.mac == m; }); };
  const auto frame = [&](const Mac& source, const Mac& destination) {
    if (destination == Mac("ff:ff:ff:ff:ff:ff")) needs.add(Need::broadcast);
    else if (destination.is_group()) needs.add(Need::multicast);
    if (!own_mac(source)) needs.add(Need::forged);
  };
  if (const auto eth = d.header<Ethernet>()) frame(eth->src, eth->dst);
  else if (const auto other = d.header<Ieee8023>()) frame(other->src, other->dst);
  if (const auto arp = d.header<Arp>()) {
    if (arp->source != Ipv4Address("0.0.0.0") && !is_ours(arp->source)) needs.add(Need::forged);
    if (!own_mac(arp->source_mac)) needs.add(Need::forged);
  }
  if (const auto e = outermost_ends(d)) {
    const bool broadcast = e->destination == IpAddress(Ipv4Address("255.255.255.255")) || std::ranges::any_of(own, [&](const Interface& i) {
                             return std::ranges::any_of(i.addresses, [&](const Prefix& p) { return is_subnet_broadcast(p, e->destination); });
                           });
    if (broadcast) needs.add(Need::broadcast);
    else if (e->destination.is_multicast()) needs.add(Need::multicast);
    else if (!is_near(e->destination)) needs.add(Need::away);
    if (!is_ours(e->source)) needs.add(Need::forged);
  }
  return needs;
}

bool Policy::is_forbidden(const Dissection& d) const {
  const auto e = outermost_ends(d);
  return e && std::ranges::any_of(forbidden, [&](const Prefix& p) { return p.contains(e->destination); });
}

Result<Policy> default_policy() {
  Policy p;
  p.own = RAWKET_TRY(interfaces());
  return p;
}

Result<Needs> parse_needs(std::span<const std::string> words) {
  Needs needs;
  for (const std::string& w : words) {
    const auto found = std::ranges::find(need_names, std::string_view(w));
    if (found == std::end(need_names))
      return fail(Errc::unknown_name, "--allow", "'" + clean_text(w) + "' is none of broadcast, multicast, forged, public, many, fast, faulty" + did_you_mean(w, need_names));
    needs.add(static_cast<Need>(found - std::begin(need_names)));
  }
  return needs;
}

}  // namespace rawket
