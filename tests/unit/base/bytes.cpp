// The cursor's limits, and slices.
#include "rawket/base/bytes.hpp"

#include <gtest/gtest.h>

#include <array>

namespace rawket {
namespace {

constexpr std::array<u8, 10> ten = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

TEST(Cursor, numbers_are_big_endian) {
  Cursor c(ten);
  EXPECT_EQ(c.byte(), 1);
  EXPECT_EQ(c.word(), 0x0203);
  EXPECT_EQ(c.dword(), 0x04050607u);
  EXPECT_EQ(c.offset(), 7u);
  EXPECT_EQ(c.left(), 3u);
  EXPECT_EQ(c.number(3), 0x08090au);
  EXPECT_TRUE(c.ok());
  EXPECT_EQ(c.left(), 0u);
  EXPECT_EQ(Cursor(ten).number(8), 0x0102030405060708ull);
}

TEST(Cursor, reading_past_the_end_gives_zero_and_stays_bad) {
  Cursor c(ten, 8);
  EXPECT_EQ(c.dword(), 0u);
  EXPECT_FALSE(c.ok());
  EXPECT_EQ(c.left(), 0u);
  EXPECT_EQ(c.byte(), 0) << "two bytes are there, but the cursor is lost";
  EXPECT_TRUE(c.take(0).empty());
  EXPECT_FALSE(c.ok());
}

TEST(Cursor, starting_past_the_end_is_bad_and_at_the_end_is_not) {
  EXPECT_FALSE(Cursor(ten, 11).ok());
  EXPECT_EQ(Cursor(ten, 11).left(), 0u);
  EXPECT_TRUE(Cursor(ten, 10).ok());
  EXPECT_EQ(Cursor(ten, 10).left(), 0u);
  EXPECT_TRUE(Cursor(Bytes{}).ok());
}

TEST(Cursor, huge_sizes_do_not_wrap_around) {
  Cursor c(ten, 5);
  c.skip(~std::size_t{});
  EXPECT_FALSE(c.ok());
  Cursor d(ten, 1);
  EXPECT_TRUE(d.take(~std::size_t{} - 1).empty());
  EXPECT_FALSE(d.ok());
}

TEST(Cursor, taking_nothing_and_everything_is_fine) {
  Cursor c(ten);
  EXPECT_TRUE(c.take(0).empty());
  EXPECT_EQ(c.take(10).size(), 10u);
  EXPECT_TRUE(c.ok());
  c.skip(1);
  EXPECT_FALSE(c.ok());
}

TEST(Cursor, works_at_compile_time) {
  static_assert([] {
    Cursor c(ten);
    c.skip(2);
    return c.word() == 0x0304 && c.ok() && c.take(7).empty() && !c.ok();
  }());
}

TEST(Slice, never_leaves_its_bytes) {
  EXPECT_EQ(slice(ten, 3).size(), 7u);
  EXPECT_EQ(slice(ten, 3, 2).size(), 2u);
  EXPECT_EQ(slice(ten, 3, 2)[0], 4);
  EXPECT_EQ(slice(ten, 3, 100).size(), 7u);
  EXPECT_EQ(slice(ten, 3, ~std::size_t{}).size(), 7u);
  EXPECT_TRUE(slice(ten, 10).empty());
  EXPECT_TRUE(slice(ten, ~std::size_t{}, 1).empty());
  EXPECT_TRUE(slice(Bytes{}, 0).empty());
}

TEST(Bytes, text_and_bytes_are_two_views_of_the_same) {
  EXPECT_EQ(as_bytes("ab").size(), 2u);
  EXPECT_EQ(as_bytes("ab")[1], 'b');
  EXPECT_EQ(as_text(as_bytes("ab")), "ab");
}

}  // namespace
}  // namespace rawket
