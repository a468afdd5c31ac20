// Settings of a device that a lab changes on its own ones.
#pragma once
#include <string>

namespace rawket {

/// From then on its packets leave with their checksums, and no longer than the MTU. What a device does not know stays as it is.
void switch_off_offloads(const std::string& interface);

}  // namespace rawket
