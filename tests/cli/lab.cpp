// Commands that need a network, in one of their own.
#include <gtest/gtest.h>

#include "json_check.hpp"
#include "tool.hpp"

namespace rawket::test {
namespace {

class InLab : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!no_lab().empty()) GTEST_SKIP() << no_lab();
  }
};

TEST_F(InLab, an_echo_request_is_answered) {
  const Outcome o = run_in_lab("rawket ask ip dst=198.18.0.2 / icmp -o json");
  EXPECT_EQ(o.code, 0) << o.err;
  ASSERT_EQ(o.lines().size(), 1u);
  EXPECT_EQ(json_object(o.line(0)).at("icmp.type"), "0");
  EXPECT_NE(o.err.find("1 sent, 1 answered"), std::string::npos) << o.err;
  EXPECT_EQ(json_object(o.line(0)).at("answers"), "1");
}

TEST_F(InLab, a_signal_to_lab_run_alone_ends_its_command_well) {
  Folder f;
  for (const char* signal : {"INT", "TERM"}) {
    const std::string log = f.path(signal);
    const Outcome o = run_shell("rawket lab run -- rawket capture -i eth0 2>" + log + " & p=$!; for i in $(seq 100); do grep -q 'Ctrl-C ends it' " + log + " && break; sleep 0.1; done; kill -" +
                                std::string(signal) + " $p; wait $p");
    EXPECT_EQ(o.code, 0) << signal << ": " << read_file(log);
    EXPECT_NE(read_file(log).find(" received = "), std::string::npos) << read_file(log);
  }
}

TEST_F(InLab, an_ipv6_echo_request_is_answered) {
  const Outcome o = run_in_lab("rawket ask ipv6 dst=2001:db8::2 / icmpv6 -o json");
  EXPECT_EQ(o.code, 0) << o.err;
  ASSERT_EQ(o.lines().size(), 1u);
  EXPECT_EQ(json_object(o.line(0)).at("icmpv6.type"), "129");
}

TEST_F(InLab, a_closed_tcp_port_answers_with_a_reset) {
  const Outcome o = run_in_lab("rawket ask ip dst=198.18.0.2 / tcp dport=81 flags=S -o json");
  EXPECT_EQ(o.code, 0) << o.err;
  ASSERT_EQ(o.lines().size(), 1u);
  EXPECT_EQ(json_object(o.line(0)).at("tcp.flags"), std::to_string(0x14));
}

TEST_F(InLab, a_closed_udp_port_answers_with_an_icmp_error) {
  const Outcome o = run_in_lab("rawket ask ip dst=198.18.0.2 / udp dport=9 / hello -o json");
  EXPECT_EQ(o.code, 0) << o.err;
  ASSERT_EQ(o.lines().size(), 1u);
  EXPECT_EQ(json_object(o.line(0)).at("icmp.type"), "3");
  EXPECT_EQ(json_object(o.line(0)).at("icmp.code"), "3");
}

TEST_F(InLab, arp_finds_the_neighbour) {
  const Outcome o = run_in_lab("rawket ask eth dst=broadcast / arp target=198.18.0.2 -i eth0 --allow broadcast -o json");
  EXPECT_EQ(o.code, 0) << o.err;
  ASSERT_EQ(o.lines().size(), 1u);
  EXPECT_EQ(json_object(o.line(0)).at("arp.opcode"), "2");
}

TEST_F(InLab, what_nobody_answers_is_listed_and_exits_with_1) {
  const Outcome o = run_in_lab("rawket ask ip 'dst={198.18.0.2,198.18.0.77}' / icmp --timeout 300ms --retry 0");
  EXPECT_EQ(o.code, 1) << o.err;
  EXPECT_EQ(o.lines().size(), 1u);
  EXPECT_NE(o.err.find("no answer: #2"), std::string::npos) << o.err;
  EXPECT_NE(o.err.find("198.18.0.77"), std::string::npos) << o.err;
}

TEST_F(InLab, all_that_was_sent_is_recorded) {
  Folder f;
  const Outcome o = run_in_lab("rawket send ip dst=198.18.0.2 / udp dport=9-11 / hello --record " + f.path("sent.pcapng"));
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_NE(o.err.find("3 packets sent"), std::string::npos) << o.err;
  const Outcome read = run_tool({"read", f.path("sent.pcapng"), "-o", "fields:udp.dstport"});
  EXPECT_EQ(read.out, "9\n10\n11\n") << read.err;
}

TEST_F(InLab, a_capture_is_written_with_every_packet_counted) {
  Folder f;
  const std::string file = f.path("live.pcapng");
  const Outcome o = run_in_lab("rawket capture -i eth0 -c 2 --for 10s -w " + file + " icmp & for i in 1 2 3 4 5 6 7 8; do sleep 0.1; rawket ask ip dst=198.18.0.2 / icmp >/dev/null 2>&1; done; wait $!");
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_NE(o.err.find("2 written"), std::string::npos) << o.err;
  EXPECT_EQ(run_tool({"read", file, "-o", "fields:icmp.type"}).out, "8\n0\n");
}

TEST_F(InLab, a_capture_ends_in_time_with_a_whole_file) {
  Folder f;
  const Outcome o = run_in_lab("rawket capture -i lo --for 200ms -w " + f.path("empty.pcapng"));
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_EQ(run_tool({"read", f.path("empty.pcapng"), "--count"}).out, "0\n");
}

TEST_F(InLab, the_commands_exit_code_is_passed_on) {
  EXPECT_EQ(run_in_lab("exit 7").code, 7);
  EXPECT_EQ(run_in_lab("kill -TERM $$").code, 128 + 15);
  EXPECT_EQ(run_tool({"lab", "run", "--", "true"}).code, 0);
}

TEST_F(InLab, standard_streams_belong_to_the_command) {
  const Outcome o = run_tool({"lab", "run", "--", "/bin/sh", "-c", "cat; echo err >&2"}, "hello\n");
  EXPECT_EQ(o.out, "hello\n");
  EXPECT_EQ(o.err, "err\n");
}

TEST_F(InLab, as_many_hosts_as_wanted_have_addresses) {
  const Outcome o = run_tool({"lab", "run", "--hosts", "5", "--host", "4", "--", RAWKET_BINARY, "iface", "eth0"});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_NE(o.out.find("198.18.0.4/24"), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("2001:db8::4/64"), std::string::npos) << o.out;
}

TEST_F(InLab, an_unknown_command_is_named) {
  const Outcome o = run_tool({"lab", "run", "--", "no-such-command"});
  EXPECT_EQ(o.code, 2);
  EXPECT_NE(o.err.find("no-such-command"), std::string::npos) << o.err;
}

TEST_F(InLab, no_address_outside_can_be_reached) {
  const Outcome o = run_in_lab("rawket ask ip dst=192.0.2.1 / icmp --timeout 200ms --retry 0");
  EXPECT_NE(o.code, 0);
  EXPECT_NE(o.err.find("route"), std::string::npos) << o.err;
}

TEST_F(InLab, nothing_is_left_of_a_lab_that_was_killed) {
  // A marker that only processes of this lab carry in their environment.
  const std::string marker = "RAWKET_TEST_MARKER=killed_lab_" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) + "_$$";
  const Outcome o = run_shell("export " + marker + R"sh(
rawket lab run -- sleep 60 & lab=$!
left() { grep -l "$RAWKET_TEST_MARKER" /proc/[0-9]*/environ 2>/dev/null | sed 's,/proc/\([0-9]*\)/.*,\1,' | while read -r p; do [ "$p" = $$ ] || cat /proc/$p/comm 2>/dev/null; done | grep -E 'rawket|sleep' | wc -l; }
for i in $(seq 100); do [ "$(left)" -ge 2 ] && break; sleep 0.02; done
echo "before $(left)"
kill -KILL $lab
for i in $(seq 200); do [ "$(left)" -eq 0 ] && break; sleep 0.02; done
echo "after $(left)")sh");
  ASSERT_EQ(o.lines().size(), 2u) << o.out << o.err;
  EXPECT_NE(o.line(0), "before 0");
  EXPECT_EQ(o.line(1), "after 0");
}

TEST_F(InLab, the_demo_tells_the_four_steps_and_keeps_a_file_that_reads) {
  Folder f;
  const Outcome o = run_tool({"lab", "demo", "-w", f.path("demo.pcapng")});
  EXPECT_EQ(o.code, 0) << o.err;
  for (const char* text : {"1.", "2.", "3.", "4.", "CAP_NET_RAW", "extra-byte", "Try next"}) EXPECT_NE(o.out.find(text), std::string::npos) << text;
  EXPECT_EQ(o.out.find('\x1b'), std::string::npos);
  const Outcome read = run_tool({"read", f.path("demo.pcapng"), "-o", "json"});
  EXPECT_EQ(read.code, 0) << read.err;
  EXPECT_GE(read.lines().size(), 4u);
  for (const std::string& line : read.lines()) json_object(line);
}

TEST_F(InLab, tshark_opens_the_demos_file_without_a_complaint) {
  if (run_shell("command -v tshark").code != 0) GTEST_SKIP() << "tshark is not installed";
  Folder f;
  ASSERT_EQ(run_tool({"lab", "demo", "-w", f.path("demo.pcapng")}).code, 0);
  const Outcome o = run_shell("HOME=" + f.path("") + " tshark -r " + f.path("demo.pcapng") + " -T fields -e frame.number -e _ws.malformed 2> >(grep -v 'Running as user' >&2)");
  EXPECT_EQ(o.code, 0);
  EXPECT_EQ(o.err, "");
  EXPECT_EQ(o.lines().size(), run_tool({"read", f.path("demo.pcapng")}).lines().size());
}

}  // namespace
}  // namespace rawket::test
