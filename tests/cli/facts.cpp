// rawket fields, iface, doctor: the same facts for people and for programs.
#include <gtest/gtest.h>

#include "json_check.hpp"
#include "tool.hpp"

namespace rawket::test {
namespace {

TEST(fields, lists_every_protocol_that_is_promised) {
  const Outcome o = run_tool({"fields"});
  EXPECT_EQ(o.code, 0);
  for (const char* name : {"eth", "vlan", "arp", "ip", "ipv6", "icmp", "icmpv6", "tcp", "udp", "dns", "vxlan", "sll", "null"})
    EXPECT_TRUE(o.out.starts_with(std::string(name) + " ") || o.out.find("\n" + std::string(name) + " ") != std::string::npos) << name;
}

TEST(fields, draws_a_header) {
  const Outcome o = run_tool({"fields", "udp"});
  EXPECT_EQ(o.code, 0);
  for (const char* text : {"+-+-+-", "udp.dstport", "16 bits", "RFC 768"}) EXPECT_NE(o.out.find(text), std::string::npos) << text;
}

TEST(fields, finds_fields_by_a_part_of_their_name) {
  EXPECT_NE(run_tool({"fields", "ttl"}).out.find("ip.ttl"), std::string::npos);
  EXPECT_NE(run_tool({"fields", "tcp.flags"}).out.find("tcp.flags.syn"), std::string::npos);
}

TEST(fields, are_valid_json_and_markdown) {
  const Outcome json = run_tool({"fields", "-o", "json"});
  EXPECT_GT(json.lines().size(), 20u);
  for (const std::string& line : json.lines()) {
    const JsonObject protocol = json_object(line);
    EXPECT_TRUE(protocol.contains("name") && protocol.contains("title") && protocol.contains("fields")) << line;
  }
  EXPECT_NE(run_tool({"fields", "tcp", "-o", "md"}).out.find('|'), std::string::npos);
  for (const std::string& line : run_tool({"fields", "ttl", "-o", "json"}).lines()) json_object(line);
}

TEST(iface, lists_loopback) {
  const Outcome o = run_tool({"iface"});
  EXPECT_EQ(o.code, 0);
  EXPECT_NE(o.out.find("lo"), std::string::npos);
  EXPECT_EQ(run_tool({"iface", "lo", "-o", "json"}).lines().size(), 1u);
  for (const std::string& line : run_tool({"iface", "-o", "json"}).lines()) {
    const JsonObject i = json_object(line);
    EXPECT_TRUE(i.contains("name") && i.contains("mtu") && i.contains("addresses") && i.contains("distortions")) << line;
  }
}

TEST(doctor, tells_for_each_command_whether_it_will_work) {
  const Outcome o = run_tool({"doctor"});
  EXPECT_LE(o.code, 1);
  for (const char* text : {"CAP_NET_RAW", "capture", "send", "ask", "lab"}) EXPECT_NE(o.out.find(text), std::string::npos) << text;
  std::size_t commands = 0;
  for (const std::string& line : run_tool({"doctor", "-o", "json"}).lines()) {
    const JsonObject fact = json_object(line);
    EXPECT_TRUE(fact.contains("name") && fact.contains("verdict") && fact.contains("text") && fact.contains("fix")) << line;
    commands += fact.at("group") == "\"commands\"" ? 1 : 0;
  }
  EXPECT_GE(commands, 5u);
}

}  // namespace
}  // namespace rawket::test
