// How errors read, and what they keep.
#include "rawket/base/error.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>

namespace rawket {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return fail(Errc::out_of_range, "half", "it is odd");
  return n / 2;
}
Result<int> quarter(int n) {
  const int h = RAWKET_TRY(half(n));
  return RAWKET_TRY(half(h));
}

TEST(Error, text_says_where_what_and_the_advice_on_a_line_of_its_own) {
  EXPECT_EQ(fail(Errc::unknown_name, "tcp", "has no field 'dprot'", "try dport").error().text(), "tcp: has no field 'dprot'\n  try dport");
  EXPECT_EQ(fail(Errc::refused, "send", "no").error().text(), "send: no");
  EXPECT_EQ(fail(Errc::refused, "", "no").error().text(), "no");
  EXPECT_EQ(fail(Errc::refused, "send", "").error().text(), "send");
}

TEST(Error, a_place_is_told_even_when_it_is_zero) {
  const Error e = fail_at(Errc::malformed, "file", 0, "bad magic").error();
  EXPECT_TRUE(e.located);
  EXPECT_EQ(e.text(), "file: bad magic at byte 0");
  EXPECT_EQ(fail_at(Errc::malformed, "file", 0xffffffffffull, "cut", "x").error().text(), "file: cut at byte 1099511627775\n  x");
  EXPECT_FALSE(fail(Errc::malformed, "file", "bad").error().located);
}

TEST(Error, a_closed_door_is_no_permission) {
  EXPECT_EQ(fail_system("socket", EPERM).error().code, Errc::no_permission);
  EXPECT_EQ(fail_system("socket", EACCES).error().code, Errc::no_permission);
  EXPECT_EQ(fail_system("socket", ENOENT).error().code, Errc::system);
}

TEST(Error, the_system_is_quoted) {
  const Error e = fail_system("open", ENOENT, "look for it").error();
  EXPECT_EQ(e.errno_value, ENOENT);
  EXPECT_EQ(e.text(), std::string("open: ") + std::strerror(ENOENT) + "\n  look for it");
  errno = EBUSY;
  EXPECT_EQ(fail_system("open").error().errno_value, EBUSY);
}

TEST(Error, try_hands_values_on_and_errors_up) {
  EXPECT_EQ(quarter(8), 2);
  EXPECT_EQ(quarter(6).error().what, "it is odd");
  EXPECT_EQ(quarter(5).error().code, Errc::out_of_range);
}

}  // namespace
}  // namespace rawket
