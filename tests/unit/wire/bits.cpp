// Bits at every offset and width, against a model that looks at one bit at a time.
#include "rawket/wire/bits.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <utility>

namespace rawket {
namespace {

using Buffer = std::array<u8, 24>;

u64 slow_load(const Buffer& b, unsigned offset, unsigned width) {
  u64 v = 0;
  for (unsigned i = offset; i < offset + width; ++i) v = v << 1 | (b[i / 8] >> (7 - i % 8) & 1u);
  return v;
}
void slow_store(Buffer& b, unsigned offset, unsigned width, u64 value) {
  for (unsigned i = 0; i < width; ++i) {
    const unsigned at = offset + i;
    const u8 m = static_cast<u8>(0x80u >> at % 8);
    b[at / 8] = static_cast<u8>((value >> (width - 1 - i) & 1) != 0 ? b[at / 8] | m : b[at / 8] & ~m);
  }
}
std::mt19937_64& random_bits() {
  static std::mt19937_64 random = [] {
    const auto seed = std::random_device{}();
    std::printf("seed %u\n", seed);
    return std::mt19937_64(seed);
  }();
  return random;
}
Buffer noise() {
  Buffer b;
  for (u8& x : b) x = static_cast<u8>(random_bits()());
  return b;
}

/// One offset and width, known at compile time.
template <unsigned Offset, unsigned Width> void check_fixed() {
  if constexpr ((Offset + Width - 1) / 8 - Offset / 8 + 1 <= 8) {
    const Buffer b = noise();
    ASSERT_EQ((load<Offset, Width>(b.data())), slow_load(b, Offset, Width)) << Offset << " " << Width;
    Buffer fast = b, slow = b;
    const u64 value = random_bits()();
    store<Offset, Width>(fast.data(), value);
    slow_store(slow, Offset, Width, value);
    ASSERT_EQ(fast, slow) << Offset << " " << Width;
  }
}
template <unsigned Offset, unsigned... Widths> void check_widths(std::integer_sequence<unsigned, Widths...>) { (check_fixed<Offset, Widths + 1>(), ...); }
template <unsigned... Offsets> void check_offsets(std::integer_sequence<unsigned, Offsets...>) {
  (check_widths<Offsets>(std::make_integer_sequence<unsigned, 64>{}), ...);
  (check_widths<Offsets + 40>(std::make_integer_sequence<unsigned, 64>{}), ...);
}

TEST(Bits, fixed_offsets_and_widths_load_and_store_as_the_model_does) {
  for (int round = 0; round < 20; ++round) check_offsets(std::make_integer_sequence<unsigned, 8>{});
}

TEST(Bits, offsets_known_at_run_time_do_the_same) {
  for (unsigned offset = 0; offset < 100; ++offset)
    for (unsigned width = 1; width <= 64; ++width) {
      const Buffer b = noise();
      const u64 value = random_bits()();
      Buffer fast = b, slow = b;
      store(fast.data(), offset, width, value);
      slow_store(slow, offset, width, value);
      ASSERT_EQ(fast, slow) << offset << " " << width;
      if (offset % 8 + width <= 64) {
        ASSERT_EQ(load(b.data(), offset, width), slow_load(b, offset, width)) << offset << " " << width;
      }
    }
  EXPECT_EQ(load(noise().data(), 5, 0), 0u);
}

TEST(Bits, locators_read_what_load_reads) {
  for (unsigned offset = 0; offset < 64; ++offset)
    for (unsigned width = 1; width <= 64 - offset % 8; ++width) {
      const Buffer b = noise();
      const Locator at(offset, width);
      ASSERT_TRUE(at);
      ASSERT_EQ(at.read(b.data()), slow_load(b, offset, width)) << offset << " " << width;
    }
  EXPECT_FALSE(Locator());
}

TEST(Bits, the_compiler_agrees) {
  static constexpr u8 bytes[] = {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0};
  static_assert(load<0, 4>(bytes) == 1 && load<4, 4>(bytes) == 2 && load<0, 64>(bytes) == 0x123456789abcdef0);
  static_assert(load<4, 16>(bytes) == 0x2345 && load<8, 24>(bytes) == 0x345678 && load<3, 13>(bytes) == 0x1234);
  static_assert(load(bytes, 4, 16) == 0x2345 && Locator(4, 20).read(bytes) == 0x23456);
  static_assert([] {
    u8 b[3] = {0xff, 0xff, 0xff};
    store<6, 9>(b, 0);
    return b[0] == 0xfc && b[1] == 0x01 && b[2] == 0xff;
  }());
  static_assert([] {
    u8 b[4] = {};
    store<8, 16>(b, 0x1234);
    return b[0] == 0 && b[1] == 0x12 && b[2] == 0x34 && b[3] == 0;
  }());
}

}  // namespace
}  // namespace rawket
