// Memory for large tables.
#include "rawket/host/huge_pages.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>

namespace rawket {
namespace {

TEST(HugePages, gives_pieces_that_do_not_overlap_and_are_aligned) {
  HugePages pages;
  std::vector<std::pair<unsigned char*, std::size_t>> pieces;
  for (std::size_t i = 1; i <= 400; ++i) {
    const std::size_t bytes = i * 337, alignment = std::size_t{1} << (i % 8);
    auto* at = static_cast<unsigned char*>(pages.allocate(bytes, alignment));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(at) % alignment, 0u);
    std::memset(at, static_cast<int>(i & 0xff), bytes);
    pieces.emplace_back(at, bytes);
  }
  for (std::size_t i = 1; i <= pieces.size(); ++i) {
    const auto [at, bytes] = pieces[i - 1];
    EXPECT_EQ(at[0], i & 0xff);
    EXPECT_EQ(at[bytes - 1], i & 0xff);
  }
}

TEST(HugePages, gives_more_than_an_area_at_once_and_refuses_what_cannot_be) {
  HugePages pages;
  auto* at = static_cast<unsigned char*>(pages.allocate(20u << 20));
  at[0] = 1, at[(20u << 20) - 1] = 2;
  EXPECT_EQ(at[0] + at[(20u << 20) - 1], 3);
  EXPECT_THROW(static_cast<void>(pages.allocate(~std::size_t{0} - 64)), std::bad_alloc);
}

}  // namespace
}  // namespace rawket
