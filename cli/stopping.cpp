// The handlers.
#include "stopping.hpp"

#include <csignal>

namespace rawket::cli {

std::atomic<bool> stop_requested{false};

void stop_on_signals() {
  struct sigaction action{};
  action.sa_handler = [](int) { stop_requested = true; };
  sigemptyset(&action.sa_mask);
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);  // no SA_RESTART: waits end
}

}  // namespace rawket::cli
