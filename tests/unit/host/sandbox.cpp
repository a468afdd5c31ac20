// From inside, in a process of its own: a sandbox is for good.
#include "rawket/host/sandbox.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "rawket/host/privileges.hpp"

namespace rawket {
namespace {

/// Runs `body` in a child; its text is what went wrong.
std::string in_a_child(const std::function<std::string()>& body) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  const int child = ::fork();
  if (child == 0) {
    const std::string wrong = body();
    const bool told = ::write(ends[1], wrong.data(), wrong.size()) == static_cast<ssize_t>(wrong.size());
    ::_exit(told ? 0 : 1);
  }
  ::close(ends[1]);
  std::string wrong;
  char piece[1000];
  for (ssize_t n = 0; (n = ::read(ends[0], piece, sizeof piece)) > 0;) wrong.append(piece, static_cast<std::size_t>(n));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (status != 0) wrong += " ended with status " + std::to_string(status);
  return wrong;
}

bool instrumented() {
  return in_a_child([] { return enter_sandbox().instrumented ? "yes" : ""; }) == "yes";
}

TEST(Sandbox, refuses_everything_that_a_packets_author_would_like) {
  if (instrumented()) GTEST_SKIP() << "this build has sanitizers, and is not closed off";
  EXPECT_EQ(in_a_child([]() -> std::string {
              if (auto dropped = drop_privileges(); !dropped) return dropped.error().text();
              const SandboxReport report = enter_sandbox();
              if (!report.system_calls_limited) return report.why_not;
              std::string allowed;
              for (const Attempt& a : try_forbidden())
                if (!a.refused) allowed += a.what + " was allowed; ";
              return allowed;
            }),
            "");
}

TEST(Sandbox, lets_open_descriptors_memory_and_threads_be_used) {
  if (instrumented()) GTEST_SKIP() << "this build has sanitizers, and is not closed off";
  EXPECT_EQ(in_a_child([]() -> std::string {
              int ends[2];
              if (::pipe(ends) != 0) return "no pipe";
              enter_sandbox();
              char c = 0;
              if (::write(ends[1], "x", 1) != 1 || ::read(ends[0], &c, 1) != 1) return "a pipe cannot be used";
              void* page = ::mmap(nullptr, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
              if (page == MAP_FAILED) return "no memory";
              int ran = 0;
              std::thread([&ran] { ran = 1; }).join();
              return ran == 1 ? "" : "no thread";
            }),
            "");
}

}  // namespace
}  // namespace rawket
