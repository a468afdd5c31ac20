// rawket trace and the lab's topologies, on the real kernel.
#include <gtest/gtest.h>

#include "json_check.hpp"
#include "tool.hpp"

namespace rawket::test {
namespace {

class TraceCommandLine : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!no_lab().empty()) GTEST_SKIP() << no_lab();
  }
  static Outcome in(const std::string& topology, const std::string& words) { return run_shell("rawket lab run " + topology + " -- rawket trace " + words); }
};

TEST_F(TraceCommandLine, finds_each_router_by_every_means_in_both_families) {
  for (const std::string family : {"-4", "-6"})
    for (const std::string means : {"", "--udp 33434", "--tcp 80"}) {
      const Outcome o = in("chain 6", "h2 " + family + " " + means + " -o json");
      EXPECT_EQ(o.code, 0) << o.err;
      ASSERT_EQ(o.lines().size(), 8u) << family << means << o.out << o.err;
      for (std::size_t hop = 0; hop < 7; ++hop) {
        const auto h = json_object(o.line(hop));
        const bool refuses = hop == 6 && means.starts_with("--udp");  // a host does so six times at once, then once a second
        EXPECT_TRUE(h.at("answered") == "3" || (refuses && h.at("answered") != "0")) << o.line(hop);
        const std::string expected = family == "-4" ? "198.18." + std::to_string(hop) + ".2" : hop == 0 ? std::string("2001:db8::2") : "2001:db8:0:" + std::to_string(hop) + "::2";
        EXPECT_NE(o.line(hop).find("\"" + expected + "\""), std::string::npos) << o.line(hop);
      }
      EXPECT_EQ(json_object(o.last_line()).at("reached"), "true");
    }
}

TEST_F(TraceCommandLine, finds_the_paths_of_equal_cost) {
  const Outcome o = in("ecmp 4", "h2 -4 --udp 33434 --flows 40 --rounds 1 --allow public -o json");
  EXPECT_EQ(o.code, 0) << o.err;
  for (const char* router : {"198.18.1.2", "198.18.3.2", "198.18.5.2", "198.18.7.2"}) EXPECT_NE(o.out.find(router), std::string::npos) << router << '\n' << o.out;
  EXPECT_EQ(json_object(o.last_line()).at("paths"), "4") << o.out;
}

TEST_F(TraceCommandLine, ends_at_a_host_that_is_not_there_and_when_stopped) {
  const Outcome none = run_shell("rawket lab run chain 2 -- rawket trace 198.18.2.77 --rounds 1 --timeout 5s --max-hops 8");
  EXPECT_EQ(none.code, 1) << none.err;
  EXPECT_NE(none.out.find("was not reached"), std::string::npos) << none.out;
  EXPECT_NE(none.out.find("refuses: host unreachable"), std::string::npos) << "the last router tells that nobody answers there: " << none.out;
  const Outcome stopped = run_shell("rawket lab run chain 2 -- sh -c 'rawket trace h2 -4 --watch & p=$!; sleep 2.2; kill -INT $p; wait $p'");
  EXPECT_EQ(stopped.code, 0) << stopped.err;
  EXPECT_NE(stopped.out.find("198.18.2.2"), std::string::npos) << stopped.out;
  EXPECT_EQ(stopped.out.find("->"), std::string::npos) << "nothing was changed on the way: " << stopped.out;
}

TEST_F(TraceCommandLine, topologies_are_listed_drawn_and_run) {
  EXPECT_NE(run_tool({"lab", "list"}).out.find("chain N"), std::string::npos);
  EXPECT_NE(run_tool({"lab", "show", "chain", "2"}).out.find("h1 --- (r1) --- (r2) --- h2"), std::string::npos);
  Folder folder;
  folder.write("narrow.toml", "hosts = ['h1', 'h2']\nrouters = ['r1']\n[[link]]\nbetween = ['h1', 'r1']\n[[link]]\nbetween = ['r1', 'h2']\nmtu = 1300\n");
  const std::string file = folder.path("narrow.toml");
  EXPECT_NE(run_tool({"lab", "show", file}).out.find("mtu 1300"), std::string::npos);
  const Outcome ping = run_shell("rawket lab run " + file + " --host r1 -- rawket ping 198.18.1.2 -c 1 --size 1272 && rawket lab run " + file + " --host r1 -- rawket ping 198.18.1.2 -c 1 --size 1273");
  EXPECT_NE(ping.out.find("1 answered"), std::string::npos) << ping.out << ping.err;
  EXPECT_NE(ping.err.find("exceeds the MTU"), std::string::npos) << "one byte more than fits: " << ping.err;
  EXPECT_EQ(run_shell("echo exit 7 | SHELL=/bin/sh rawket lab shell chain 1 --host r1").code, 7);
  EXPECT_EQ(run_tool({"lab", "run", "ring", "--", "true"}).code, 2);
}

TEST_F(TraceCommandLine, finds_its_way_without_any_right) {
  for (const std::string family : {"-4", "-6"})
    for (const std::string by : {"", " --udp 33434"}) {
      const Outcome o = run_shell("rawket lab run chain 3 -- sh -c \"sysctl -qw net.ipv4.ping_group_range='0 0'; setpriv --bounding-set=-net_raw --inh-caps=-net_raw rawket trace h2 " + family + by + " --rounds 1 -o json\"");
      EXPECT_EQ(o.code, 0) << o.out << o.err;
      ASSERT_EQ(o.lines().size(), 5u) << o.out << o.err;
      for (int hop = 1; hop <= 3; ++hop) {
        const std::string address = family == "-4" ? "198.18." + std::to_string(hop - 1) + ".2" : hop == 1 ? "2001:db8::2" : "2001:db8:0:" + std::to_string(hop - 1) + "::2";
        EXPECT_NE(o.line(static_cast<std::size_t>(hop - 1)).find("\"" + address + "\""), std::string::npos) << o.out;
      }
      EXPECT_EQ(o.out.find("changed"), std::string::npos) << "what is not seen is not told: " << o.out;
    }
}

TEST_F(TraceCommandLine, names_what_it_finds_unless_told_not_to) {
  const Outcome o = run_shell("rawket lab run chain 2 -- sh -c 'rawket trace h2 -4 --rounds 1; rawket trace h2 -4 --rounds 1 -o json; rawket trace h2 -4 -n --rounds 1; rawket ping 198.18.2.2 -c 1 -q; rawket discover 198.18.0.0/30'");
  EXPECT_NE(o.out.find("198.18.1.2 (r2) "), std::string::npos) << o.out << o.err;
  EXPECT_NE(o.out.find("\"address\":\"198.18.1.2\",\"name\":\"r2\""), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("198.18.1.2      "), std::string::npos) << "with -n: " << o.out;
  EXPECT_NE(o.out.find("h2 (198.18.2.2): 1 sent"), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("(made up) r1"), std::string::npos) << o.out;
  // A resolver that would be waited for longer than a test may take.
  const Outcome slow = run_shell("rawket lab run -- sh -c 'printf \"nameserver 198.18.0.2\\noptions timeout:30\\n\" > /tmp/resolv.$$; mount --bind /tmp/resolv.$$ /etc/resolv.conf; rm /tmp/resolv.$$; "
                                 "ip address add 198.18.0.77/24 dev eth0; nft add table inet t; nft add chain inet t o \"{ type filter hook output priority 0; }\"; nft add rule inet t o udp dport 53 drop; rawket ping 198.18.0.77 -c 1 -q'");
  EXPECT_EQ(slow.code, 0) << slow.out << slow.err;
  EXPECT_NE(slow.out.find("198.18.0.77: 1 sent, 1 answered"), std::string::npos) << slow.out << slow.err;
}

TEST_F(TraceCommandLine, takes_several_hosts_one_after_the_other) {
  const Outcome o = run_shell("rawket lab run chain 2 -- sh -c 'rawket trace r1 h2 -4 --rounds 1 -o json; rawket pmtu r1 h2 -4 -o json; rawket why h2 198.18.2.77; echo code $?; rawket trace r1 h2 --record x; echo code $?; "
                              "rawket trace h2 r1 -4 --rounds 1000 --allow public > /dev/null & p=$!; sleep 1; kill -TERM $p; wait $p; echo code $?; rawket trace h2 r1 --watch; echo code $?'");
  EXPECT_NE(o.out.find("{\"event\":\"hop\",\"target\":\"r1\",\"hop\":1"), std::string::npos) << o.out << o.err;
  EXPECT_NE(o.out.find("{\"event\":\"hop\",\"target\":\"h2\",\"hop\":3"), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("{\"event\":\"summary\",\"host\":\"h2\",\"address\":\"198.18.2.2\",\"reached\":true,\"up\":1500"), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("code 1\ncode 2\ncode 0\ncode 2\n"), std::string::npos) << "one of two does not answer; one record for two; stopped: " << o.out << o.err;
}

TEST_F(TraceCommandLine, tells_where_packets_are_changed) {
  const std::string mark = "--on 'r1: nft add table inet t; nft \"add chain inet t f { type filter hook forward priority 0; }\"; nft add rule inet t f ip dscp set cs1; nft add rule inet t f ip6 dscp set cs1' ";
  for (const std::string family : {"-4", "-6"}) {
    const Outcome o = run_shell("rawket lab run chain 3 " + mark + "-- rawket trace h2 " + family + " --rounds 1 -o json");
    ASSERT_EQ(o.lines().size(), 5u) << o.out << o.err;
    EXPECT_NE(o.line(0).find("\"changes\":[]"), std::string::npos) << "it came unchanged to the router that marks it: " << o.out;
    const std::string field = family == "-4" ? "ip.dsfield" : "ipv6.tclass";
    for (const std::size_t hop : {1u, 2u}) EXPECT_NE(o.line(hop).find("\"changes\":[{\"field\":\"" + field + "\",\"before\":\"0x00\",\"after\":\"0x20\""), std::string::npos) << o.out;
  }
}

}  // namespace
}  // namespace rawket::test
