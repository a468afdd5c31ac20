// Impaired links: what was asked is what happens, on a clock of the test's own.
#include "rawket/lab/impairment.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "rawket/base/text.hpp"
#include "rawket/lab/topology.hpp"

namespace rawket::test {
namespace {

constexpr unsigned many = 20000;

struct Arrival {
  Nanoseconds time = 0;
  u32 number = 0;
  bool same = true;  ///< as it was sent
};

/// Frames of 100 bytes, numbered, one each `gap`.
std::vector<u8> numbered_frame(u32 number) {
  std::vector<u8> frame(100);
  for (unsigned i = 0; i < 4; ++i) frame[i] = static_cast<u8>(number >> 8 * i);
  return frame;
}
std::vector<Arrival> through(ImpairedLink& link, Nanoseconds gap, unsigned count = many) {
  std::vector<Arrival> all;
  std::vector<u8> frame;
  const auto take_until = [&](Nanoseconds end) {
    while (link.next() && *link.next() <= end) {
      const Nanoseconds now = *link.next();
      while (link.take(now, frame)) {
        u32 number = 0;
        for (unsigned i = 0; i < 4; ++i) number |= u32{frame[i]} << 8 * i;
        all.push_back({now, number, frame == numbered_frame(number)});
      }
    }
  };
  for (u32 n = 0; n < count; ++n) {
    take_until(n * gap);
    link.offer(n * gap, numbered_frame(n));
  }
  take_until(count * gap + 100 * second);
  EXPECT_FALSE(link.next());
  return all;
}

/// Five standard deviations of a share among `many`: a seed is fixed, but another one should pass as well.
double slack(double share) { return 5 * std::sqrt(share * (1 - share) * many); }

TEST(Impairment, loses_the_share_that_was_asked) {
  for (const u64 seed : {1u, 2u, 77u}) {
    ImpairedLink link({.loss = 0.05, .seed = seed}, 0);
    EXPECT_NEAR(static_cast<double>(through(link, 1000).size()), many * 0.95, slack(0.05)) << seed;
    EXPECT_EQ(link.counts().offered, link.counts().lost + link.counts().passed);
  }
}

TEST(Impairment, duplicates_and_corrupts_one_bit_behind_the_link_header) {
  ImpairedLink link({.duplicate = 0.03, .corrupt = 0.02}, 0);
  const auto got = through(link, 1000);
  EXPECT_NEAR(static_cast<double>(got.size()), many * 1.03, slack(0.03));
  EXPECT_NEAR(static_cast<double>(link.counts().corrupted), many * 0.02, slack(0.02));
  u64 changed = 0;
  for (const Arrival& a : got) changed += !a.same;
  EXPECT_GE(changed, link.counts().corrupted);
}

TEST(Impairment, lets_a_share_be_overtaken_by_the_next_frame_and_no_other) {
  ImpairedLink link({.delay = millisecond, .reorder = 0.1}, 0);
  const auto got = through(link, 100'000);
  ASSERT_EQ(got.size(), many);
  u64 late = 0;
  for (std::size_t i = 1; i < got.size(); ++i) {
    if (got[i].number > got[i - 1].number) continue;
    ++late;
    EXPECT_EQ(got[i].number + 1, got[i - 1].number);
  }
  EXPECT_NEAR(static_cast<double>(late), many * 0.1 / 1.1, slack(0.1)) << "the frame that overtakes is not chosen again";
}

TEST(Impairment, a_frame_that_nothing_overtakes_goes_after_50_ms) {
  ImpairedLink link({.reorder = 1}, 0);
  const auto got = through(link, 0, 1);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].time, 50 * millisecond);
}

TEST(Impairment, delays_by_what_was_asked_and_keeps_the_order_with_jitter) {
  ImpairedLink plain({.delay = 5 * millisecond}, 0);
  for (const Arrival& a : through(plain, 10'000, 100)) EXPECT_EQ(a.time, a.number * 10'000 + 5 * millisecond);
  ImpairedLink link({.delay = 5 * millisecond, .jitter = 2 * millisecond}, 0);
  double sum = 0;
  u32 before = 0;
  for (const Arrival& a : through(link, 10 * millisecond, 2000)) {
    const Nanoseconds late = a.time - a.number * 10 * millisecond;
    EXPECT_GE(late, 5 * millisecond);
    EXPECT_LE(late, 7 * millisecond);
    EXPECT_GE(a.number, before);
    before = a.number;
    sum += static_cast<double>(late);
  }
  EXPECT_NEAR(sum / 2000, 6e6, 0.07e6) << "even between 5 and 7 ms";
}

TEST(Impairment, a_rate_spreads_frames_and_its_queue_is_finite) {
  ImpairedLink link({.rate = 8'000'000, .queue = 10}, 0);  // a frame of 100 bytes each 100 us
  const auto got = through(link, 0, 50);
  ASSERT_EQ(got.size(), 10u);
  EXPECT_EQ(got.front().time, 100'000);
  EXPECT_EQ(got.back().time, 1'000'000);
  EXPECT_EQ(link.counts().no_room, 40u);
}

TEST(Impairment, is_the_same_for_the_same_seed_and_differs_between_directions) {
  const auto numbers = [](u64 seed, u64 stream) {
    ImpairedLink link({.loss = 0.5, .seed = seed}, stream);
    std::vector<u32> all;
    for (const Arrival& a : through(link, 1000, 200)) all.push_back(a.number);
    return all;
  };
  EXPECT_EQ(numbers(1, 0), numbers(1, 0));
  EXPECT_NE(numbers(1, 0), numbers(1, 1));
  EXPECT_NE(numbers(1, 0), numbers(2, 0));
}

TEST(Impairment, is_written_as_people_write_it) {
  const std::string words[] = {"pair", "delay=5ms", "jitter=250us", "loss=1%", "duplicate=0.5", "reorder=2.5%", "corrupt=0.1%", "rate=10Mbit", "queue=50", "seed=9"};
  const auto t = topology_of(words);
  ASSERT_TRUE(t) << t.error().text();
  EXPECT_EQ(text_of(t->links[0].how), "delay 5ms jitter 250us loss 1% duplicate 50% reorder 2.5% corrupt 0.1% rate 10Mbit queue 50");
  EXPECT_EQ(t->links[0].how.seed, 9u);
  for (const std::string wrong : {"delay=5 apples", "loss=101%", "loss=-1", "rate=1bit", "queue=0", "los=1%", "delay", "seed=x", "delay=11s", "loss=nan"}) {
    const std::string command[] = {"pair", wrong};
    const auto no = topology_of(command);
    if (wrong == "delay") continue;  // a word of the topology's own
    ASSERT_FALSE(no) << wrong;
    EXPECT_FALSE(no.error().what.empty());
  }
}

}  // namespace
}  // namespace rawket::test
