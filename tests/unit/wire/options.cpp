// Lists of options: written by value, walked in hostile bytes.
#include "rawket/wire/options.hpp"

#include <gtest/gtest.h>

#include <random>

#include "rawket/proto/all.hpp"

namespace rawket {
namespace {

using Octets = std::vector<u8>;
Octets copied(Bytes b) { return {b.begin(), b.end()}; }

struct Found {
  std::vector<u64> kinds;
  std::vector<u32> sizes;
  bool broken = false;
  std::size_t walked = 0;
};
Found walk_over(const OptionList& list, const Octets& bytes) {
  Found f;
  OptionWalk w(list, bytes);
  while (const auto o = w.next()) f.kinds.push_back(o->kind), f.sizes.push_back(o->length);
  f.broken = w.broken();
  f.walked = w.offset();
  return f;
}

TEST(Options, are_written_with_kind_and_length) {
  constexpr Options<40> options = {Mss{1460}, SackPermitted{}, Timestamps{1, 2}, Nop{}, WindowScale{7}};
  EXPECT_EQ(copied(options.view()), (Octets{2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7}));
}

TEST(Options, what_does_not_fit_is_refused_and_changes_nothing) {
  Options<10> options;
  EXPECT_TRUE(options.add(Mss{}));
  EXPECT_FALSE(options.add(Timestamps{}));
  EXPECT_EQ(options.size, 4);
  EXPECT_TRUE(options.add(Mss{}));
  EXPECT_TRUE(options.add(Nop{}));
  EXPECT_TRUE(options.add(Nop{}));
  EXPECT_FALSE(options.add(Nop{}));
  EXPECT_EQ(options.view().size(), 10u);
}

TEST(Options, of_ipv6_count_only_their_value_and_of_neighbour_discovery_eight_bytes) {
  constexpr Options<254, 0> hop = {Ipv6RouterAlert{}};
  EXPECT_EQ(copied(hop.view()), (Octets{5, 2, 0, 0}));
  constexpr NdOptions nd = {SourceLinkAddress{Mac("02:00:00:00:00:01")}, NdMtu{.mtu = 1500}};
  EXPECT_EQ(copied(nd.view()), (Octets{1, 1, 2, 0, 0, 0, 0, 1, 5, 1, 0, 0, 0, 0, 5, 0xdc}));
  constexpr NdOptions prefix = {PrefixInformation{}};
  EXPECT_EQ(prefix.size, 32);
  EXPECT_EQ(prefix.bytes[1], 4);
}

TEST(OptionWalk, finds_what_was_written) {
  constexpr Options<40> options = {Mss{1460}, Nop{}, WindowScale{7}};
  OptionWalk w(Tcp::option_list, options.view());
  const auto mss = w.next();
  ASSERT_TRUE(mss);
  EXPECT_EQ(mss->protocol, &info<Mss>);
  EXPECT_EQ(mss->value_offset, 2u);
  EXPECT_EQ(mss->value_length, 2u);
  const auto nop = w.next();
  ASSERT_TRUE(nop);
  EXPECT_EQ(nop->length, 1u);
  EXPECT_EQ(w.next()->protocol, &info<WindowScale>);
  EXPECT_FALSE(w.next());
  EXPECT_FALSE(w.broken());
}

TEST(OptionWalk, ends_at_the_end_option) {
  const Found f = walk_over(Tcp::option_list, {1, 0, 2, 4, 5, 0xb4});
  EXPECT_EQ(f.kinds, (std::vector<u64>{1, 0}));
  EXPECT_EQ(f.walked, 2u);
  EXPECT_FALSE(f.broken);
}

TEST(OptionWalk, lengths_that_lie_end_it) {
  for (const Octets& b : {Octets{2, 0, 5, 0xb4}, Octets{2, 1}, Octets{2}, Octets{8, 10, 0}, Octets{253, 255}}) {
    const Found f = walk_over(Tcp::option_list, b);
    EXPECT_TRUE(f.broken);
    EXPECT_EQ(f.kinds.size(), 1u);
    EXPECT_EQ(f.sizes[0], b.size());
  }
  EXPECT_TRUE(walk_over(nd_options, {1, 0, 0, 0, 0, 0, 0, 0}).broken) << "RFC 4861, 4.6: length zero";
}

TEST(OptionWalk, an_unknown_kind_is_stepped_over) {
  const Found f = walk_over(Tcp::option_list, {254, 4, 1, 2, 3, 3, 7});
  EXPECT_EQ(f.kinds, (std::vector<u64>{254, 3}));
  EXPECT_FALSE(f.broken);
}

TEST(OptionWalk, random_bytes_always_come_to_an_end_inside) {
  const auto seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  for (const OptionList* list : {&Tcp::option_list, &Ipv4::option_list, &ipv6_options, &nd_options})
    for (int round = 0; round < 5000; ++round) {
      Octets b(random() % 60);
      for (u8& x : b) x = static_cast<u8>(random() % 3 == 0 ? random() % 12 : random());
      OptionWalk w(*list, b);
      std::size_t count = 0, behind = 0;
      while (const auto o = w.next()) {
        ASSERT_LE(++count, b.size());
        ASSERT_GE(o->offset, behind);
        ASSERT_LE(o->offset + o->length, b.size());
        if (o->value_length != 0) {
          ASSERT_LE(o->value_offset + o->value_length, o->offset + o->length);
        }
        behind = o->offset + 1;
      }
    }
}

TEST(Tail, appends_only_what_fits) {
  Tail<4> t;
  EXPECT_TRUE(t.append(Bytes(Octets{1, 2, 3})));
  EXPECT_FALSE(t.append(Bytes(Octets{4, 5})));
  EXPECT_EQ(t.view().size(), 3u);
  EXPECT_TRUE(t.append(Bytes(Octets{4})));
  EXPECT_FALSE(t.append(Bytes(Octets{5})));
}

}  // namespace
}  // namespace rawket
