// QUIC's first packets, opened: sealed by another implementation with the connection ID of RFC 9001, A. Their CRYPTO frames come in
// the wrong order.
#include "../packet_test.hpp"
#include "rawket/proto/all.hpp"

namespace rawket {
namespace {

using namespace test;

constexpr std::string_view version_1 =
    "cc00000001088394c8f03e5157080000408a8bbfd1f19d3c83689f55ef1239ba4b752db2e103e17c8cebd5c2f163a0c9a1247e05230b7ed8934a2bfebbd5174372b6aa6e79d731e786787ba34a178ca5"
    "41cb845e66c0143e6a87db855a758fb3569dccda905ded1bee06c8a0fbae7d630e6b6eca0587092cedfcb2df671330c83711b3a043dc02a8ea627f95f5d7734098bc9d45484b4d8179d42fa4";
constexpr std::string_view version_2 =
    "dd6b3343cf088394c8f03e5157080000408a9523ffa62fdbe8db4275b78636fc24d6915886ba84a4873725c999633d67570a127a7819f1bef342a5fee54894ff41a62e398ab4b74f509c8edf1fde5487"
    "2f6a2208189c09ac6317429711a4240b294c060c02b50785b78d6e932e57a48cc56afe6370b5f94838545743ca1b12834e3f24a978f595c4d1924d56800f7509eb9835fe201d0732ae518b91";

TEST(Quic, tells_the_hello_in_a_client_s_first_packet) {
  for (const auto& [packet, version, kind] : {std::tuple(version_1, "1", "0"), std::tuple(version_2, "1798521807", "1")}) {
    const Seen seen(protocol_named("quic"), octets(std::string(packet)));
    expect_values(seen, {{"quic.version", version}, {"quic.long.packet_type", kind}, {"quic.dcid", "8394c8f03e515708"}, {"tls.handshake.type", "1"}, {"tls.handshake.ciphersuite", "[4865,4866]"},
                         {"tls.handshake.extensions_server_name", "example.com"}, {"tls.handshake.extensions_alpn_str", "h3"}, {"tls.handshake.ja4", "q13d0205h3_62ed6f6ca7ad_fbabbea27ee8"}});
  }
}

TEST(Quic, tells_only_the_header_of_what_cannot_be_opened) {
  auto bytes = octets(std::string(version_1));
  bytes[100] ^= 1;
  const Seen seen(protocol_named("quic"), bytes);
  expect_values(seen, {{"quic.version", "1"}, {"quic.dcid", "8394c8f03e515708"}, {"tls.handshake.type", "-"}});
}

TEST(Quic, leaves_other_bytes_alone) {
  for (const char* bytes : {"4011223344556677", "c0000000990800", "c00000000115", "c0"}) {
    const auto b = octets(bytes);
    EXPECT_TRUE(Quic::is_other(b)) << bytes;
  }
  const auto whole = octets(std::string(version_1));
  for (std::size_t size = 6; size < whole.size(); ++size) Seen(protocol_named("quic"), {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});  // reads no byte beyond
}

}  // namespace
}  // namespace rawket
