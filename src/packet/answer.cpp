// Matching layer by layer, from the network layer on.
#include "rawket/packet/answer.hpp"

namespace rawket {
namespace {

/// The first layer that is not a link layer: one with an Ethernet type, or an IP version, of its own.
std::size_t network_layer(std::span<const Layer> layers, std::size_t from = 0) {
  for (std::size_t i = from; i < layers.size(); ++i)
    if (layers[i].protocol->answers != nullptr && layers[i].protocol->number_in(ether_type.id) != nullptr) return i;
  return layers.size();
}

/// IPv6's extension headers, authentication: they stand between IP and what it carries, and may be on one way only.
bool is_extension(const Protocol& p) {
  return p.number_in(ip_protocol.id) != nullptr && p.number_in(ether_type.id) == nullptr && p.next_space == ip_protocol.id;
}

bool is_whole(const Layer& l) { return l.length >= l.protocol->fixed; }

/// The quoted packet is the question: same addresses and protocol, and the same first bytes behind the network header.
bool quotes_question(const Dissection& a, std::size_t quoted, const Dissection& q, std::size_t asked) {
  if (quoted >= a.layers().size() || asked >= q.layers().size()) return false;
  const Layer &inner = a.layers()[quoted], &original = q.layers()[asked];
  if (inner.protocol != original.protocol || !is_whole(inner) || !is_whole(original)) return false;
  for (const Field& f : inner.protocol->fields) {
    if (!f.from && !f.to && f.rule.kind != Rule::next_protocol) continue;
    const Bytes x = a.packet.subspan(inner.offset + f.offset / 8u, (f.width + 7u) / 8u), y = q.packet.subspan(original.offset + f.offset / 8u, (f.width + 7u) / 8u);
    if (!std::ranges::equal(x, y)) return false;
  }
  const Bytes x = slice(a.packet, inner.payload_offset(), 8), y = slice(q.packet, original.payload_offset(), 8);
  if (x.size() < 4 || y.size() < 4) return true;
  // Ports, or type and code; then what numbers the question: TCP's sequence, ICMP's identifier. (A checksum may have been changed on the way.)
  const bool icmp = asked + 1 < q.layers().size() && q.layers()[asked + 1].protocol->prefix.starts_with("icmp");
  const std::size_t skip = icmp ? 4 : 0, size = std::min({x.size(), y.size(), std::size_t{8}});
  return size > skip && std::equal(x.begin() + static_cast<std::ptrdiff_t>(skip), x.begin() + static_cast<std::ptrdiff_t>(std::min(size, skip + 4)), y.begin() + static_cast<std::ptrdiff_t>(skip));
}

}  // namespace

Answer answers(const Dissection& a, const Dissection& q) {
  const std::size_t from = network_layer(a.layers()), asked = network_layer(q.layers());
  if (asked >= q.layers().size() || from >= a.layers().size()) return Answer::no;
  for (std::size_t i = from; i < a.layers().size(); ++i)
    if (a.layers()[i].protocol->quotes) return quotes_question(a, i + 1, q, asked) ? Answer::error : Answer::no;
  std::size_t compared = 0;
  bool extended = false;
  for (std::size_t i = from, k = asked; i < a.layers().size() && k < q.layers().size(); ++i, ++k) {
    const Layer &x = a.layers()[i], &y = q.layers()[k];
    const bool messages = x.protocol->is_message && y.protocol->is_message;
    if (x.protocol != y.protocol && is_extension(*x.protocol) != is_extension(*y.protocol)) {
      is_extension(*x.protocol) ? --k : --i;
      extended = true;
      continue;
    }
    if (x.protocol != y.protocol && !messages) return compared > 1 && (x.protocol == &data || y.protocol == &data) ? Answer::yes : Answer::no;
    if (!is_whole(x) || !is_whole(y)) return Answer::no;
    if (x.protocol->answers != nullptr && !x.protocol->answers(a.packet.subspan(x.offset, x.length), q.packet.subspan(y.offset, y.length))) return Answer::no;
    ++compared;
  }
  return extended && compared < 2 ? Answer::no : Answer::yes;  // a later fragment has nothing to be compared
}

}  // namespace rawket
