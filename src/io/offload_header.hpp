// What PACKET_VNET_HDR puts before a frame, in both directions: virtio specification, 5.1.6.
#pragma once
#include "rawket/base/bytes.hpp"

namespace rawket {

// The kernel's own header for it is no valid C++ in Debian 12 (a member named `class`).
struct OffloadHeader {
  u8 flags, kind;
  u16 header_bytes, segment_bytes, checksum_start, checksum_offset;
};

}  // namespace rawket
