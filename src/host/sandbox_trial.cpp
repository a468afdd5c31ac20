// Tries to break out, step by step.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/types.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "rawket/host/sandbox.hpp"

namespace rawket {
namespace {

struct Trial {
  const char* what;
  std::function<bool()> succeeds;
};

bool opens(int descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  return descriptor >= 0;
}

/// A child that came to be ends at once.
bool forks() {
  const auto child = static_cast<pid_t>(::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr));
  if (child == 0) ::_exit(0);
  if (child > 0) ::waitpid(child, nullptr, 0);
  return child > 0;
}

/// In the place of this process, if it could: a command that does nothing.
bool starts_a_program() {
  const int child = ::fork();
  if (child < 0) return false;
  if (child == 0) {
    ::execl("/bin/true", "true", nullptr);
    ::_exit(1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool makes_memory_executable() {
  void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return false;
  ::munmap(page, 4096);
  return true;
}

bool makes_a_file() {
  constexpr const char* name = "/tmp/rawket-sandbox-trial";
  if (!opens(::open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600))) return false;
  ::unlink(name);
  return true;
}

std::vector<Trial> trials() {
  return {{"open /etc/passwd", [] { return opens(::open("/etc/passwd", O_RDONLY | O_CLOEXEC)); }},
          {"list /proc", [] { return opens(::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)); }},
          {"make a file in /tmp", makes_a_file},
          {"start a program", starts_a_program},
          {"make a process", forks},
          {"open a packet socket", [] { return opens(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)); }},
          {"open a raw socket", [] { return opens(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP)); }},
          {"open a UDP socket", [] { return opens(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)); }},
          {"become root", [] { return ::setuid(0) == 0; }},
          {"trace itself", [] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0; }},
          {"signal process 1", [] { return ::kill(1, 0) == 0; }},
          {"mount", [] { return ::mount("none", "/mnt", "tmpfs", 0, nullptr) == 0; }},
          {"make namespaces", [] { return ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0; }},
          {"load a kernel program", [] { return opens(static_cast<int>(::syscall(SYS_bpf, 0, nullptr, 0))); }},
          {"use io_uring", [] { return opens(static_cast<int>(::syscall(SYS_io_uring_setup, 1, nullptr))); }},
          {"make memory executable", makes_memory_executable},
          {"change a file's mode", [] { return ::chmod("/dev/null", 0666) == 0; }},
          {"change the network's settings", [] { return opens(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0)); }}};
}

}  // namespace

std::vector<Attempt> try_forbidden() {
  std::vector<Attempt> all;
  for (const Trial& t : trials()) {
    errno = 0;
    const bool succeeded = t.succeeds();
    all.push_back({t.what, !succeeded, succeeded ? 0 : errno});
  }
  return all;
}

}  // namespace rawket
