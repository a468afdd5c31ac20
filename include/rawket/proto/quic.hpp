// QUIC's long headers (RFC 9000, 17.2), and the client hello in a client's Initial packet, which is sealed with keys that everybody can make.
#pragma once
#include <map>
#include <vector>

#include "rawket/proto/tls.hpp"

namespace rawket {

struct Quic {
  u8 form = 1;
  u8 fixed_bit = 1;
  u8 type = 0;
  u8 type_bits = 0;
  u32 version = 1;
  u8 destination_size = 0;

  static constexpr Name types[] = {{0, "initial"}, {1, "0-RTT"}, {2, "handshake"}, {3, "retry"}};
  static constexpr Name versions[] = {{0, "version negotiation"}, {1, "1 (RFC 9000)"}, {0x6b3343cf, "2 (RFC 9369)"}, {0xff00001d, "draft 29"}};
  static constexpr Number numbers[] = {{&udp_port, 443}, {&udp_port, 80}};
  static constexpr Extra own_extras[] = {{"dcid", Show::bytes, "Destination connection ID"},
                                         {"scid", Show::bytes, "Source connection ID"},
                                         {"token", Show::bytes, "Token of an Initial packet", true},
                                         {"packet_number", Show::decimal, "Packet number of an Initial packet that could be opened", true},
                                         {"quic.long.packet_type", Show::names, "Kind of a further packet of the datagram", true, types, true},
                                         {"quic.version", Show::hex, "Version of a further packet of the datagram", true, versions, true},
                                         {"tls.handshake.type", Show::names, "Kind of handshake message", false, Tls::handshakes, true}};
  static constexpr auto extras = joined(own_extras, Tls::hello_extras);
  /// Only what has the form of a long header of a known version.
  static bool is_other(Bytes b);
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  /// The first datagram of a connection has at least so many bytes (RFC 9000, 14.1).
  static bool begins(Bytes datagram) { return datagram.size() >= 1200 && !is_other(datagram) && load<8, 32>(datagram.data()) != 0; }
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() {
    return protocol<Quic>("quic", "QUIC, long header", "RFC 9000, 17.2; RFC 9001, 5.2; RFC 9369",
        field<&Quic::form>            ("header_form", 1, "1: long header"),
        field<&Quic::fixed_bit>       ("fixed_bit", 1, "1, but for greased packets"),
        field<&Quic::type>            ("long.packet_type", 2, "Kind of packet, numbered otherwise in version 2", Values{types}),
        field<&Quic::type_bits>       ("long.type_bits", 4, "Protected: reserved bits and the packet number's length", Show::hex, quiet),
        field<&Quic::version>         ("version", 32, "Version", Show::hex, Values{versions}, brief),
        field<&Quic::destination_size>("dcil", 8, "Bytes of the destination connection ID"));
  }
};

/// Bytes of the handshake that CRYPTO frames brought, by offset.
using QuicPieces = std::multimap<u64, std::vector<u8>>;

/// The Initial packets of one datagram.
struct QuicInitials {
  std::size_t found = 0, opened = 0;
  Bytes destination;           ///< connection ID of the first
  std::size_t sealed_at = 0, sealed_size = 0;   ///< of the first that could be opened: packet number and payload
  QuicPieces pieces;
};
/// Opens them with the secret that `connection` gives, the ID that the client chose for the server at first (RFC 9001, 5.2); an
/// empty one stands for that of each packet.
QuicInitials open_quic_initials(Bytes datagram, Bytes connection, bool from_server);
/// The handshake from its first byte on, as far as there is no gap.
std::vector<u8> quic_handshake(const QuicPieces& pieces);
/// The frame that brings such bytes in one piece (RFC 9000, 19.6).
std::vector<u8> quic_crypto_frame(Bytes handshake);

}  // namespace rawket
