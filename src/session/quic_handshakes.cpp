// Pieces of both sides wait until a hello is whole; then it is shown as one CRYPTO frame in the clear.
#include "rawket/session/quic_handshakes.hpp"

namespace rawket {
namespace {
constexpr std::size_t most_hello_bytes = 8192, most_hello_pieces = 64;   // of a side: hellos have some hundred bytes, those with new key exchanges two thousand

/// Bytes of the message that the handshake begins with; 0 while it is not whole.
std::size_t hello_size(Bytes handshake) {
  if (handshake.size() < 4) return 0;
  const std::size_t size = 4 + std::size_t{load<8, 24>(handshake.data())};
  return size <= handshake.size() ? size : 0;
}

/// The layer of QUIC's, directly behind UDP; the number of layers when there is none.
std::size_t quic_layer(const Dissection& d) {
  const std::size_t last = d.layers().size() - 1;
  return last > 0 && d.layers()[last].protocol == &info<Quic> ? last : d.layers().size();
}

}  // namespace

void QuicHandshakes::add(const PacketHead& head, Dissection& d) {
  if (d.layers().empty()) return;
  const std::size_t quic = quic_layer(d);
  if (quic == d.layers().size()) return;
  const auto packet = flow_packet(head, d);
  if (!packet) return;
  const Layer& l = d.layers()[quic];
  const Bytes datagram = slice(d.packet, l.offset, l.end - l.offset);
  Connection* c = connections_.find(packet->key);
  if (c == nullptr) {
    const QuicInitials first = open_quic_initials(datagram, {}, false);
    if (first.opened == 0) return;  // a server's, or none of the handshake
    c = &connections_.put(packet->key, {.id = {first.destination.begin(), first.destination.end()}, .client_is_high = packet->from_high});
  }
  const bool from_client = packet->from_high == c->client_is_high;
  const QuicInitials own = open(*c, datagram, from_client);
  Side& side = from_client ? c->client : c->server;
  if (side.told || own.opened == 0) return;
  const std::vector<u8> handshake = quic_handshake(side.pieces);
  const std::size_t size = hello_size(handshake);
  if (size == 0) return;
  side.told = true;
  side.pieces.clear();
  const bool alone = from_client && hello_size(quic_handshake(own.pieces)) != 0 && std::ranges::equal(own.destination, c->id);
  if (!alone) show(d, quic, own, Bytes(handshake).first(size));
}

QuicInitials QuicHandshakes::open(Connection& c, Bytes datagram, bool from_client) {
  QuicInitials own = open_quic_initials(datagram, c.id, !from_client);
  if (from_client && own.opened == 0 && own.found != 0) {  // after a Retry, or another connection of the same ports
    own = open_quic_initials(datagram, {}, false);
    if (own.opened != 0) c = {.id = {own.destination.begin(), own.destination.end()}, .client_is_high = c.client_is_high};
  }
  Side& side = from_client ? c.client : c.server;
  if (side.told) return own;
  for (const auto& [offset, bytes] : own.pieces) {
    if (side.bytes + bytes.size() > most_hello_bytes || side.pieces.size() >= most_hello_pieces) break;
    side.bytes += bytes.size();
    side.pieces.emplace(offset, bytes);
  }
  return own;
}

void QuicHandshakes::show(Dissection& d, std::size_t quic, const QuicInitials& own, Bytes handshake) {
  const std::size_t front = d.layers()[quic].offset + own.sealed_at;
  const std::vector<u8> frame = quic_crypto_frame(handshake);
  shown_.assign(d.packet.begin(), d.packet.end());
  if (frame.size() > own.sealed_size) shown_.resize(front + frame.size());  // it came in several datagrams
  else std::fill_n(shown_.begin() + static_cast<std::ptrdiff_t>(front), own.sealed_size, u8{0});  // padding
  std::ranges::copy(frame, shown_.begin() + static_cast<std::ptrdiff_t>(front));
  dissect_behind(registry_, quic - 1, info<Quic>, shown_, d);
}

}  // namespace rawket
