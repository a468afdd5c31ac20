// Captures sent again: their times, their fields, and what has to be allowed.
#include <gtest/gtest.h>

#include "json_check.hpp"
#include "tool.hpp"

namespace rawket::test {
namespace {

class Replay : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!no_lab().empty()) GTEST_SKIP() << no_lab();
    // Three packets, a tenth of a second apart.
    folder.craft("plain.pcap", {"eth", "dst=02:00:00:00:00:02", "src=02:00:00:00:00:01", "/", "ip", "src=198.18.0.1", "dst=198.18.0.2", "/", "udp", "dport=9-11", "/", "hello"});
  }
  std::string file() const { return folder.path("plain.pcap"); }
  /// Captures on the other end what a replay sends, as JSON.
  Outcome replayed(const std::string& options) const {
    return run_in_lab("cd " + folder.path("") + "; rm -f got.pcapng; rawket capture -i eth0 -w got.pcapng udp 2>err & p=$!; for i in $(seq 100); do grep -q 'Ctrl-C' err && break; sleep 0.05; done; "
                      "rawket replay " + options + "; code=$?; sleep 0.3; kill -INT $p; wait $p; rawket read got.pcapng -o json; exit $code");
  }
  Folder folder;
};

TEST_F(Replay, sends_what_the_capture_has) {
  const Outcome o = replayed(file() + " -i eth0 --allow fast");
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_NE(o.err.find("3 packets sent"), std::string::npos) << o.err;
  ASSERT_EQ(o.lines().size(), 3u) << o.out;
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(json_object(o.line(i)).at("udp.dstport"), std::to_string(9 + i));
}

TEST_F(Replay, changes_fields_with_their_checksums_and_loops) {
  const Outcome o = replayed(file() + " -i eth0 --loop 2 --rewrite ip.ttl=9 --rewrite udp.srcport=7777 --rate 500");
  EXPECT_EQ(o.code, 0) << o.err;
  ASSERT_EQ(o.lines().size(), 6u) << o.out;
  for (const std::string& line : o.lines()) {
    EXPECT_EQ(json_object(line).at("ip.ttl"), "9");
    EXPECT_EQ(json_object(line).at("udp.srcport"), "7777");
  }
  EXPECT_EQ(run_tool({"lint", folder.path("got.pcapng")}).code, 0);
}

TEST_F(Replay, rounds_keep_their_distance_and_count_for_the_rate) {
  folder.craft("one.pcap", {"eth", "dst=02:00:00:00:00:02", "src=02:00:00:00:00:01", "/", "ip", "src=198.18.0.1", "dst=198.18.0.2", "/", "udp", "dport=9", "/", "hello"});
  const Outcome one = run_in_lab("rawket replay " + folder.path("one.pcap") + " -i eth0 --loop 3 --speed 10");
  EXPECT_EQ(one.code, 0) << one.err;
  EXPECT_NE(one.err.find("3 packets sent in 2"), std::string::npos) << "two tenths of a second: " << one.err;
  const Outcome fast = run_in_lab("rawket replay " + folder.path("one.pcap") + " -i eth0 --loop 5000 --speed 5000 --dry-run");
  EXPECT_NE(fast.err.find("--allow fast"), std::string::npos) << fast.err;
}

// A pipe gives its first byte only when the rights have been looked at.
TEST_F(Replay, no_right_is_left_when_the_first_byte_of_a_capture_is_read) {
  for (const std::string command : {"replay fifo", "send -r fifo --record sent.pcapng"}) {
    const Outcome o = run_in_lab("cd " + folder.path("") + "; mkfifo fifo; rawket " + command + " -i eth0 --allow fast 2>err & p=$!; exec 7>fifo; sleep 0.3; grep -E '^(Cap(Prm|Eff|Amb|Inh)|NoNewPrivs):' /proc/$p/status; "
                                 "cat plain.pcap >&7; exec 7>&-; wait $p; code=$?; cat err; rm fifo; exit $code");
    EXPECT_EQ(o.code, 0) << o.out << o.err;
    for (const char* line : {"CapPrm:\t0000000000000000", "CapEff:\t0000000000000000", "CapAmb:\t0000000000000000", "CapInh:\t0000000000000000", "NoNewPrivs:\t1"}) EXPECT_NE(o.out.find(line), std::string::npos) << command << '\n' << o.out;
    EXPECT_NE(o.out.find("3 packets sent"), std::string::npos) << o.out;
  }
  EXPECT_EQ(run_tool({"read", folder.path("sent.pcapng"), "--count"}).out, "3\n");
}

TEST_F(Replay, a_dry_run_shows_the_pace_and_what_is_missing) {
  const Outcome o = run_in_lab("rawket replay " + file() + " -i eth0 --dry-run --rewrite eth.src=02:00:00:00:00:99; rawket replay " + file() + " -i eth0 --rate 1Mbit --dry-run");
  EXPECT_NE(o.err.find("at the capture's own times"), std::string::npos) << o.err;
  EXPECT_NE(o.err.find("--allow forged (missing)"), std::string::npos) << o.err;
  EXPECT_NE(o.err.find("1000000 bits a second"), std::string::npos) << o.err;
}

TEST_F(Replay, wrong_words_are_told) {
  struct Wrong {
    std::string options, named;
  };
  for (const Wrong& w : {Wrong{"--rewrite ip.tll=3", "ip.tll"}, Wrong{"--rewrite nonsense", "FIELD=VALUE"}, Wrong{"--rewrite ip.ttl=300", "ip.ttl"}, Wrong{"--rate 5parsec", "no rate"}, Wrong{"--rate 0", "no rate"}}) {
    const Outcome o = run_in_lab("rawket replay " + file() + " -i eth0 --dry-run " + w.options);
    EXPECT_EQ(o.code, 2) << w.options << o.err;
    EXPECT_NE(o.err.find(w.named), std::string::npos) << o.err;
  }
}

TEST_F(Replay, a_signal_stops_it_at_once_and_what_is_left_is_told) {
  const Outcome o = run_in_lab("cd " + folder.path("") + "; rawket send ip dst=198.18.0.2 / udp dport=9 / x --repeat 90000 --rate 100 2>err & p=$!; sleep 0.5; begun=$(date +%s%N); kill -INT $p; wait $p; echo \"code $? ms $((($(date +%s%N) - begun) / 1000000))\"; cat err");
  EXPECT_EQ(o.out.rfind("code 1 ms ", 0), 0u) << o.out << o.err;
  EXPECT_NE(o.out.find("stopped before"), std::string::npos) << o.out;
}

TEST_F(Replay, a_policy_file_and_flags_bound_what_may_be_sent) {
  folder.write("policy.toml", "rate = 50\nnever = [\"198.18.0.2/32\"]\nallow = [\"forged\"]\n");
  const Outcome file = run_in_lab("rawket send ip 'dst={198.18.0.2,198.18.0.1}' / udp dport=9 --policy " + folder.path("policy.toml"));
  EXPECT_EQ(file.code, 2) << file.err;
  EXPECT_NE(file.err.find("1 of 2 packets go where the policy forbids, the first to 198.18.0.2"), std::string::npos) << file.err;
  const Outcome dry = run_in_lab("rawket send ip 'dst={198.18.0.2,198.18.0.1}' / udp dport=9 --dry-run --policy " + folder.path("policy.toml"));
  EXPECT_EQ(dry.code, 1) << "a dry run says the same: " << dry.err;
  const Outcome fast = run_in_lab("rawket send ip dst=198.18.0.1 / udp dport=9 --rate 60 --policy " + folder.path("policy.toml"));
  EXPECT_NE(fast.err.find("--allow fast"), std::string::npos) << fast.err;
  const Outcome only = run_in_lab("rawket send ip dst=198.18.0.2 / udp dport=9 --only-to 198.18.0.128/25");
  EXPECT_NE(only.err.find("the policy forbids"), std::string::npos) << only.err;
  const Outcome budget = run_in_lab("rawket send ip dst=198.18.0.2 / udp dport=9 --repeat 11 --budget 10");
  EXPECT_NE(budget.err.find("--allow many"), std::string::npos) << budget.err;
  folder.write("tight.toml", "to = [\"198.18.0.0/15\"]\nbudget = 5\n");
  const Outcome wider = run_in_lab("rawket send ip dst=192.0.2.1 src=198.18.0.1 -i eth0 / udp dport=9 --only-to 192.0.2.0/24 --policy " + folder.path("tight.toml"));
  EXPECT_NE(wider.code, 0);
  const Outcome more = run_in_lab("rawket send ip dst=198.18.0.2 / udp dport=9 --repeat 50 --budget 1000 --policy " + folder.path("tight.toml"));
  EXPECT_NE(more.err.find("--allow many"), std::string::npos) << "flags make a policy stricter: " << more.err;
  const Outcome asked = run_in_lab("rawket ask ip dst=198.18.0.2 / udp dport=9-12 --retry 9 --policy " + folder.path("tight.toml"));
  EXPECT_NE(asked.err.find("--allow many"), std::string::npos) << "asking again counts: " << asked.err;
  folder.write("wrong.toml", "rate = 50\nnevr = []\n");
  const Outcome wrong = run_in_lab("rawket send ip dst=198.18.0.2 / udp dport=9 --policy " + folder.path("wrong.toml"));
  EXPECT_EQ(wrong.code, 2);
  EXPECT_NE(wrong.err.find("line 2: there is no 'nevr'; did you mean 'never'?"), std::string::npos) << wrong.err;
}

TEST_F(Replay, a_payload_is_not_judged_by_what_its_port_usually_carries) {
  const Outcome o = run_in_lab("rawket send ip dst=198.18.0.2 / udp dport=9 sport=6635 / hello");
  EXPECT_EQ(o.code, 0) << o.err;
  const Outcome contradiction = run_in_lab("rawket send ip dst=198.18.0.2 / udp dport=9 --ramp 1s --rate max --allow fast");
  EXPECT_EQ(contradiction.code, 2) << contradiction.err;
  EXPECT_EQ(run_in_lab("rawket send ip dst=198.18.0.2 / udp dport=9 --engine xdp --dry-run").code, 2);
}

}  // namespace
}  // namespace rawket::test
