// What becomes of an IP packet that is longer than a link takes: its fragments.
#pragma once
#include <functional>

#include "rawket/base/bytes.hpp"

namespace rawket {

/// Calls `each` for every fragment of an IP packet, none longer than `most` bytes, all data but the last's in units of eight:
/// RFC 791, 3.2 and RFC 8200, 4.5. `identification` is theirs, where the packet (IPv4) has none of its own. The bytes live until
/// the next call. False, and nothing done, when it fits, when it may not be cut up (DF), or when `most` leaves no room for data.
bool make_fragments(Bytes ip_packet, u32 most, u32 identification, const std::function<void(Bytes)>& each);

}  // namespace rawket
