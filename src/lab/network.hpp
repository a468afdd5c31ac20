// The wiring of a lab: network namespaces, veth pairs, a bridge, addresses. Runs inside the lab's first process.
#pragma once
#include <vector>

#include "../host/descriptor.hpp"
#include "address_plan.hpp"

namespace rawket {

/// Makes one network namespace per host and joins them; the descriptors keep them alive and open them for setns(2).
/// The calling process must own its user namespace; it ends up in the switch's network namespace.
Result<std::vector<Descriptor>> build_network(const LabPlan& plan);

}  // namespace rawket
