// rawket lab run: a command on a host of a fresh lab.
#include "rawket/lab/lab.hpp"

#include <csignal>

#include "options.hpp"
#include "output.hpp"

namespace rawket::cli {

int run_lab(const LabOptions& options) {
  if (options.command.empty()) {
    complain("lab run: which command?\n  rawket lab run -- ip -brief address");
    return usage;
  }
  if (options.host > options.hosts) {
    complain("--host: the lab has " + std::to_string(options.hosts) + " hosts\n  rawket lab run --hosts " + std::to_string(options.host) + " --host " + std::to_string(options.host) + " -- ...");
    return usage;
  }
  if (const std::string why = why_no_lab(); !why.empty()) {
    complain("lab: " + why);
    return no_permission;
  }
  auto lab = Lab::start({.hosts = options.hosts});
  if (!lab) return complain_and_exit(lab.error());
  const auto process = (*lab)->spawn(options.host - 1, options.command);
  if (!process) return complain_and_exit(process.error());
  std::signal(SIGINT, SIG_IGN);  // the terminal sends it to the command as well, which decides; the lab ends with it
  const auto code = (*lab)->wait(*process);
  return code ? *code : complain_and_exit(code.error());
}

}  // namespace rawket::cli
