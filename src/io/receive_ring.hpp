// TPACKET_V3: blocks of memory that the kernel fills with packets and hands over as a whole. packet(7), packet_mmap.rst.
#pragma once
#include <linux/if_packet.h>

#include "packet_frame.hpp"
#include "rawket/base/error.hpp"

namespace rawket {

/// A block is handed over when it is full, and else after `block_patience`: few wake-ups, and no packet waits longer.
class ReceiveRing {
 public:
  static constexpr int block_patience = 10;  ///< milliseconds

  /// Takes about `bytes` of memory for a socket that is not yet bound. An error when the kernel does not give it.
  /// With `offload_headers` each frame tells its segments' size.
  static Result<ReceiveRing> map(int socket, u32 bytes, bool offload_headers);

  ReceiveRing(ReceiveRing&& other) noexcept;
  ReceiveRing& operator=(ReceiveRing&&) = delete;
  ~ReceiveRing();

  /// The next frame of the block that was handed over; false at its end. It stays until `advance`.
  bool next(KernelFrame& frame);
  /// Returns the block at whose end `next` stands, and looks at the one behind it. False while the kernel still fills that.
  bool advance();
  /// Whether packets were lost before the block that `next` stands in.
  bool losing() const { return ours_ && (block().hdr.bh1.block_status & TP_STATUS_LOSING) != 0; }
  u32 bytes() const { return size_; }

 private:
  ReceiveRing(u8* memory, u32 block_size, u32 blocks, bool offload_headers)
      : memory_(memory), block_size_(block_size), blocks_(blocks), size_(block_size * blocks), offload_headers_(offload_headers) {}
  tpacket_block_desc& block() const { return *reinterpret_cast<tpacket_block_desc*>(memory_ + std::size_t{block_size_} * at_); }

  u8* memory_;
  u32 block_size_, blocks_, size_;
  u32 at_ = 0;           ///< block
  u32 left_ = 0;         ///< frames of it that were not given yet
  u8* frame_ = nullptr;  ///< the next of them
  bool offload_headers_ = false;
  bool ours_ = false;    ///< the block is user space's
};

}  // namespace rawket
