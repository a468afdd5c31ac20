// The program that has the right, and the one that uses it: an ordinary user without any capability.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "tool.hpp"

namespace rawket::test {
namespace {

class SocketHelper : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0 || run_shell("command -v setcap && command -v setpriv && command -v unshare").code != 0) GTEST_SKIP() << "needs root, setcap and setpriv";
    const auto from = std::filesystem::path(RAWKET_BINARY).parent_path();
    for (const char* name : {"rawket", "rawket-sockets"}) std::filesystem::copy(from / name, folder.path(name));
  }
  /// In a network namespace of its own, where only lo is up, as nobody.
  Outcome as_nobody(const std::string& command) const {
    return run_shell("unshare -n sh -c \"ip link set lo up; exec setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all " + folder.path("rawket") + " " + command + "\"");
  }
  bool give_right() const { return run_shell("setcap cap_net_raw=ep " + folder.path("rawket-sockets")).code == 0; }
  Folder folder;
};

TEST_F(SocketHelper, gives_sockets_to_a_program_that_has_no_right) {
  EXPECT_EQ(as_nobody("capture -i lo --for 100ms").code, 3) << "without the capability";
  if (!give_right()) GTEST_SKIP() << "file capabilities cannot be set here";
  const Outcome o = as_nobody("capture -i lo --for 300ms");
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_NE(o.err.find("0 received = 0 shown"), std::string::npos) << o.err;
  const Outcome ask = as_nobody("ask ip dst=127.0.0.1 / icmp -o fields:icmp.type");
  EXPECT_EQ(ask.out, "0\n") << ask.err;
  EXPECT_NE(as_nobody("doctor").out.find("opens sockets for this user"), std::string::npos);
}

TEST_F(SocketHelper, gives_nothing_else_and_to_nobody_who_does_not_ask) {
  EXPECT_EQ(run_shell(folder.path("rawket-sockets") + " </dev/null").code, 2);
  EXPECT_EQ(run_shell("echo nonsense | " + folder.path("rawket-sockets")).code, 2);
}

}  // namespace
}  // namespace rawket::test
