// Judging addresses.
#include "rawket/send/policy.hpp"

#include <ctime>

#include "rawket/base/text.hpp"
#include "rawket/base/text_buffer.hpp"
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
  return a.is_loopback() || std::ranges::any_of(own, [&a](const Interface& i) { return i.has(a); });
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
  std::optional<IpAddress> destination = destination_of(d);
  if (const auto arp = d.header<Arp>(); arp && !destination) destination = IpAddress(arp->target);
  const auto among = [&](const std::vector<Prefix>& list) { return destination && is_among(*destination, list); };
  return among(forbidden) || !std::ranges::all_of(allowed, among);
}

void Policy::no_looser_than(const Policy& other) {
  rate = std::min(rate, other.rate), public_rate = std::min(public_rate, other.public_rate);
  most_packets = std::min(most_packets, other.most_packets);
}

bool Policy::is_open(Nanoseconds wall_time) const {
  return std::ranges::all_of(hours, [&](const Hours& h) { return h.contains(wall_time); });
}

std::string Policy::hours_text() const {
  std::string text;
  for (const Hours& h : hours) text += (text.empty() ? "" : ", ") + h.text();
  return text;
}

bool Hours::contains(Nanoseconds wall_time) const {
  if (from == to) return true;
  const auto seconds = static_cast<time_t>(wall_time / second);
  tm local{};
  ::localtime_r(&seconds, &local);
  const int now = local.tm_hour * 60 + local.tm_min;
  return from < to ? now >= from && now < to : now >= from || now < to;
}

std::string Hours::text() const {
  TextBuffer t;
  t.decimal_padded(static_cast<u64>(from / 60), 2), t.append(':'), t.decimal_padded(static_cast<u64>(from % 60), 2), t.append('-');
  t.decimal_padded(static_cast<u64>(to / 60), 2), t.append(':'), t.decimal_padded(static_cast<u64>(to % 60), 2);
  return std::string(t.view());
}

std::optional<Hours> Hours::parse(std::string_view text) {
  const auto time = [](std::string_view part) -> std::optional<int> {
    const std::size_t colon = part.find(':');
    const auto hour = parse_number(part.substr(0, colon)), minute = colon == part.npos ? std::optional<u64>() : parse_number(part.substr(colon + 1));
    if (!hour || !minute || *hour > 24 || *minute > 59 || *hour * 60 + *minute > 24 * 60) return std::nullopt;
    return static_cast<int>(*hour * 60 + *minute);
  };
  const std::size_t dash = text.find('-');
  const auto from = time(text.substr(0, dash)), to = dash == text.npos ? std::optional<int>() : time(text.substr(dash + 1));
  if (!from || !to || *from == *to) return std::nullopt;
  return Hours{*from, *to};
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
