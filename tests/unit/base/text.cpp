// Numbers, hex, UTF-8, words and the nearest of them.
#include "rawket/base/text.hpp"

#include <gtest/gtest.h>

namespace rawket {
namespace {

TEST(Utf8, every_code_point_is_decoded_from_its_shortest_form_only) {
  const auto encode = [](u32 c, unsigned n) {
    std::string s(n, '\0');
    for (unsigned i = n; i-- > 1; c >>= 6) s[i] = static_cast<char>(0x80 | (c & 0x3f));
    s[0] = static_cast<char>(n == 1 ? c : (0xf00u >> n & 0xff) | c);
    return s;
  };
  for (u32 c = 0; c <= 0x10ffff; ++c) {
    const unsigned n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    const bool surrogate = c >= 0xd800 && c < 0xe000;
    const Utf8 u = decode_utf8(encode(c, n));
    ASSERT_EQ(u.valid, !surrogate) << std::hex << c;
    ASSERT_TRUE(surrogate || (u.code == c && u.length == n)) << std::hex << c;
    for (unsigned longer = n + 1; longer <= 4; ++longer) ASSERT_FALSE(decode_utf8(encode(c, longer)).valid) << std::hex << c << " in " << longer << " bytes";
  }
}

TEST(Utf8, broken_sequences_use_what_could_have_begun_a_character) {  // Unicode 15, 3.9, "maximal subparts"
  const std::pair<std::string_view, unsigned> cases[] = {{"\x80", 1}, {"\xbf", 1}, {"\xc0\x80", 1}, {"\xc1\xbf", 1}, {"\xc3", 1}, {"\xc3(", 1}, {"\xe2\x82", 2}, {"\xe2\x82(", 2}, {"\xe2(\xa1", 1}, {"\xf0\x9f\x98", 3},
      {"\xf0\x9f\x98(", 3}, {"\xed\xa0\x80", 1}, {"\xe0\x80\x80", 1}, {"\xf4\x90\x80\x80", 1}, {"\xf5\x80\x80\x80", 1}, {"\xfe", 1}, {"\xff", 1}};
  for (const auto& [s, length] : cases) {
    EXPECT_FALSE(decode_utf8(s).valid) << clean_text(s);
    EXPECT_EQ(decode_utf8(s).length, length) << clean_text(s);
  }
  EXPECT_EQ(clean_text("a\xf0\x9f\x98(b"), "a\\xf0\\x9f\\x98(b") << "no byte is lost";
}

TEST(CleanText, nothing_that_a_terminal_obeys_gets_through) {
  EXPECT_EQ(clean_text("plain"), "plain");
  EXPECT_EQ(clean_text("한글 é"), "한글 é");
  EXPECT_EQ(clean_text("a\x1b[31m\n\r\t\x07"), "a\\x1b[31m\\x0a\\x0d\\x09\\x07");
  EXPECT_EQ(clean_text("\x7f"), "\\x7f");
  EXPECT_EQ(clean_text("\xff\xfe"), "\\xff\\xfe");
  EXPECT_EQ(clean_text("\u202e\u2066\u200b\ufeff"), "\\u{202e}\\u{2066}\\u{200b}\\u{feff}");
  EXPECT_EQ(clean_text("\u0085\u009b"), "\\u{0085}\\u{009b}") << "C1 controls";
  EXPECT_EQ(clean_text("\u2028"), "\\u{2028}");
  EXPECT_EQ(clean_text("\U000e0041"), "\\u{0e0041}") << "tag characters";
  EXPECT_EQ(clean_text(""), "");
}

TEST(ParseNumber, decimal_and_hexadecimal_and_nothing_else) {
  EXPECT_EQ(parse_number("0"), 0u);
  EXPECT_EQ(parse_number("007"), 7u);
  EXPECT_EQ(parse_number("0x1F"), 31u);
  EXPECT_EQ(parse_number("0XfF"), 255u);
  EXPECT_EQ(parse_number("18446744073709551615"), ~u64{});
  EXPECT_EQ(parse_number("0xffffffffffffffff"), ~u64{});
  for (std::string_view bad : {"", "0x", "-1", "+1", " 1", "1 ", "1.5", "1e3", "12a", "0xg", "0x-1", "18446744073709551616", "0x10000000000000000",
                               "0x 1"}) EXPECT_EQ(parse_number(bad), std::nullopt) << bad;
}

TEST(ParseHex, pairs_of_digits_and_nothing_else) {
  EXPECT_EQ(parse_hex("00fFa5"), (std::vector<u8>{0, 0xff, 0xa5}));
  EXPECT_EQ(parse_hex(""), std::vector<u8>{});
  for (std::string_view bad : {"0", "0x00", "gg", "0 ", " 0", "00:1"}) EXPECT_EQ(parse_hex(bad), std::nullopt) << bad;
}

TEST(Text, trim_takes_blanks_at_both_ends_only) {
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("x"), "x");
}

TEST(Text, split_keeps_empty_parts) {
  EXPECT_EQ(split("a,,b,", ','), (std::vector<std::string_view>{"a", "", "b", ""}));
  EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
  EXPECT_EQ(split("abc", ','), (std::vector<std::string_view>{"abc"}));
}

TEST(Text, case_does_not_count_for_same_word) {
  EXPECT_TRUE(same_word("TcP", "tCp"));
  EXPECT_FALSE(same_word("tcp", "tcpx"));
  EXPECT_FALSE(same_word("[", "{")) << "only letters have two cases";
  EXPECT_FALSE(same_word("@", "`"));
}

TEST(Nearest, finds_a_slip_and_leaves_strangers_alone) {
  const std::string_view words[] = {"dport", "sport", "seq", "flags", "ttl"};
  EXPECT_EQ(nearest("dprot", words), "dport");
  EXPECT_EQ(nearest("flag", words), "flags");
  EXPECT_EQ(nearest("DPORT", words), "dport");
  EXPECT_EQ(nearest("tl", words), "ttl");
  EXPECT_EQ(nearest("elephant", words), "");
  EXPECT_EQ(nearest("", words), "");
  EXPECT_EQ(nearest("x", std::span<const std::string_view>{}), "");
  EXPECT_EQ(nearest(std::string(100, 'a'), words), "");
  EXPECT_EQ(did_you_mean("dprot", words), "; did you mean 'dport'?");
  EXPECT_EQ(did_you_mean("elephant", words), "");
}

}  // namespace
}  // namespace rawket
