// Types and codes of RFC 792, RFC 1812, RFC 4443; kept short, as they stand at the end of a line.
#include "rawket/inspect/answer_words.hpp"

#include <algorithm>

#include "rawket/base/text_buffer.hpp"
#include "rawket/packet/verify.hpp"
#include "rawket/proto/icmp.hpp"
#include "rawket/proto/icmpv6.hpp"
#include "rawket/proto/tcp.hpp"

namespace rawket {
namespace {

std::string of_icmp(u8 type, u8 code, Bytes message) {
  constexpr std::string_view unreachable[] = {"network unreachable", "host unreachable", "protocol unreachable", "port unreachable", "", "source route failed", "network unknown", "host unknown",
                                              "host isolated", "network prohibited", "host prohibited", "network unreachable for this service", "host unreachable for this service", "prohibited by a filter",
                                              "host precedence violation", "precedence cut off"};
  if (type == 11) return code == 0 ? "time to live exceeded" : "fragments did not come together in time";
  if (type == 3 && code == 4) return "packet too big" + (message.size() >= 8 ? " (mtu " + std::to_string(message[6] << 8 | message[7]) + ")" : std::string());
  if (type == 3 && code < std::size(unreachable)) return std::string(unreachable[code]);
  return type == 0 ? std::string() : "ICMP type " + std::to_string(type) + " code " + std::to_string(code);
}

std::string of_icmpv6(u8 type, u8 code, Bytes message) {
  constexpr std::string_view unreachable[] = {"no route", "prohibited by a filter", "beyond the source's scope", "address unreachable", "port unreachable", "source address refused", "route refused"};
  if (type == 3) return code == 0 ? "hop limit exceeded" : "fragments did not come together in time";
  if (type == 2) return "packet too big" + (message.size() >= 8 ? " (mtu " + std::to_string(message[4] << 24 | message[5] << 16 | message[6] << 8 | message[7]) + ")" : std::string());
  if (type == 1 && code < std::size(unreachable)) return std::string(unreachable[code]);
  return type >= 128 ? std::string() : "ICMPv6 type " + std::to_string(type) + " code " + std::to_string(code);
}

}  // namespace

std::optional<IcmpKind> icmp_kind(const Dissection& d) {
  for (const Layer& l : d.layers())
    if ((l.protocol == &info<Icmp> || l.protocol == &info<Icmpv6>) && l.length >= 2) return IcmpKind{l.protocol == &info<Icmpv6>, d.packet[l.offset], d.packet[l.offset + 1u]};
  return std::nullopt;
}

std::string changed_words(const Dissection& answer, const Packet& question) {
  const auto is_echo = [](const Layer& l) { return l.protocol == &info<IcmpEcho> || l.protocol == &info<Icmpv6Echo>; };
  const auto theirs = std::ranges::find_if(answer.layers(), is_echo), ours = std::ranges::find_if(question.layers(), is_echo);
  if (theirs == answer.layers().end() || ours == question.layers().end() || theirs == answer.layers().begin()) return {};
  const Bytes sent = slice(question.bytes(), ours->payload_offset(), ours->end - ours->payload_offset()), came = slice(answer.packet, theirs->payload_offset(), theirs->end - theirs->payload_offset());
  const bool in_pieces = is_fragment(answer.packet, answer.layers(), static_cast<std::size_t>(theirs - answer.layers().begin()));  // the rest comes by itself, and is not looked at
  if (came.size() < sent.size() && !in_pieces) return std::to_string(came.size()) + " bytes of payload came back, not " + std::to_string(sent.size());
  const auto differs = std::ranges::mismatch(sent, came);
  if (differs.in2 != came.end() && differs.in1 != sent.end()) {
    TextBuffer t;
    t.append("byte "), t.decimal(static_cast<u64>(differs.in1 - sent.begin())), t.append(" of the payload came back as "), t.hex(*differs.in2, 2), t.append(", not "), t.hex(*differs.in1, 2);
    return std::string(t.view());
  }
  if (in_pieces) return {};
  const auto message = static_cast<std::size_t>(theirs - answer.layers().begin()) - 1;
  const Field* checksum = answer.layers()[message].protocol->checksum;
  if (checksum != nullptr && verify_checksum(answer.packet, answer.layers(), message, *checksum).status == ChecksumStatus::bad) return "the checksum is wrong";
  return {};
}

std::string answer_words(const Dissection& d) {
  for (const Layer& l : d.layers()) {
    const Bytes message = d.packet.subspan(l.offset);
    if (l.protocol == &info<Icmp> && message.size() >= 2) return of_icmp(message[0], message[1], message);
    if (l.protocol == &info<Icmpv6> && message.size() >= 2) return of_icmpv6(message[0], message[1], message);
    if (l.protocol != &info<Tcp> || message.size() < 14) continue;
    constexpr u8 reset = 0x04, syn_ack = 0x12;
    if ((message[13] & reset) != 0) return "reset";
    if ((message[13] & syn_ack) == syn_ack) return "SYN-ACK";
  }
  return {};
}

}  // namespace rawket
