// Fragments put together by hand are the packet again; what may not be cut up is not.
#include "rawket/packet/fragments.hpp"

#include <gtest/gtest.h>

#include "rawket/packet/craft.hpp"
#include "rawket/wire/checksum.hpp"

namespace rawket::test {
namespace {

using Pieces = std::vector<std::vector<u8>>;

Packet crafted_packet(const std::string& words) { return *Recipe::parse(standard_registry(), std::string_view(words))->make(0); }
std::string payload(unsigned size) {
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += "0123456789abcdef"[i * 7 % 16], hex += "0123456789abcdef"[i / 16 % 16];
  return hex;
}
Pieces cut(const Packet& p, u32 most, u32 identification = 7) {
  Pieces all;
  EXPECT_TRUE(make_fragments(p.bytes(), most, identification, [&](Bytes b) { all.emplace_back(b.begin(), b.end()); }));
  return all;
}

TEST(Fragments, of_ipv4_make_the_packet_again) {
  for (const u32 most : {68u, 69u, 75u, 576u, 1499u}) {
    const Packet p = crafted_packet("ip src=198.18.0.1 dst=198.18.0.2 / udp sport=1 dport=2 / hex=" + payload(1500));
    const Pieces all = cut(p, most, 77);
    std::vector<u8> data(1508);
    std::size_t filled = 0;
    for (const auto& f : all) {
      ASSERT_LE(f.size(), most);
      EXPECT_EQ(internet_checksum(Bytes(f).first(20)), 0);
      EXPECT_EQ(f.size(), std::size_t{f[2]} << 8 | f[3]);
      EXPECT_EQ(u32{f[4]} << 8 | f[5], 78u) << "the packet had no number";
      const std::size_t at = (std::size_t{f[6] & 0x1fu} << 8 | f[7]) * 8;
      EXPECT_EQ((f[6] & 0x20) != 0, at + f.size() - 20 < data.size()) << "more of them, but behind the last";
      ASSERT_LE(at + f.size() - 20, data.size());
      std::copy(f.begin() + 20, f.end(), data.begin() + static_cast<std::ptrdiff_t>(at));
      filled += f.size() - 20;
    }
    EXPECT_EQ(filled, data.size());
    EXPECT_TRUE(std::ranges::equal(data, p.bytes().subspan(20))) << most;
  }
}

TEST(Fragments, of_ipv6_make_the_packet_again_behind_their_own_header) {
  for (const u32 most : {88u, 100u, 1280u}) {
    const Packet p = crafted_packet("ipv6 src=2001:db8::1 dst=2001:db8::2 / icmpv6 / icmpv6_echo id=1 seq=2 / hex=" + payload(1500));
    std::vector<u8> data;
    for (const auto& f : cut(p, most, 0x01020304)) {
      ASSERT_LE(f.size(), most);
      EXPECT_EQ(f[6], 44);
      EXPECT_EQ(f[40], 58);
      EXPECT_EQ(std::size_t{f[4]} << 8 | f[5], f.size() - 40);
      EXPECT_EQ((std::size_t{f[42]} << 8 | f[43]) & ~std::size_t{7}, data.size());
      EXPECT_EQ(f[47], 4);
      data.insert(data.end(), f.begin() + 48, f.end());
      EXPECT_EQ((f[43] & 1) != 0, data.size() < 1508);
    }
    EXPECT_TRUE(std::ranges::equal(data, p.bytes().subspan(40))) << most;
  }
}

TEST(Fragments, keep_what_each_has_to_have) {
  const Packet p = crafted_packet("ip src=198.18.0.1 dst=198.18.0.2 id=5 ihl=32 protocol=17 / hex=940400004408050000000000" + payload(300));
  ASSERT_EQ(p.bytes()[0], 0x48);
  const Pieces all = cut(p, 120);
  EXPECT_EQ(all[0][0], p.bytes()[0]);
  EXPECT_EQ(all[1][0], 0x46) << "router alert is copied, the time stamps are not (RFC 791, 3.1)";
  EXPECT_EQ(all[1][20], 0x94);
  EXPECT_EQ(all[1][5], 5) << "its own number";
  const Packet second = crafted_packet("ip src=198.18.0.1 dst=198.18.0.2 id=5 flags=1 fragment=80 protocol=17 / hex=" + payload(200));
  const Pieces of_fragment = cut(second, 100);
  EXPECT_EQ((std::size_t{of_fragment[1][6] & 0x1fu} << 8 | of_fragment[1][7]), (std::size_t{second.bytes()[6] & 0x1fu} << 8 | second.bytes()[7]) + 10) << "where the fragment was, and further";
  EXPECT_NE(of_fragment.back()[6] & 0x20, 0) << "it was not the last";
}

TEST(Fragments, are_not_made_where_they_may_not_be) {
  const auto refused = [](const Packet& p, u32 most) { return !make_fragments(p.bytes(), most, 1, [](Bytes) { FAIL(); }); };
  EXPECT_TRUE(refused(crafted_packet("ip dst=198.18.0.2 flags=2 / udp / hex=" + payload(100)), 80));
  EXPECT_TRUE(refused(crafted_packet("ip dst=198.18.0.2 / udp / hex=" + payload(100)), 128)) << "it fits";
  EXPECT_TRUE(refused(crafted_packet("ip dst=198.18.0.2 / udp / hex=" + payload(100)), 27)) << "no room for data";
  EXPECT_TRUE(refused(crafted_packet("ipv6 dst=2001:db8::2 / udp / hex=" + payload(100)), 55));
  const Packet whole = crafted_packet("ipv6 dst=2001:db8::2 / udp / hex=" + payload(100));
  for (std::size_t n = 0; n < 60; ++n) make_fragments(whole.bytes().first(n), 20, 1, [](Bytes) {});
  std::vector<u8> endless(200, 0);
  endless[0] = 0x60;
  EXPECT_FALSE(make_fragments(endless, 100, 1, [](Bytes) {})) << "headers to its end";
}

}  // namespace
}  // namespace rawket::test
