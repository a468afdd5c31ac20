// Opening sockets that need a right: by oneself, or by the small program that has it.
#pragma once
#include <string>
#include <string_view>

#include "descriptor.hpp"
#include "rawket/base/error.hpp"

namespace rawket {

struct Message;

/// What a process that has the right is asked for, and nothing else.
struct SocketWish {
  int domain = 0, type = 0, protocol = 0;
};

/// The other side: opens what may be wished (packet sockets that are deaf until they are bound, raw sockets, AF_XDP: what
/// CAP_NET_RAW is for) and sends it. False when the wish is none, or nobody is there any more.
bool answer_wish(int channel, const Message& wish);

/// From now on a process that has the right is there; -1: not any more.
void ask_for_sockets_at(int channel);

/// socket(2) with SOCK_CLOEXEC. Without the right: from a SocketKeeper, or from `rawket-sockets`, where that is installed. `name` is for the error.
Result<Descriptor> open_socket(const SocketWish& wish, std::string_view name);

}  // namespace rawket
