// What the tables' rules cannot say about IPv4, IPv6 and ICMP: addresses and flags that make no sense together.
#include "rawket/proto/ethernet.hpp"
#include "rawket/proto/icmp.hpp"
#include "rawket/proto/icmpv6.hpp"
#include "rawket/proto/link.hpp"
#include "rawket/proto/tunnel.hpp"

namespace rawket {
namespace {
/// Seen on a loopback interface, where a host talks to itself by any of its addresses: Linux shows Ethernet without addresses.
bool within_one_host(const LayerView& v) {
  const Layer& first = v.layers.front();
  if (first.protocol == &info<Ethernet> && first.length == info<Ethernet>.fixed) return std::ranges::all_of(v.packet.subspan(first.offset, 12), [](u8 x) { return x == 0; });
  return first.protocol == &info<BsdLoopback> || first.protocol == &info<BsdLoopbackBig> || first.protocol == &info<BsdLoopbackType>;
}
}  // namespace

void Ipv4::check(const LayerView& v, Faults& faults) {
  const Bytes h = v.header();
  if (h.size() < 20) return;
  const u32 at = v.layer().offset;
  const Ipv4 ip = decode<Ipv4>(h.data());
  const auto add = [&](Severity severity, std::string_view code, std::string_view field, u32 offset, u32 length, std::string text, std::string_view reference,
                       std::optional<std::vector<u8>> repair = {}) { faults.add({severity, code, field, at + offset, length, std::move(text), reference, std::move(repair)}); };
  const bool dhcp = ip.src == Ipv4Address("0.0.0.0");
  if (ip.src == Ipv4Address("255.255.255.255"))
    add(Severity::error, "broadcast-source", "ip.src", 12, 4, "255.255.255.255 cannot send: a source is one host's address", "RFC 1122, 3.2.1.3");
  else if (ip.src.octets[0] >> 4 == 14)
    add(Severity::error, "multicast-source", "ip.src", 12, 4, "a multicast group cannot send: a source is one host's address", "RFC 1112, 7.2");
  if (ip.src == ip.dst && !dhcp && ip.src.octets[0] != 127 && !within_one_host(v))
    add(Severity::warning, "land", "ip.dst", 12, 8, "source and destination are the same address (a LAND attack, or a mistake): choose another source or destination", "RFC 6274, 3.11");
  if (ip.ttl == 0) add(Severity::error, "zero-ttl", "ip.ttl", 8, 1, "a packet without hops left must not be on a wire: give it 1 or more (64 is usual)", "RFC 1122, 3.2.1.7");
  const bool more = (ip.flags & 1) != 0, dont = (ip.flags & 2) != 0;
  if (dont && (more || ip.fragment != 0))
    add(Severity::warning, "df-on-fragment", "ip.flags", 6, 2, "\"don't fragment\" on a fragment: clear DF, or send the datagram whole", "RFC 791, 3.1");
  const u32 payload = std::max(v.layer().claimed_end, v.layer().payload_offset()) - v.layer().payload_offset();  // also what the capture cut
  if (more && payload % 8 != 0)
    add(Severity::error, "fragment-length", "ip.len", 2, 2, "all fragments but the last carry a multiple of 8 bytes, not " + std::to_string(payload), "RFC 791, 3.2");
  if (ip.protocol == 6 && ip.fragment == 1)
    add(Severity::warning, "tiny-fragment", "ip.frag_offset", 6, 2, "a TCP fragment at offset 8 hides flags from filters: no stack sends it", "RFC 3128, 2.1");
  else if (ip.protocol == 6 && ip.fragment == 0 && more && payload < 20)
    add(Severity::warning, "tiny-fragment", "ip.frag_offset", 6, 2, "the first fragment is too short for a TCP header", "RFC 1858, 3");
  if (ip.protocol == 58) add(Severity::warning, "wrong-icmp", "ip.proto", 9, 1, "ICMPv6 belongs to IPv6: in IPv4 it is protocol 1", "RFC 4443, 1");
  if (u32{ip.fragment} * 8 + payload > 65515)
    add(Severity::error, "oversized-fragment", "ip.frag_offset", 6, 2, "this fragment ends past the largest datagram (a \"ping of death\")", "RFC 791, 3.2");
}

namespace {

/// Extension headers: each stands once but destination options, in their order (RFC 8200, 4.1).
void check_extensions(const LayerView& v, Faults& faults) {
  unsigned hop_by_hop = 0, routing = 0, fragment = 0, authentication = 0, destination = 0;
  for (std::size_t i = v.index + 1; i < v.layers.size(); ++i) {
    const Layer& l = v.layers[i];
    const Layer& before = v.layers[i - 1];
    const auto add = [&](Severity severity, std::string_view code, std::string_view field, std::string text, std::string_view reference) {
      faults.add({severity, code, field, l.offset, l.length, std::move(text), reference});
    };
    const auto again = [&](unsigned& count, unsigned most, std::string_view what) {
      if (++count > most) add(Severity::warning, "extension-twice", {}, std::string(what) + " stand here more than " + (most == 1 ? "once" : "twice"), "RFC 8200, 4.1");
    };
    const u8* h = v.packet.data() + l.offset;
    if (l.protocol == &info<HopByHop>) {
      again(hop_by_hop, 1, "hop-by-hop options");
      if (hop_by_hop == 1 && before.protocol != &info<Ipv6>) add(Severity::error, "extension-order", {}, "hop-by-hop options stand directly behind the IPv6 header, or are not read", "RFC 8200, 4.1");
    } else if (l.protocol == &info<Ipv6Routing>) {
      again(routing, 1, "routing headers");
      if (l.length >= 8 && h[2] == 0) add(Severity::warning, "routing-type-0", "ipv6.routing.type", "source routes of type 0 are dropped everywhere, as they multiply traffic", "RFC 5095, 3");
    } else if (l.protocol == &info<Ipv6Fragment>) {
      again(fragment, 1, "fragment headers");
      if (l.length < 8) break;
      const u32 offset = get<&Ipv6Fragment::offset>(h) * 8u, payload = std::max(l.claimed_end, l.payload_offset()) - l.payload_offset();
      if (get<&Ipv6Fragment::more>(h) != 0 && payload % 8 != 0)
        add(Severity::error, "fragment-length", "ipv6.plen", "all fragments but the last carry a multiple of 8 bytes, not " + std::to_string(payload), "RFC 8200, 4.5");
      if (offset + payload > 65535) add(Severity::error, "oversized-fragment", "ipv6.fraghdr.offset", "this fragment ends past the largest packet", "RFC 8200, 4.5");
    } else if (l.protocol == &info<AuthenticationHeader>) {
      again(authentication, 1, "authentication headers");
    } else if (l.protocol == &info<DestinationOptions>) {
      again(destination, 2, "destination options");
    } else {
      if (l.protocol == &info<Icmp>) add(Severity::warning, "wrong-icmp", "ipv6.nxt", "ICMP belongs to IPv4: in IPv6 it is protocol 58", "RFC 4443, 1");
      break;
    }
  }
}

}  // namespace

void Ipv6::check(const LayerView& v, Faults& faults) {
  const Bytes h = v.header();
  if (h.size() < 40) return;
  const u32 at = v.layer().offset;
  const Ipv6 ip = decode<Ipv6>(h.data());
  if (ip.src.octets[0] == 0xff)
    faults.add({Severity::error, "multicast-source", "ipv6.src", at + 8, 16, "a multicast group cannot send: a source is one host's address", "RFC 4291, 2.7"});
  if (ip.src == ip.dst && ip.src != Ipv6Address("::1") && ip.src != Ipv6Address() && !within_one_host(v))
    faults.add({Severity::warning, "land", "ipv6.dst", at + 8, 32, "source and destination are the same address: choose another source or destination", "RFC 6274, 3.11"});
  if (ip.dst == Ipv6Address())
    faults.add({Severity::error, "unspecified-destination", "ipv6.dst", at + 24, 16, "the unspecified address cannot be a destination", "RFC 4291, 2.5.2"});
  check_extensions(v, faults);
  if (ip.hop_limit == 0)
    faults.add({Severity::error, "zero-ttl", "ipv6.hlim", at + 7, 1, "a packet without hops left must not be on a wire: give it 1 or more (64 is usual)", "RFC 8200, 3"});
}

void Icmp::check(const LayerView& v, Faults& faults) {
  const Bytes h = v.header();
  if (h.size() < 4) return;
  static constexpr std::pair<u8, u8> most_codes[] = {{0, 0}, {3, 15}, {4, 0}, {5, 3}, {8, 0}, {11, 1}, {12, 2}, {13, 0}, {14, 0}, {15, 0}, {16, 0}, {17, 0}, {18, 0}};
  for (const auto& [type, most] : most_codes)
    if (h[0] == type && h[1] > most)
      faults.add({Severity::warning, "unknown-code", "icmp.code", v.layer().offset + 1, 1, "this type of message has codes 0 to " + std::to_string(most), "RFC 792"});
}

void Icmpv6::check(const LayerView& v, Faults& faults) {
  const Bytes h = v.header();
  if (h.size() < 4 || v.index == 0) return;
  static constexpr std::pair<u8, u8> most_codes[] = {{1, 8}, {2, 0}, {3, 1}, {4, 10}, {128, 0}, {129, 0}, {130, 0}, {131, 0}, {132, 0}, {133, 0}, {134, 0}, {135, 0}, {136, 0}, {137, 0}, {143, 0}};
  for (const auto& [type, most] : most_codes)
    if (h[0] == type && h[1] > most)
      faults.add({Severity::warning, "unknown-code", "icmpv6.code", v.layer().offset + 1, 1, "this type of message has codes 0 to " + std::to_string(most), "RFC 4443, 3; RFC 4861, 4"});
  const bool discovery = h[0] >= 133 && h[0] <= 137, listeners = (h[0] >= 130 && h[0] <= 132) || h[0] == 143;
  for (std::size_t i = v.index; i-- > 0 && (discovery || listeners);) {
    const Layer& l = v.layers[i];
    if (l.protocol != &info<Ipv6>) continue;
    const u8 hops = v.packet[l.offset + 7];
    if (discovery && hops != 255)
      faults.add({Severity::error, "nd-hop-limit", "ipv6.hlim", l.offset + 7, 1, "neighbour discovery is only believed with hop limit 255: anything less came through a router", "RFC 4861, 6.1",
                  std::vector<u8>{255}});
    if (listeners && hops != 1)
      faults.add({Severity::warning, "mld-hop-limit", "ipv6.hlim", l.offset + 7, 1,
                  "multicast listener messages have hop limit 1: more is dropped, as they belong to one link", "RFC 2710, 3; RFC 3810, 5", std::vector<u8>{1}});
    break;
  }
}

}  // namespace rawket
