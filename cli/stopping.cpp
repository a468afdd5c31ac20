// The handlers.
#include "stopping.hpp"

#include <csignal>

namespace rawket::cli {

std::atomic<bool> stop_requested{false}, statistics_requested{false}, trigger_requested{false};

namespace {

void handle(int signal, void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);  // no SA_RESTART: waits end
}

}  // namespace

void stop_on_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) handle(signal, [](int) { stop_requested = true; });
}

void ask_by_signals() {
  handle(SIGUSR1, [](int) { statistics_requested = true; });
  handle(SIGUSR2, [](int) { trigger_requested = true; });
}

}  // namespace rawket::cli
