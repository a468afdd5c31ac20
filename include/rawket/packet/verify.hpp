// Is a computed field right? Judged by the rule that would have filled it.
#pragma once
#include "rawket/packet/dissect.hpp"

namespace rawket {

/// As Wireshark numbers them.
enum class ChecksumStatus : u8 { bad = 0, good = 1, unverified = 2, not_present = 3 };

struct ChecksumResult {
  ChecksumStatus status = ChecksumStatus::unverified;
  u16 expected = 0;  ///< meaningful when bad or good
};

/// `field` is a checksum field of layer `i`. Cut and fragmented payloads cannot be verified.
ChecksumResult verify_checksum(Bytes packet, std::span<const Layer> layers, std::size_t i, const Field& field);

/// The sum of the pseudo header that covers layer `i`, without the length; nothing when no layer below has one.
std::optional<u64> pseudo_sum(Bytes packet, std::span<const Layer> layers, std::size_t i);

/// True for the half-made sum that a stack leaves for its device to complete: the pseudo header's, not complemented.
bool left_to_device(Bytes packet, std::span<const Layer> layers, std::size_t i, const Field& field);

/// True when layer `i` is carried by a fragment: what it counts and sums is in other packets too.
bool is_fragment(Bytes packet, std::span<const Layer> layers, std::size_t i);

/// True when layer `i` lies inside a packet quoted by an error message.
bool is_quoted(std::span<const Layer> layers, std::size_t i);

}  // namespace rawket
