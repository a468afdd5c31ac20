// rawket pmtu on the real kernel of a lab.
#include <gtest/gtest.h>

#include "json_check.hpp"
#include "tool.hpp"

namespace rawket::test {
namespace {

class PmtuCommandLine : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!no_lab().empty()) GTEST_SKIP() << no_lab();
  }
  static std::string summary(const std::string& topology, const std::string& words) {
    const Outcome o = run_shell("rawket lab run " + topology + " -- rawket pmtu -o json --timeout 300ms " + words);
    EXPECT_EQ(o.code, 0) << o.out << o.err;
    return o.lines().empty() ? "{}" : o.last_line();
  }
};

TEST_F(PmtuCommandLine, of_a_plain_path_is_the_interfaces) {
  for (const char* host : {"198.18.1.2", "2001:db8:0:1::2"}) {
    const auto o = json_object(summary("chain 1", host));
    EXPECT_EQ(o.at("up"), "1500");
    EXPECT_EQ(o.at("down"), "1500");
    EXPECT_EQ(o.at("black_hole"), "false");
  }
  EXPECT_EQ(json_object(summary("pair", "127.0.0.1")).at("up"), "65535");
}

TEST_F(PmtuCommandLine, finds_a_black_hole_and_where_it_is) {
  for (const char* host : {"198.18.2.2", "2001:db8:0:2::2"}) {
    const std::string line = summary("blackhole-mtu", host);
    const auto o = json_object(line);
    EXPECT_EQ(o.at("up"), "1400") << line;
    EXPECT_EQ(o.at("black_hole"), "true") << line;
    EXPECT_EQ(o.at("between"), "[1,2]") << line;
  }
}

TEST_F(PmtuCommandLine, follows_routers_that_tell_and_is_not_misled_by_what_the_kernel_remembers) {
  Folder f;
  const std::string narrow = f.write("x.toml", "hosts = ['h1', 'h2']\nrouters = ['r1', 'r2', 'r3']\n[[link]]\nbetween = ['h1', 'r1']\n[[link]]\nbetween = ['r1', 'r2']\nmtu = 1450\n[[link]]\nbetween = ['r2', 'r3']\nmtu = 1337\n"
                                               "[[link]]\nbetween = ['r3', 'h2']\n");
  for (const std::string host : {"198.18.3.2", "2001:db8:0:3::2"}) {
    const Outcome o = run_shell("rawket lab run " + narrow + " -- sh -c 'rawket pmtu " + host + " >/dev/null; rawket pmtu -o json " + host + "'");
    ASSERT_FALSE(o.lines().empty()) << o.err;
    const auto s = json_object(o.last_line());
    EXPECT_EQ(s.at("up"), "1337") << o.out;
    EXPECT_EQ(s.at("black_hole"), "false") << o.out;
    EXPECT_EQ(s.at("between"), "[2,3]") << o.out;
    EXPECT_NE(o.out.find("\"mtu\":1450"), std::string::npos) << o.out;
  }
}

TEST_F(PmtuCommandLine, a_way_back_that_is_narrower_cuts_answers_up) {
  Folder f;
  const std::string two_ways = f.write("x.toml", "hosts = ['h1', 'h2']\nrouters = ['r1', 'r2']\n[[link]]\nbetween = ['h1', 'r1']\n[[link]]\nbetween = ['h1', 'r2']\n[[link]]\nbetween = ['r1', 'h2']\n[[link]]\nbetween = ['r2', 'h2']\nmtu = 1400\n");
  const Outcome o = run_shell("rawket lab run " + two_ways + " --on 'h1: ip route replace 198.18.2.0/24 via 198.18.0.2' --on 'h2: ip route replace 198.18.0.0/24 via 198.18.3.1' --on 'r2: ip route add 198.18.0.0/24 via 198.18.1.1' -- rawket pmtu 198.18.2.2 -o json");
  if (o.err.find("ip: not found") != o.err.npos) GTEST_SKIP() << "ip is not installed, by which the way back is changed";
  ASSERT_FALSE(o.lines().empty()) << o.err;
  const auto s = json_object(o.last_line());
  EXPECT_EQ(s.at("up"), "1500") << o.out;
  EXPECT_EQ(s.at("pieces"), "1396") << o.out;
}

TEST_F(PmtuCommandLine, a_host_that_is_silent_is_told) {
  const Outcome o = run_shell("rawket lab run -- rawket pmtu 198.18.0.77 --timeout 100ms");
  EXPECT_EQ(o.code, 1) << o.err;
  EXPECT_NE(o.out.find("no answer"), std::string::npos) << o.out;
}

}  // namespace
}  // namespace rawket::test
