// Bytes out of what people paste.
#include "rawket/packet/hex_text.hpp"

#include "../packet_test.hpp"

namespace rawket {
namespace {

using namespace test;

std::string read(std::string_view text) {
  const auto r = parse_hex_text(text);
  if (!r) return "error: " + r.error().text();
  std::string s;
  for (const auto& p : *r) s += (s.empty() ? "" : "|") + hex_of(p);
  return s;
}

TEST(HexText, plain_digits_in_every_usual_dress) {
  for (std::string_view text : {"4500ff", "45 00 ff", "45:00:ff", "45-00-FF", "0x4500ff", "0x45, 0x00, 0xff", "\\x45\\x00\\xff", "{0x45,0x00,0xff};",
                                "\"\\x45\\x00\" \"\\xff\"", " 4500\n ff\r\n", "4500 ff"}) {
    EXPECT_EQ(read(text), "4500ff") << text;
  }
}

TEST(HexText, dumps_of_tcpdump) {
  EXPECT_EQ(read("\t0x0000:  4500 0014 0000 0000 4011 0000 c612 0001  E.......@.......\n\t0x0010:  c612 0002                                ....\n"),
            "450000140000000040110000c6120001c6120002");
}

TEST(HexText, dumps_of_wireshark_and_hexdump) {
  EXPECT_EQ(read("0000   45 00 00 14 00 00 00 00 40 11 00 00 c6 12 00 01   E.......@.......\n0010   c6 12 00 02                                       ....\n"),
            "450000140000000040110000c6120001c6120002");
  EXPECT_EQ(read("00000000  45 00 00 14 00 00 00 00  40 11 00 00 c6 12 00 01  |E.......@.......|\n00000010  c6 12 00 02                                       |....|\n"),
            "450000140000000040110000c6120001c6120002");
  EXPECT_EQ(read("00000000: 4500 0014 0000 0000 4011 0000 c612 0001  E.......@.......\n00000010: c612 0002                                ....\n"),
      "450000140000000040110000c6120001c6120002") << "xxd";
}

TEST(HexText, a_text_column_that_looks_like_hex_is_not_read) {
  EXPECT_EQ(read("0000   61 62 63 64 65 66 30 31 61 62 63 64 65 66 30 31   abcdef01abcdef01\n0010   61 62                                             ab\n"),
      "61626364656630316162636465663031" "6162");
}

TEST(HexText, a_dump_that_starts_again_is_another_packet) {
  EXPECT_EQ(read("0000  01 02 03\n\n0000  04 05 06\n"), "010203|040506");
}

TEST(HexText, base64_is_told_by_its_letters) {
  EXPECT_EQ(read("RQAAFAAAAABAEQAAxhIAAcYSAAI="), "450000140000000040110000c6120001c6120002");
  EXPECT_EQ(read("RQAAFAAAAABAEQAA\nxhIAAcYSAAI=\n"), "450000140000000040110000c6120001c6120002");
}

TEST(HexText, what_is_none_is_an_error_with_a_place) {
  EXPECT_TRUE(read("").starts_with("error"));
  EXPECT_TRUE(read(" \n").starts_with("error"));
  EXPECT_NE(read("450").find("half a byte"), std::string::npos) << read("450");
  EXPECT_NE(read("45 0 0").find("at byte"), std::string::npos) << read("45 0 0");
  EXPECT_NE(read("45 zz").find("'z'"), std::string::npos) << read("45 zz");
  EXPECT_EQ(read("45 \x1b[0m").find('\x1b'), std::string::npos);
}

TEST(HexText, what_rawket_prints_is_read_back) {
  auto random = random_source();
  for (int i = 0; i < 300; ++i) {
    const Octets b = random_octets(random, 1 + random() % 100);
    EXPECT_EQ(read(hex_of(b)), hex_of(b));
  }
}

TEST(HexText, random_text_does_no_harm) {
  auto random = random_source();
  constexpr std::string_view alphabet = "0123456789abcdefxX \n\t:,{}\\\"|=+/zQ.";
  for (int i = 0; i < 30000; ++i) {
    std::string text(random() % 80, ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    parse_hex_text(text);
  }
}

}  // namespace
}  // namespace rawket
