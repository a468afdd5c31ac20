// Processes that were put into the lab have lost their parent and belong to the first process: it reaps them, so that
// nobody outside has to, and tells the owner of those he asked for.
#include "serve.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "rawket/base/text.hpp"

namespace rawket {
namespace {

// Message kinds: this process is to be watched; it has ended.
constexpr char watch = 'w', ended = 'x';
constexpr int killed = 128 + SIGKILL;

int exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

class Watch {
 public:
  explicit Watch(int channel) : channel_(channel) {}

  /// False when the owner has closed the channel.
  bool read_wishes() {
    while (true) {
      const auto message = receive_message(channel_, 0);
      if (!message) return message.error().code == Errc::timed_out;
      if (message->kind == watch) add(message->number);
    }
  }

  bool reap_all() {
    while (true) {
      siginfo_t information{};
      if (::waitid(P_ALL, 0, &information, WEXITED | WNOHANG | WNOWAIT) != 0 || information.si_pid == 0) return true;
      // A process runs only after it was asked to be watched: when it is seen dead, that wish is in the queue, if not read yet.
      if (!read_wishes()) return false;
      int status = 0;
      if (::waitpid(information.si_pid, &status, 0) == information.si_pid) tell(information.si_pid, exit_code(status));
    }
  }

 private:
  void add(int process) {
    wanted_.push_back(process);
    if (::kill(process, 0) != 0) tell(process, killed);  // by somebody, before it could run
  }
  void tell(int process, int code) {
    if (std::erase(wanted_, process) == 0) return;
    send_message(channel_, {ended, process, std::to_string(code)});
  }

  int channel_;
  std::vector<int> wanted_;
};

int open_child_signals() {
  // Signals of the terminal are for the commands.
  for (int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE}) ::signal(signal, SIG_IGN);
  ::signal(SIGCHLD, SIG_DFL);
  sigset_t children;
  ::sigemptyset(&children);
  ::sigaddset(&children, SIGCHLD);
  ::sigprocmask(SIG_SETMASK, &children, nullptr);
  return ::signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
}

}  // namespace

void serve(int channel, int owner) {
  Watch watched(channel);
  pollfd ends[3] = {{channel, POLLIN, 0}, {owner, POLLIN, 0}, {open_child_signals(), POLLIN, 0}};
  while (watched.read_wishes() && watched.reap_all()) {
    if (::poll(ends, 3, -1) < 0 && errno != EINTR) break;
    if (ends[1].revents != 0) break;
    signalfd_siginfo information;
    if (ends[2].revents != 0 && ::read(ends[2].fd, &information, sizeof information) < 0 && errno != EAGAIN) break;
  }
  ::_exit(0);
}

bool watch_process(int channel, int process) { return send_message(channel, {watch, process}); }

Result<ProcessEnd> next_end(int channel) {
  const Message message = RAWKET_TRY(receive_message(channel, -1));
  if (message.kind != ended) return fail(Errc::system, "lab", "its first process says what was not asked");
  return ProcessEnd{message.number, static_cast<int>(parse_number(message.text).value_or(128))};
}

}  // namespace rawket
