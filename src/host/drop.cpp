// Giving up privileges: bounding set, user, capabilities, no_new_privs - in this order - and then reading all back.
#include <dirent.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "capabilities.hpp"
#include "descriptor.hpp"
#include "namespaces.hpp"
#include "rawket/host/privileges.hpp"
#include "sudo.hpp"

namespace rawket {
namespace {

constexpr u32 nobody = 65534;
constexpr unsigned most_capabilities = 64;
constexpr std::string_view place = "giving up privileges";

struct User {
  u32 uid = nobody, gid = nobody;
};

std::vector<User> candidates() {
  std::vector<User> list;
  const u32 real = ::getuid();
  if (real != 0) {
    // A set-uid program's environment is its caller's to write: SUDO_UID is not asked.
    list.push_back({real, ::getgid() != 0 ? ::getgid() : nobody});
  } else if (const auto uid = sudo_number("SUDO_UID")) {
    list.push_back({*uid, sudo_number("SUDO_GID").value_or(nobody)});
  }
  list.push_back({nobody, nobody});
  return list;
}

}  // namespace

void hand_over(const std::string& path) {
  if (::geteuid() != 0) return;
  for (const User& user : candidates())
    if (::lchown(path.c_str(), user.uid, user.gid) == 0) return;
}

namespace {

// Files of /proc belong to the machine's root. Seen from a namespace that does not map that user, they show the overflow uid.
bool is_root_outside() {
  constexpr long proc_magic = 0x9fa0;
  struct statfs system{};
  struct stat info{};
  if (in_initial_user_namespace() || ::statfs("/proc/version", &system) != 0 || system.f_type != proc_magic) return true;
  return ::stat("/proc/version", &info) != 0 || info.st_uid == ::geteuid();
}

bool only_root_is_mapped() {
  const std::string map(trim(read_small_file("/proc/self/uid_map")));
  const auto words = split(map, ' ');
  return !map.empty() && map.find('\n') == map.npos && map.front() == '0' && words.back() == "1";
}

bool empty_bounding_set() {
  bool all = true;
  for (unsigned c = 0; c < most_capabilities; ++c) {
    const int state = ::prctl(PR_CAPBSET_READ, c, 0, 0, 0);
    if (state < 0) break;  // past the last one that this kernel knows
    if (state == 1 && ::prctl(PR_CAPBSET_DROP, c, 0, 0, 0) != 0) all = false;
  }
  return all;
}

// Without these bits a program that uid 0 starts would get capabilities back.
void lock_root_out() {
  constexpr unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
                                 SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
  ::prctl(PR_SET_SECUREBITS, bits, 0, 0, 0);
}

bool take(const User& user) {
  // glibc changes all threads together. Groups are refused in a namespace that denies setgroups: there none of them is privileged.
  if (::setgroups(0, nullptr) != 0 && errno != EPERM) return false;
  return ::setresgid(user.gid, user.gid, user.gid) == 0 && ::setresuid(user.uid, user.uid, user.uid) == 0;
}

Result<void> leave_root(DropReport& report) {
  if (::geteuid() != 0 && ::getuid() != 0) return {};
  int reason = 0;
  for (const User& user : candidates()) {
    report.changed_user = take(user);
    if (report.changed_user) return {};
    reason = errno;
  }
  report.kept_namespace_root = only_root_is_mapped() && !is_root_outside();
  if (report.kept_namespace_root) return {};
  return fail_system(place, reason, "the uid cannot be changed from 0 here; run as another user: sudo setcap cap_net_raw=ep on this program");
}

Result<void> give_up_capabilities() {
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[2]{};
  if (::syscall(SYS_capset, &header, none) != 0) return fail_system("capset");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_system("prctl(PR_SET_NO_NEW_PRIVS)");
  return {};
}

bool status_is_clean(const std::string& status) {
  constexpr std::string_view zero = "0000000000000000";
  for (std::string_view set : {"\nCapInh:\t", "\nCapPrm:\t", "\nCapEff:\t", "\nCapAmb:\t"}) {
    const std::size_t at = status.find(set);
    if (at == status.npos || status.substr(at + set.size(), zero.size()) != zero) return false;
  }
  return status.find("\nNoNewPrivs:\t1") != status.npos;
}

// Each thread has sets of its own; one that was started before would keep its rights.
Result<void> read_back(const DropReport& report) {
  const auto left = [] {
    return fail(Errc::refused, place, "rights are left after giving them up", "start no thread before privileges are given up");
  };
  if (!own_capabilities().empty() || ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return left();
  if (!report.kept_namespace_root && (::getuid() == 0 || ::geteuid() == 0 || ::setuid(0) == 0)) return left();
  const std::unique_ptr<DIR, int (*)(DIR*)> tasks(::opendir("/proc/self/task"), ::closedir);
  if (tasks == nullptr) return {};  // without /proc the calling thread has been checked
  while (const dirent* entry = ::readdir(tasks.get())) {
    if (entry->d_name[0] == '.') continue;
    const std::string status = read_small_file(("/proc/self/task/" + std::string(entry->d_name) + "/status").c_str());
    if (!status.empty() && !status_is_clean(status)) return left();
  }
  return {};
}

}  // namespace

Result<void> drop_privileges(DropReport* report) {
  DropReport done;
  done.bounding_set_empty = empty_bounding_set();
  lock_root_out();
  RAWKET_TRY(leave_root(done));
  RAWKET_TRY(give_up_capabilities());
  RAWKET_TRY(read_back(done));
  done.user = ::geteuid();
  if (report != nullptr) *report = done;
  return {};
}

}  // namespace rawket
