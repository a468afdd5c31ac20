// What the tables' rules cannot say about IPv4 and IPv6: addresses and flags that make no sense together.
#include "checking.hpp"
#include "rawket/proto/ethernet.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"
#include "rawket/proto/icmp.hpp"
#include "rawket/proto/link.hpp"
#include "rawket/proto/tunnel.hpp"
#include "rawket/proto/udp.hpp"

namespace rawket {

namespace {

constexpr std::string_view loopback_text = "loopback addresses never leave a host";

/// Whether what is seen crossed a link between hosts: Ethernet from a host's address.
bool crossed_a_link(const LayerView& v) {
  const Layer& first = v.layers.front();
  return first.protocol == &info<Ethernet> && first.length == info<Ethernet>.fixed && std::ranges::any_of(v.packet.subspan(first.offset + 6, 6), [](u8 x) { return x != 0; });
}

/// An echo of BFD goes to its sender and back (RFC 5881, 4); and where customers share an address, it may talk to itself in a tunnel (RFC 7596).
bool is_sent_to_oneself(const LayerView& v) {
  constexpr u16 bfd_echo = 3785;
  if (v.index > 0 && v.layers[v.index - 1].protocol == &info<Ipv6>) return true;
  const bool udp = v.index + 1 < v.layers.size() && v.layers[v.index + 1].protocol == &info<Udp> && v.layers[v.index + 1].length >= info<Udp>.fixed;
  return udp && get<&Udp::dport>(v.packet.data() + v.layers[v.index + 1].offset) == bfd_echo;
}

void check_ipv4_addresses(const Telling& tell, const Ipv4& ip) {
  const bool connection = ip.protocol == 6;
  if (ip.src.octets[0] == 127 && crossed_a_link(tell.v)) tell.warn("loopback-address", "ip.src", 12, 4, std::string(loopback_text), "RFC 1122, 3.2.1.3");
  if (ip.dst.octets[0] == 127 && crossed_a_link(tell.v)) tell.warn("loopback-address", "ip.dst", 16, 4, std::string(loopback_text), "RFC 1122, 3.2.1.3");
  if (ip.src == Ipv4Address("0.0.0.0") && connection) tell.error("unspecified-source", "ip.src", 12, 4, "0.0.0.0 stands for a host that does not know its address yet: it cannot hold a connection", "RFC 1122, 3.2.1.3");
  if (ip.dst == Ipv4Address("0.0.0.0")) tell.error("unspecified-destination", "ip.dst", 16, 4, "0.0.0.0 cannot be a destination", "RFC 1122, 3.2.1.3");
  if (connection && (ip.dst.octets[0] >> 4 == 14 || ip.dst == Ipv4Address("255.255.255.255")))
    tell.error("group-connection", "ip.dst", 16, 4, "a connection is between two hosts: TCP to a group or to all is dropped", "RFC 9293, 3.9.2.3");
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
  if (ip.src == ip.dst && !dhcp && ip.src.octets[0] != 127 && !within_one_host(v.packet, v.layers.front()) && !is_sent_to_oneself(v))
    add(Severity::warning, "land", "ip.dst", 12, 8, "source and destination are the same address (a LAND attack, or a mistake): choose another source or destination", "RFC 6274, 3.11");
  check_ipv4_addresses({v, faults}, ip);
  if (h.size() > 20) check_ipv4_options({v, faults});
  if (ip.ttl == 0) add(Severity::error, "zero-ttl", "ip.ttl", 8, 1, "a packet without hops left must not be on a wire: give it 1 or more (64 is usual)", "RFC 1122, 3.2.1.7");
  const bool more = (ip.flags & 1) != 0, dont = (ip.flags & 2) != 0;
  if (dont && (more || ip.fragment != 0))
    add(Severity::note, "df-on-fragment", "ip.flags", 6, 2, "\"don't fragment\" on a fragment: clear DF, or send the datagram whole, unless it says that no router may cut it again", "RFC 791, 3.1; RFC 6864, 4");
  const u32 payload = std::max(v.layer().claimed_end, v.layer().payload_offset()) - v.layer().payload_offset();  // also what the capture cut
  if (more && payload % 8 != 0)
    add(Severity::error, "fragment-length", "ip.len", 2, 2, "all fragments but the last carry a multiple of 8 bytes, not " + std::to_string(payload), "RFC 791, 3.2");
  if (ip.protocol == 6 && ip.fragment == 1)
    add(Severity::warning, "tiny-fragment", "ip.frag_offset", 6, 2, "a TCP fragment at offset 8 hides flags from filters: no stack sends it", "RFC 3128, 2.1");
  else if (ip.protocol == 6 && ip.fragment == 0 && more && payload < 20)
    add(Severity::warning, "tiny-fragment", "ip.frag_offset", 6, 2, "the first fragment is too short for a TCP header", "RFC 1858, 3");
  if (ip.protocol == 58) add(Severity::warning, "wrong-icmp", "ip.proto", 9, 1, "ICMPv6 belongs to IPv6: in IPv4 it is protocol 1", "RFC 4443, 1");
  if ((more || ip.fragment != 0) && u32{ip.fragment} * 8 + payload > 65515)
    add(Severity::error, "oversized-fragment", "ip.frag_offset", 6, 2, "this fragment ends past the largest datagram (a \"ping of death\")", "RFC 791, 3.2");
}

namespace {

/// Addresses in a routing header: a segment list has optional structures behind it, so that its last index tells.
unsigned stops_in(const u8* routing) {
  constexpr u8 segments = 4;
  return routing[2] == segments ? routing[4] : routing[1] / 2u;
}

/// Extension headers: each stands once but destination options, in their order (RFC 8200, 4.1).
void check_extensions(const LayerView& v, Faults& faults) {
  unsigned hop_by_hop = 0, routing = 0, fragment = 0, authentication = 0, destination = 0;
  int last = 0;   // place in the recommended order of the last header that has one place
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
    const int place = l.protocol == &info<Ipv6Routing> ? 1 : l.protocol == &info<Ipv6Fragment> ? 2 : l.protocol == &info<AuthenticationHeader> ? 3 : last;
    if (place < last) add(Severity::warning, "extension-order", {}, "it stands behind a header that comes after it: routing, then fragment, then authentication", "RFC 8200, 4.1");
    last = std::max(last, place);
    if (l.protocol == &info<HopByHop>) {
      again(hop_by_hop, 1, "hop-by-hop options");
      if (hop_by_hop == 1 && before.protocol != &info<Ipv6>) add(Severity::error, "extension-order", {}, "hop-by-hop options stand directly behind the IPv6 header, or are not read", "RFC 8200, 4.1");
    } else if (l.protocol == &info<Ipv6Routing>) {
      again(routing, 1, "routing headers");
      if (l.length >= 8 && h[2] == 0) add(Severity::warning, "routing-type-0", "ipv6.routing.type", "source routes of type 0 are dropped everywhere, as they multiply traffic", "RFC 5095, 3");
      if (l.length >= 8 && h[3] > stops_in(h)) add(Severity::error, "segments-left", "ipv6.routing.segleft", "more stops are left than the route has: " + std::to_string(h[3]) + " of " +
          std::to_string(stops_in(h)), "RFC 8200, 4.4");
      if (l.length >= 8 && h[2] == 2 && (h[1] != 2 || h[3] != 1)) add(Severity::error, "header-length", "ipv6.routing.len", "a home address's route has one address: 24 bytes, one stop", "RFC 6275, 6.4.1");
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

namespace {

void check_ipv6_addresses(const Telling& tell, const Ipv6& ip) {
  constexpr Ipv6Address loopback = "::1", unspecified{};
  const bool link = crossed_a_link(tell.v);
  if (ip.src == loopback && link) tell.warn("loopback-address", "ipv6.src", 8, 16, std::string(loopback_text), "RFC 4291, 2.5.3");
  if (ip.dst == loopback && link) tell.warn("loopback-address", "ipv6.dst", 24, 16, std::string(loopback_text), "RFC 4291, 2.5.3");
  constexpr std::array<u8, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (link && std::ranges::equal(mapped, std::span(ip.src.octets).first(12)))
    tell.warn("mapped-source", "ipv6.src", 8, 16, "an address of IPv4 in this form only stands within programs: it is sent as IPv4", "RFC 4038, 4.2");
  if (ip.dst.octets[0] == 0xff && (ip.dst.octets[1] & 15) < 2 && link)
    tell.warn("group-scope", "ipv6.dst", 24, 16, "a group of this scope does not leave its interface", "RFC 4291, 2.7");
  if (ip.next_header != 6) return;
  if (ip.src == unspecified) tell.error("unspecified-source", "ipv6.src", 8, 16, ":: stands for a host that has no address yet: it cannot hold a connection", "RFC 4291, 2.5.2");
  if (ip.dst.octets[0] == 0xff) tell.error("group-connection", "ipv6.dst", 24, 16, "a connection is between two hosts: TCP to a group is dropped", "RFC 9293, 3.9.2.3");
}

}  // namespace

void Ipv6::check(const LayerView& v, Faults& faults) {
  const Bytes h = v.header();
  if (h.size() < 40) return;
  const u32 at = v.layer().offset;
  const Ipv6 ip = decode<Ipv6>(h.data());
  if (ip.src.octets[0] == 0xff)
    faults.add({Severity::error, "multicast-source", "ipv6.src", at + 8, 16, "a multicast group cannot send: a source is one host's address", "RFC 4291, 2.7"});
  if (ip.src == ip.dst && ip.src != Ipv6Address("::1") && ip.src != Ipv6Address() && !within_one_host(v.packet, v.layers.front()))
    faults.add({Severity::warning, "land", "ipv6.dst", at + 8, 32, "source and destination are the same address: choose another source or destination", "RFC 6274, 3.11"});
  if (ip.dst == Ipv6Address())
    faults.add({Severity::error, "unspecified-destination", "ipv6.dst", at + 24, 16, "the unspecified address cannot be a destination", "RFC 4291, 2.5.2"});
  check_extensions(v, faults);
  check_ipv6_addresses({v, faults}, ip);
  const std::size_t room = v.packet.size() - v.layer().payload_offset();
  const bool may_be_padding = v.layers.front().protocol == &info<Ethernet> && v.packet.size() <= 64;
  if (ip.length == 0 && ip.next_header != 0 && ip.next_header != 59 && room > 0 && room < 65536 && !may_be_padding && is_whole(v) && v.index <= 1)
    faults.add({Severity::error, "length-too-short", "ipv6.plen", at + 4, 2, "it counts no byte, but " + std::to_string(room) + " are there, and no jumbo option tells how many", "RFC 8200, 3",
                std::vector<u8>{static_cast<u8>(room >> 8), static_cast<u8>(room)}});
  if (ip.hop_limit == 0)
    faults.add({Severity::error, "zero-ttl", "ipv6.hlim", at + 7, 1, "a packet without hops left must not be on a wire: give it 1 or more (64 is usual)", "RFC 8200, 3"});
}

}  // namespace rawket
