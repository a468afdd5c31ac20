// Privileges given up for good, and sockets that go on working without them.
#include "rawket/host/privileges.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "../../src/host/descriptor.hpp"
#include "lab_test.hpp"
#include "rawket/io/raw_socket.hpp"

namespace rawket::test {
namespace {

// In a user namespace that maps nobody but the machine's root there is no one else to become, and giving up is refused.
class PrivilegesLive : public LabTest {
 protected:
  void SetUp() override {
    struct stat owner_of_proc{};
    const bool root_outside = ::stat("/proc/version", &owner_of_proc) == 0 && owner_of_proc.st_uid == 0;
    if (privileges().in_user_namespace && root_outside) GTEST_SKIP() << "the machine's root alone in a user namespace cannot become another user";
    LabTest::SetUp();
  }
};

std::string line_of(const std::string& status, const std::string& name) {
  const std::size_t at = status.find("\n" + name + ":");
  if (at == status.npos) return {};
  const std::size_t start = at + name.size() + 3;
  return status.substr(start, status.find('\n', start) - start);
}

TEST_F(PrivilegesLive, nothing_is_left_and_open_sockets_go_on) {
  const Event dropped, seen;
  const int process = start(0, [&] {
    const Filter only = filter_of("ether proto 0x88b5");
    const auto socket = open_packets({.interface = "eth0", .promiscuous = true, .filter = &only});
    const auto sender = open_packets({.interface = "eth0", .receive = false});
    auto raw = RawSocket::open({.protocol = 253});
    ASSERT_TRUE(socket && sender && raw);
    EXPECT_TRUE(privileges().has(cap_net_raw));
    DropReport report;
    const auto done = drop_privileges(&report);
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_TRUE(report.bounding_set_empty);
    EXPECT_NE(report.changed_user, report.kept_namespace_root);

    const std::string status = read_small_file("/proc/self/status");
    for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) EXPECT_EQ(line_of(status, set), "0000000000000000") << set;
    EXPECT_EQ(line_of(status, "NoNewPrivs"), "1");
    const Privileges p = privileges();
    EXPECT_EQ(p.effective | p.permitted, 0u);
    EXPECT_TRUE(p.no_new_privileges);
    EXPECT_EQ(p.user, report.user);
    const auto refused = PacketSocket::open({.interface = "eth0"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::no_permission);
    EXPECT_FALSE(refused.error().advice.empty());

    const Octets one = frame(lab_->hosts()[1].mac, lab_->hosts()[0].mac, experimental, Octets(46));
    EXPECT_EQ(sender->send(LabTestPermit::permit(), std::vector<Bytes>(3, Bytes(one))).value_or(0), 3u);
    collect(*socket, 3);
    EXPECT_EQ(socket->counters().received, 3u);
    EXPECT_EQ((*raw)->send(LabTestPermit::permit(), std::vector<Datagram>{{one, lab_->hosts()[1].ipv4}}).value_or(0), 1u);
    dropped.raise();
    EXPECT_TRUE(seen.wait());
  });
  ASSERT_TRUE(dropped.wait());
  const std::string outside = read_small_file(("/proc/" + std::to_string(process) + "/status").c_str());
  EXPECT_NE(line_of(outside, "Uid").substr(0, 2), "0\t") << "seen from outside it is not root either";
  EXPECT_EQ(line_of(outside, "CapEff"), "0000000000000000");
  seen.raise();
  finish(process);
}

TEST_F(PrivilegesLive, a_program_started_afterwards_gets_no_right_back) {
  on(0, [] {
    ASSERT_TRUE(drop_privileges());
    EXPECT_EQ(::execlp("sh", "sh", "-c", "grep -q '^CapEff:.0000000000000000' /proc/self/status", nullptr), 0);
  });
}

TEST_F(PrivilegesLive, giving_up_twice_changes_nothing) {
  on(0, [] {
    ASSERT_TRUE(drop_privileges());
    const auto again = drop_privileges();
    EXPECT_TRUE(again) << again.error().text();
  });
}

}  // namespace
}  // namespace rawket::test
