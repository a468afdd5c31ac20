// The tool's entry.
#include <csignal>

#include "options.hpp"

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of write(2), and so is a closed pipe: handled where they happen
  std::signal(SIGPIPE, SIG_IGN);
  return rawket::cli::run_command_line(argc, argv);
}
