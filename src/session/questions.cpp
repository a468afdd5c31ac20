// A question is kept under what its answer will have in common with it.
#include "rawket/session/questions.hpp"

#include "rawket/proto/dhcp.hpp"
#include "rawket/proto/dns.hpp"
#include "rawket/proto/icmp.hpp"
#include "rawket/proto/icmpv6.hpp"
#include "rawket/proto/tcp.hpp"

namespace rawket {
namespace {
enum Kind : u8 { dns, dhcp, echo, handshake };
}

struct Questions::Seen {
  Key key;
  bool asks = false;
};

/// What a packet asks or answers; nothing for most.
std::optional<Questions::Seen> Questions::look(const PacketHead& head, const Dissection& d) {
  const auto flow = flow_packet(head, d);
  if (!flow) return std::nullopt;
  Seen s{.key = {.flow = flow->key}};
  for (const Layer& l : d.layers()) {
    if (l.protocol->quotes) return std::nullopt;
    if (l.length < l.protocol->fixed) continue;
    const u8* h = d.packet.data() + l.offset;
    if (l.protocol == &info<Dns> || l.protocol == &info<Llmnr>) {
      s.asks = (get<&Dns::flags>(h) & 0x8000) == 0;
      s.key.kind = dns, s.key.id = get<&Dns::id>(h);
    } else if (l.protocol == &info<Dhcp>) {  // the client has no address yet: the transaction alone says who is meant
      s.asks = get<&Dhcp::operation>(h) == 1;
      s.key = {.flow = {}, .kind = dhcp};
      s.key.id = get<&Dhcp::id>(h);
      return s;
    } else if ((l.protocol == &info<IcmpEcho> || l.protocol == &info<Icmpv6Echo>) && l.offset >= info<Icmp>.fixed) {
      const u8 type = d.packet[l.offset - info<Icmp>.fixed];  // of the header that stands before it
      s.asks = type == 8 || type == 128;
      s.key.kind = echo, s.key.id = u64{get<&IcmpEcho::id>(h)} << 16 | get<&IcmpEcho::seq>(h);
    } else if (l.protocol == &info<Tcp>) {
      const TcpFlags both = get<&Tcp::flags>(h) & (Syn | Ack);
      s.asks = both == Syn;
      s.key.kind = handshake, s.key.id = s.asks ? get<&Tcp::seq>(h) + 1 : get<&Tcp::ack>(h);
      if (s.asks || both == (Syn | Ack)) continue;
      s.key.kind = dns, s.key.id = 0;  // unless a message says otherwise, this is nothing
      continue;
    } else {
      continue;
    }
    s.key.asked_by_high = flow->from_high == s.asks;
    return s;
  }
  if (s.key.kind != handshake) return std::nullopt;
  s.key.asked_by_high = flow->from_high == s.asks;
  return s;
}

std::optional<Question> Questions::add(const PacketHead& head, const Dissection& d) {
  const auto s = look(head, d);
  if (!s) return std::nullopt;
  Question* known = asked_.find(s->key);
  if (!s->asks) return known == nullptr ? std::nullopt : std::optional(*known);
  const Question now{head.number, head.time};
  if (known != nullptr) *known = now;
  else asked_.put(s->key, now);
  return std::nullopt;
}

}  // namespace rawket
