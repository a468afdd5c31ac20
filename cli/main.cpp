// The tool's entry.
#include <csignal>

#include "options.hpp"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write(2), handled where it happens
  return rawket::cli::run_command_line(argc, argv);
}
