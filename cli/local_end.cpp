// Ports, identifiers and addresses out of the outermost headers.
#include "local_end.hpp"

#include "rawket/packet/ends.hpp"
#include "rawket/proto/icmp.hpp"
#include "rawket/proto/icmpv6.hpp"
#include "rawket/proto/registry.hpp"
#include "rawket/proto/tcp.hpp"
#include "rawket/proto/udp.hpp"

namespace rawket::cli {
namespace {

constexpr u8 icmp = 1, tcp = 6, udp = 17, icmpv6 = 58;

u16 word_at(Bytes packet, std::size_t at) { return at + 2 <= packet.size() ? static_cast<u16>(packet[at] << 8 | packet[at + 1]) : u16{0}; }

struct Transport {
  u8 protocol = 0;
  u16 source = 0, destination = 0;
  bool quoted = false;
};

std::optional<Transport> transport_of(Bytes packet, const Dissection& d) {
  bool quoted = false;
  for (const Layer& l : d.layers()) {
    quoted = quoted || l.protocol->quotes;
    if (l.protocol == &info<Tcp> || l.protocol == &info<Udp>) return Transport{l.protocol == &info<Tcp> ? tcp : udp, word_at(packet, l.offset), word_at(packet, l.offset + 2), quoted};
    if (l.protocol == &info<IcmpEcho> || l.protocol == &info<Icmpv6Echo>) return Transport{l.protocol == &info<IcmpEcho> ? icmp : icmpv6, word_at(packet, l.offset), word_at(packet, l.offset), quoted};
  }
  return std::nullopt;
}

}  // namespace

LocalEnds local_ends(const CapturedPacket& p, const Dissection& d) {
  const auto t = transport_of(p.bytes, d);
  const auto ends = outermost_ends(d);
  if (!t || !ends) return {};
  const bool echo = t->protocol == icmp || t->protocol == icmpv6;
  const SocketEnd source{t->protocol, t->source, echo ? u16{0} : t->destination, ends->destination}, destination{t->protocol, t->destination, echo ? u16{0} : t->source, ends->source};
  const bool both = t->quoted || p.info.direction == Direction::unknown || ends->source == ends->destination || ends->source.is_loopback();
  if (both) return {source, destination};
  return {p.info.direction == Direction::out ? source : destination, std::nullopt};
}

}  // namespace rawket::cli
