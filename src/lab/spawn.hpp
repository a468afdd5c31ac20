// Starting a process on a host of a running lab.
#pragma once
#include <functional>

#include "init.hpp"

namespace rawket {

struct Placement {
  const FirstProcess& first;
  std::span<const LabHost> hosts;
  unsigned host = 0;
};

/// A process on a host, in the owner's numbering and in the lab's.
struct Started {
  int outside = 0, inside = 0;
};

/// Runs `body` in a copy of this process, on the host, and returns once `ready` was called there or a program has
/// replaced it. `body`'s result is the exit code; its argument takes 0 for "ready" or the errno that stopped it.
Result<Started> start_on_host(const Placement& place, const std::function<int(const std::function<void(int)>& ready)>& body);

/// The child's view of its host: name, environment, /proc, /sys, /etc/hosts. What the system forbids is left as it is.
void dress_as_host(std::span<const LabHost> hosts, unsigned host);

}  // namespace rawket
