// What is remembered, forgotten and written.
#include "rawket/io/pre_trigger.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rawket {
namespace {

struct Kept final : Sink {
  Result<void> write(const CapturedPacket& p) override {
    all.emplace_back(as_text(p.bytes));
    return {};
  }
  Result<void> flush() override { return {}; }
  u64 written() const override { return all.size(); }
  Result<void> close_each(std::span<const Counters>) override { return {}; }
  std::vector<std::string> all;
};

struct Flight {
  explicit Flight(Nanoseconds window, u64 bytes = 1u << 30) {
    auto sink = std::make_unique<Kept>();
    kept = sink.get();
    recorder = PreTrigger::create(std::move(sink), window, bytes);
  }
  void fly(int from, int to) const {
    for (; from < to; ++from) {
      const std::string text = std::to_string(from);
      ASSERT_TRUE(recorder->write({as_bytes(text), {.time = from * second}}));
    }
  }
  Kept* kept;
  std::unique_ptr<PreTrigger> recorder;
};

TEST(PreTrigger, nothing_is_written_before_it_and_the_window_and_all_that_follows_after_it) {
  const Flight f(5 * second);
  f.fly(0, 100);
  EXPECT_EQ(f.recorder->written(), 0u);
  EXPECT_EQ(f.recorder->forgotten() + f.recorder->remembered(), 100u);
  ASSERT_TRUE(f.recorder->trigger());
  EXPECT_TRUE(f.recorder->triggered());
  EXPECT_EQ(f.kept->all, (std::vector<std::string>{"94", "95", "96", "97", "98", "99"}));
  EXPECT_EQ(f.recorder->forgotten(), 94u);
  f.fly(100, 102);
  EXPECT_EQ(f.kept->all.back(), "101");
  ASSERT_TRUE(f.recorder->trigger()) << "again does nothing";
  EXPECT_EQ(f.recorder->written(), 8u);
}

TEST(PreTrigger, memory_is_bounded_and_what_that_costs_is_told) {
  const Flight f(1000 * second, 4u << 20);
  const std::string large(100'000, 'x');
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(f.recorder->write({as_bytes(large), {.time = i * second}}));
  EXPECT_TRUE(f.recorder->short_of_memory());
  EXPECT_LE(f.recorder->remembered() * large.size(), 4u << 20);
  EXPECT_GE(f.recorder->remembered() * large.size(), 2u << 20);
  EXPECT_EQ(f.recorder->remembered() + f.recorder->forgotten(), 200u);
}

}  // namespace
}  // namespace rawket
