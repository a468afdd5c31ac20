// rawket send and ask without sending: the plan, what it needs, what is refused. Live ones are in lab.cpp.
#include <gtest/gtest.h>

#include "json_check.hpp"
#include "tool.hpp"

namespace rawket::test {
namespace {

TEST(send, shows_the_plan_beside_the_data_on_a_dry_run) {
  const Outcome o = run_tool({"send", "ip", "dst=127.0.0.1", "/", "icmp", "--dry-run"});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_EQ(o.lines().size(), 1u);
  for (const char* text : {"plan", "packets", "127.0.0.1", "1000 a second", " on lo"}) EXPECT_NE(o.err.find(text), std::string::npos) << text << " in " << o.err;
}

TEST(send, shows_the_bytes_of_a_dry_run_in_every_form) {
  const std::vector<std::string> words = {"send", "ip", "dst=127.0.0.1", "/", "udp", "dport=9-11", "--dry-run", "-o"};
  for (const char* form : {"text", "tree", "json", "csv", "fields", "hex", "c"}) {
    std::vector<std::string> all = words;
    all.emplace_back(form);
    const Outcome o = run_tool(all);
    EXPECT_EQ(o.code, 0) << form << o.err;
    EXPECT_GE(o.lines().size(), 3u) << form;
    if (std::string(form) != "json") continue;
    for (const std::string& line : o.lines()) EXPECT_EQ(json_object(line).at("ip.checksum.status"), "1");
  }
}

struct Harm {
  const char* name;
  std::vector<std::string> words;
  const char* need;
};
const Harm harms[] = {
    {"broadcast", {"ip", "dst=255.255.255.255", "/", "icmp", "-i", "eth0"}, "broadcast"},
    {"subnet_broadcast", {"ip", "dst=198.18.0.255", "/", "icmp"}, "broadcast"},
    {"multicast", {"ip", "dst=224.0.0.1", "/", "icmp", "-i", "eth0"}, "multicast"},
    {"multicast_v6", {"ipv6", "dst=ff02::1", "/", "icmpv6", "-i", "eth0"}, "multicast"},
    {"forged_source", {"ip", "dst=127.0.0.1", "src=198.18.9.9", "/", "icmp"}, "forged"},
    {"forged_link_source", {"eth", "src=02:99:99:99:99:99", "dst=02:00:00:00:00:02", "/", "ip", "dst=198.18.0.2", "/", "icmp", "-i", "eth0"}, "forged"},
    {"too_many", {"ip", "dst=127.0.0.1", "/", "icmp", "--repeat", "100001"}, "many"},
    {"too_fast", {"ip", "dst=127.0.0.1", "/", "icmp", "--rate", "5000"}, "fast"},
    {"faulty", {"ip", "dst=127.0.0.1", "checksum=1", "/", "icmp"}, "faulty"},
};

class PlanThatMayHarm : public ::testing::TestWithParam<Harm> {};
TEST_P(PlanThatMayHarm, is_refused_until_its_need_is_named) {
  std::vector<std::string> words = GetParam().words;
  words.insert(words.begin(), "send");
  const std::string need = GetParam().need;
  if (!no_lab().empty()) GTEST_SKIP() << no_lab();
  const std::vector<std::string> lab = {"lab", "run", "--", RAWKET_BINARY};
  words.insert(words.begin(), lab.begin(), lab.end());
  const Outcome refused = run_tool(words);
  EXPECT_EQ(refused.code, 2) << refused.err;
  EXPECT_NE(refused.err.find("--allow " + need), std::string::npos) << refused.err;
  EXPECT_EQ(refused.out, "") << "nothing is data that was not sent";
  words.emplace_back("--dry-run");
  const Outcome dry = run_tool(words);
  EXPECT_EQ(dry.code, 1) << "a dry run of a plan that would be refused: " << dry.err;
  EXPECT_NE(dry.err.find(need + " (missing)"), std::string::npos) << dry.err;
  words.insert(words.end(), {"--allow", need + ",forged"});
  const Outcome allowed = run_tool(words);
  EXPECT_EQ(allowed.code, 0) << allowed.err;
  EXPECT_NE(allowed.err.find(need + " (given)"), std::string::npos) << allowed.err;
}
INSTANTIATE_TEST_SUITE_P(All, PlanThatMayHarm, ::testing::ValuesIn(harms), [](const auto& test) { return test.param.name; });

TEST(send, takes_the_packets_of_a_capture) {
  Folder f;
  const Outcome o = run_tool({"send", "-r", f.craft("a.pcap", {"ip", "src=127.0.0.1", "dst=127.0.0.1", "/", "udp", "dport=9-11"}), "--dry-run", "-o", "json"});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_EQ(o.lines().size(), 3u);
}

TEST(ask, shows_its_plan_too) {
  const Outcome o = run_tool({"ask", "ip", "dst=127.0.0.1", "/", "icmp", "--dry-run"});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_NE(o.err.find("plan"), std::string::npos);
}

}  // namespace
}  // namespace rawket::test
