// A process inside the lab: a copy of the owner that entered the namespaces, then left to the lab's first process.
//
// owner -> helper (enters) -> middle (inside the process namespace) -> the process. Helper and middle end at once, so the
// process belongs to the lab's first process. Were it the owner's child, its remains would have to be collected outside
// before the kernel lets the lab go, and after a kill of the owner nobody might do that.
#include "spawn.hpp"

#include <sched.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdio>

#include "serve.hpp"

namespace rawket {
namespace {

using Body = std::function<int(const std::function<void(int)>&)>;

// From inside: here I am; this errno stopped it. From the owner: you are watched, go on.
constexpr char here = 'h', stopped = 's', may_run = 'g';

bool enter_host(const Placement& place) {
  const FirstProcess& first = place.first;
  // The user namespace comes first: it gives the right to enter the others.
  if (first.user.open() && ::setns(first.user.number(), CLONE_NEWUSER) != 0) return false;
  if (::setns(first.processes.number(), CLONE_NEWPID) != 0) return false;
  if (::setns(first.networks[place.host].number(), CLONE_NEWNET) != 0) return false;
  return ::unshare(CLONE_NEWNS | CLONE_NEWUTS) == 0;
}

[[noreturn]] void run_process(const Placement& place, int channel, const Body& body) {
  send_message(channel, {here, ::getpid()});
  const auto go = receive_message(channel, answer_patience);
  if (!go || go->kind != may_run) ::_exit(125);
  dress_as_host(place.hosts, place.host);
  const auto ready = [channel](int error) {
    if (error != 0) send_message(channel, {stopped, error});
    ::close(channel);
  };
  int code = 125;
  try {
    code = body(ready);
  } catch (...) {
    code = 125;  // an exception has nowhere to go: the frames above belong to the owner's copy
  }
  std::fflush(nullptr);
  ::_exit(code);
}

[[noreturn]] void run_middle(const Placement& place, int channel, const Body& body) {
  const int process = ::fork();
  if (process == 0) run_process(place, channel, body);
  if (process < 0) send_message(channel, {stopped, errno});
  ::_exit(0);
}

[[noreturn]] void run_helper(const Placement& place, int channel, const Body& body) {
  const int middle = enter_host(place) ? ::fork() : -1;
  if (middle == 0) run_middle(place, channel, body);
  if (middle < 0) send_message(channel, {stopped, errno});
  while (middle > 0 && ::waitpid(middle, nullptr, 0) < 0 && errno == EINTR) {
  }
  ::_exit(0);
}

// Up to the moment when nobody inside holds the channel any more.
Result<Started> follow(const Placement& place, int channel) {
  Started started;
  int error = 0;
  while (auto message = receive_message(channel, answer_patience)) {
    if (message->kind == stopped) error = message->number;
    if (message->kind != here) continue;
    started = {message->sender, message->number};
    watch_process(place.first.channel.number(), started.inside);
    send_message(channel, {may_run});
  }
  if (error == 0 && started.inside != 0) return started;
  return fail_system("starting a process on " + place.hosts[place.host].name, error != 0 ? error : ECHILD);
}

}  // namespace

Result<Started> start_on_host(const Placement& place, const Body& body) {
  ChannelEnds ends = RAWKET_TRY(open_channel());
  // What is buffered now would be written by the copy a second time.
  std::fflush(nullptr);
  const int process = ::fork();
  if (process < 0) return fail_system("fork");
  if (process == 0) {
    ends.here.reset();
    run_helper(place, ends.there.number(), body);
  }
  ends.there.reset();
  const Child helper = open_child(process);
  auto started = follow(place, ends.here.number());
  reap(helper);
  return started;
}

}  // namespace rawket
