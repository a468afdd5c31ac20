// Labs with links that delay and lose, with translation of addresses and firewalls, on the real kernel.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "json_check.hpp"
#include "tool.hpp"

namespace rawket::test {
namespace {

class LabLinks : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!no_lab().empty()) GTEST_SKIP() << no_lab();
  }
  /// The summary of a ping over a topology, whatever its exit code.
  static std::string ping(const std::string& topology, const std::string& words) {
    const Outcome o = run_shell("rawket lab run " + topology + " -- rawket ping -q -o json " + words);
    EXPECT_FALSE(o.lines().empty()) << o.err;
    return o.lines().empty() ? "{}" : o.last_line();
  }
  static double number(const std::string& line, const std::string& name) { return std::stod(json_object(line).at(name)); }
};

TEST_F(LabLinks, a_delay_is_in_both_directions_and_in_the_kernels_stamps) {
  for (const std::string host : {"198.18.0.2", "2001:db8::2"})
    for (const int delay : {1, 5, 20}) {
      const std::string line = ping("pair delay=" + std::to_string(delay) + "ms", host + " -c 20 --interval 20ms");
      EXPECT_EQ(number(line, "answered"), 20) << line;
      const std::size_t at = line.find("\"min\":");
      ASSERT_NE(at, std::string::npos) << line;
      const double least = std::stod(line.substr(at + 6));
      EXPECT_GE(least, 2 * delay) << line;
      EXPECT_LE(least, 2 * delay + 5) << "the machine may be busy: " << line;
    }
}

TEST_F(LabLinks, loss_and_duplicates_are_as_many_as_asked) {
  constexpr double count = 2000;
  const std::string lost = ping("pair loss=10% seed=3", "198.18.0.2 -c 2000 --interval 1ms --timeout 300ms");
  const double share = 1 - 0.9 * 0.9;
  EXPECT_NEAR(number(lost, "lost"), count * share, 5 * std::sqrt(count * share * (1 - share)) + 5) << lost;
  const std::string twice = ping("pair duplicate=5% seed=3", "198.18.0.2 -c 2000 --interval 1ms --timeout 300ms");
  EXPECT_EQ(number(twice, "answered"), count) << twice;
  EXPECT_NEAR(number(twice, "duplicates"), count * (1.05 * 1.05 - 1), 60) << twice;
  const std::string broken = ping("pair corrupt=5% seed=3", "198.18.0.2 -c 2000 --interval 1ms --timeout 300ms");
  EXPECT_NEAR(number(broken, "lost") + number(broken, "changed"), count * (1 - 0.95 * 0.95), 70) << "a broken question fails its checksum, a broken answer is told: " << broken;
  EXPECT_GT(number(broken, "changed"), 20) << broken;
}

TEST_F(LabLinks, answers_of_a_link_that_reorders_come_out_of_order) {
  const std::string line = ping("lan 3 reorder=10%", "198.18.0.3 -c 1000 --interval 1ms");
  EXPECT_EQ(number(line, "answered"), 1000) << line;
  EXPECT_GT(number(line, "reordered"), 50) << line;
}

TEST_F(LabLinks, a_rate_makes_what_waits_for_it_late) {
  // 200 packets of 1,042 bytes, one each millisecond, at 2 Mbit/s: the last one waits for 0.6 s.
  const std::string line = ping("pair rate=2Mbit", "198.18.0.2 -c 200 --interval 1ms --size 1000 --timeout 3s");
  EXPECT_EQ(number(line, "answered"), 200) << line;
  const std::size_t at = line.find("\"max\":");
  ASSERT_NE(at, std::string::npos) << line;
  EXPECT_GT(std::stod(line.substr(at + 6)), 500) << line;
}

TEST_F(LabLinks, one_slow_link_at_a_switch_lets_everyone_talk) {
  Folder f;
  const std::string mixed = f.write("x.toml", "hosts = ['h1', 'h2']\nswitches = ['s']\n[[link]]\nbetween = ['h1', 's']\ndelay = '2ms'\n[[link]]\nbetween = ['h2', 's']\n");
  const LabServer server = LabServer::on_port(80);
  const Outcome o = run_shell("rawket lab run " + mixed + " " + server.on("h2") + "-- python3 -c 'import socket; socket.create_connection((\"198.18.0.2\", 80), 3); socket.create_connection((\"2001:db8::2\", 80), 3); print(\"connected\")'");
  EXPECT_EQ(o.out, "connected\n") << o.err;
}

TEST_F(LabLinks, who_is_outside_sees_only_the_translated_address) {
  for (const std::string server : {"198.18.1.2", "2001:db8:0:1::2"}) {
    const Outcome o = run_shell("rawket lab run nat -- rawket ping " + server + " -c 3 --interval 20ms");
    EXPECT_EQ(o.code, 0) << o.out << o.err;
    const Outcome back = run_shell("rawket lab run nat --host server -- rawket ping 198.18.0.1 -c 1 --timeout 200ms");
    EXPECT_NE(back.code, 0) << "nobody outside has a route inside";
  }
}

TEST_F(LabLinks, a_firewall_lets_pass_what_it_says) {
  for (const std::string host : {"198.18.1.2", "2001:db8:0:1::2"}) {
    const Outcome o = run_shell("rawket lab run firewalled -- rawket scan " + host + " -p 22,23,25 -o json --all --timeout 200ms");
    const auto count = [&o](const std::string& verdict) { return std::ranges::count_if(o.lines(), [&](const std::string& line) { return line.find("\"port\":") != line.npos && line.find('"' + verdict + '"') != line.npos; }); };
    EXPECT_EQ(count("closed"), 1) << o.out << o.err;
    EXPECT_EQ(count("filtered"), 1) << o.out << o.err;
  }
}

TEST_F(LabLinks, a_broken_firewall_is_told_with_its_place) {
  Folder f;
  const std::string file = f.write("x.toml", "hosts = ['h1', 'h2']\n[[link]]\nbetween = ['h1', 'h2']\n[[firewall]]\non = 'h2'\nrules = 'table inet t { chain c { tcp dport apples drop; }; }'\n");
  const Outcome o = run_shell("rawket lab run " + file + " -- true");
  EXPECT_NE(o.code, 0);
  EXPECT_NE(o.err.find("firewall of h2"), std::string::npos) << o.err;
}

}  // namespace
}  // namespace rawket::test
