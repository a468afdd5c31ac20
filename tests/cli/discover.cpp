// rawket discover on the real kernel of a lab.
#include <gtest/gtest.h>

#include <algorithm>

#include "json_check.hpp"
#include "tool.hpp"

namespace rawket::test {
namespace {

class DiscoverCommandLine : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!no_lab().empty()) GTEST_SKIP() << no_lab();
  }
  static bool has(const Outcome& o, const std::string& part) { return o.out.find(part) != o.out.npos; }
};

TEST_F(DiscoverCommandLine, finds_everyone_on_the_own_links_without_being_told_where) {
  const Outcome o = run_shell("rawket lab run lan 5 -- rawket discover -o json --rate 5000 --allow fast");
  EXPECT_EQ(o.code, 0) << o.err;
  for (const std::string n : {"2", "3", "4", "5"})
    for (const std::string& address : {"198.18.0." + n, "2001:db8::" + n, "fe80::" + n}) EXPECT_TRUE(has(o, '"' + address + '"')) << address << o.out;
  const auto s = json_object(o.last_line());
  EXPECT_EQ(s.at("machines"), "4");
  EXPECT_EQ(s.at("duplicates"), "0");
}

TEST_F(DiscoverCommandLine, looks_into_prefixes_by_what_fits_them) {
  const Outcome link = run_shell("rawket lab run lan 3 -- rawket discover 198.18.0.0/28 --timeout 100ms");
  EXPECT_TRUE(has(link, "198.18.0.3                02:00:00:00:00:03  arp")) << link.out << link.err;
  const Outcome link6 = run_shell("rawket lab run lan 3 -- rawket discover 2001:db8::/124 --timeout 100ms");
  EXPECT_TRUE(has(link6, "2001:db8::3               02:00:00:00:00:03  ndp")) << link6.out << link6.err;
  for (const std::string far : {"198.18.1.0/28", "2001:db8:0:1::/124"}) {
    const Outcome o = run_shell("rawket lab run chain 1 -- rawket discover " + far + " --timeout 100ms -o json");
    EXPECT_EQ(json_object(o.last_line()).at("answered"), "2") << "the router's other side, and the host: " << o.out << o.err;
  }
}

TEST_F(DiscoverCommandLine, tells_an_address_that_two_machines_claim) {
  if (run_shell("ip -V").code != 0) GTEST_SKIP() << "ip is not installed, by which an address is given to two machines";
  const Outcome o = run_shell("rawket lab run lan 3 --on 'h2: ip address add 198.18.0.50/24 dev eth0' --on 'h3: ip address add 198.18.0.50/24 dev eth0' -- rawket discover 198.18.0.48/29 --timeout 100ms");
  EXPECT_TRUE(has(o, "several machines claim this address: 02:00:00:00:00:0")) << o.out << o.err;
  EXPECT_TRUE(has(o, "1 of them claimed by several machines")) << o.out;
  const Outcome own = run_shell("rawket lab run lan 3 --on 'h3: ip address add 198.18.0.1/24 dev eth0' -- rawket discover 198.18.0.0/29 --timeout 100ms");
  EXPECT_TRUE(has(own, "this machine's own address: another one claims it too")) << own.out << own.err;
}

TEST_F(DiscoverCommandLine, listens_without_sending) {
  Folder f;
  const std::string sent = f.path("sent.pcapng");
  const std::string told = "rawket send ip dst=224.0.0.251 ttl=255 / udp sport=5353 dport=5353 / hex=0000840000000001000000000570726e7472056c6f63616c0000010001000000780004c6120003 --allow multicast 2>/dev/null";
  const Outcome o = run_shell("rawket lab run lan 3 --on 'h3: (for i in 1 2 3 4 5 6 7 8 9; do rawket ping 198.18.0.2 --arp -c 1 >/dev/null; " + told + "; sleep 0.2; done) &' -- sh -c 'rawket capture -i eth0 -w " + sent +
                              " outbound and not ip6 2>/dev/null & p=$!; sleep 0.3; rawket discover --passive --duration 3s; kill -INT $p; wait $p; rawket read " + sent + " --count'");
  EXPECT_TRUE(has(o, "198.18.0.3                02:00:00:00:00:03  arp")) << o.out << o.err;
  EXPECT_TRUE(has(o, "arp mdns")) << o.out;
  EXPECT_TRUE(has(o, "prntr.local")) << o.out;
  EXPECT_EQ(o.last_line(), "0") << "nothing but the kernel's own listener reports left: " << o.out;
}

TEST_F(DiscoverCommandLine, ends_well_when_there_is_nobody_and_says_what_is_wrong) {
  EXPECT_EQ(run_shell("rawket lab run -- rawket discover 198.18.0.96/29 --timeout 50ms --passes 1").code, 1);
  EXPECT_EQ(run_shell("rawket lab run -- rawket discover 198.18.0.0/8").code, 2);
  EXPECT_NE(run_shell("rawket lab run -- rawket discover 198.18.0.1").code, 0) << "oneself is nobody to discover";
  EXPECT_TRUE(has(run_shell("rawket lab run -- rawket discover --echo -4 --timeout 50ms --passes 1 --rate 5000 --allow fast"), " echo ")) << "by echo alone";
  EXPECT_EQ(run_shell("rawket lab run -- rawket discover nobody.invalid").code, 2);
  EXPECT_EQ(run_shell("rawket lab run -- rawket discover --duration 5s").code, 2);
  EXPECT_EQ(run_shell("rawket lab run -- rawket discover 198.18.0.2 2001:db8::2").code, 2);
  const Outcome dry = run_shell("rawket lab run -- rawket discover 198.18.0.0/29 --dry-run");
  EXPECT_EQ(dry.code, 0) << dry.err;
}

TEST_F(DiscoverCommandLine, tells_names_unless_told_not_to_and_loses_nothing_of_the_question_whose_turn_is_later) {
  const Outcome o = run_shell("rawket lab run lan 3 -- rawket discover -o json");
  for (const std::string host : {"2", "3"})
    for (const std::string& address : {"198.18.0." + host, "2001:db8::" + host}) EXPECT_TRUE(has(o, "{\"event\":\"name\",\"address\":\"" + address + "\",\"name\":\"h" + host + "\"}\n")) << o.out;
  EXPECT_EQ(json_object(o.last_line()).at("dropped_by_kernel"), "0") << o.out;
  EXPECT_FALSE(has(run_shell("rawket lab run lan 3 -- rawket discover -o json -n -4"), "\"name\"")) << "with -n";
}

TEST_F(DiscoverCommandLine, waits_for_all_that_answer_a_group_and_asks_by_the_interface_that_is_named) {
  Folder f;
  std::string lab = "hosts = ['h1', 'h2', 'h3', 'h4']\nswitches = ['s']\n";
  for (const auto& [host, delay] : {std::pair{"h1", ""}, std::pair{"h2", ""}, std::pair{"h3", "delay = '40ms'\n"}, std::pair{"h4", "delay = '120ms'\n"}})
    lab += "[[link]]\nbetween = ['" + std::string(host) + "', 's']\n" + delay;
  const Outcome o = run_shell("rawket lab run " + f.write("far.toml", lab) + " -- rawket discover -6 -n --timeout 500ms");
  for (const char* host : {"2001:db8::2 ", "2001:db8::3 ", "2001:db8::4 ", "fe80::4 "}) EXPECT_TRUE(has(o, host)) << o.out << o.err;
  const std::string two = "rawket lab run -- sh -c 'ip link add d0 type veth peer name d1; ip link set d0 up; ip link set d1 up; ip addr add 198.18.7.1/24 dev d0; ";
  EXPECT_EQ(run_shell(two + "rawket discover 198.18.0.2 -i d0 --timeout 100ms'").code, 1);
  EXPECT_EQ(run_shell(two + "rawket discover 198.18.0.2 -i eth0 --timeout 100ms'").code, 0);
  const Outcome gone = run_shell(two + "(sleep 0.5; ip link del d0) & rawket discover 198.18.0.0/26 198.18.7.2-20 --rate 60 --passes 1 -n'");
  EXPECT_EQ(gone.code, 4) << "what was not asked is not passed over: " << gone.out << gone.err;
  EXPECT_TRUE(has(gone, "198.18.0.2 ")) << "and what was found is told: " << gone.out;
  EXPECT_EQ(run_shell("rawket discover --passive --targets /dev/null").code, 2);
  const Outcome both = run_shell("rawket lab run chain 2 --host r1 -- rawket discover 198.18.2.2 198.18.0.1 --echo -n");
  EXPECT_TRUE(has(both, "198.18.0.1 ") && has(both, "198.18.2.2 ")) << "by one interface and by another: " << both.out << both.err;
  EXPECT_EQ(run_shell("rawket lab run lan 3 -- timeout --preserve-status -s INT 0.5 rawket discover -n").code, 6);
}

TEST_F(DiscoverCommandLine, finds_by_tcp_who_answers_no_echo) {
  const std::string silent = "--on 'h2: sysctl -qw net.ipv4.icmp_echo_ignore_all=1 net.ipv6.icmp.echo_ignore_all=1' ";
  for (const std::string prefix : {"198.18.1.0/29", "2001:db8:0:1::/125"}) {
    const std::string h2 = prefix[0] == '1' ? "198.18.1.2 " : "2001:db8:0:1::2 ";
    const Outcome echo = run_shell("rawket lab run chain 1 " + silent + "-- rawket discover " + prefix + " --timeout 200ms");
    EXPECT_EQ(echo.out.find(h2), std::string::npos) << echo.out << echo.err;
    const Outcome tcp = run_shell("rawket lab run chain 1 " + silent + "-- rawket discover " + prefix + " --timeout 200ms --tcp 80");
    EXPECT_EQ(tcp.code, 0) << tcp.err;
    EXPECT_NE(tcp.out.find(h2), std::string::npos) << "a closed port's reset tells as much: " << tcp.out << tcp.err;
    EXPECT_EQ(tcp.out.find(prefix[0] == '1' ? "198.18.1.5 " : "2001:db8:0:1::5 "), std::string::npos) << tcp.out;
  }
  EXPECT_EQ(run_in_lab("rawket discover --tcp 80 --echo").code, 2);
}

}  // namespace
}  // namespace rawket::test
