// By the craft language: the packet's tables fill in lengths and checksums.
#include "rawket/inspect/probe_packet.hpp"

#include "rawket/base/text_buffer.hpp"
#include "rawket/packet/craft.hpp"

namespace rawket {

Packet make_probe(const ProbePacket& p) {
  const bool v6 = p.to.is_v6;
  constexpr unsigned tcp_header = 20, short_header = 8, do_not_cut = 2;
  TextBuffer t;
  const auto field = [&t](std::string_view name, u64 value) { t.append(' '), t.append(name), t.append('='), t.decimal(value); };
  t.append(v6 ? "ipv6 src=" : "ip src="), t.append(p.from.text()), t.append(" dst="), t.append(p.to.text());
  field(v6 ? "hop_limit" : "ttl", p.hop_limit);
  if (!v6) field("id", p.number);
  if (!v6 && p.size != 0) field("flags", do_not_cut);
  unsigned headers = v6 ? 40 : 20, payload = 0;
  if (p.protocol == ProbeProtocol::tcp) {
    t.append(" / tcp flags=S"), field("sport", p.source_port), field("dport", p.port), field("seq", u64{p.number} << 16);
    headers += tcp_header;
  } else if (p.protocol == ProbeProtocol::udp) {
    t.append(" / udp"), field("sport", p.source_port), field("dport", p.port);
    headers += short_header;
  } else {
    t.append(v6 ? " / icmpv6 / icmpv6_echo" : " / icmp / icmp_echo"), field("id", p.source_port), field("seq", p.number);
    headers += short_header, payload = usual_echo_payload;
  }
  if (p.size != 0) payload = p.size > headers ? p.size - headers : 0;
  if (payload > 0) t.append(" / hex=");
  for (unsigned i = 0; i < payload; ++i) t.hex(probe_pad, 2);
  const auto recipe = Recipe::parse(standard_registry(), t.view());
  return recipe ? recipe->make(0).value_or(Packet()) : Packet();
}

}  // namespace rawket
