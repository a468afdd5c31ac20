// What a process still can do once its sockets and files are open: next to nothing. seccomp(2), landlock(7).
#pragma once
#include <string>
#include <vector>

#include "rawket/base/error.hpp"

namespace rawket {

/// What `enter_sandbox` could close.
struct SandboxReport {
  bool system_calls_limited = false;  ///< seccomp: a list of what is allowed, all else fails with EPERM
  bool files_closed_off = false;      ///< Landlock: no file can be opened
  bool instrumented = false;          ///< this build has sanitizers or tells coverage, and so cannot be closed off
  std::string why_not;                ///< what this kernel or build lacks, in words; empty when all is closed
};

struct SandboxOptions {
  bool kernel_programs = false;  ///< loaded programs may be run, and their arrays be used (bpf)
  bool sockets = false;          ///< sockets may be opened, with the rights that are left
  bool connections = false;      ///< they may also connect, by TCP too
  int folder = -1;               ///< descriptor of a folder in which files may still be made and removed; -1: nowhere
};

/// For good, and for all threads: nothing can be opened, started, traced, mounted, connected or made executable any more;
/// what is open can be used. Comes after `drop_privileges`. Never fails: what this kernel cannot do is in the report, as
/// is a build with sanitizers or coverage, which need files at their end.
SandboxReport enter_sandbox(const SandboxOptions& options = {});

/// What `enter_sandbox` could do here, tried in a child process.
SandboxReport probe_sandbox();

/// One thing that a packet's author would like to do, tried.
struct Attempt {
  std::string what;
  bool refused = false;
  int errno_value = 0;
};
/// Tries what has to be refused after `drop_privileges` and `enter_sandbox`. What succeeds is undone.
std::vector<Attempt> try_forbidden();

}  // namespace rawket
