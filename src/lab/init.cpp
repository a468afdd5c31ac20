// Start: owner forks a helper; the helper makes the namespaces and forks the first process as its sibling.
#include "init.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>

#include "../host/capabilities.hpp"
#include "network.hpp"
#include "rawket/base/text.hpp"
#include "serve.hpp"

namespace rawket {
namespace {

// Message kinds. Helper: the user namespace is made (its map is wanted), here is the first process. Both: an error, ready.
constexpr char want_map = 'm', mapped = 'y', not_mapped = 'n', process_made = 'p', go_on = 'g', all_ready = 'r', failed = 'e';

// Errors travel as text; the errno keeps its meaning on the other side.
void send_error(int channel, const Error& error) {
  const std::string text = error.where + '\n' + error.what + '\n' + error.advice;
  send_message(channel, {failed, error.errno_value, text});
}

Failure error_from(const Message& message) {
  const auto lines = split(message.text, '\n');
  const auto line = [&](std::size_t i) { return i < lines.size() ? std::string(lines[i]) : std::string(); };
  Error error{.code = Errc::system, .where = "lab: " + line(0), .what = line(1), .advice = line(2)};
  error.errno_value = message.number;
  if (error.errno_value == EPERM || error.errno_value == EACCES) error.code = Errc::no_permission;
  return Failure{std::move(error)};
}

// A root that may, maps every user to itself, so that file rights and a later change of the uid work as outside.
bool map_everyone(int process) {
  if (::geteuid() != 0 || !own_capabilities().has(cap_setuid)) return false;
  const auto copy = [process](const char* from, const char* to) {
    const std::string own = read_small_file(from);
    std::string lines;
    for (std::string_view line : split(own, '\n')) {
      std::vector<std::string> words;
      for (std::string_view word : split(line, ' '))
        if (!word.empty()) words.emplace_back(word);
      if (words.size() == 3) lines += words[0] + ' ' + words[0] + ' ' + words[2] + '\n';
    }
    return write_small_file(("/proc/" + std::to_string(process) + to).c_str(), lines);
  };
  return copy("/proc/self/uid_map", "/uid_map") && copy("/proc/self/gid_map", "/gid_map");
}

Result<void> map_self(unsigned user, unsigned group) {
  write_small_file("/proc/self/setgroups", "deny");
  if (!write_small_file("/proc/self/uid_map", "0 " + std::to_string(user) + " 1")) return fail_system("/proc/self/uid_map");
  if (!write_small_file("/proc/self/gid_map", "0 " + std::to_string(group) + " 1")) return fail_system("/proc/self/gid_map");
  return {};
}

// True when it was made. Only a root that is forbidden to make user namespaces goes without one.
Result<bool> make_user_namespace(int channel) {
  const unsigned user = ::geteuid(), group = ::getegid();
  // A program with a file capability is not dumpable, and then its /proc files belong to root.
  ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  const bool may_go_without = own_capabilities().has(cap_sys_admin);
  if (::unshare(CLONE_NEWUSER) != 0) {
    if (may_go_without) return false;
    return fail_system("unshare(CLONE_NEWUSER)");
  }
  send_message(channel, {want_map, 0});
  const Message answer = RAWKET_TRY(receive_message(channel, answer_patience));
  if (answer.kind != mapped) RAWKET_TRY(map_self(user, group));
  return true;
}

// Above the three standard ones, which are about to be replaced.
int above_standard(int descriptor) { return descriptor > 2 ? descriptor : ::fcntl(descriptor, F_DUPFD_CLOEXEC, 3); }

// Nothing of the owner's may be held open: a reader of its output waits for the last writer.
void let_go_of_inherited(int keep_first, int keep_second) {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int standard = 0; standard <= 2; ++standard) ::dup2(null, standard);
  const unsigned low = static_cast<unsigned>(std::min(keep_first, keep_second)), high = static_cast<unsigned>(std::max(keep_first, keep_second));
  const auto close_range = [](unsigned from, unsigned to) {
    if (from <= to) ::syscall(SYS_close_range, from, to, 0);
  };
  close_range(3, low - 1);
  close_range(low + 1, high - 1);
  close_range(high + 1, ~0u);
}

[[noreturn]] void run_first_process(int channel, int owner, const LabPlan& plan, bool own_user_namespace) {
  ::prctl(PR_SET_NAME, "rawket-lab", 0, 0, 0);
  channel = above_standard(channel);
  owner = above_standard(owner);
  let_go_of_inherited(channel, owner);
  // The owner must know this process before it can fail, or nobody would reap it.
  const auto go = receive_message(channel, answer_patience);
  if (!go || go->kind != go_on) ::_exit(1);
  Message answer{all_ready, own_user_namespace ? 1 : 0};
  for (const char* path : {"/proc/self/ns/user", "/proc/self/ns/pid"}) answer.descriptors.emplace_back(::open(path, O_RDONLY | O_CLOEXEC));
  auto networks = build_network(plan);
  if (!networks) {
    send_error(channel, networks.error());
    ::_exit(1);
  }
  std::ranges::move(*networks, std::back_inserter(answer.descriptors));
  const bool complete = std::ranges::all_of(answer.descriptors, &Descriptor::open);
  if (!complete) send_error(channel, fail_system("/proc/self/ns").error());
  if (!complete || !send_message(channel, answer)) ::_exit(1);
  serve(channel, owner);  // keeps `answer`, and so the networks, open
}

// fork() whose child is a child of the caller's parent: the owner has to be the one who waits for the first process.
int fork_as_sibling() { return static_cast<int>(::syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0)); }

[[noreturn]] void run_helper(int channel, int owner, const LabPlan& plan, bool own_users) {
  const auto give_up = [channel](const Error& error) {
    send_error(channel, error);
    ::_exit(1);
  };
  const auto own_user_namespace = own_users ? make_user_namespace(channel) : Result<bool>(false);
  if (!own_user_namespace) give_up(own_user_namespace.error());
  if (::unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC) != 0) give_up(fail_system("unshare(CLONE_NEWNET)").error());
  const int first = fork_as_sibling();
  if (first < 0) give_up(fail_system("clone").error());
  if (first == 0) run_first_process(channel, owner, plan, *own_user_namespace);
  ::_exit(send_message(channel, {process_made, first}) ? 0 : 1);
}

Result<void> follow_start(int helper, FirstProcess& first) {
  while (true) {
    Message message = RAWKET_TRY(receive_message(first.channel.number(), answer_patience));
    if (message.kind == failed) return error_from(message);
    if (message.kind == want_map) send_message(first.channel.number(), {map_everyone(helper) ? mapped : not_mapped, 0});
    if (message.kind == process_made) {
      first.process = open_child(message.number);
      send_message(first.channel.number(), {go_on, 0});
    }
    if (message.kind != all_ready) continue;
    if (message.descriptors.size() < 3) return fail(Errc::system, "lab", "its namespaces were not handed over");
    if (message.number == 1) first.user = std::move(message.descriptors[0]);
    first.processes = std::move(message.descriptors[1]);
    first.networks.assign(std::make_move_iterator(message.descriptors.begin() + 2), std::make_move_iterator(message.descriptors.end()));
    return {};
  }
}

void end_child(const Child& child) { ::syscall(SYS_pidfd_send_signal, child.descriptor.number(), SIGKILL, nullptr, 0); }

}  // namespace

Child open_child(int process) { return {process, Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)))}; }

void reap(const Child& child) {
  siginfo_t info{};
  const auto kind = static_cast<idtype_t>(P_PIDFD);
  while (::waitid(kind, static_cast<id_t>(child.descriptor.number()), &info, WEXITED) != 0 && errno == EINTR) {
  }
}

Result<FirstProcess> start_first_process(const LabPlan& plan, bool own_users) {
  ChannelEnds ends = RAWKET_TRY(open_channel());
  // Readable when the whole owner, not only the thread that started the lab, is gone; and there is no race with its death.
  const Descriptor owner(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
  if (!owner.open()) return fail_system("pidfd_open", "Linux 5.3 or newer is needed");
  const int process = ::fork();
  if (process < 0) return fail_system("fork");
  if (process == 0) {
    ends.here.reset();
    run_helper(ends.there.number(), owner.number(), plan, own_users);
  }
  ends.there.reset();
  const Child helper = open_child(process);
  FirstProcess first;
  first.channel = std::move(ends.here);
  const auto started = follow_start(process, first);
  if (!started) end_child(helper);
  reap(helper);
  if (!started) end_first_process(first);
  if (!started) return Failure{started.error()};
  return first;
}

void end_first_process(FirstProcess& first) {
  first.channel.reset();
  if (!first.process.descriptor.open()) return;
  end_child(first.process);
  reap(first.process);
  first.process = {};
}

}  // namespace rawket
