// Opening sockets that need a right: by oneself, or by the small program that has it.
#pragma once
#include <string>
#include <string_view>

#include "descriptor.hpp"
#include "rawket/base/error.hpp"

namespace rawket {

/// What the helper is asked for, and nothing else.
struct SocketWish {
  int domain = 0, type = 0, protocol = 0;
};

/// Packet sockets that are deaf until they are bound, and raw sockets: what CAP_NET_RAW is for.
bool may_be_wished(const SocketWish& wish);

/// socket(2) with SOCK_CLOEXEC. Without the right: from `rawket-sockets`, where that is installed. `name` is for the error.
Result<Descriptor> open_socket(const SocketWish& wish, std::string_view name);

}  // namespace rawket
