// The hellos of QUIC connections: in several datagrams, and the server's, which only the client's ID opens.
#include "rawket/session/quic_handshakes.hpp"

#include "conversation.hpp"

namespace rawket {
namespace {

using namespace test;

// A hello in two packets, sealed by another implementation with the connection ID of RFC 9001, A.
constexpr std::string_view first_half =
    "ca00000001088394c8f03e515708000040530a4146f4119aa67da327a6a54c95c68877c3221010feab50171bb176bf6e9a2600b40c75e46e440b77597c1727fb11f2f774fa0069d731dbba76a4cdd085"
    "31691f56d22d1a3146795d55147b5f90372fb16f21";
constexpr std::string_view second_half =
    "c100000001088394c8f03e5157080000404499cf6c7a97fc2ae6afbe8db8b2c75d11e63563628a88a19f5308afe02757e65a04ff39ddc4ff4b57bf8381372432518bf85a191e901681f24711281cc025"
    "5bac76ce1b52";
// RFC 9001, A.3.
constexpr std::string_view server_s =
    "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9"
    "c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc42158407dd074ee";

constexpr Ipv4Address here = "198.18.0.1", there = "198.18.0.2";
Packet from_client(std::string_view hex) { return carrying(Ipv4{.src = here, .dst = there} / Udp{.sport = 40000, .dport = 443}, octets(std::string(hex))); }
Packet from_server(std::string_view hex) { return carrying(Ipv4{.src = there, .dst = here} / Udp{.sport = 443, .dport = 40000}, octets(std::string(hex))); }
constexpr const char *name = "tls.handshake.extensions_server_name", *kind = "tls.handshake.type";

TEST(QuicHellos, in_several_datagrams_are_shown_with_the_last) {
  for (bool in_order : {true, false}) {
    Conversation c;
    EXPECT_EQ(c.show(from_client(in_order ? first_half : second_half))[name], "-");
    const auto whole = c.show(from_client(in_order ? second_half : first_half));
    EXPECT_EQ(whole[name], "example.com");
    EXPECT_EQ(whole["tls.handshake.ja4"], "q13d0205h3_62ed6f6ca7ad_fbabbea27ee8");
    EXPECT_EQ(whole["quic.dcid"], "8394c8f03e515708");
    EXPECT_EQ(whole["udp.checksum.status"], "2") << "of bytes that are not those of the packet";
    EXPECT_EQ(c.show(from_client(second_half))[name], "-") << "told once";
  }
}

TEST(QuicHellos, of_servers_are_opened_with_the_client_s_id) {
  Conversation c;
  EXPECT_EQ(c.show(from_server(server_s))[kind], "-") << "nobody knows the client's ID";
  c.show(from_client(first_half));
  const auto hello = c.show(from_server(server_s));
  EXPECT_EQ(hello[kind], "2");
  EXPECT_EQ(hello["tls.handshake.ciphersuite"], "4865");
  EXPECT_EQ(hello["tls.handshake.ja3s"], "eb1d94daa7e0344597e756a1fb6e7054");
}

TEST(QuicHellos, of_bytes_that_were_changed_tell_nothing) {
  Conversation c;
  c.show(from_client(first_half));
  for (std::size_t i = 0; i < server_s.size(); i += 2) {
    std::string bytes(server_s);
    bytes[i] = bytes[i] == '0' ? '1' : '0';
    const auto shown = c.show(from_server(bytes));
    EXPECT_EQ(shown["tls.handshake.ciphersuite"], "-") << i;
  }
}

TEST(QuicHellos, are_forgotten_for_room_and_counted) {
  QuicHandshakes handshakes(standard_registry(), 2);
  for (u16 port = 0; port < 5; ++port) {
    const Packet p = carrying(Ipv4{.src = here, .dst = there} / Udp{.sport = static_cast<u16>(40000 + port), .dport = 443}, octets(std::string(first_half)));
    Dissection d;
    dissect(standard_registry(), info<Ipv4>, p.bytes(), d);
    handshakes.add({}, d);
  }
  EXPECT_EQ(handshakes.evicted(), 3u);
}

}  // namespace
}  // namespace rawket
