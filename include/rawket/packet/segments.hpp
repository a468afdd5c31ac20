// What a device would make of a frame that its sender left unfinished: cut to pieces, checksums filled in.
#pragma once
#include <functional>

#include "rawket/packet/dissect.hpp"

namespace rawket {

/// Calls `each` for every frame that leaves by the wire: TCP (or UDP) in IP, `segment` bytes of data in each but the last
/// (0: all in one), with lengths, IPv4 identifications, sequence numbers and flags as segmentation offload makes them (TSO,
/// UDP GSO), and right checksums. The bytes live until the next call of `each`. False, and nothing done, when the packet is
/// cut by a snapshot length, a fragment, or something else than TCP or UDP in IP in a link layer.
bool make_segments(const Dissection& d, u32 original_length, u32 segment, const std::function<void(Bytes)>& each);

}  // namespace rawket
