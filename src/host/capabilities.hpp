// The capability sets of the calling thread, as the kernel tells them.
#pragma once
#include "rawket/base/bytes.hpp"

namespace rawket {

// capabilities(7); <linux/capability.h> defines them as macros.
inline constexpr unsigned cap_setuid = 7, cap_sys_admin = 21;

struct CapabilitySets {
  u64 effective = 0, permitted = 0, inheritable = 0;

  bool has(unsigned capability) const { return (effective >> capability & 1) != 0; }
  bool empty() const { return (effective | permitted | inheritable) == 0; }
};

CapabilitySets own_capabilities();

/// For a helper process: of all capabilities only these stay (bits below 32, and only those that are there).
void keep_only_capabilities(u32 kept);

}  // namespace rawket
