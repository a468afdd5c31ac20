// Super-frames, cut as a device cuts them.
#include "rawket/packet/segments.hpp"

#include "../packet_test.hpp"
#include "rawket/packet/craft.hpp"
#include "rawket/packet/lint.hpp"
#include "rawket/proto/ethernet.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"
#include "rawket/proto/tcp.hpp"

namespace rawket {
namespace {

std::vector<Packet> segments_of(std::string_view words, u32 segment, bool* done = nullptr) {
  const auto recipe = Recipe::parse(standard_registry(), words);
  if (!recipe) {
    ADD_FAILURE() << recipe.error().text();
    return {};
  }
  const Packet whole = *recipe->make(0);
  Dissection d;
  dissect(standard_registry(), whole.first_protocol(), whole.bytes(), d);
  std::vector<Packet> all;
  const bool cut = make_segments(d, static_cast<u32>(whole.size()), segment, [&](Bytes frame) { all.push_back(Packet::from_bytes(standard_registry(), info<Ethernet>, frame)); });
  if (done != nullptr) *done = cut;
  return all;
}

void expect_clean(const Packet& p) {
  Dissection d;
  dissect(standard_registry(), p.first_protocol(), p.bytes(), d);
  EXPECT_TRUE(lint(d, {.original_length = static_cast<u32>(p.size())}).empty());
}

TEST(Segments, of_tcp_go_on_where_the_one_before_ended) {
  const auto all = segments_of("eth dst=02:00:00:00:00:02 src=02:00:00:00:00:01 / ip id=65535 src=198.18.0.1 dst=198.18.0.2 / tcp sport=1 dport=2 seq=4294967000 flags=FPAC / zeros=1000", 300);
  ASSERT_EQ(all.size(), 4u);
  u32 sequence = 4294967000u;
  for (std::size_t i = 0; i < all.size(); ++i) {
    expect_clean(all[i]);
    const std::size_t data = i < 3 ? 300 : 100;
    EXPECT_EQ(all[i].size(), 54 + data);
    EXPECT_EQ(*all[i].get<&Tcp::seq>(), sequence);
    EXPECT_EQ(*all[i].get<&Ipv4::id>(), static_cast<u16>(65535 + i));
    const auto flags = static_cast<u16>(*all[i].get<&Tcp::flags>());
    EXPECT_EQ(flags, i == 0 ? 0x90 : i < 3 ? 0x10 : 0x19) << i;
    sequence += static_cast<u32>(data);
  }
}

TEST(Segments, of_udp_and_ipv6_have_their_own_lengths_and_sums) {
  const auto v6 = segments_of("eth dst=02:00:00:00:00:02 src=02:00:00:00:00:01 / ipv6 src=2001:db8::1 dst=2001:db8::2 / udp sport=1 dport=2 / zeros=250", 100);
  ASSERT_EQ(v6.size(), 3u);
  for (const Packet& p : v6) expect_clean(p);
  EXPECT_EQ(v6[2].size(), 14u + 40 + 8 + 50);
  const auto tagged = segments_of("eth dst=02:00:00:00:00:02 src=02:00:00:00:00:01 / vlan id=7 / ip src=198.18.0.1 dst=198.18.0.2 / udp sport=1 dport=2 / zeros=250", 100);
  ASSERT_EQ(tagged.size(), 3u);
  for (const Packet& p : tagged) expect_clean(p);
}

TEST(Segments, without_a_size_only_the_sums_are_filled_in) {
  const auto all = segments_of("eth dst=02:00:00:00:00:02 src=02:00:00:00:00:01 / ip src=198.18.0.1 dst=198.18.0.2 / tcp sport=1 dport=2 checksum=0x1234 / hello", 0);
  ASSERT_EQ(all.size(), 1u);
  expect_clean(all[0]);
  EXPECT_EQ(segments_of("eth dst=02:00:00:00:00:02 src=02:00:00:00:00:01 / ip src=198.18.0.1 dst=198.18.0.2 / tcp sport=1 dport=2 flags=S", 0).size(), 1u) << "also without data";
}

TEST(Segments, what_no_device_would_cut_is_left_alone) {
  for (const char* words : {"eth / ip flags=1 / udp / zeros=100", "eth / ip / icmp", "eth / arp", "eth / ip / gre / ip / udp / zeros=100"}) {
    bool done = true;
    EXPECT_TRUE(segments_of(words, 10, &done).empty()) << words;
    EXPECT_FALSE(done) << words;
  }
}

}  // namespace
}  // namespace rawket
