// Built from the tables, and read back from answers: ports tell which probe, the acknowledged number tells that it is ours.
#include "rawket/inspect/answer_words.hpp"
#include "rawket/inspect/scan.hpp"
#include "rawket/packet/ends.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"
#include "rawket/proto/tcp.hpp"
#include "rawket/proto/udp.hpp"
#include "scan_payloads.hpp"

namespace rawket {
namespace {

/// Of the IP header that an ICMP error quotes, and where it is.
std::optional<IpEnds> ends_at(const Dissection& d, std::size_t at) {
  if (at >= d.layers().size()) return std::nullopt;
  const Layer& l = d.layers()[at];
  const u8* h = d.packet.data() + l.offset;
  if (l.protocol == &info<Ipv4> && l.length >= 20) {
    const Ipv4 ip = decode<Ipv4>(h);
    return IpEnds{IpAddress(Ipv4Address(ip.src)), IpAddress(Ipv4Address(ip.dst))};
  }
  if (l.protocol != &info<Ipv6> || l.length < 40) return std::nullopt;
  const Ipv6 ip = decode<Ipv6>(h);
  return IpEnds{IpAddress(Ipv6Address(ip.src)), IpAddress(Ipv6Address(ip.dst))};
}

/// The first transport header from layer `at` on; of a quoted one at least eight bytes.
Bytes transport(const Dissection& d, std::size_t at, const Protocol& wanted) {
  for (std::size_t i = at; i < d.layers().size(); ++i)
    if (d.layers()[i].protocol == &wanted) return d.packet.subspan(d.layers()[i].offset);
  return {};
}

u16 word(Bytes b, std::size_t at) { return static_cast<u16>(b[at] << 8 | b[at + 1]); }
u32 double_word(Bytes b, std::size_t at) { return u32{word(b, at)} << 16 | word(b, at + 2); }

constexpr u8 flags_of(ScanKind kind) {
  constexpr u8 fin = 0x01, syn = 0x02, push = 0x08, ack = 0x10, urgent = 0x20;
  switch (kind) {
    case ScanKind::syn:
    case ScanKind::connect: return syn;
    case ScanKind::ack: return ack;
    case ScanKind::fin: return fin;
    case ScanKind::xmas: return fin | push | urgent;
    default: return 0;
  }
}

}  // namespace

ScanProbes::ScanProbes(ScanTargets targets, ScanKind kind, const IpAddress& source, u16 source_port, u64 secret)
    : targets_(std::move(targets)), kind_(kind), source_(source), source_port_(source_port), secret_(secret), by_address_(targets_.hosts), by_port_(65536, -1) {
  for (std::size_t i = 0; i < targets_.ports.size(); ++i) by_port_[targets_.ports[i]] = static_cast<std::int32_t>(i);
}

u32 ScanProbes::number_of(const IpAddress& host, u16 port) const {
  u64 hash = hash_bytes(hash_start ^ secret_, host.bytes());
  hash = (hash ^ port) * 0x9e3779b97f4a7c15;
  return static_cast<u32>((hash ^ secret_) >> 29);
}

std::optional<u64> ScanProbes::probe_of(const IpAddress& host, u16 port) const {
  const auto place = by_address_.find(host);
  if (!place || by_port_[port] < 0) return std::nullopt;
  return u64{*place} * targets_.ports.size() + static_cast<u64>(by_port_[port]);
}

Packet ScanProbes::make(u64 probe) const {
  const IpAddress& to = targets_.host(probe);
  const u16 port = targets_.port(probe);
  const u32 number = number_of(to, port);
  const auto behind = [&](const auto& ip) {
    if (kind_ == ScanKind::udp) return question_to_service(ip, Udp{.sport = source_port_, .dport = port});
    if (flags_of(kind_) == flags_of(ScanKind::syn)) return Packet(ip / Tcp{.sport = source_port_, .dport = port, .seq = number, .flags = Syn, .options = {Mss{1460}}});
    // A reset to an ACK has the acknowledged number as its own; without ACK it acknowledges ours (RFC 9293, 3.10.7.1).
    return Packet(ip / Tcp{.sport = source_port_, .dport = port, .seq = number, .ack = kind_ == ScanKind::ack ? number : 0, .flags = static_cast<TcpFlags>(flags_of(kind_))});
  };
  if (to.is_v6) return behind(Ipv6{.src = source_.v6(), .dst = to.v6()});
  return behind(Ipv4{.id = static_cast<u16>(number | 1), .src = source_.v4(), .dst = to.v4()});
}

std::string ScanProbes::filter() const { return (kind_ == ScanKind::udp ? "udp port " : "tcp port ") + std::to_string(source_port_) + " or icmp or icmp6"; }

bool ScanProbes::is_ours(const Dissection& d) const {
  constexpr std::size_t at = 0;
  const auto ends = outermost_ends(d);
  if (!ends || ends->source != source_ || std::ranges::any_of(d.layers(), [](const Layer& l) { return l.protocol->quotes; })) return false;
  const bool udp = kind_ == ScanKind::udp;
  const Bytes t = transport(d, at, udp ? info<Udp> : info<Tcp>);
  if (t.size() < (udp ? 8u : 14u)) return false;
  return word(t, 0) == source_port_ && by_port_[word(t, 2)] >= 0 && (udp || t[13] == flags_of(kind_));
}

std::optional<ScanProbes::Match> ScanProbes::match(const Dissection& d) const {
  for (std::size_t i = 0; i < d.layers().size(); ++i)
    if (d.layers()[i].protocol->quotes) return match_quoted(d, i + 1);
  constexpr std::size_t at = 0;
  const auto ends = outermost_ends(d);
  if (!ends || ends->destination != source_) return std::nullopt;
  const Bytes t = transport(d, at, kind_ == ScanKind::udp ? info<Udp> : info<Tcp>);
  if (t.size() < 8 || word(t, 2) != source_port_) return std::nullopt;
  const auto probe = probe_of(ends->source, word(t, 0));
  if (!probe) return std::nullopt;
  if (kind_ == ScanKind::udp) return Match{*probe, PortVerdict::open, "a datagram came back"};
  if (t.size() < 14) return std::nullopt;
  constexpr u8 syn_ack = 0x12, reset = 0x04;
  const u32 number = number_of(ends->source, word(t, 0)), told = double_word(t, kind_ == ScanKind::ack ? 4 : 8);
  const bool counts = kind_ != ScanKind::ack && kind_ != ScanKind::null;  // SYN and FIN have a number of their own
  if (told != number + (counts ? 1 : 0)) return std::nullopt;
  if (kind_ == ScanKind::ack) return (t[13] & reset) == 0 ? std::nullopt : std::optional(Match{*probe, PortVerdict::unfiltered, "reset"});
  if ((t[13] & 0x17) == syn_ack) return Match{*probe, PortVerdict::open, "SYN-ACK"};
  if ((t[13] & reset) != 0) return Match{*probe, PortVerdict::closed, "reset"};
  return std::nullopt;
}

/// An error about a probe: from the host itself a closed UDP port, from anybody else a filter or no way.
std::optional<ScanProbes::Match> ScanProbes::match_quoted(const Dissection& d, std::size_t quoted) const {
  const auto outer = outermost_ends(d), inner = ends_at(d, quoted);
  if (!outer || !inner || inner->source != source_) return std::nullopt;
  const Bytes t = transport(d, quoted, kind_ == ScanKind::udp ? info<Udp> : info<Tcp>);
  if (t.size() < 8 || word(t, 0) != source_port_) return std::nullopt;
  const auto probe = probe_of(inner->destination, word(t, 2));
  if (!probe || (kind_ != ScanKind::udp && double_word(t, 4) != number_of(inner->destination, word(t, 2)))) return std::nullopt;
  const auto icmp = icmp_kind(d);
  if (!icmp || !icmp->unreachable()) return std::nullopt;
  if (icmp->port_unreachable() && kind_ == ScanKind::udp && outer->source == inner->destination) return Match{*probe, PortVerdict::closed, "port unreachable"};
  return Match{*probe, PortVerdict::filtered, icmp->prohibited() ? "ICMP: prohibited" : icmp->port_unreachable() ? "ICMP: port unreachable" : "ICMP: unreachable"};
}

}  // namespace rawket
