// A lab's life: what its hosts are, how commands run in it, and that nothing of it stays.
#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>

#include "../../src/host/descriptor.hpp"
#include "lab_test.hpp"
#include "rawket/host/interfaces.hpp"
#include "rawket/lab/lab.hpp"

namespace rawket::test {
namespace {

using LabLife = LabTest;

class LargeLab : public LabTest {
  unsigned wanted_hosts() const override { return 5; }
};

// The inode of a process's pid namespace; 0 when the process is gone. Of an ended process only its exit code is left,
// for whoever adopted it to collect in his own time.
ino_t process_namespace(const std::string& process) {
  struct stat info{};
  if (read_small_file(("/proc/" + process + "/stat").c_str()).find(") Z ") != std::string::npos) return 0;
  return ::stat(("/proc/" + process + "/ns/pid").c_str(), &info) == 0 ? info.st_ino : 0;
}

std::size_t processes_in(ino_t wanted) {
  std::size_t count = 0;
  const std::unique_ptr<DIR, int (*)(DIR*)> all(::opendir("/proc"), ::closedir);
  while (const dirent* entry = ::readdir(all.get()))
    if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9' && process_namespace(entry->d_name) == wanted) ++count;
  return count;
}

bool everything_is_gone(ino_t wanted) {
  SystemClock clock;
  for (const Nanoseconds end = clock.now() + patience; clock.now() < end; ::poll(nullptr, 0, 5))
    if (processes_in(wanted) == 0) return true;
  return false;
}

// A process holds a lab with a busy host. It is ended by `signal`, or, when that is 0, closes the lab itself.
void end_an_owner_by(int signal) {
  if (const std::string reason = why_no_lab(); !reason.empty()) GTEST_SKIP() << reason;
  const Event close_it;
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const Descriptor read_end(ends[0]), write_end(ends[1]);
  const pid_t owner = ::fork();
  if (owner == 0) {
    std::signal(SIGINT, SIG_DFL);  // a shell that runs the tests in its background has them ignore it
    auto lab = Lab::start({.hosts = 3});
    const int process = lab ? (*lab)->spawn(2, {"sleep", "1000"}).value_or(-1) : -1;
    if (::write(ends[1], &process, sizeof process) < 0 || !close_it.wait()) ::_exit(2);
    lab->reset();
    ::_exit(0);
  }
  int process = -1;
  ASSERT_EQ(::read(ends[0], &process, sizeof process), static_cast<ssize_t>(sizeof process));
  ASSERT_GT(process, 0);
  const ino_t lab = process_namespace(std::to_string(process));
  ASSERT_NE(lab, 0u);
  EXPECT_EQ(processes_in(lab), 2u) << "its first process and the command";
  if (signal != 0) ::kill(owner, signal);
  if (signal == 0) close_it.raise();
  int status = 0;
  EXPECT_EQ(::waitpid(owner, &status, 0), owner);
  EXPECT_EQ(WIFSIGNALED(status) ? WTERMSIG(status) : 0, signal);
  EXPECT_TRUE(everything_is_gone(lab));
}

TEST(LabEnd, leaves_nothing_when_the_owner_is_killed) { end_an_owner_by(SIGKILL); }
TEST(LabEnd, leaves_nothing_when_the_owner_is_interrupted) { end_an_owner_by(SIGINT); }
TEST(LabEnd, leaves_nothing_when_the_lab_is_closed) { end_an_owner_by(0); }

TEST_F(LabLife, hosts_have_their_interfaces_and_addresses_at_once) {
  for (unsigned h = 0; h < 2; ++h)
    on(h, [&, h] {
      const LabHost& self = lab_->hosts()[h];
      const Interface eth0 = interface_named("eth0").value(), lo = interface_named("lo").value();
      EXPECT_TRUE(lo.up && eth0.up && eth0.carrier);
      EXPECT_EQ(eth0.mac, self.mac);
      ASSERT_EQ(eth0.addresses.size(), 3u) << "IPv4, IPv6, link-local";
      EXPECT_EQ(eth0.addresses[0].text(), self.ipv4.text() + "/24");
      EXPECT_NE(std::ranges::find(eth0.addresses, IpAddress(self.ipv6), &Prefix::address), eth0.addresses.end());
      for (const LabHost& other : lab_->hosts()) {
        if (other.name == self.name) continue;
        EXPECT_EQ(route_to(other.ipv4).value().interface, eth0.index);
        EXPECT_EQ(resolve_neighbour(eth0.index, other.ipv4, 5000).value_or(std::nullopt), other.mac);
        EXPECT_EQ(resolve_neighbour(eth0.index, other.ipv6, 5000).value_or(std::nullopt), other.mac);
      }
      EXPECT_TRUE(route_to(self.ipv4).value().loopback);
      const auto outside = route_to(Ipv4Address("198.19.0.1"));
      ASSERT_FALSE(outside) << "nothing leads out";
      EXPECT_NE(outside.error().text().find("198.19.0.1"), std::string::npos);
    });
}

TEST_F(LargeLab, joins_all_its_hosts) {
  for (unsigned h = 1; h < 5; ++h)
    on(0, [&, h] {
      const u32 index = interface_named("eth0").value().index;
      EXPECT_EQ(resolve_neighbour(index, lab_->hosts()[h].ipv4, 5000).value_or(std::nullopt), lab_->hosts()[h].mac);
      EXPECT_EQ(resolve_neighbour(index, lab_->hosts()[h].ipv6, 5000).value_or(std::nullopt), lab_->hosts()[h].mac);
    });
}

TEST_F(LabLife, a_command_runs_with_the_hosts_name_network_and_processes) {
  const std::string script =
      "test \"$RAWKET_LAB\" = 1 && test \"$RAWKET_LAB_HOST\" = h2 && test \"$(cat /proc/sys/kernel/hostname)\" = h2 && "
      "grep -q '198.18.0.1 h1' /etc/hosts && grep -q eth0 /proc/net/dev && test -e /sys/class/net/eth0";
  const auto process = lab_->spawn(1, {"sh", "-c", script});
  ASSERT_TRUE(process) << process.error().text();
  finish(*process);
}

TEST_F(LabLife, a_commands_exit_code_and_signal_are_passed_on) {
  EXPECT_EQ(lab_->wait(lab_->spawn(0, {"sh", "-c", "exit 42"}).value()).value(), 42);
  EXPECT_EQ(lab_->wait(lab_->spawn(0, {"sh", "-c", "kill -TERM $$"}).value()).value(), 128 + SIGTERM);
  EXPECT_FALSE(lab_->wait(1));
}

TEST_F(LabLife, an_interrupt_from_the_terminal_ends_the_command_and_not_the_lab) {
  const auto process = lab_->spawn(0, {"sleep", "1000"});
  ASSERT_TRUE(process);
  ::kill(*process, SIGINT);
  EXPECT_EQ(lab_->wait(*process).value(), 128 + SIGINT);
  EXPECT_EQ(lab_->wait(lab_->spawn(0, {"true"}).value()).value(), 0);
}

TEST_F(LabLife, a_missing_command_and_a_missing_host_are_errors) {
  const auto command = lab_->spawn(0, {"no-such-command"});
  ASSERT_FALSE(command);
  EXPECT_EQ(command.error().code, Errc::unknown_name);
  EXPECT_NE(command.error().text().find("'no-such-command'"), std::string::npos);
  EXPECT_FALSE(lab_->spawn(7, {"true"}));
  EXPECT_FALSE(lab_->spawn(0, {}));
  EXPECT_FALSE(Lab::start({.hosts = 0}));
  EXPECT_FALSE(Lab::start({.hosts = 65}));
}

TEST_F(LabLife, labs_do_not_see_each_other) {
  auto other = Lab::start({.hosts = 1});
  ASSERT_TRUE(other) << other.error().text();
  const auto process = (*other)->spawn(
      0,
      +[](void*) {
        const u32 index = interface_named("eth0").value().index;
        return resolve_neighbour(index, Ipv4Address("198.18.0.2"), 200).value().has_value() ? 1 : 0;
      },
      nullptr);
  ASSERT_TRUE(process);
  EXPECT_EQ((*other)->wait(*process).value(), 0);
}

}  // namespace
}  // namespace rawket::test
