// rawket lab: a command or a shell on a host of a fresh lab, and what labs there are.
#include "rawket/lab/lab.hpp"

#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <expected>

#include "options.hpp"
#include "output.hpp"
#include "rawket/base/text.hpp"

namespace rawket::cli {
namespace {

volatile pid_t the_command = 0;

/// The terminal sends its signals to the command as well, which decides; what somebody sends to this process alone is handed on.
void hand_on(int number, siginfo_t* info, void*) {
  if (info->si_code <= 0 && the_command > 0) ::kill(the_command, number);
}
void hand_signals_on(pid_t command) {
  the_command = command;
  struct sigaction action{};
  action.sa_sigaction = hand_on;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  action.sa_flags |= static_cast<int>(SA_RESETHAND);  // a second one ends the lab, whatever the command thinks
  for (int number : {SIGTERM, SIGHUP}) ::sigaction(number, &action, nullptr);
}

/// By name, or by number from 1. The exit code's message was given.
std::expected<unsigned, int> host_of(std::span<const LabHost> hosts, const std::string& wanted, const std::string& option) {
  if (wanted.empty()) return 0u;
  for (unsigned i = 0; i < hosts.size(); ++i)
    if (hosts[i].name == wanted) return i;
  const auto number = parse_number(wanted);
  if (number && *number >= 1 && *number <= hosts.size()) return static_cast<unsigned>(*number - 1);
  std::string names;
  for (const LabHost& h : hosts) names += (names.empty() ? "" : ", ") + h.name;
  complain(option + ": there is no host '" + clean_text(wanted) + "' among these " + std::to_string(hosts.size()) + " hosts: " + names);
  return std::unexpected<int>(usage);
}

/// "h2: nft -f rules": each on its host, one after the other; what ends with & goes on beside what follows.
int prepare(Lab& lab, const std::vector<std::string>& commands) {
  for (const std::string& c : commands) {
    const std::size_t colon = c.find(':');
    if (colon == c.npos || trim(std::string_view(c).substr(colon + 1)).empty()) return complain("--on: a host and a command, like 'h2: python3 -m http.server 80 &'"), int{usage};
    const auto host = host_of(lab.hosts(), std::string(trim(std::string_view(c).substr(0, colon))), "--on");
    if (!host) return host.error();
    const auto process = lab.spawn(*host, {"/bin/sh", "-c", c.substr(colon + 1)});
    if (!process) return complain_and_exit(process.error());
    const auto code = lab.wait(*process);
    if (!code) return complain_and_exit(code.error());
    if (*code != 0) return complain("--on: '" + clean_text(c) + "' ended with " + std::to_string(*code)), int{negative};
  }
  return ok;
}

int run_in(const LabOptions& options, const std::vector<std::string>& words, const std::vector<std::string>& command) {
  const auto topology = topology_of(words.empty() ? std::vector<std::string>{"lan", std::to_string(options.hosts)} : words);
  if (!topology) return complain(topology.error()), int{usage};
  const auto hosts = hosts_of(*topology);
  if (!hosts) return complain(hosts.error()), int{usage};
  const auto host = host_of(*hosts, options.host, "--host");
  if (!host) return host.error();
  if (const std::string why = options.real_root ? std::string() : why_no_lab(); !why.empty()) return complain("lab: " + why), int{no_permission};
  auto lab = Lab::start({.topology = *topology, .own_users = !options.real_root});
  if (!lab) return complain_and_exit(lab.error());
  if (const int code = prepare(**lab, options.on); code != ok) return code;
  const auto process = (*lab)->spawn(*host, command);
  if (!process) return complain_and_exit(process.error());
  hand_signals_on(*process);
  const auto code = (*lab)->wait(*process);
  return code ? *code : complain_and_exit(code.error());
}

}  // namespace

int run_lab(const LabOptions& options) {
  const bool separated = !options.command.empty();
  const auto is_topology = [](const BuiltInTopology& b) { return split(b.words, ' ').front(); };
  if (!separated && options.words.size() > 1 && std::ranges::any_of(built_in_topologies(), [&](const BuiltInTopology& b) { return is_topology(b) == options.words.front(); })) {
    complain("lab run: put -- between the topology and the command\n  rawket lab run chain 4 -- rawket trace h2");
    return usage;
  }
  const auto& command = separated ? options.command : options.words;
  if (command.empty()) {
    complain("lab run: which command?\n  rawket lab run -- ip -brief address");
    return usage;
  }
  return run_in(options, separated ? options.words : std::vector<std::string>(), command);
}

int run_lab_shell(const LabOptions& options) {
  const char* shell = ::getenv("SHELL");
  return run_in(options, options.words, {shell != nullptr && *shell != 0 ? shell : "/bin/sh"});
}

int run_lab_list() {
  Output out;
  for (const BuiltInTopology& b : built_in_topologies()) {
    const std::size_t start = out.text().size();
    out.text().append(b.words), out.text().pad(start + 12), out.text().append(b.what), out.text().append('\n');
  }
  out.flush(true);
  return out.exit_code(ok);
}

int run_lab_show(const LabOptions& options) {
  const auto topology = topology_of(options.words);
  if (!topology) return complain(topology.error()), int{usage};
  const auto hosts = hosts_of(*topology);
  if (!hosts) return complain(hosts.error()), int{usage};
  Output out;
  TextBuffer& t = out.text();
  t.append(draw(*topology)), t.append('\n');
  for (const LabHost& h : *hosts)
    for (const LabInterface& i : h.interfaces) {
      const std::size_t start = t.size();
      t.append(&i == &h.interfaces.front() ? h.name : std::string()), t.pad(start + 14), t.append(i.name), t.pad(start + 20), t.append(i.ipv4.text()), t.pad(start + 37), t.append(i.ipv6.text());
      if (i.mtu != 1500) t.pad(start + 58), t.append("mtu "), t.decimal(i.mtu);
      t.append('\n');
    }
  out.flush(true);
  return out.exit_code(ok);
}

}  // namespace rawket::cli
