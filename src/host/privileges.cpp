// What this process may do, and what to do when that is too little.
#include "rawket/host/privileges.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capabilities.hpp"
#include "descriptor.hpp"
#include "namespaces.hpp"
#include "rawket/base/text.hpp"
#include "rawket/host/facts.hpp"

namespace rawket {

CapabilitySets own_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  if (::syscall(SYS_capget, &header, data) != 0) return {};
  const auto join = [](u32 low, u32 high) { return u64{high} << 32 | low; };
  return {join(data[0].effective, data[1].effective), join(data[0].permitted, data[1].permitted), join(data[0].inheritable, data[1].inheritable)};
}

void keep_only_capabilities(u32 kept) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[2]{};
  if (::syscall(SYS_capget, &header, sets) != 0) return;
  sets[0] = {sets[0].effective & kept, sets[0].permitted & kept, 0};
  sets[1] = {};
  ::syscall(SYS_capset, &header, sets);
}

Privileges privileges() {
  const CapabilitySets sets = own_capabilities();
  Privileges p;
  p.user = ::geteuid();
  p.effective = sets.effective;
  p.permitted = sets.permitted;
  p.no_new_privileges = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
  p.in_user_namespace = !in_initial_user_namespace();
  p.user_namespaces_allowed = probe_user_namespaces().allowed();
  return p;
}

std::string advice_for_net_raw() {
  const BinaryFacts binary = binary_facts();
  const std::string path = clean_text(binary.path.empty() ? "/path/to/rawket" : binary.path);
  const bool no_new_privileges = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
  const std::string lab = "or try it without any right, in a network of its own: rawket lab run";
  constexpr u64 net_raw = u64{1} << CAP_NET_RAW;
  if (::geteuid() == 0 && (own_capabilities().effective & net_raw) == 0)
    return "cap_net_raw was taken from this process, although it is root's: start it with that capability (setpriv, a container: --cap-add NET_RAW), " + lab;
  if (!in_initial_user_namespace() && ::geteuid() == 0)
    return "this user namespace has no right over the network it is in: make both together (unshare --user --map-root-user --net), " + lab;
  if (no_new_privileges)
    return "this process was started with no_new_privs, so neither sudo nor a file capability can help: start it without (a container: "
           "--security-opt no-new-privileges=false, systemd: NoNewPrivileges=no), " +
           lab;
  if (binary.nosuid) return "sudo " + path + " ...   (a file capability has no effect on a nosuid file system: move the program to another), " + lab;
  if (binary.has_net_raw && ::geteuid() != 0)
    return "the program has the file capability but not the right: it runs under a tracer or debugger, or the bounding set lacks cap_net_raw; use "
           "sudo, " +
           lab;
  return "sudo setcap cap_net_raw=ep '" + path + "'   (once; then no root is needed), or use sudo, " + lab;
}

}  // namespace rawket
