// Going into another network before its sockets are opened.
#pragma once
#include <string>

#include "rawket/base/error.hpp"

namespace rawket {

/// The network namespace of a name (ip-netns(8): /run/netns/NAME), a process id, or a path, for this thread from now on.
/// Needs CAP_SYS_ADMIN in this and the other's user namespace; setns(2).
Result<void> enter_network_namespace(const std::string& which);

}  // namespace rawket
