// Privileges: what is told of them, and giving them up in a process of its own.
#include "rawket/host/privileges.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rawket {
namespace {

/// Runs the body in a child process and gives its exit code: what it changes cannot be changed back.
template <class Body>
int in_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Privileges, tell_the_user_and_only_permitted_rights) {
  const Privileges p = privileges();
  EXPECT_EQ(p.user, ::geteuid());
  EXPECT_EQ(p.effective & ~p.permitted, 0u);
}

TEST(Privileges, are_all_gone_after_giving_them_up) {
  EXPECT_EQ(in_child([] {
              DropReport report;
              if (!drop_privileges(&report)) return 1;
              const Privileges p = privileges();
              if (p.effective != 0 || p.permitted != 0 || !p.no_new_privileges) return 2;
              if (::geteuid() != report.user || (report.user == 0 && !report.kept_namespace_root)) return 3;
              return report.user != 0 && ::setuid(0) == 0 ? 4 : 0;
            }),
            0);
}

TEST(Privileges, root_becomes_the_user_that_sudo_came_from) {
  if (::geteuid() != 0 || privileges().in_user_namespace) GTEST_SKIP() << "only the machine's root can become somebody else";
  const auto user_after = [](const char* sudo_uid) {
    return in_child([sudo_uid] {
      ::setenv("SUDO_UID", sudo_uid, 1);
      ::setenv("SUDO_GID", "1235", 1);
      DropReport report;
      if (!drop_privileges(&report) || !report.changed_user) return 1;
      return report.user == 1234 && ::getgid() == 1235 ? 2 : report.user == 65534 && ::getgid() == 65534 ? 3 : 4;
    });
  };
  EXPECT_EQ(user_after("1234"), 2);
  for (const char* senseless : {"0", "-1", "4294967295", "12x", "", "99999999999999999999"}) EXPECT_EQ(user_after(senseless), 3) << senseless;
}

TEST(Privileges, advice_for_a_missing_right_is_a_command) {
  const std::string advice = advice_for_net_raw();
  EXPECT_NE(advice.find("rawket lab run"), std::string::npos) << advice;
}

}  // namespace
}  // namespace rawket
