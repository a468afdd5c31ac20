// One received frame with what the kernel tells of it: tag put back, cooked header made, times and lengths.
#pragma once
#include "rawket/io/source.hpp"
#include "socket_batch.hpp"

namespace rawket {

inline constexpr u32 cooked_header_bytes = 20;  ///< LINUX_SLL2

/// Room in front of a frame: a LINUX_SLL2 header, or a tag, aligned.
inline constexpr std::size_t frame_headroom = 64;

struct FrameContext {
  LinkType link_type = LinkType::ethernet;
  u32 snapshot_length = 0;
  u32 mtu = 0;         ///< 0: not known
  u32 drop_count = 0;  ///< the kernel's running count after the packet before; changed to this packet's
};

/// The packet in `slot`; its bytes stay in the batch.
CapturedPacket read_frame(ReceiveBatch& batch, unsigned slot, FrameContext& context);

}  // namespace rawket
