// This process only waits, and passes signals on.
#include "each_target.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "options.hpp"
#include "output.hpp"
#include "stopping.hpp"

namespace rawket::cli {
namespace {

int run_apart(const std::string& target, const std::function<int(const std::string&)>& run) {
  const pid_t child = ::fork();
  if (child < 0) return complain_and_exit(fail_system("fork").error());
  if (child == 0) ::_exit(run(target));
  int status = 0;
  bool told = false;
  // Looked at now and then: a signal that comes just before a wait would not end it.
  for (pid_t done = 0; (done = ::waitpid(child, &status, WNOHANG)) == 0 || (done < 0 && errno == EINTR);) {
    if (stop_requested && !told) ::kill(child, SIGTERM), told = true;
    ::usleep(10'000);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

int for_each_target(const std::vector<std::string>& targets, const std::string& record, const std::function<int(const std::string&)>& run) {
  if (targets.size() == 1) return run(targets.front());
  if (!record.empty()) return complain("--record: one target at a time, or each would begin the file anew"), int{usage};
  stop_on_signals();
  int code = ok;
  for (const std::string& target : targets) {
    if (stop_requested) break;
    code = std::max(code, run_apart(target, run));
  }
  return code;
}

}  // namespace rawket::cli
