// The tool's entry.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>

#include "options.hpp"

namespace {

/// A standard stream that was closed would be the number of the next thing that is opened: a socket, and what is printed would
/// leave by it. Of standard output nothing is lost silently: writing fails, and that is told.
bool standard_streams_are_there() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream)
    if (::fcntl(stream, F_GETFD) < 0 && ::open("/dev/null", stream == STDERR_FILENO ? O_WRONLY : O_RDONLY) != stream) return false;
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (!standard_streams_are_there()) return 4;
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of write(2), and so is a closed pipe: handled where they happen
  std::signal(SIGPIPE, SIG_IGN);
  return rawket::cli::run_command_line(argc, argv);
}
