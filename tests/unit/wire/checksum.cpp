// RFC 1071's sum against its own example and a slow model; RFC 1624's update against summing again.
#include "rawket/wire/checksum.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

namespace rawket {
namespace {

/// Word by word, folded at every step.
u16 slow_sum(Bytes b) {
  u32 sum = 0;
  for (std::size_t i = 0; i < b.size(); i += 2) {
    sum += static_cast<u32>(b[i] << 8 | (i + 1 < b.size() ? b[i + 1] : 0));
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return static_cast<u16>(sum);
}
/// One's complement has two zeros.
bool same_sum(u16 a, u16 b) { return a == b || (a % 0xffff == 0 && b % 0xffff == 0); }

std::mt19937_64 source() {
  const auto seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  return std::mt19937_64(seed);
}

constexpr u8 rfc_1071[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
static_assert(fold(sum_words(rfc_1071)) == 0xddf2);
static_assert(internet_checksum(rfc_1071) == static_cast<u16>(~0xddf2));

TEST(Checksum, the_example_of_rfc_1071_comes_out) {
  EXPECT_EQ(fold(sum_words(rfc_1071)), 0xddf2);
  EXPECT_EQ(internet_checksum(rfc_1071), 0x220d);
}

TEST(Checksum, a_known_ip_header_sums_to_nothing) {
  constexpr u8 header[] = {0x45, 0, 0, 0x3c, 0x1c, 0x46, 0x40, 0, 0x40, 0x06, 0xb1, 0xe6, 0xac, 0x10, 0x0a, 0x63, 0xac, 0x10, 0x0a, 0x0c};
  static_assert(internet_checksum(header) == 0);
  EXPECT_EQ(internet_checksum(header), 0);
}

TEST(Checksum, every_length_at_every_alignment_is_as_the_model_says) {
  auto random = source();
  std::vector<u8> memory(1700);
  for (u8& x : memory) x = static_cast<u8>(random());
  for (std::size_t start = 0; start < 16; ++start)
    for (std::size_t size = 0; size < 300; ++size) {
      const Bytes b = Bytes(memory).subspan(start, size);
      ASSERT_TRUE(same_sum(fold(sum_words(b)), slow_sum(b))) << start << " " << size;
    }
  for (std::size_t size = 1400; size < 1600; ++size) ASSERT_TRUE(same_sum(fold(sum_words(Bytes(memory).first(size))), slow_sum(Bytes(memory).first(size)))) << size;
}

TEST(Checksum, all_ones_do_not_overflow_even_in_the_largest_packet) {
  const std::vector<u8> ones(65535 + 64, 0xff), zeros(65535, 0);
  EXPECT_TRUE(same_sum(fold(sum_words(Bytes(ones).first(65536))), 0xffff));
  EXPECT_EQ(fold(sum_words(ones)), slow_sum(ones));
  EXPECT_EQ(sum_words(zeros), 0u);
  EXPECT_EQ(internet_checksum(Bytes{}), 0xffff);
}

TEST(Checksum, fold_takes_any_number) {
  EXPECT_EQ(fold(0), 0);
  EXPECT_EQ(fold(0xffff), 0xffff);
  EXPECT_EQ(fold(0x10000), 1);
  EXPECT_EQ(fold(0x1fffe), 0xffff);
  EXPECT_EQ(fold(~u64{}), 0xffff);
  EXPECT_EQ(fold(0xffffffff00000001), 1 + 0);
  auto random = source();
  for (int i = 0; i < 100000; ++i) {
    const u64 v = random() >> random() % 64;
    ASSERT_TRUE(same_sum(fold(v), static_cast<u16>(v % 0xffff))) << v;
  }
}

TEST(Checksum, the_update_of_rfc_1624_is_the_sum_made_again) {
  auto random = source();
  for (int round = 0; round < 50000; ++round) {
    std::array<u8, 20> b;
    for (u8& x : b) x = static_cast<u8>(round % 3 == 0 ? random() % 2 * 255 : random());
    b[10] = b[11] = 0;
    const u16 before = internet_checksum(b);
    b[10] = static_cast<u8>(before >> 8), b[11] = static_cast<u8>(before);
    const std::size_t at = random() % 10 == 0 ? 18 : random() % 5 * 2;
    const u64 was = sum_words(Bytes(b).subspan(at, 2));
    b[at] = static_cast<u8>(random()), b[at + 1] = static_cast<u8>(random());
    const u16 fresh = updated_checksum(before, was, sum_words(Bytes(b).subspan(at, 2)));
    b[10] = static_cast<u8>(fresh >> 8), b[11] = static_cast<u8>(fresh);
    ASSERT_TRUE(same_sum(internet_checksum(b), 0)) << round;
  }
}

TEST(Checksum, the_example_of_rfc_1624_comes_out) {
  static_assert(updated_checksum(0xdd2f, 0x5555, 0x3285) == 0x0000);  // section 4: 0xdd2f, 0x5555 -> 0x3285
  EXPECT_EQ(updated_checksum(0xdd2f, 0x5555, 0x3285), 0x0000);
  EXPECT_EQ(updated_checksum(0x1234, 0xabcd, 0xabcd), 0x1234);
}

}  // namespace
}  // namespace rawket
