// rawket lab run: a command on a host of a fresh lab.
#include "rawket/lab/lab.hpp"

#include <signal.h>

#include "options.hpp"
#include "output.hpp"

namespace rawket::cli {
namespace {

volatile pid_t the_command = 0;

/// The terminal sends its signals to the command as well, which decides; what somebody sends to this process alone is handed on.
void hand_on(int number, siginfo_t* info, void*) {
  if (info->si_code <= 0 && the_command > 0) ::kill(the_command, number);
}
void hand_signals_on(pid_t command) {
  the_command = command;
  struct sigaction action{};
  action.sa_sigaction = hand_on;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  action.sa_flags |= static_cast<int>(SA_RESETHAND);  // a second one ends the lab, whatever the command thinks
  for (int number : {SIGTERM, SIGHUP}) ::sigaction(number, &action, nullptr);
}

}  // namespace

int run_lab(const LabOptions& options) {
  if (options.command.empty()) {
    complain("lab run: which command?\n  rawket lab run -- ip -brief address");
    return usage;
  }
  if (options.host > options.hosts) {
    complain("--host: the lab has " + std::to_string(options.hosts) + " hosts\n  rawket lab run --hosts " + std::to_string(options.host) + " --host " + std::to_string(options.host) + " -- ...");
    return usage;
  }
  if (const std::string why = options.real_root ? std::string() : why_no_lab(); !why.empty()) {
    complain("lab: " + why);
    return no_permission;
  }
  auto lab = Lab::start({.hosts = options.hosts, .own_users = !options.real_root});
  if (!lab) return complain_and_exit(lab.error());
  const auto process = (*lab)->spawn(options.host - 1, options.command);
  if (!process) return complain_and_exit(process.error());
  hand_signals_on(*process);
  const auto code = (*lab)->wait(*process);
  return code ? *code : complain_and_exit(code.error());
}

}  // namespace rawket::cli
