// Judging checksums, and finding the layers that a judgement needs.
#include "rawket/packet/verify.hpp"

#include "../packet_test.hpp"
#include "rawket/proto/all.hpp"

namespace rawket {
namespace {

using namespace test;

const Field& checksum_of(const Protocol& p) {
  for (const Field& f : p.fields)
    if (f.rule.kind == Rule::checksum) return f;
  throw std::invalid_argument("no checksum");
}
ChecksumResult verified(const Seen& seen, std::size_t i) { return verify_checksum(seen.bytes(), seen.dissection().layers(), i,
                                                                                  checksum_of(*seen.dissection().layers()[i].protocol)); }

TEST(Verify, one_changed_bit_anywhere_is_bad_and_the_right_value_is_told) {
  const Octets good = octets(vector("tcp_md5").hex);
  const ChecksumResult right = verified(Seen("tcp_md5"), 1);
  EXPECT_EQ(right.status, ChecksumStatus::good);
  for (std::size_t bit = 20 * 8; bit < good.size() * 8; ++bit) {
    if (bit / 8 == 32 || (bit / 8 >= 36 && bit / 8 < 38)) continue;  // the header's length, and the sum itself
    Octets b = good;
    b[bit / 8] = static_cast<u8>(b[bit / 8] ^ 1 << bit % 8);
    const Seen seen(protocol_named("ip"), b);
    const ChecksumResult r = verified(seen, 1);
    ASSERT_EQ(r.status, ChecksumStatus::bad) << bit;
    b[36] = static_cast<u8>(r.expected >> 8), b[37] = static_cast<u8>(r.expected);
    ASSERT_EQ(verified(Seen(protocol_named("ip"), b), 1).status, ChecksumStatus::good) << bit;
  }
}

TEST(Verify, what_is_cut_or_in_fragments_cannot_be_judged) {
  const Octets whole = octets(vector("tcp_md5").hex);
  const Seen cut(protocol_named("ip"), Octets(whole.begin(), whole.end() - 1), static_cast<u32>(whole.size()));
  EXPECT_EQ(verified(cut, 0).status, ChecksumStatus::good) << "the IP header is whole";
  EXPECT_EQ(verified(cut, 1).status, ChecksumStatus::unverified);
  EXPECT_EQ(verified(Seen("v6_frag0"), 2).status, ChecksumStatus::unverified);
  EXPECT_EQ(verified(Seen("icmp_ttl"), 4).status, ChecksumStatus::unverified) << "a quoted packet is a part";
}

TEST(Verify, a_transport_without_a_network_cannot_be_judged) {
  EXPECT_EQ(verified(Seen(protocol_named("udp"), octets("1388 1389 0008 1234")), 0).status, ChecksumStatus::unverified);
  EXPECT_EQ(verified(Seen(protocol_named("udp"), octets("1388 1389 0008 0000")), 0).status, ChecksumStatus::not_present);
}

TEST(Verify, layers_inside_an_error_message_are_quoted) {
  const Seen seen("icmp_ttl");
  for (std::size_t i = 0; i < seen.dissection().layers().size(); ++i) EXPECT_EQ(is_quoted(seen.dissection().layers(), i), i > 2) << i;
}

TEST(Dissect, finds_layers_by_type) {
  const Seen seen("vxlan");
  const Dissection& d = seen.dissection();
  EXPECT_EQ(d.header<Ipv4>()->src, Ipv4Address("198.18.0.1")) << "the first one";
  EXPECT_EQ(d.header<Vxlan>()->vni, 0x123456u);
  EXPECT_FALSE(d.header<Tcp>());
  EXPECT_EQ(d.find<Icmp>()->offset, 84u);
  EXPECT_TRUE(d.payload().empty());
  EXPECT_EQ(d.view(2).header().size(), 8u);
  EXPECT_EQ(d.view(2).message().size(), 58u);
  EXPECT_EQ(d.view(2).payload().size(), 50u);
}

TEST(Dissect, is_reused_without_a_trace_of_the_packet_before) {
  Dissection d;
  const Octets long_one = octets(vector("vxlan").hex), bad = octets("44");
  dissect(standard_registry(), protocol_named("ip"), bad, d);
  EXPECT_EQ(d.stop, Stop::truncated);
  dissect(standard_registry(), protocol_named("eth"), long_one, d);
  EXPECT_EQ(d.stop, Stop::none);
  EXPECT_EQ(d.layers().size(), 8u);
  dissect(standard_registry(), protocol_named("eth"), {}, d);
  EXPECT_EQ(d.layers().size(), 1u);
  EXPECT_EQ(d.stop, Stop::truncated);
}

TEST(Dissect, bytes_of_an_unknown_link_are_data) {
  const Seen seen(data, octets("010203"));
  EXPECT_EQ(seen.layers(), "data");
  EXPECT_EQ(seen.dissection().payload().size(), 3u);
}

}  // namespace
}  // namespace rawket
