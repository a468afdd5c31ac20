// rawket flows, streams and stats: lists, forms, order, limits, and wrong files.
#include <gtest/gtest.h>

#include "json_check.hpp"
#include "tool.hpp"

namespace rawket::test {
namespace {

TEST(flows, lists_each_conversation_once) {
  Folder f;
  const std::string file = f.craft("a.pcap", {"ip", "src=198.18.0.1", "dst=198.18.0.2", "/", "udp", "sport={7,8}", "dport=53", "/", "x"});
  const Outcome o = run_tool({"flows", file, "-o", "json"});
  EXPECT_EQ(o.code, 0) << o.err;
  ASSERT_EQ(o.lines().size(), 2u);
  EXPECT_EQ(json_object(o.line(0)).at("protocol"), "\"udp\"");
  EXPECT_NE(o.err.find("2 packets, 2 flows"), std::string::npos) << o.err;
  EXPECT_EQ(run_tool({"flows", file, "--top", "1", "-o", "csv"}).lines().size(), 2u) << "a heading and one flow";
  EXPECT_EQ(run_tool({"flows", file, "src port 7", "-o", "json"}).lines().size(), 1u);
  EXPECT_EQ(run_tool({"flows", file, "-Y", "udp.srcport == 8", "-o", "json"}).lines().size(), 1u);
  EXPECT_NE(run_tool({"flows", file}).out.find("198.18.0.1:7 > 198.18.0.2:53"), std::string::npos);
}

TEST(flows, tells_what_it_gave_up) {
  Folder f;
  const Outcome o = run_tool({"flows", f.craft("a.pcap", {"ip", "/", "udp", "sport=1000-1099", "dport=53"}), "--most", "10", "-o", "json"});
  EXPECT_EQ(o.lines().size(), 100u) << "given up, but listed";
  EXPECT_NE(o.err.find("90 given up"), std::string::npos) << o.err;
}

std::string a_stream(Folder& f) {
  return f.craft("a.pcap", {"ip", "src=198.18.0.1", "dst=198.18.0.2", "/", "tcp", "sport=40000", "dport=80", "seq={100,105,120}", "flags=PA", "/", "text=hello"});
}

TEST(streams, are_listed_followed_and_saved) {
  Folder f;
  const std::string file = a_stream(f);
  const Outcome list = run_tool({"streams", file, "-o", "json"});
  EXPECT_EQ(list.code, 0) << list.err;
  ASSERT_EQ(list.lines().size(), 1u);
  EXPECT_EQ(json_object(list.line(0)).at("packets"), "3");
  const Outcome text = run_tool({"streams", file, "--follow", "0"});
  EXPECT_NE(text.out.find("> client, 5 bytes at 0\n  hello\n"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("-- 10 bytes missing --"), std::string::npos) << text.out;
  EXPECT_EQ(run_tool({"streams", file, "--follow", "0", "--as", "raw"}).out, "hellohellohello");
  EXPECT_EQ(run_tool({"streams", file, "--follow", "0", "--as", "raw", "--side", "server"}).out, "");
  const Outcome none = run_tool({"streams", file, "--follow", "9"});
  EXPECT_EQ(none.code, 1);
  EXPECT_NE(none.err.find("no stream 9"), std::string::npos) << none.err;
}

TEST(stats, tells_protocols_hosts_and_the_course) {
  Folder f;
  const std::string file = a_stream(f);
  const Outcome o = run_tool({"stats", file});
  EXPECT_EQ(o.code, 0) << o.err;
  for (std::string_view word : {"ip  ", "tcp", "198.18.0.1", "0 to 63", "packets per"}) EXPECT_NE(o.out.find(word), std::string::npos) << o.out;
  const JsonObject all = json_object(run_tool({"stats", file, "-o", "json"}).line(0));
  EXPECT_EQ(all.at("packets"), "3");
  EXPECT_EQ(run_tool({"stats", file, "-Y", "udp"}).err.find("0 packets"), run_tool({"stats", file, "-Y", "udp"}).err.find("rawket: ") + 8);
}

}  // namespace
}  // namespace rawket::test
