// The allow-list of system calls, and the ruleset that opens no file.
#include "rawket/host/sandbox.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <net/if.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>

namespace rawket {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(RAWKET_COVERAGE)
constexpr bool instrumented = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(undefined_behavior_sanitizer)
constexpr bool instrumented = true;
#else
constexpr bool instrumented = false;
#endif
#else
constexpr bool instrumented = false;
#endif

// What moves bytes through open descriptors, waits, takes memory, tells the time, handles signals and ends.
constexpr const char* allowed[] = {
    "read", "readv", "pread64", "write", "writev", "pwrite64", "close", "fstat", "lseek", "_llseek", "ftruncate", "ftruncate64", "fsync", "fdatasync", "fcntl", "fcntl64",
    "poll", "ppoll", "ppoll_time64", "select", "pselect6", "epoll_wait", "epoll_pwait", "epoll_ctl", "futex", "futex_time64", "restart_syscall",
    "recvfrom", "recvmsg", "recvmmsg", "recvmmsg_time64", "recv", "sendto", "sendmsg", "sendmmsg", "send", "getsockopt", "getsockname",
    "munmap", "mremap", "brk", "madvise", "membarrier",
    "clock_gettime", "clock_gettime64", "clock_getres", "clock_nanosleep", "clock_nanosleep_time64", "nanosleep", "gettimeofday", "time",
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "rt_sigpending", "sigaltstack", "sigreturn",
    "getpid", "gettid", "getuid", "geteuid", "getgid", "getegid", "sched_yield", "sched_getaffinity", "getrandom", "getcpu", "rseq", "set_robust_list",
    "wait4", "waitid", "exit", "exit_group"};

struct Release {
  void operator()(void* filter) const { seccomp_release(filter); }
};
using CallFilter = std::unique_ptr<void, Release>;

/// Adds a rule; a call that this architecture does not have needs none.
template <class... Conditions>
bool allow(const CallFilter& filter, const char* name, Conditions... conditions) {
  const int call = seccomp_syscall_resolve_name(name);
  if (call == __NR_SCMP_ERROR) return true;
  const std::array<scmp_arg_cmp, sizeof...(conditions)> list{conditions...};
  const int done = seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, call, static_cast<unsigned>(list.size()), list.data());
  return done == 0 || done == -EDOM;
}

/// Of an argument its lower half: what the kernel takes of an int.
scmp_arg_cmp masked(unsigned argument, u32 mask, u32 value) { return {argument, SCMP_CMP_MASKED_EQ, mask, value}; }
scmp_arg_cmp equals(unsigned argument, u32 value) { return masked(argument, ~u32{0}, value); }

bool allow_in_part(const CallFilter& f) {
  constexpr auto ethernet_address = 20;  // sizeof(sockaddr_ll): a packet socket is bound to nothing in order to stop
  constexpr u32 numbers[] = {SIOCGIFNAME, SIOCGIFFLAGS, FIONREAD, TCGETS, TIOCGWINSZ};
  bool ok = true;
  for (const u32 n : numbers) ok = ok && allow(f, "ioctl", equals(1, n));
  return ok && allow(f, "mmap", masked(2, PROT_EXEC, 0)) && allow(f, "mmap2", masked(2, PROT_EXEC, 0)) &&
         allow(f, "mprotect", masked(2, PROT_EXEC, 0)) && allow(f, "bind", equals(2, ethernet_address)) &&
         allow(f, "newfstatat", masked(3, AT_EMPTY_PATH, AT_EMPTY_PATH)) && allow(f, "tgkill", equals(0, static_cast<u32>(::getpid()))) &&
         allow(f, "clone", masked(0, CLONE_THREAD, CLONE_THREAD));
}

bool allow_kernel_programs(const CallFilter& f) {
  constexpr u32 look_up = 1, update = 2, run = 10;  // BPF_MAP_LOOKUP_ELEM, BPF_MAP_UPDATE_ELEM, BPF_PROG_RUN
  bool ok = true;
  for (const u32 command : {look_up, update, run}) ok = ok && allow(f, "bpf", equals(0, command));
  return ok;
}

/// TCP of IPv4 and IPv6, and what is set on such sockets; nothing that leads to another program of this machine by its path.
bool allow_connections(const CallFilter& f) {
  constexpr u32 kinds = 0xf, bind_to_device = 25, linger = 13, recverr = 11, recverr_v6 = 25;
  bool ok = allow(f, "connect");
  for (const u32 family : {u32{AF_INET}, u32{AF_INET6}}) ok = ok && allow(f, "socket", equals(0, family), masked(1, kinds, SOCK_STREAM));
  for (const auto& [level, name] : {std::pair<u32, u32>{SOL_SOCKET, bind_to_device}, {SOL_SOCKET, linger}, {IPPROTO_IP, recverr}, {IPPROTO_IPV6, recverr_v6}})
    ok = ok && allow(f, "setsockopt", equals(1, level), equals(2, name));
  return ok;
}

bool allow_files(const CallFilter& f) {
  for (const char* call : {"openat", "unlinkat"})
    if (!allow(f, call)) return false;
  return true;
}

/// Empty, or why not.
std::string limit_system_calls(const SandboxOptions& options) {
  const CallFilter f(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
  if (f == nullptr) return "libseccomp does not know this architecture";
  bool ok = seccomp_attr_set(f.get(), SCMP_FLTATR_CTL_TSYNC, 1) == 0;
  seccomp_attr_set(f.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // looked up as a tree
  for (const char* name : allowed) ok = ok && allow(f, name);
  ok = ok && allow_in_part(f) && (options.folder < 0 || allow_files(f)) && (!options.kernel_programs || allow_kernel_programs(f));
  ok = ok && (!options.sockets || allow(f, "socket")) && (!options.connections || allow_connections(f));
  // Answered so, the C library starts its threads by clone.
  ok = ok && seccomp_rule_add(f.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
  const int loaded = ok ? seccomp_load(f.get()) : -1;
  return loaded == 0 ? std::string() : "this kernel takes no filter of system calls (seccomp)";
}

int landlock_version() { return static_cast<int>(::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION)); }

// Newer than Debian 12's header: the ruleset of ABI 6.
struct Ruleset {
  std::uint64_t handled_access_fs, handled_access_net, scoped;
};

Ruleset everything(int version) {
  constexpr std::uint64_t first = (1ull << 13) - 1;  // ABI 1: execute ... make_sym
  Ruleset r{first, 0, 0};
  if (version >= 2) r.handled_access_fs |= 1ull << 13;  // refer
  if (version >= 3) r.handled_access_fs |= 1ull << 14;  // truncate
  if (version >= 5) r.handled_access_fs |= 1ull << 15;  // ioctl on devices
  if (version >= 4) r.handled_access_net = 3;           // TCP: bind, connect
  if (version >= 6) r.scoped = 3;                       // abstract UNIX sockets, signals
  return r;
}

bool close_off_files(const SandboxOptions& options, int version) {
  constexpr std::uint64_t tcp_connect = 2;
  const int folder = options.folder;
  Ruleset rules = everything(version);
  if (options.connections) rules.handled_access_net &= ~tcp_connect;
  const std::size_t size = version >= 6 ? sizeof rules : version >= 4 ? 2 * sizeof(std::uint64_t) : sizeof(std::uint64_t);
  const auto set = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rules, size, 0));
  if (set < 0) return false;
  bool ok = true;
  if (folder >= 0) {
    landlock_path_beneath_attr inside{};
    inside.allowed_access = rules.handled_access_fs & (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE | 1ull << 14);
    inside.parent_fd = folder;
    ok = ::syscall(SYS_landlock_add_rule, set, LANDLOCK_RULE_PATH_BENEATH, &inside, 0) == 0;
  }
  ok = ok && ::syscall(SYS_landlock_restrict_self, set, 0) == 0;
  ::close(set);
  return ok;
}

}  // namespace

SandboxReport enter_sandbox(const SandboxOptions& options) {
  SandboxReport report;
  if (instrumented) {
    report.instrumented = true;
    report.why_not = "this build has sanitizers, which need files";
    return report;
  }
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const int version = landlock_version();
  report.files_closed_off = version > 0 && close_off_files(options, version);
  if (!report.files_closed_off) report.why_not = "this kernel cannot close files off (Landlock, Linux 5.13)";
  const std::string calls = limit_system_calls(options);
  report.system_calls_limited = calls.empty();
  if (!calls.empty()) report.why_not += (report.why_not.empty() ? "" : "; ") + calls;
  return report;
}

SandboxReport probe_sandbox() {
  const int child = ::fork();
  if (child == 0) {
    const SandboxReport r = enter_sandbox();
    ::_exit((r.system_calls_limited ? 1 : 0) | (r.files_closed_off ? 2 : 0));
  }
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  SandboxReport report;
  const int told = child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  report.instrumented = instrumented;
  report.system_calls_limited = (told & 1) != 0;
  report.files_closed_off = (told & 2) != 0;
  return report;
}

}  // namespace rawket
