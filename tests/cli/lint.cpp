// rawket lint: exit codes, the keys of its JSON, and that repaired packets have no faults.
#include <gtest/gtest.h>

#include <set>

#include "json_check.hpp"
#include "tool.hpp"

namespace rawket::test {
namespace {

const std::string article = "450000280000400040060000c0a80101c0a8010200140050000000000000000000500220003f8b0000";

std::set<std::string> codes(const Outcome& o) {
  std::set<std::string> all;
  for (const std::string& line : o.lines()) all.insert(json_object(line).at("code"));
  return all;
}

TEST(lint, finds_nothing_in_a_right_packet) {
  const Outcome o = run_tool({"lint", "4500001c000100004001eeb8c6120001c61200020800f7fd00010001"});
  EXPECT_EQ(o.code, 0);
  EXPECT_EQ(o.out, "");
  EXPECT_NE(o.err.find("0 findings"), std::string::npos) << o.err;
}

TEST(lint, exits_with_1_when_it_found_something) {
  const Outcome o = run_tool({"lint", "4500001c000100004001aaaac6120001c61200020800f7fd00010001"});
  EXPECT_EQ(o.code, 1);
  EXPECT_NE(o.out.find("ip.checksum"), std::string::npos);
  EXPECT_NE(o.out.find("RFC 791"), std::string::npos);
}

TEST(lint, gives_one_json_object_for_each_finding_with_just_these_keys) {
  const Outcome o = run_tool({"lint", article, "-o", "json"});
  EXPECT_EQ(o.code, 1);
  ASSERT_FALSE(o.lines().empty());
  for (const std::string& line : o.lines()) {
    const JsonObject finding = json_object(line);
    std::set<std::string> keys;
    for (const auto& [key, value] : finding) keys.insert(key);
    EXPECT_EQ(keys, (std::set<std::string>{"n", "severity", "code", "field", "offset", "length", "text", "reference", "repair"})) << line;
    EXPECT_EQ(finding.at("n"), "1");
    EXPECT_TRUE((std::set<std::string>{"\"error\"", "\"warning\"", "\"note\""}).contains(finding.at("severity"))) << line;
    EXPECT_GT(finding.at("reference").size(), 2u) << line;
    const std::string repair = finding.at("repair");
    EXPECT_TRUE(repair == "null" || repair.find_first_not_of("0123456789abcdef\"") == std::string::npos) << line;
  }
}

TEST(lint, names_every_fault_of_the_articles_packet) {
  const std::set<std::string> found = codes(run_tool({"lint", article, "-o", "json"}));
  for (const char* code : {"\"bad-checksum\"", "\"header-length\"", "\"extra-byte\"", "\"trailing-bytes\""}) EXPECT_TRUE(found.contains(code)) << code;
}

TEST(lint, repairs_the_articles_packet_into_the_syn_it_was_meant_to_be) {
  Folder f;
  const Outcome o = run_tool({"lint", article, "--fix", f.path("fixed.pcap")});
  EXPECT_EQ(o.code, 1) << "faults were found, although they are repaired";
  EXPECT_EQ(run_tool({"lint", f.path("fixed.pcap")}).code, 0) << run_tool({"lint", f.path("fixed.pcap")}).out;
  const JsonObject p = json_object(run_tool({"read", f.path("fixed.pcap"), "-o", "json"}).lines().at(0));
  EXPECT_EQ(p.at("tcp.flags"), "2");
  EXPECT_EQ(p.at("tcp.dstport"), "80");
  EXPECT_EQ(p.at("tcp.hdr_len"), "20");
  EXPECT_EQ(p.at("len"), "40");
  EXPECT_EQ(p.at("tcp.checksum.status"), "1");
}

TEST(lint, numbers_findings_by_packet_and_keeps_right_packets) {
  Folder f;
  const std::string file = f.craft("a.pcap", {"ip", "checksum={1,2}", "/", "udp", "dport=9"});
  const Outcome o = run_tool({"lint", file, "-o", "json", "--fix", f.path("b.pcap")});
  ASSERT_EQ(o.lines().size(), 2u);
  EXPECT_EQ(json_object(o.line(1)).at("n"), "2");
  EXPECT_EQ(run_tool({"lint", f.path("b.pcap")}).code, 0);
  EXPECT_EQ(run_tool({"read", f.path("b.pcap"), "--count"}).out, "2\n");
}

TEST(lint, reads_pipes) {
  Folder f;
  const std::string file = f.craft("a.pcap", {"ip", "/", "udp", "dport=9"});
  EXPECT_EQ(run_tool({"lint", "-"}, read_file(file)).code, 0);
  EXPECT_EQ(run_tool({"lint", "-"}, article + "\n").code, 1);
}

TEST(lint, tells_what_it_found_before_a_file_was_cut) {
  Folder f;
  const std::string whole = read_file(f.craft("a.pcap", {"ip", "checksum=1", "/", "udp", "dport=1-8"}));
  const Outcome o = run_tool({"lint", f.write("cut.pcap", std::string_view(whole).substr(0, whole.size() - 5)), "-o", "json"});
  EXPECT_EQ(o.code, 5);
  EXPECT_EQ(o.lines().size(), 7u);
}

}  // namespace
}  // namespace rawket::test
