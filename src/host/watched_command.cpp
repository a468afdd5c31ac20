// The watching process: parent of the command, answers its socket calls, and tells ports and the end over a channel.
//
// owner -> watcher -> command. The command stops itself between its filter and its program until the owner says go.
#include "rawket/host/watched_command.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <set>

#include "capabilities.hpp"
#include "channel.hpp"
#include "rawket/base/text.hpp"
#include "socket_calls.hpp"
#include "sudo.hpp"

namespace rawket {
namespace {

constexpr char command_ready = 'r', command_failed = 'x', may_start = 'g', port_found = 'p', command_ended = 'e';

/// With sudo: who called it. Nothing to do for anybody else.
void become_caller() {
  constexpr u32 nobody = 65534;
  const u32 user = sudo_number("SUDO_UID").value_or(0), group = sudo_number("SUDO_GID").value_or(nobody);
  if (::geteuid() != 0 || user == 0) return;
  if (::setgroups(0, nullptr) != 0 || ::setresgid(group, group, group) != 0 || ::setresuid(user, user, user) != 0) ::_exit(126);
}

/// In the child: its notifications' descriptor is told by number, as sending it would be the first call to be stopped.
[[noreturn]] void become_command(const std::vector<std::string>& command, int tell, int wait) {
  become_caller();
  const int notifications = notify_socket_calls();
  const int why = errno;
  char start = 0;
  const int told[2] = {notifications, notifications < 0 ? why : 0};
  if (::write(tell, told, sizeof told) != sizeof told || notifications < 0 || ::read(wait, &start, 1) != 1) ::_exit(127);
  ::close(notifications);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ, SIGUSR1, SIGUSR2}) ::signal(signal, SIG_DFL);
  std::vector<char*> words;
  for (const std::string& w : command) words.push_back(const_cast<char*>(w.c_str()));
  words.push_back(nullptr);
  ::execvp(words[0], words.data());
  const int error = errno;
  const int problem[2] = {-1, error};
  static_cast<void>(!::write(tell, problem, sizeof problem));
  ::_exit(127);
}

class Watcher {
 public:
  Watcher(int owner, int command, Descriptor notifications, Descriptor start, Descriptor told)
      : owner_(owner), command_(command), start_(std::move(start)), told_(std::move(told)), calls_(std::move(notifications), [this](const LocalPort& p) { tell(p); }) {}

  [[noreturn]] void run() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    const Descriptor end(static_cast<int>(::syscall(SYS_pidfd_open, command_, 0u)));
    pollfd ends[4] = {{calls_.descriptor(), POLLIN, 0}, {owner_, POLLIN, 0}, {end.number(), POLLIN, 0}, {told_.number(), POLLIN, 0}};
    // What the command leaves running in the background has its calls answered to its own end.
    while (ends[0].fd >= 0) {
      if (::poll(ends, 4, -1) < 0 && errno != EINTR) break;
      if ((ends[0].revents & POLLIN) != 0) calls_.answer();
      else if (ends[0].revents != 0) ends[0].fd = -1;
      if (ends[3].revents != 0) read_failure(), ends[3].fd = -1;
      if (ends[2].revents != 0 && (ends[0].revents & POLLIN) == 0) tell_end(), ends[2].fd = -1;
      if (ends[1].revents != 0 && !hear()) {
        ends[1].fd = -1;
        if (ends[2].fd >= 0) ::kill(command_, SIGTERM);  // whose end it was to live to
      }
    }
    if (ends[2].fd >= 0) tell_end();
    ::_exit(0);
  }

 private:
  void tell(const LocalPort& p) {
    if (known_.insert(p).second) send_message(owner_, {port_found, p.protocol << 16 | p.port});
  }
  /// False when the owner is gone.
  bool hear() {
    const auto message = receive_message(owner_, 0);
    if (!message) return message.error().code == Errc::timed_out;
    if (message->kind == may_start) static_cast<void>(!::write(start_.number(), "g", 1));
    return true;
  }
  /// The program could not be started: the errno.
  void read_failure() {
    int problem[2] = {0, 0};
    if (::read(told_.number(), problem, sizeof problem) == sizeof problem) send_message(owner_, {command_failed, problem[1]});
  }
  void tell_end() {
    int status = 0;
    while (::waitpid(command_, &status, 0) < 0 && errno == EINTR) {
    }
    send_message(owner_, {command_ended, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status)});
  }

  int owner_, command_;
  Descriptor start_, told_;
  SocketCalls calls_;
  std::set<LocalPort> known_;
};

/// In the watching process: everything up to the point where the command waits for its start.
[[noreturn]] void watch_command(const std::vector<std::string>& command, int owner) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2}) ::signal(signal, SIG_IGN);
  keep_only(owner, true);  // the streams are the command's
  int told[2], start[2];
  if (::pipe2(told, O_CLOEXEC) != 0 || ::pipe2(start, O_CLOEXEC) != 0) ::_exit(1);
  const int child = ::fork();
  if (child == 0) become_command(command, told[1], start[0]);
  ::close(told[1]), ::close(start[0]);
  int answer[2] = {-1, ECHILD};
  const bool answered = child > 0 && ::read(told[0], answer, sizeof answer) == sizeof answer;
  const Descriptor process(child > 0 ? static_cast<int>(::syscall(SYS_pidfd_open, child, 0u)) : -1);
  Descriptor notifications(answered && answer[0] >= 0 ? static_cast<int>(::syscall(SYS_pidfd_getfd, process.number(), answer[0], 0u)) : -1);
  if (!notifications.open()) {
    send_message(owner, {command_failed, answered && answer[1] != 0 ? answer[1] : errno});
    ::_exit(1);
  }
  become_caller();
  keep_only_capabilities(1u << CAP_SYS_PTRACE);  // a root's command has descriptors that are borrowed only with it
  for (const int stream : {0, 1, 2}) ::close(stream);
  send_message(owner, {command_ready});
  Watcher(owner, child, std::move(notifications), Descriptor(start[1]), Descriptor(told[0])).run();
}

class ProcessWatch final : public WatchedCommand {
 public:
  ProcessWatch(Descriptor channel, int watcher) : channel_(std::move(channel)), watcher_(watcher) {}
  ~ProcessWatch() override {
    channel_.reset();
    if (code_ >= 0) return;  // it may stay for what the command left in the background
    while (::waitpid(watcher_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  void go() override { send_message(channel_.number(), {may_start}); }
  std::vector<LocalPort> new_ports() override {
    hear();
    return std::exchange(ports_, {});
  }
  int exit_code() override {
    hear();
    return code_;
  }
  int start_error() const override { return why_; }

 private:
  void hear() {
    while (code_ < 0) {
      const auto message = receive_message(channel_.number(), 0);
      if (!message && message.error().code == Errc::timed_out) return;
      if (!message) code_ = 125;  // the watcher is gone
      else if (message->kind == command_ended) code_ = message->number;
      else if (message->kind == command_failed) why_ = message->number;
      else if (message->kind == port_found) ports_.push_back({static_cast<u8>(message->number >> 16), static_cast<u16>(message->number)});
    }
  }

  Descriptor channel_;
  int watcher_, code_ = -1, why_ = 0;
  std::vector<LocalPort> ports_;
};

/// The command's file, as execvp(3) would find it.
bool can_be_found(const std::string& name) {
  if (name.find('/') != name.npos) return ::access(name.c_str(), X_OK) == 0;
  const char* path = std::getenv("PATH");
  for (const std::string_view folder : split(path == nullptr ? "/bin:/usr/bin" : path, ':'))
    if (::access((std::string(folder.empty() ? "." : folder) + "/" + name).c_str(), X_OK) == 0) return true;
  return false;
}

}  // namespace

Result<std::unique_ptr<WatchedCommand>> WatchedCommand::start(const std::vector<std::string>& command) {
  if (command.empty() || !can_be_found(command.front())) return fail(Errc::unknown_name, "--run", "there is no command '" + clean_text(command.empty() ? std::string_view() : command.front()) + "'");
  ChannelEnds ends = RAWKET_TRY(open_channel());
  const int watcher = ::fork();
  if (watcher < 0) return fail_system("fork");
  if (watcher == 0) {
    ends.here.reset();
    watch_command(command, ends.there.release());
  }
  ends.there.reset();
  auto watched = std::make_unique<ProcessWatch>(Descriptor(::fcntl(ends.here.number(), F_DUPFD_CLOEXEC, 3)), watcher);
  const Message first = RAWKET_TRY(receive_message(ends.here.number(), answer_patience));
  if (first.kind != command_ready) return fail_system("--run", first.number, "this kernel does not let socket calls be watched (seccomp user notification, Linux 5.5)");
  return watched;
}

}  // namespace rawket
