// Runs the live tests. Each starts a lab of its own, or is skipped with the reason why there can be none.
#include <gtest/gtest.h>

int main(int count, char** words) {
  testing::InitGoogleTest(&count, words);
  return RUN_ALL_TESTS();
}
