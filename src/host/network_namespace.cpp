// setns, by whatever the namespace is called.
#include "rawket/host/network_namespace.hpp"

#include <sched.h>

#include <cerrno>

#include "descriptor.hpp"
#include "rawket/base/text.hpp"

namespace rawket {

Result<void> enter_network_namespace(const std::string& which) {
  const bool process = !which.empty() && which.find_first_not_of("0123456789") == which.npos, path = which.find('/') != which.npos;
  const std::string file = process ? "/proc/" + which + "/ns/net" : path ? which : "/run/netns/" + which;
  const std::string where = "network namespace " + clean_text(which);
  const Descriptor there(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!there.open()) {
    const int why = errno;
    if (why != ENOENT) return fail_system(where, why, "another user's processes and namespaces need root: sudo");
    Failure failure = fail_system(where, why, process ? "no process has this number" : "ip netns list shows the names there are; a process id names its namespace too");
    failure.error().code = Errc::unknown_name;
    return failure;
  }
  if (::setns(there.number(), CLONE_NEWNET) != 0) return fail_system(where, errno, "entering it needs CAP_SYS_ADMIN: sudo");
  return {};
}

}  // namespace rawket
