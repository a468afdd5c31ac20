// rawket scan on the real kernel of a lab: a host with listeners, counted.
#include <gtest/gtest.h>

#include "json_check.hpp"
#include "tool.hpp"

namespace rawket::test {
namespace {

class ScanCommandLine : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!no_lab().empty()) GTEST_SKIP() << no_lab();
  }
  /// Scans this host itself, where somebody listens at 20 ports from 2000 on, in both families.
  static Outcome scan(const std::string& words) {
    return run_in_lab("python3 -c 'import socket, time\nall = []\nfor p in range(2000, 2020):\n  s = socket.socket(socket.AF_INET6)\n  s.bind((\"::\", p))\n  s.listen(9)\n  all.append(s)\nprint(\"ready\", flush=True)\ntime.sleep(15)' >/dev/null & p=$!; "
                      "for i in $(seq 100); do ss -ltn 2>/dev/null | grep -q :2019 && break; sleep 0.05; done; rawket scan " + words + "; code=$?; kill $p; exit $code");
  }
};

TEST_F(ScanCommandLine, finds_all_that_is_open_in_both_families) {
  for (const std::string host : {"127.0.0.1", "::1"}) {
    const Outcome o = scan(host + " -p 1990-2040 -o json --all");
    EXPECT_EQ(o.code, 0) << o.err;
    ASSERT_EQ(o.lines().size(), 52u) << o.out << o.err;
    const auto all = json_object(o.lines().back());
    EXPECT_EQ(all.at("open"), "20") << o.lines().back();
    EXPECT_EQ(all.at("closed"), "31") << o.lines().back();
    EXPECT_EQ(all.at("sent"), "51");
    EXPECT_EQ(all.at("seen_leaving"), "51") << o.lines().back();
    EXPECT_EQ(all.at("recall_at_least"), "100.00");
  }
}

TEST_F(ScanCommandLine, tells_closed_unanswered_and_refused_by_their_reasons) {
  const Outcome closed = run_in_lab("rawket scan -n h2 -p 22,80 --all");
  EXPECT_EQ(closed.code, 1) << "nothing is open";
  EXPECT_NE(closed.out.find("80/tcp closed: reset"), std::string::npos) << closed.out;
  const Outcome udp = run_in_lab("rawket scan -n 198.18.0.2 --udp -p 53 --all");
  EXPECT_NE(udp.out.find("53/udp closed: port unreachable"), std::string::npos) << udp.out;
  const Outcome nobody = run_in_lab("rawket scan -n 198.18.0.99 -p 80 --timeout 100ms");
  EXPECT_EQ(nobody.code, 1);
  EXPECT_NE(nobody.out.find("1 without an answer"), std::string::npos) << nobody.out;
  const Outcome away = run_shell("rawket lab run chain 1 -- rawket scan -n 198.18.1.77 -p 80 --all --timeout 4s --passes 1");
  EXPECT_NE(away.out.find("80/tcp filtered: ICMP: unreachable"), std::string::npos) << away.out << away.err;
}

TEST_F(ScanCommandLine, needs_what_its_plan_says_and_records_what_left) {
  EXPECT_EQ(run_in_lab("rawket scan h2 -p 1-65535").code, 2) << "three times as many packets as the budget";
  EXPECT_EQ(run_in_lab("rawket scan h2 -p 80 --never-to 198.18.0.0/15 -4").code, 2);
  EXPECT_EQ(run_in_lab("rawket scan h2 -p 80-22").code, 2);
  EXPECT_EQ(run_in_lab("rawket scan 198.18.0.0/8").code, 2);
  Folder folder;
  const Outcome fast = run_in_lab("rawket scan h2 -p 1-65535 --rate max --allow fast,many --record " + folder.path("left.pcapng") + "; rawket read " + folder.path("left.pcapng") + " --count");
  EXPECT_NE(fast.out.find("65535 closed"), std::string::npos) << fast.out << fast.err;
  EXPECT_GE(std::stoul(fast.lines().back()), 65535u);
}

TEST_F(ScanCommandLine, tells_what_other_flags_tell) {
  const LabServer server = LabServer::on_port(80);
  for (const std::string host : {"198.18.1.2", "2001:db8:0:1::2"}) {
    const auto by = [&](const std::string& kind) {
      return run_shell("rawket lab run firewalled " + server.on("h2") + " -- rawket scan " + host +
                       " -p 22,23,25,80 --all --timeout 150ms --passes 1 -o json --by " + kind);
    };
    const auto verdict = [](const Outcome& o, int port) {
      for (const std::string& line : o.lines())
        if (line.find("\"port\":" + std::to_string(port) + ",") != line.npos) return json_object(line).at("verdict");
      return std::string("none");
    };
    const Outcome ack = by("ack");
    EXPECT_EQ(verdict(ack, 80), "\"unfiltered\"") << ack.out << ack.err;
    EXPECT_EQ(verdict(ack, 22), "\"unfiltered\"") << "whether something listens is not told";
    EXPECT_EQ(verdict(ack, 25), "\"filtered\"");
    for (const std::string kind : {"null", "fin", "xmas"}) {
      const Outcome o = by(kind);
      EXPECT_EQ(verdict(o, 22), "\"closed\"") << kind << o.out << o.err;
      EXPECT_EQ(verdict(o, 80), "none") << kind << ": what listens is silent";
      EXPECT_EQ(verdict(o, 25), "\"filtered\"") << kind;
    }
  }
}

TEST_F(ScanCommandLine, asks_udp_services_what_they_answer) {
  // A server that answers only a question for the root's name servers.
  Folder f;
  const LabServer server("s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)\ns.setsockopt(41, 26, 0)\ns.bind(('::', 53))\nready()\nwhile True:\n  q, a = s.recvfrom(999)\n  if q[12:] == bytes([0, 0, 2, 0, 1]): s.sendto(q[:2] + bytes([0x81, 0x80]) + q[4:], a)");
  for (const std::string host : {"198.18.0.2", "2001:db8::2"}) {
    const Outcome o = run_shell("rawket lab run " + server.on("h2") + "-- rawket scan " + host + " -n --udp -p 53,123 --all --timeout 200ms --record " + f.path("left.pcapng") + " && rawket lint " + f.path("left.pcapng") + "; rm " + f.path("left.pcapng"));
    EXPECT_NE(o.out.find("53/udp open: a datagram came back"), std::string::npos) << o.out << o.err;
    EXPECT_NE(o.out.find("123/udp closed: port unreachable"), std::string::npos) << o.out << o.err;
    EXPECT_NE(o.err.find("0 findings"), std::string::npos) << "the questions are well made: " << o.err;
  }
}

}  // namespace
}  // namespace rawket::test
