// The lab as its owner sees it: a first process, hosts, and the processes that were started on them.
#include "rawket/lab/lab.hpp"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "../host/capabilities.hpp"
#include "../host/namespaces.hpp"
#include "network.hpp"
#include "rawket/base/text.hpp"
#include "serve.hpp"
#include "spawn.hpp"

namespace rawket {
namespace {

// Ends only by exec or with an errno.
int become(const std::vector<std::string>& command) {
  // The owner's habits are not the command's: a blocked or ignored signal would be inherited.
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number : {SIGPIPE, SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGCHLD}) ::signal(number, SIG_DFL);
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execvp(words[0], words.data());
  return errno;
}

class RunningLab final : public Lab {
 public:
  RunningLab(std::vector<LabHost> hosts, FirstProcess first) : hosts_(std::move(hosts)), first_(std::move(first)) {}
  ~RunningLab() override { end_first_process(first_); }

  std::span<const LabHost> hosts() const override { return hosts_; }

  Result<int> spawn(unsigned host, const std::vector<std::string>& command) override {
    if (command.empty()) return fail(Errc::out_of_range, "lab", "no command given");
    auto started = start(host, [&command](const std::function<void(int)>& ready) {
      const int error = become(command);
      ready(error);
      return 127;
    });
    if (started || started.error().errno_value == 0) return started;
    const int reason = started.error().errno_value;
    // A look-up along PATH reports EACCES also when a directory on the way is closed.
    const bool looked_up = command[0].find('/') == std::string::npos;
    if (reason == ENOENT || (reason == EACCES && looked_up))
      return fail(Errc::unknown_name, "lab", "there is no command '" + clean_text(command[0]) + "' that can be run");
    return fail_system(clean_text(command[0]), reason);
  }

  Result<int> spawn(unsigned host, int (*function)(void*), void* argument) override {
    return start(host, [=](const std::function<void(int)>& ready) {
      ready(0);
      return function(argument);
    });
  }

  Result<int> wait(int process) override {
    const auto known = std::ranges::find(running_, process, &Running::outside);
    if (known == running_.end())
      return fail(Errc::unknown_name, "lab", "process " + std::to_string(process) + " was not started here, or was waited for");
    while (!known->code) {
      const ProcessEnd end = RAWKET_TRY(next_end(first_.channel.number()));
      // The lab uses numbers again, so only the one that has not ended yet is meant.
      const auto ended = std::ranges::find_if(running_, [&end](const Running& r) { return r.inside == end.process && !r.code; });
      if (ended != running_.end()) ended->code = end.code;
    }
    const int code = *known->code;
    running_.erase(known);
    return code;
  }

 private:
  struct Running {
    int outside = 0, inside = 0;
    std::optional<int> code{};
  };

  template <class Body>
  Result<int> start(unsigned host, Body body) {
    if (host >= hosts_.size()) return fail(Errc::out_of_range, "lab", "there are " + std::to_string(hosts_.size()) + " hosts");
    const Started started = RAWKET_TRY(start_on_host({first_, hosts_, host}, body));
    running_.push_back({started.outside, started.inside});
    return started.outside;
  }

  std::vector<LabHost> hosts_;
  FirstProcess first_;
  std::vector<Running> running_;
};

}  // namespace

Result<std::unique_ptr<Lab>> Lab::start(const LabOptions& options) {
  if (!options.own_users && !own_capabilities().has(cap_sys_admin)) return fail(Errc::no_permission, "lab", "only root has a lab without a user namespace", "use sudo, or leave it as it is usual");
  const std::vector<std::string> lan = {"lan", std::to_string(options.hosts)};
  const Topology topology = options.topology ? *options.topology : RAWKET_TRY(topology_of(lan));
  LabPlan plan = RAWKET_TRY(plan_addresses(topology));
  auto first = start_first_process(plan, options.own_users);
  if (!first) {
    Error error = std::move(first).error();
    // A refusal of the kernel's is explained by its settings; anything else speaks for itself.
    if (error.advice.empty()) error.advice = why_no_lab();
    return Failure{std::move(error)};
  }
  return std::make_unique<RunningLab>(std::move(plan.hosts), std::move(*first));
}

Result<std::vector<LabHost>> hosts_of(const Topology& topology) { return RAWKET_TRY(plan_addresses(topology)).hosts; }

std::string why_no_lab() {
  const NamespaceProbe user = probe_user_namespaces();
  if (user.allowed()) return {};
  if (own_capabilities().has(cap_sys_admin) && probe_root_namespaces().allowed()) return {};
  return "a lab needs user namespaces, which are not allowed here: " + namespace_advice(user);
}

}  // namespace rawket
