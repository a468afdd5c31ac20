// Initial packets opened: keys from the connection ID that the client chose, header protection taken off, their CRYPTO frames put in order.
#include "rawket/proto/quic.hpp"

#include "rawket/base/aes_gcm.hpp"
#include "tls_hello.hpp"

namespace rawket {
namespace {

constexpr u8 crypto_frame = 6;

enum Told : u32 { destination, source, token, packet_number, further_type, further_version, handshake_type, first_hello_fact };

struct Version {
  u32 number;
  std::array<u8, 20> salt;
  std::string_view key, nonce, header;
  u8 initial;   ///< the type of Initial packets
};
constexpr Version versions[] = {
    {1, {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a}, "quic key", "quic iv", "quic hp", 0},           // RFC 9001, 5.2
    {0x6b3343cf, {0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9}, "quicv2 key", "quicv2 iv", "quicv2 hp", 1},  // RFC 9369, 3.3
    {0xff000017, {0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02}, "quic key", "quic iv", "quic hp", 0},
    {0xff00001d, {0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99}, "quic key", "quic iv", "quic hp", 0}};
/// Drafts 23 to 28 share a salt, and 29 to 34.
const Version* version_of(u32 number) {
  for (const Version& v : versions)
    if (v.number == number || (v.number == 0xff00001d && number > 0xff00001d && number <= 0xff000022) || (v.number == 0xff000017 && number > 0xff000017 && number < 0xff00001d)) return &v;
  return nullptr;
}

/// RFC 9000, 16.
u64 variable_number(Cursor& c) {
  const u8 first = c.byte();
  const unsigned more = (1u << (first >> 6)) - 1;
  return (u64{first} & 0x3f) << 8 * more | c.number(more);
}

/// A long header taken apart, with its place in `packet`: Initial packets whole, of others the connection IDs.
struct LongHeader {
  Bytes destination, source, token;
  std::size_t destination_at = 0, source_at = 0, token_at = 0;
  std::size_t sealed_at = 0;   ///< of the packet number
  Bytes sealed;                ///< packet number and payload
  const Version* version = nullptr;
  bool initial = false;
  std::size_t end = 0;         ///< where the next packet of the datagram begins; 0: there is none
};
LongHeader read_long_header(Bytes packet) {
  LongHeader h;
  if (Quic::is_other(packet)) return h;
  h.version = version_of(load<8, 32>(packet.data()));
  const u8 type = static_cast<u8>(packet[0] >> 4 & 3);
  h.initial = h.version != nullptr && type == h.version->initial;
  Cursor c(packet, 5);
  const u8 destination_size = c.byte();
  h.destination_at = c.offset(), h.destination = c.take(destination_size);
  const u8 source_size = c.byte();
  h.source_at = c.offset(), h.source = c.take(source_size);
  const bool retry = h.version != nullptr && type == (h.version->initial + 3) % 4;
  if (!c.ok() || h.version == nullptr || retry) return h;
  if (h.initial) {
    const u64 token_size = variable_number(c);
    h.token_at = c.offset(), h.token = c.take(static_cast<std::size_t>(std::min<u64>(token_size, c.left() + 1)));
  }
  const u64 size = variable_number(c);
  h.sealed_at = c.offset(), h.sealed = c.take(static_cast<std::size_t>(std::min<u64>(size, c.left() + 1)));
  if (!c.ok()) h.sealed = {};
  else h.end = c.offset();
  return h;
}

struct Opened {
  u32 number = 0;
  std::vector<u8> frames;
};

/// RFC 9001, 5.3 and 5.4. `connection`: the ID that the client chose for the server at first.
std::optional<Opened> open_initial(Bytes packet, const LongHeader& h, Bytes connection, bool from_server) {
  constexpr std::size_t sample_at = 4, sample_size = 16;
  if (h.sealed.size() < sample_at + sample_size) return std::nullopt;
  const Version& version = *h.version;
  const auto secret = expand_label(hmac_sha256(version.salt, connection), from_server ? "server in" : "client in", 32);
  const auto key_of = [&secret](std::string_view label) {
    Aes128::Block key{};
    std::ranges::copy(expand_label(secret, label, 16), key.begin());
    return Aes128(key);
  };
  Aes128::Block sample{};
  std::ranges::copy(h.sealed.subspan(sample_at, sample_size), sample.begin());
  const Aes128::Block mask = key_of(version.header).encrypt(sample);
  std::vector<u8> header(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(h.sealed_at));
  header[0] = static_cast<u8>(header[0] ^ (mask[0] & 0x0f));
  const std::size_t number_size = (header[0] & 3u) + 1;
  Opened opened;
  std::array<u8, 12> nonce{};
  std::ranges::copy(expand_label(secret, version.nonce, 12), nonce.begin());
  for (std::size_t i = 0; i < number_size; ++i) {
    const u8 octet = h.sealed[i] ^ mask[1 + i];
    header.push_back(octet);
    opened.number = opened.number << 8 | octet;
  }
  for (std::size_t i = 0; i < 4; ++i) nonce[11 - i] ^= static_cast<u8>(opened.number >> 8 * i);
  auto plain = open_aes_gcm(key_of(version.key), nonce, header, h.sealed.subspan(number_size));
  if (!plain) return std::nullopt;
  opened.frames = std::move(*plain);
  return opened;
}

/// The pieces of the handshake that the frames of a packet bring.
void add_pieces(Bytes frames, QuicPieces& pieces) {
  constexpr u64 padding = 0, ping = 1, ack = 2, ack_with_counts = 3;
  for (Cursor c(frames); c.left() > 0 && c.ok();) {
    const u64 type = variable_number(c);
    if (type == padding || type == ping) continue;
    if (type == ack || type == ack_with_counts) {
      variable_number(c), variable_number(c);
      const u64 ranges = variable_number(c);
      variable_number(c);
      for (u64 i = 0; i < ranges && c.ok(); ++i) variable_number(c), variable_number(c);
      if (type == ack_with_counts) variable_number(c), variable_number(c), variable_number(c);
      continue;
    }
    if (type != crypto_frame) break;
    const u64 offset = variable_number(c), size = variable_number(c);
    const Bytes bytes = c.take(static_cast<std::size_t>(std::min<u64>(size, c.left() + 1)));
    pieces.emplace(offset, std::vector<u8>(bytes.begin(), bytes.end()));
  }
}

}  // namespace

std::vector<u8> quic_handshake(const QuicPieces& pieces) {
  std::vector<u8> all;
  for (const auto& [offset, bytes] : pieces) {
    if (offset > all.size()) break;
    const Bytes fresh = slice(bytes, all.size() - static_cast<std::size_t>(offset));
    all.insert(all.end(), fresh.begin(), fresh.end());
  }
  return all;
}

QuicInitials open_quic_initials(Bytes datagram, Bytes connection, bool from_server) {
  QuicInitials all;
  constexpr std::size_t most = 8;   // a datagram has one or two: opening thousands would be work for an attacker's pleasure
  for (Bytes rest = datagram; !rest.empty() && all.found < most;) {
    const LongHeader h = read_long_header(rest);
    if (h.initial) {
      if (all.found++ == 0) all.destination = h.destination;
      if (const auto opened = open_initial(rest, h, connection.empty() ? h.destination : connection, from_server)) {
        if (all.opened++ == 0) all.sealed_at = static_cast<std::size_t>(rest.data() - datagram.data()) + h.sealed_at, all.sealed_size = h.sealed.size();
        add_pieces(opened->frames, all.pieces);
      }
    }
    if (h.end == 0) break;
    rest = rest.subspan(h.end);
  }
  return all;
}

std::vector<u8> quic_crypto_frame(Bytes handshake) {
  std::vector<u8> frame(6 + handshake.size());
  frame[0] = crypto_frame;  // of offset 0
  store(frame.data(), 16, 32, 0x80000000 | static_cast<u32>(handshake.size()));   // a length of four bytes
  std::ranges::copy(handshake, frame.begin() + 6);
  return frame;
}

bool Quic::is_other(Bytes b) {
  if (b.size() < 6 || (b[0] & 0x80) == 0) return true;
  const u32 number = load<8, 32>(b.data());
  return (number != 0 && version_of(number) == nullptr) || b[5] > 20;  // no connection ID is longer
}

namespace {

/// What an Initial packet that can be opened holds. Where several were put together, the handshake stands there in the clear.
void tell_initial(const LayerView& v, const LongHeader& h, Facts& out) {
  const u32 place = v.layer().offset + static_cast<u32>(h.sealed_at);
  QuicPieces pieces;
  if (v.index > 0 && v.layers[v.index - 1].autos == Layer::put_together) {
    add_pieces(slice(v.packet, place), pieces);
  } else {
    const auto opened = open_initial(v.message(), h, h.destination, false);
    if (!opened) return;  // the server's, sealed with the ID that the client chose first
    out.number(packet_number, opened->number, place, 0);
    add_pieces(opened->frames, pieces);
  }
  const std::vector<u8> handshake = quic_handshake(pieces);
  if (handshake.size() < 4 || handshake[0] < 1 || handshake[0] > 2) return;
  out.number(handshake_type, handshake[0], place, 0);
  const std::size_t told = load<8, 24>(handshake.data());
  tell_hello(handshake[0], slice(handshake, 4, told), handshake.size() - 4 >= told, place, first_hello_fact, true, out);
}

}  // namespace

void Quic::describe(const LayerView& v, Facts& out) {
  const Bytes packet = v.message();
  const u32 base = v.layer().offset;
  const LongHeader h = read_long_header(packet);
  const auto tell = [&](u32 which, Bytes bytes, std::size_t at) {
    if (!bytes.empty()) out.bytes(which, bytes, base + static_cast<u32>(at), static_cast<u32>(bytes.size()));
  };
  tell(destination, h.destination, h.destination_at);
  tell(source, h.source, h.source_at);
  if (h.initial) tell(token, h.token, h.token_at), tell_initial(v, h, out);
  for (std::size_t at = h.end; at != 0 && at < packet.size();) {
    const LongHeader more = read_long_header(packet.subspan(at));
    if (more.version == nullptr) break;
    out.number(further_type, packet[at] >> 4 & 3, base + static_cast<u32>(at), 1);
    out.number(further_version, load<8, 32>(packet.data() + at), base + static_cast<u32>(at) + 1, 4);
    at = more.end == 0 ? 0 : at + more.end;
  }
}

}  // namespace rawket
