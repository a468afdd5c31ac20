// The probe forks a child that makes the namespaces and ends; settings are read only to explain a failure.
#include "namespaces.hpp"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "descriptor.hpp"
#include "rawket/base/text.hpp"

namespace rawket {
namespace {

// The inode number of the first user namespace is part of the kernel's interface (PROC_USER_INIT_INO).
constexpr ino_t initial_user_namespace = 0xeffffffd;

// An exit code has eight bits: the errno goes through a pipe.
struct NamespaceOutcome {
  NamespaceStep step = NamespaceStep::none;
  int errno_value = 0;
};

NamespaceOutcome make_namespaces(bool with_user) {
  if (with_user) {
    const std::string user = "0 " + std::to_string(::geteuid()) + " 1";
    // A program with a file capability is not dumpable, and its /proc files belong to root.
    ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    if (::unshare(CLONE_NEWUSER) != 0) return {NamespaceStep::user, errno};
    if (!write_small_file("/proc/self/setgroups", "deny") && errno != ENOENT) return {NamespaceStep::map, errno};
    if (!write_small_file("/proc/self/uid_map", user)) return {NamespaceStep::map, errno};
  }
  // AppArmor lets the user namespace be made and then takes its rights away: only the next step shows it.
  if (::unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS) != 0) return {NamespaceStep::others, errno};
  return {};
}

NamespaceProbe probe(bool with_user) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {NamespaceStep::fork, errno};
  Descriptor read_end(ends[0]), write_end(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return {NamespaceStep::fork, errno};
  if (child == 0) {
    const NamespaceOutcome answer = make_namespaces(with_user);
    const ssize_t written = ::write(write_end.number(), &answer, sizeof answer);
    ::_exit(written == sizeof answer ? 0 : 1);
  }
  write_end.reset();
  NamespaceOutcome answer{NamespaceStep::fork, ECHILD};
  ssize_t got = 0;
  while ((got = ::read(read_end.number(), &answer, sizeof answer)) < 0 && errno == EINTR) {
  }
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (got != sizeof answer) return {NamespaceStep::fork, ECHILD};
  return {answer.step, answer.errno_value};
}

bool setting_is(const char* path, std::string_view value) { return trim(read_small_file(path)) == value; }

bool under_seccomp() { return read_small_file("/proc/self/status").find("\nSeccomp:\t2") != std::string::npos; }

std::string own_program() {
  char path[4096];
  const ssize_t n = ::readlink("/proc/self/exe", path, sizeof path);
  return n > 0 ? clean_text({path, static_cast<std::size_t>(n)}) : "/path/to/rawket";
}

std::string apparmor_advice() {
  return "AppArmor keeps user namespaces from programs without a profile. Either use sudo, or give this program a profile:\n"
         "  printf 'abi <abi/4.0>,\\ninclude <tunables/global>\\nprofile rawket " +
         own_program() +
         " flags=(unconfined) {\\n  userns,\\n}\\n' | sudo tee /etc/apparmor.d/rawket\n"
         "  sudo apparmor_parser -r /etc/apparmor.d/rawket\n"
         "or allow all programs: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
}

}  // namespace

NamespaceProbe probe_user_namespaces() { return probe(true); }
NamespaceProbe probe_root_namespaces() { return probe(false); }

bool in_initial_user_namespace() {
  struct stat info{};
  if (::stat("/proc/self/ns/user", &info) == 0) return info.st_ino == initial_user_namespace;
  return trim(read_small_file("/proc/self/uid_map")).ends_with("4294967295");
}

std::string namespace_advice(const NamespaceProbe& probe) {
  if (probe.allowed()) return {};
  if (!in_initial_user_namespace() && probe.errno_value == EUSERS) return "user namespaces are nested too deep (32 levels)";
  if (setting_is("/proc/sys/user/max_user_namespaces", "0"))
    return "user namespaces are switched off; allow them: sudo sysctl -w user.max_user_namespaces=15000, or use sudo";
  if (setting_is("/proc/sys/kernel/unprivileged_userns_clone", "0"))
    return "only root may make user namespaces here; allow it: sudo sysctl -w kernel.unprivileged_userns_clone=1, or use sudo";
  if (setting_is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1")) return apparmor_advice();
  if (probe.errno_value == EINVAL) return "this kernel is built without one of CONFIG_USER_NS, CONFIG_NET_NS, CONFIG_PID_NS";
  if (probe.errno_value == ENOSPC) return "the limit of namespaces is reached; see /proc/sys/user/max_*_namespaces";
  if (probe.forbidden() && under_seccomp())
    return "a seccomp filter forbids it, as in a container; start the container with --security-opt seccomp=unconfined, or --privileged";
  return "use sudo, or a system that allows user namespaces";
}

}  // namespace rawket
