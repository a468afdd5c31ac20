// Fragments: put together in any order, overlaps by each policy, what cannot be, and bounded memory.
#include "rawket/session/defragment.hpp"

#include "../packet_test.hpp"
#include "rawket/packet/packet.hpp"
#include "rawket/proto/all.hpp"

namespace rawket {
namespace {

using namespace test;

/// Fragments of one IPv4 datagram, told by offset (in 8 bytes) and text.
class Pieces {
 public:
  explicit Pieces(DefragmentOptions options = {}) : defragmenter(options) {}

  Defragmenter::Outcome add(u16 offset, std::string_view text, bool more, u16 id = 1) {
    return take(carrying(Ethernet{} / Ipv4{.id = id, .flags = static_cast<u8>(more ? 1 : 0), .fragment = offset, .protocol = u8{253}, .src = "198.18.0.1", .dst = "198.18.0.2"}, as_bytes(text)));
  }
  Defragmenter::Outcome add6(u16 offset, std::string_view text, bool more) {
    return take(carrying(Ethernet{} / Ipv6{.src = "2001:db8::1", .dst = "2001:db8::2"} / HopByHop{} / Ipv6Fragment{.next_header = u8{253}, .offset = offset, .more = static_cast<u8>(more), .id = 7}, as_bytes(text)));
  }
  Defragmenter::Outcome take(const Packet& p, std::size_t cut = 0) {
    kept.emplace_back(p.bytes().begin(), p.bytes().end() - static_cast<std::ptrdiff_t>(cut));
    Dissection d;
    dissect(standard_registry(), info<Ethernet>, kept.back(), d, static_cast<u32>(p.size()));
    return defragmenter.add({.number = ++number, .time = time += second, .original_length = static_cast<u32>(p.size())}, d);
  }
  std::string payload() const {
    Dissection d;
    dissect(standard_registry(), info<Ethernet>, defragmenter.datagram(), d);
    return std::string(as_text(d.payload()));
  }

  Defragmenter defragmenter;
  std::vector<std::vector<u8>> kept;
  u64 number = 0;
  Nanoseconds time = 0;
};
using enum Defragmenter::Outcome;

TEST(Defragmenter, puts_pieces_together_in_any_order) {
  std::array<int, 3> order{0, 1, 2};
  do {
    Pieces p;
    for (int i : order) {
      const auto outcome = i == 0 ? p.add(0, "abcdefgh", true) : i == 1 ? p.add(1, "ijklmnop", true) : p.add(2, "qr", false);
      EXPECT_EQ(outcome, i == order[2] ? complete : waits);
    }
    EXPECT_EQ(p.payload(), "abcdefghijklmnopqr");
    EXPECT_EQ(p.defragmenter.payload_length(), 18u);
    EXPECT_EQ(p.defragmenter.waiting(), 0u);
  } while (std::ranges::next_permutation(order).found);
}

TEST(Defragmenter, makes_a_packet_that_was_never_in_pieces) {
  Pieces p;
  p.add(0, "abcdefgh", true);
  ASSERT_EQ(p.add(1, "i", false), complete);
  const Packet whole = Ethernet{} / Ipv4{.id = 1, .protocol = u8{253}, .src = "198.18.0.1", .dst = "198.18.0.2"} / "abcdefghi";
  EXPECT_EQ(hex_of(p.defragmenter.datagram()), hex_of(whole.bytes()));
  p.add6(0, "abcdefgh", true);
  ASSERT_EQ(p.add6(1, "i", false), complete);
  const Packet whole6 = Ethernet{} / Ipv6{.src = "2001:db8::1", .dst = "2001:db8::2"} / HopByHop{.next_header = u8{253}} / "abcdefghi";
  EXPECT_EQ(hex_of(p.defragmenter.datagram()), hex_of(whole6.bytes()));
}

TEST(Defragmenter, keeps_datagrams_apart) {
  Pieces p;
  p.add(0, "abcdefgh", true, 1), p.add(0, "ABCDEFGH", true, 2);
  EXPECT_EQ(p.add(1, "I", false, 2), complete);
  EXPECT_EQ(p.payload(), "ABCDEFGHI");
  EXPECT_EQ(p.add(1, "i", false, 1), complete);
  EXPECT_EQ(p.payload(), "abcdefghi");
}

TEST(Defragmenter, lets_packets_pass_that_are_no_fragments) {
  Pieces p;
  EXPECT_EQ(p.take(Ethernet{} / Ipv4{} / Udp{} / "text"), whole);
  EXPECT_EQ(p.take(Ethernet{} / Arp{}), whole);
  // Quoted by an error, a fragment is none.
  EXPECT_EQ(p.take(Ethernet{} / Ipv4{} / Icmp{.type = 3} / IcmpError{} / Ipv4{.flags = 1, .protocol = u8{253}} / "abcdefgh"), whole);
  EXPECT_EQ(p.defragmenter.counters().fragments, 0u);
}

TEST(Defragmenter, has_a_policy_for_overlaps) {
  struct Case {
    Overlap policy;
    std::string_view want;
  };
  // The middle is told twice: first as iiiiiiii, then, by a fragment that begins further left, as jjjjjjjj.
  for (const auto& [policy, want] : {Case{Overlap::left, "aaaaaaaajjjjjjjjz"}, Case{Overlap::first, "aaaaaaaaiiiiiiiiz"}, Case{Overlap::last, "bbbbbbbbjjjjjjjjz"}}) {
    Pieces p({.overlap = policy});
    p.add(1, "iiiiiiii", true), p.add(0, "aaaaaaaa", true), p.add(0, "bbbbbbbbjjjjjjjj", true);
    ASSERT_EQ(p.add(2, "z", false), complete);
    EXPECT_EQ(p.payload(), want) << static_cast<int>(policy);
    EXPECT_EQ(p.defragmenter.counters().overlaps, 1u);
    EXPECT_EQ(p.defragmenter.counters().conflicts, 1u);
  }
}

TEST(Defragmenter, may_drop_what_overlaps_but_not_exact_doubles) {
  Pieces p({.overlap = Overlap::drop});
  p.add(0, "abcdefgh", true), p.add(0, "abcdefgh", true);
  EXPECT_EQ(p.add(1, "i", false), complete);
  p.add(0, "abcdefgh", true), p.add(0, "abcdefghijklmnop", true);
  EXPECT_EQ(p.defragmenter.counters().dropped, 1u);
  EXPECT_EQ(p.add(1, "i", false), waits);
}

TEST(Defragmenter, is_not_held_up_by_a_piece_behind_the_end) {
  Pieces p;
  p.add(100, "stray...", true), p.add(0, "abcdefgh", true);
  EXPECT_EQ(p.add(1, "i", false), complete);
  EXPECT_EQ(p.payload(), "abcdefghi");
}

TEST(Defragmenter, takes_the_first_end_for_the_end) {
  Pieces p;
  p.add(1, "i", false), p.add(2, "z", false);
  EXPECT_EQ(p.defragmenter.counters().unusable, 1u);
  EXPECT_EQ(p.add(0, "abcdefgh", true), complete);
  EXPECT_EQ(p.payload(), "abcdefghi");
}

TEST(Defragmenter, leaves_out_what_cannot_be) {
  Pieces p;
  EXPECT_EQ(p.add(8191, std::string(100, 'x'), false), waits) << "beyond 65,535 bytes";
  EXPECT_EQ(p.add(3, "", true), waits) << "empty";
  EXPECT_EQ(p.take(Ethernet{} / Ipv4{.flags = 1, .protocol = u8{253}} / "abcdefgh", 3), waits) << "cut by the snapshot length";
  EXPECT_EQ(p.defragmenter.counters().unusable, 3u);
  EXPECT_EQ(p.defragmenter.waiting(), 0u);
  Pieces generous({.longest = 131'070});
  generous.add(8191, std::string(100, 'x'), false);
  EXPECT_EQ(generous.defragmenter.waiting(), 1u);
}

TEST(Defragmenter, forgets_in_time_and_counts_it) {
  Pieces p;
  p.add(0, "abcdefgh", true);
  p.time += 61 * second;
  EXPECT_EQ(p.add(1, "i", false), waits);
  EXPECT_EQ(p.defragmenter.counters().expired, 1u);
}

TEST(Defragmenter, stays_within_its_memory) {
  Pieces by_count({.most_datagrams = 10});
  for (u16 id = 0; id < 100; ++id) by_count.time = 0, by_count.add(0, "abcdefgh", true, id);
  EXPECT_LE(by_count.defragmenter.waiting(), 10u);
  EXPECT_EQ(by_count.defragmenter.counters().evicted, 90u);
  Pieces by_bytes({.most_bytes = 100'000});
  const std::string text(1400, 'x');
  for (u16 id = 0; id < 1000; ++id) by_bytes.time = 0, by_bytes.add(0, text, true, id);
  EXPECT_LT(by_bytes.defragmenter.waiting(), 60u);
  EXPECT_EQ(by_bytes.defragmenter.counters().evicted + by_bytes.defragmenter.waiting(), 1000u);
}

}  // namespace
}  // namespace rawket
