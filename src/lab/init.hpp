// The first process of a lab: owns the namespaces, makes the network, and ends with its owner.
#pragma once
#include <vector>

#include "../host/channel.hpp"
#include "address_plan.hpp"

namespace rawket {

/// A child of the owner. The descriptor (pidfd) stays its own also when somebody else reaped it and the number is used again.
struct Child {
  int process = -1;
  Descriptor descriptor;
};
Child open_child(int process);
/// Waits for its end.
void reap(const Child& child);

/// What the owner knows of a running first process.
struct FirstProcess {
  Child process;
  Descriptor channel;                ///< its closing ends the lab
  Descriptor user, processes;        ///< namespaces for setns(2); `user` is not open when root made the lab without one
  std::vector<Descriptor> networks;  ///< one per host
};

/// Forks it and waits (bounded) until the network is ready. An error leaves nothing behind.
Result<FirstProcess> start_first_process(const LabPlan& plan, bool own_users);

/// Ends it, and with it every process of the lab.
void end_first_process(FirstProcess& first);

}  // namespace rawket
