// Numbers, addresses and hostile text in a growing buffer, against the standard library.
#include "rawket/base/text_buffer.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <string>

namespace rawket {
namespace {

std::string decimal(u64 v) {
  TextBuffer t;
  t.decimal(v);
  return std::string(t.view());
}
template <class Write> std::string written(const Write& write) {
  TextBuffer t;
  write(t);
  return std::string(t.view());
}

TEST(TextBuffer, decimals_are_right_around_every_power_of_ten) {
  EXPECT_EQ(decimal(0), "0");
  EXPECT_EQ(decimal(~u64{}), "18446744073709551615");
  for (u64 power = 1;; power *= 10) {
    for (u64 v = power - 1; v <= power + 1; ++v) EXPECT_EQ(decimal(v), std::to_string(v));
    if (power > ~u64{} / 10) break;
  }
  for (u64 v = 0; v < 20000; ++v) ASSERT_EQ(decimal(v), std::to_string(v));
}

TEST(TextBuffer, decimals_are_right_for_every_power_of_two) {
  for (unsigned bit = 0; bit < 64; ++bit)
    for (u64 v : {(u64{1} << bit) - 1, u64{1} << bit}) EXPECT_EQ(decimal(v), std::to_string(v));
}

TEST(TextBuffer, signed_decimals_know_the_smallest_number) {
  for (i64 v : {i64{0}, i64{1}, i64{-1}, i64{-1000}, INT64_MAX, INT64_MIN}) EXPECT_EQ(written([&](TextBuffer& t) { t.signed_decimal(v); }), std::to_string(v));
}

TEST(TextBuffer, padded_numbers_have_all_their_digits) {
  EXPECT_EQ(written([](TextBuffer& t) { t.decimal_padded(7, 9); }), "000000007");
  EXPECT_EQ(written([](TextBuffer& t) { t.decimal_padded(999999999, 9); }), "999999999");
  EXPECT_EQ(written([](TextBuffer& t) { t.hex(0xab, 4); }), "00ab");
  EXPECT_EQ(written([](TextBuffer& t) { t.hex(~u64{}, 16); }), "ffffffffffffffff");
  EXPECT_EQ(written([](TextBuffer& t) { t.hex(0x12345, 2); }), "45");
}

TEST(TextBuffer, octets_are_written_as_hex_with_and_without_colons) {
  const u8 b[] = {0, 1, 0x7f, 0x80, 0xff};
  EXPECT_EQ(written([&](TextBuffer& t) { t.hex(b); }), "00017f80ff");
  EXPECT_EQ(written([&](TextBuffer& t) { t.colon_hex(b); }), "00:01:7f:80:ff");
  EXPECT_EQ(written([&](TextBuffer& t) { t.hex(Bytes{}), t.colon_hex(Bytes{}); }), "");
}

TEST(TextBuffer, every_octet_of_an_ipv4_address_is_written_as_printf_does) {
  for (int v = 0; v < 256; ++v) {
    const u8 a[] = {static_cast<u8>(v), static_cast<u8>(255 - v), 0, static_cast<u8>(v * 7)};
    char want[20];
    std::snprintf(want, sizeof want, "%d.%d.%d.%d", a[0], a[1], a[2], a[3]);
    EXPECT_EQ(written([&](TextBuffer& t) { t.ipv4(a); }), want);
  }
}

TEST(TextBuffer, json_text_is_escaped_where_it_must_be) {
  const auto json = [](std::string_view s) { return written([&](TextBuffer& t) { t.json_escaped(s); }); };
  EXPECT_EQ(json("plain 'text'/"), "plain 'text'/");
  EXPECT_EQ(json("\"\\\n\r\t"), "\\\"\\\\\\n\\r\\t");
  EXPECT_EQ(json(std::string_view("\0\x1f\x7f", 3)), "\\u0000\\u001f\\u007f");
  EXPECT_EQ(json("한글"), "한글");
  EXPECT_EQ(json("\xff\xc3"), "\\ufffd\\ufffd");
  EXPECT_EQ(json("\xe2\x82("), "\\ufffd(");
  EXPECT_EQ(json("\u202e"), "\\u202e");
  EXPECT_EQ(json("\U0001f600"), "\U0001f600");
}

TEST(TextBuffer, grows_without_losing_a_byte) {
  std::mt19937 random(7);
  TextBuffer t;
  std::string want;
  for (int i = 0; i < 3000; ++i) {
    const std::string piece(random() % 40, static_cast<char>('a' + i % 26));
    t.append(std::string_view(piece));
    want += piece;
    t.append('.'), want += '.';
    t.decimal(static_cast<u64>(i)), want += std::to_string(i);
  }
  EXPECT_EQ(t.view(), want);
  EXPECT_EQ(t.back(), want.back());
  t.resize(5);
  EXPECT_EQ(t.view(), want.substr(0, 5));
  t.clear();
  EXPECT_TRUE(t.empty());
}

TEST(TextBuffer, an_empty_text_may_be_appended_even_first) {
  TextBuffer t;
  t.append(std::string_view());
  t.append(std::string_view(""));
  EXPECT_TRUE(t.empty());
}

TEST(TextBuffer, pads_up_to_a_column_and_never_beyond_what_is_there) {
  EXPECT_EQ(written([](TextBuffer& t) { t.append("ab"), t.pad(5), t.append('|'); }), "ab   |");
  EXPECT_EQ(written([](TextBuffer& t) { t.append("abcdef"), t.pad(5, '-'); }), "abcdef");
}

TEST(TextBuffer, short_keys_are_copied_in_one_move) {
  const char storage[40] = "key,and 32 readable bytes behind it...";
  EXPECT_EQ(written([&](TextBuffer& t) { t.append_padded(storage, 3), t.append_padded(storage, 4); }), "keykey,");
}

}  // namespace
}  // namespace rawket
