// A growing array whose elements stay.
#include "rawket/base/stable_vector.hpp"

#include <gtest/gtest.h>

namespace rawket {
namespace {

TEST(StableVector, keeps_its_elements_where_they_are) {
  StableVector<int, 4> v;
  EXPECT_TRUE(v.empty());
  const int* first = &(v.emplace_back() = 7);
  for (int i = 1; i < 100; ++i) v.emplace_back() = i;
  EXPECT_EQ(&v[0], first);
  EXPECT_EQ(*first, 7);
  EXPECT_EQ(v.size(), 100u);
  int expected = 0;
  for (const int i : v) {
    EXPECT_EQ(i, expected == 0 ? 7 : expected);
    ++expected;
  }
  EXPECT_EQ(expected, 100);
}

TEST(StableVector, begins_each_element_anew) {
  struct Pair {
    int a = 3, b = 4;
  };
  StableVector<Pair, 2> v;
  for (int i = 0; i < 5; ++i) {
    const Pair& p = v.emplace_back();
    EXPECT_EQ(p.a, 3);
    EXPECT_EQ(p.b, 4);
  }
}

TEST(StableVector, takes_its_memory_from_where_it_is_told) {
  struct Counting : std::pmr::memory_resource {
    std::size_t held = 0;
    void* do_allocate(std::size_t bytes, std::size_t alignment) override { return held += bytes, std::pmr::new_delete_resource()->allocate(bytes, alignment); }
    void do_deallocate(void* at, std::size_t bytes, std::size_t alignment) override { held -= bytes, std::pmr::new_delete_resource()->deallocate(at, bytes, alignment); }
    bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
  } memory;
  {
    StableVector<long, 8> v(&memory);
    for (int i = 0; i < 1000; ++i) v.emplace_back();
    EXPECT_EQ(v.memory(), memory.held);
  }
  EXPECT_EQ(memory.held, 0u);
}

}  // namespace
}  // namespace rawket
