// One received frame with what the kernel tells of it: tag put back, cooked header made, times and lengths.
#pragma once
#include <linux/if_packet.h>

#include <optional>

#include "rawket/io/source.hpp"
#include "socket_batch.hpp"

namespace rawket {

inline constexpr u32 cooked_header_bytes = 20;  ///< LINUX_SLL2

/// Room in front of a frame: a LINUX_SLL2 header, or a tag, aligned.
inline constexpr std::size_t frame_headroom = 64;

/// What the kernel tells of one received frame, however it was handed over.
struct KernelFrame {
  u8* start = nullptr;          ///< with `frame_headroom` bytes before it that may be overwritten
  std::size_t captured = 0;     ///< bytes from there
  u32 original = 0;             ///< bytes on the wire, without what was stripped
  Nanoseconds time = 0;         ///< 0: none was told
  TimeSource time_source = TimeSource::reader;
  u32 status = 0;               ///< TP_STATUS_ of packet(7)
  u16 tag_control = 0, tag_type = 0;
  sockaddr_ll from{};
  std::optional<u16> segment{};     ///< data in each piece of a super-frame, 0: it is none; nothing where it is not told
  std::optional<u32> drop_count{};  ///< the kernel's running count of lost packets
};

struct FrameContext {
  LinkType link_type = LinkType::ethernet;
  u32 snapshot_length = 0;
  u32 mtu = 0;         ///< 0: not known
  u32 drop_count = 0;  ///< the kernel's running count after the packet before; changed to this packet's
};

/// What came with the message in `slot`.
KernelFrame frame_of(ReceiveBatch& batch, unsigned slot);
/// The packet; its bytes stay where they are.
CapturedPacket read_frame(const KernelFrame& frame, FrameContext& context);

}  // namespace rawket
