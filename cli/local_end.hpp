// This machine's end of a packet, where it has ports or an echo's identifier.
#pragma once
#include <optional>

#include "rawket/host/process_finder.hpp"
#include "rawket/io/source.hpp"
#include "rawket/packet/dissect.hpp"

namespace rawket::cli {

struct LocalEnds {
  std::optional<SocketEnd> here;   ///< the sender's of what leaves, the receiver's of what comes
  std::optional<SocketEnd> also;   ///< the receiver's, where both ends are this machine's, or it is not known which one is
};

/// Of the first transport layer, also of a packet that an ICMP error quotes.
LocalEnds local_ends(const CapturedPacket& packet, const Dissection& d);

}  // namespace rawket::cli
