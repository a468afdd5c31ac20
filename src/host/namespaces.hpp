// Whether this process may make namespaces: tried in a child, with the step that failed.
#pragma once
#include <string>

#include "rawket/base/bytes.hpp"

namespace rawket {

enum class NamespaceStep : u8 { none, fork, user, map, others };

struct NamespaceProbe {
  NamespaceStep failed = NamespaceStep::none;
  int errno_value = 0;

  bool allowed() const { return failed == NamespaceStep::none; }
  bool forbidden() const { return errno_value == 1 || errno_value == 13; }  ///< EPERM, EACCES
};

/// User, network, mount and process namespaces as any user would make them. Takes about a millisecond.
NamespaceProbe probe_user_namespaces();
/// The same without a user namespace: what a root that may not make those can still do.
NamespaceProbe probe_root_namespaces();

/// True in the namespace that the system booted with.
bool in_initial_user_namespace();

/// Why the probe failed and the commands that change it, from the kernel's and AppArmor's settings.
std::string namespace_advice(const NamespaceProbe& probe);

}  // namespace rawket
