// rawket ping on the real kernel of a lab.
#include <gtest/gtest.h>

#include "json_check.hpp"
#include "tool.hpp"

namespace rawket::test {
namespace {

class PingCommandLine : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!no_lab().empty()) GTEST_SKIP() << no_lab();
  }
  static std::string summary_of(const std::string& words) {
    const Outcome o = run_in_lab("rawket ping " + words + " -o json -q");
    EXPECT_EQ(o.code, 0) << words << '\n' << o.out << o.err;
    return o.lines().empty() ? std::string("{}") : o.last_line();
  }
};

TEST_F(PingCommandLine, is_answered_by_every_means_in_both_families) {
  for (const std::string host : {"198.18.0.2", "2001:db8::2"})
    for (const std::string means : {"", "--udp 9", "--tcp 80", "--arp"}) {
      const std::string line = summary_of(host + " " + means + " -c 3 --interval 20ms");
      const auto o = json_object(line);
      EXPECT_EQ(o.at("sent"), "3") << line;
      EXPECT_EQ(o.at("answered"), "3") << host << ' ' << means << ": " << line;
      EXPECT_EQ(o.at("lost"), "0") << line;
    }
}

TEST_F(PingCommandLine, tells_each_event_and_its_times) {
  const Outcome o = run_in_lab("rawket ping 198.18.0.2 198.18.0.99 -c 2 --interval 50ms --timeout 200ms -o json");
  EXPECT_EQ(o.code, 1) << "one host was silent";
  ASSERT_EQ(o.lines().size(), 7u) << o.out;
  EXPECT_EQ(json_object(o.line(6)).at("event"), "\"diagnosis\"") << "it looks for the cause by itself";
  EXPECT_EQ(json_object(o.line(6)).at("cause"), "\"no-neighbour\"") << o.out;
  unsigned answers = 0, lost = 0;
  for (const std::string& line : o.lines()) {
    const auto event = json_object(line);
    if (event.at("event") == "\"answer\"") {
      ++answers;
      EXPECT_EQ(event.at("kernel_stamped"), "true") << line;
      EXPECT_EQ(event.at("hop_limit"), "64") << line;
      EXPECT_LE(std::stod(event.at("round_trip_ms")), std::stod(event.at("round_trip_here_ms"))) << line;
    }
    if (event.at("event") != "\"lost\"") continue;
    ++lost;
    EXPECT_EQ(event.at("address"), "\"198.18.0.99\"");
  }
  EXPECT_EQ(answers, 2u);
  EXPECT_EQ(lost, 2u);
}

TEST_F(PingCommandLine, floods_within_the_policy_and_records_what_left) {
  const Outcome slow = run_in_lab("rawket ping h2 --flood -c 300 -q");
  EXPECT_EQ(slow.code, 0) << slow.err;
  EXPECT_NE(slow.out.find("300 sent, 300 answered, 0 % lost"), std::string::npos) << slow.out;
  EXPECT_NE(slow.out.find("####"), std::string::npos) << slow.out;
  Folder folder;
  const Outcome fast = run_in_lab("rawket ping h2 --flood --allow fast -c 3000 -q --record " + folder.path("left.pcapng") + " && rawket read " + folder.path("left.pcapng") + " --count");
  EXPECT_EQ(fast.code, 0) << fast.err;
  EXPECT_NE(fast.out.find("3000 answered"), std::string::npos) << fast.out;
  EXPECT_EQ(fast.last_line(), "3000");
  const Outcome forbidden = run_in_lab("rawket ping 198.18.0.2 -c 1 --never-to 198.18.0.0/15");
  EXPECT_NE(forbidden.err.find("policy forbids"), std::string::npos) << forbidden.err;
  EXPECT_EQ(forbidden.code, 2);
}

TEST_F(PingCommandLine, without_a_count_ends_with_the_budget_of_the_policy_for_all_hosts) {
  const Outcome option = run_in_lab("rawket ping 198.18.0.2 --flood --budget 30 -q");
  EXPECT_NE(option.out.find("30 sent, 30 answered"), std::string::npos) << option.out << option.err;
  Folder folder;
  folder.write("p.toml", "budget = 1200\n");
  const Outcome file = run_in_lab("rawket ping 198.18.0.2 --flood --allow fast -q --policy " + folder.path("p.toml"));
  EXPECT_NE(file.out.find("1200 sent"), std::string::npos) << file.out << file.err;
  const Outcome two = run_in_lab("rawket ping 198.18.0.2 2001:db8::2 --flood --budget 30 -q");
  EXPECT_NE(two.out.find("15 sent, 15 answered"), std::string::npos) << two.out << two.err;
}

TEST_F(PingCommandLine, ends_in_order_when_stopped_and_says_what_is_wrong) {
  Folder folder;
  const Outcome stopped = run_in_lab("cd " + folder.path("") + "; rawket ping 198.18.0.2 --interval 50ms >out & p=$!; for i in $(seq 100); do [ -s out ] && break; sleep 0.1; done; kill -INT $p; wait $p; code=$?; cat " + folder.path("out") + "; exit $code");
  EXPECT_EQ(stopped.code, 0) << stopped.err;
  EXPECT_NE(stopped.out.find("0 % lost"), std::string::npos) << stopped.out;
  EXPECT_EQ(run_in_lab("rawket ping nobody.invalid -c 1").code, 2);
  EXPECT_EQ(run_in_lab("rawket ping h2 --interval soon").code, 2);
  EXPECT_EQ(run_in_lab("rawket ping h2 --pattern xyz").code, 2);
  const Outcome long_one = run_in_lab("rawket ping 198.18.0.2 --size 9000 -c 1");
  EXPECT_EQ(long_one.code, 4);
  EXPECT_NE(long_one.err.find("exceeds the MTU"), std::string::npos) << long_one.err;
}

TEST_F(PingCommandLine, asks_without_any_right_where_the_kernel_lets_anybody) {
  const std::string without = "sysctl -qw net.ipv4.ping_group_range='0 0'; setpriv --bounding-set=-net_raw --inh-caps=-net_raw rawket ping ";
  for (const std::string family : {"-4", "-6"}) {
    const Outcome echo = run_in_lab(without + "h2 " + family + " -c 3 --interval 20ms --ttl 7 -o json");
    EXPECT_EQ(echo.code, 0) << echo.err;
    EXPECT_NE(echo.err.find("no right for raw sockets, so by those that anybody may open"), std::string::npos) << echo.err;
    ASSERT_EQ(echo.lines().size(), 4u) << echo.out << echo.err;
    EXPECT_EQ(json_object(echo.line(0)).at("kernel_stamped"), "false");
    EXPECT_EQ(json_object(echo.line(0)).at("hop_limit"), "64");
    EXPECT_EQ(json_object(echo.line(3)).at("answered"), "3");
    EXPECT_EQ(run_in_lab(without + "h2 " + family + " -c 1 --size 3000 --fragment 600").code, 3) << "the kernel would cut up as it likes";
    const Outcome refused = run_in_lab(without + "h2 " + family + " -c 3 --interval 20ms --udp 9 --size 1100 -o json");
    EXPECT_NE(refused.out.find("\"reason\":\"port unreachable\""), std::string::npos) << refused.out << refused.err;
    EXPECT_EQ(json_object(refused.last_line()).at("answered"), "3") << refused.out;
    const LabServer server("s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)\ns.setsockopt(41, 26, 0)\ns.bind(('::', 7))\nready()\nwhile True: s.sendto(*s.recvfrom(999))");
    const Outcome answered = run_shell("rawket lab run " + server.on("h2") + "-- sh -c \"" + without + "h2 " + family + " -c 2 --interval 20ms --udp 7 -q\"");
    EXPECT_NE(answered.out.find("2 sent, 2 answered"), std::string::npos) << answered.out << answered.err;
    const Outcome closed = run_in_lab("sysctl -qw net.ipv4.ping_group_range='1 0'; setpriv --bounding-set=-net_raw --inh-caps=-net_raw rawket ping h2 " + family + " -c 1");
    EXPECT_EQ(closed.code, 3) << closed.out;
    EXPECT_NE(closed.err.find("net.ipv4.ping_group_range"), std::string::npos) << closed.err;
    EXPECT_EQ(run_in_lab(without + "h2 " + family + " -c 1 --tcp 9").code, 3) << "plain sockets send no segments";
  }
}

TEST_F(PingCommandLine, cuts_its_probes_up) {
  Folder f;
  for (const std::string family : {"-4", "-6"}) {
    const std::string left = f.path("left" + family + ".pcapng");
    const Outcome o = run_in_lab("rawket ping h2 " + family + " -c 3 --size 3000 --fragment 600 --interval 20ms --record " + left + "; rawket read " + left + " --count; rawket read " + left + " --reassemble | grep -c ' 3000 bytes'");
    EXPECT_NE(o.out.find("3 sent, 3 answered, 0 % lost\n"), std::string::npos) << "whole again over there, and unchanged: " << o.out << o.err;
    ASSERT_GE(o.lines().size(), 2u);
    EXPECT_EQ(o.last_line(1).substr(0, 2), "18") << "six pieces each: " << o.out << o.err;
    EXPECT_EQ(o.last_line().substr(0, 1), "3") << o.out << o.err;
  }
  EXPECT_EQ(run_in_lab("rawket ping h2 -c 1 --arp --fragment 600").code, 2);
}

TEST_F(PingCommandLine, leaves_by_the_interface_that_is_named_with_and_without_rights) {
  const std::string lab = "rawket lab run --host r1 chain 1 -- ", no_right = "sh -c 'sysctl -qw net.ipv4.ping_group_range=\"0 0\"; setpriv --bounding-set=-net_raw --inh-caps=-net_raw rawket ping ";
  for (const std::string host : {"198.18.0.1", "2001:db8::1"}) {
    const std::string end = " -n -c 1 --timeout 300ms --no-why " + host;
    EXPECT_EQ(run_shell(lab + "rawket ping -i eth0" + end).code, 0) << host;
    EXPECT_NE(run_shell(lab + "rawket ping -i eth1" + end).code, 0) << "it is not there: " << host;
    EXPECT_EQ(run_shell(lab + no_right + "-i eth0" + end + "'").code, 0) << host;
    EXPECT_NE(run_shell(lab + no_right + "-i eth1" + end + "'").code, 0) << host;
  }
  EXPECT_EQ(run_shell(lab + "rawket ping -n -c 1 -i eth1 198.18.0.2").code, 0) << "what is for this machine needs no interface";
  EXPECT_EQ(run_shell(lab + "rawket why -i nosuch 198.18.0.1").code, 2);
  const Outcome down = run_shell(lab + "sh -c 'ip link set eth1 down; rawket why -n -i eth1 198.18.0.1'");
  EXPECT_NE(down.out.find("fix: ip link set eth1 up"), std::string::npos) << down.out << down.err;
  const Outcome why = run_shell(lab + "rawket why -n -i eth1 198.18.0.1");
  EXPECT_NE(why.out.find("it was asked by eth1, but the way to 198.18.0.1 is by eth0"), std::string::npos) << why.out << why.err;
}

TEST_F(PingCommandLine, shows_a_plot_on_a_terminal_and_nowhere_else) {
  const auto on_terminal = [](const std::string& list) { return run_in_lab("TERM=xterm python3 -c \"import pty; pty.spawn([" + list + "])\""); };
  const Outcome ping = on_terminal("'rawket', 'ping', 'h2', '-4', '-c', '4', '--interval', '250ms', '-q'");
  EXPECT_NE(ping.out.find("\033[1A"), std::string::npos) << "written over again: " << ping.out << ping.err;
  EXPECT_NE(ping.out.find("\u2588"), std::string::npos) << ping.out;
  EXPECT_NE(ping.out.find("4 sent, 4 answered"), std::string::npos) << ping.out;
  const Outcome scan = on_terminal("'rawket', 'scan', 'h2', '-4', '-p', '1-600'");
  EXPECT_NE(scan.out.find("of 600 asked"), std::string::npos) << scan.out;
  EXPECT_NE(scan.out.find("600 closed"), std::string::npos) << scan.out;
  const Outcome found = on_terminal("'rawket', 'discover', '198.18.0.0/30'");
  EXPECT_NE(found.out.find("so far"), std::string::npos) << found.out;
  const Outcome trace = on_terminal("'rawket', 'trace', 'h2', '-4'");
  EXPECT_NE(trace.out.find("\033["), std::string::npos) << trace.out;
  const Outcome dumb = run_in_lab("TERM=dumb python3 -c \"import pty; pty.spawn(['rawket', 'ping', 'h2', '-4', '-c', '3', '--interval', '250ms', '-q'])\"; rawket ping h2 -c 3 --interval 250ms; rawket scan h2 -p 1-600; rawket discover 198.18.0.0/30; rawket trace h2");
  EXPECT_EQ((dumb.out + dumb.err).find('\033'), std::string::npos) << dumb.out << dumb.err;
}

}  // namespace
}  // namespace rawket::test
