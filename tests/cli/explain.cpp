// rawket explain: every form in which people have bytes at hand.
#include <gtest/gtest.h>

#include "json_check.hpp"
#include "tool.hpp"

namespace rawket::test {
namespace {

const std::string echo = "4500001c000100004001eeb8c6120001c61200020800f7fd00010001";
const std::string echo_base64 = "RQAAHAABAABAAe64xhIAAcYSAAIIAPf9AAEAAQ==";

std::string with(const std::string& before, const std::string& between) {
  std::string s;
  for (std::size_t i = 0; i < echo.size(); i += 2) s += (i == 0 ? "" : between) + before + echo.substr(i, 2);
  return s;
}

struct Form {
  const char* name;
  std::string text;
};
const Form forms[] = {
    {"plain", echo},
    {"upper_case", "4500001C000100004001EEB8C6120001C61200020800F7FD00010001"},
    {"spaces", with("", " ")},
    {"colons", with("", ":")},
    {"x_each", with("0x", ", ")},
    {"x_once", "0x" + echo},
    {"backslash_x", with("\\x", "")},
    {"c_array", "{ " + with("0x", ",\n ") + " };"},
    {"quoted", "\"" + with("\\x", "") + "\""},
    {"words_of_two_bytes", "4500 001c 0001 0000 4001 eeb8 c612 0001 c612 0002 0800 f7fd 0001 0001"},
    {"base64", echo_base64},
    {"wireshark", "0000   45 00 00 1c 00 01 00 00 40 01 ee b8 c6 12 00 01   E.......@.......\n0010   c6 12 00 02 08 00 f7 fd 00 01 00 01               ............\n"},
    {"wireshark_hex_alone", "0000   45 00 00 1c 00 01 00 00 40 01 ee b8 c6 12 00 01\n0010   c6 12 00 02 08 00 f7 fd 00 01 00 01\n"},
    {"tcpdump_x", "13:35:11.639585 IP 198.18.0.1 > 198.18.0.2: ICMP echo request, id 1, seq 1, length 8\n\t0x0000:  4500 001c 0001 0000 4001 eeb8 c612 0001\n\t0x0010:  c612 0002 0800 f7fd 0001 0001\n"},
    {"tcpdump_X", "\t0x0000:  4500 001c 0001 0000 4001 eeb8 c612 0001  E.......@.......\n\t0x0010:  c612 0002 0800 f7fd 0001 0001            ............\n"},
    {"xxd", "00000000: 4500 001c 0001 0000 4001 eeb8 c612 0001  E.......@.......\n00000010: c612 0002 0800 f7fd 0001 0001            ............\n"},
    {"hexdump_C", "00000000  45 00 00 1c 00 01 00 00  40 01 ee b8 c6 12 00 01  |E.......@.......|\n00000010  c6 12 00 02 08 00 f7 fd  00 01 00 01              |............|\n0000001c\n"},
    {"od", "000000 45 00 00 1c 00 01 00 00 40 01 ee b8 c6 12 00 01\n000010 c6 12 00 02 08 00 f7 fd 00 01 00 01\n00001c\n"},
    {"windows_lines", "0000   45 00 00 1c 00 01 00 00 40 01 ee b8 c6 12 00 01\r\n0010   c6 12 00 02 08 00 f7 fd 00 01 00 01\r\n"},
};

class FormOfBytes : public ::testing::TestWithParam<Form> {};
TEST_P(FormOfBytes, is_understood) {
  const Outcome piped = run_tool({"explain", "-", "-o", "hex"}, GetParam().text);
  EXPECT_EQ(piped.code, 0) << piped.err;
  EXPECT_EQ(piped.out, echo + "\n") << "from a pipe";
  Folder f;
  EXPECT_EQ(run_tool({"explain", f.write("bytes.txt", GetParam().text), "-o", "hex"}).out, echo + "\n") << "from a file";
  EXPECT_EQ(run_tool({"explain", GetParam().text, "-o", "hex"}).out, echo + "\n") << "as an argument";
}
INSTANTIATE_TEST_SUITE_P(All, FormOfBytes, ::testing::ValuesIn(forms), [](const auto& test) { return test.param.name; });

TEST(explain, prints_the_tree_with_the_bytes_of_every_field) {
  const Outcome o = run_tool({"explain", echo});
  EXPECT_EQ(o.code, 0);
  for (const char* text : {"ip.ttl", "64", "eeb8", "good", "icmp.type", "echo request", "icmp.seq"}) EXPECT_NE(o.out.find(text), std::string::npos) << text;
  EXPECT_NE(o.err.find("taken as"), std::string::npos) << "a guess is told";
}

TEST(explain, takes_hex_in_several_words) { EXPECT_EQ(run_tool({"explain", echo.substr(0, 8), echo.substr(8), "-o", "hex"}).out, echo + "\n"); }

TEST(explain, takes_captures_from_files_and_pipes) {
  Folder f;
  const std::string file = f.craft("a.pcapng", {"eth", "/", "ip", "/", "udp", "dport=1-3"});
  EXPECT_EQ(run_tool({"explain", file, "-o", "json"}).lines().size(), 3u);
  EXPECT_EQ(run_tool({"explain", "-", "-o", "json"}, read_file(file)).lines().size(), 3u);
}

TEST(explain, begins_with_the_protocol_it_is_told) {
  const Outcome o = run_tool({"explain", "00140050000000000000000050022000ffff0000", "--link", "tcp", "-o", "json"});
  ASSERT_EQ(o.lines().size(), 1u) << o.err;
  EXPECT_EQ(json_object(o.line(0)).at("tcp.dstport"), "80");
  EXPECT_EQ(run_tool({"explain", echo, "--link", "ip"}).err, "") << "nothing was guessed";
}

TEST(explain, shows_what_a_cut_packet_has) {
  const Outcome o = run_tool({"explain", echo.substr(0, 30), "--link", "ip"});
  EXPECT_EQ(o.code, 0);
  EXPECT_NE(o.out.find("ip.ttl"), std::string::npos);
}

TEST(explain, finds_the_articles_packet_odd_but_shows_it) {
  const Outcome o = run_tool({"explain", "450000280000400040060000c0a80101c0a8010200140050000000000000000000500220003f8b0000"});
  EXPECT_EQ(o.code, 0);
  EXPECT_NE(o.out.find("tcp"), std::string::npos);
}

}  // namespace
}  // namespace rawket::test
