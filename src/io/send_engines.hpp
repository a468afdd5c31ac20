// What the engines that send frames share, and their makers.
#pragma once
#include <memory>
#include <span>

#include "rawket/host/interfaces.hpp"
#include "rawket/io/frame_sender.hpp"

namespace rawket {

inline constexpr std::size_t link_header = 18;  ///< Ethernet and a tag: what a frame may have beyond the MTU

/// Counts waits for a full queue, and ends them when nothing moves for 100 ms.
class QueuePatience {
 public:
  void progress() { tries_ = 0; }
  /// A queue on another core empties within microseconds: only after some tries it is slept for. False when it was too long.
  bool wait();
  u64 waits() const { return waits_; }

 private:
  static constexpr int tries_awake = 100, most_tries = tries_awake + 1000;
  int tries_ = 0;
  u64 waits_ = 0;
};

Result<std::unique_ptr<FrameSender>> open_message_sender(const FrameSenderOptions& options);
Result<std::unique_ptr<FrameSender>> open_ring_sender(const Interface& interface, bool fast);
Result<std::unique_ptr<FrameSender>> open_xdp_sender(const Interface& interface);
Result<std::unique_ptr<FrameSender>> open_live_frame_sender(const Interface& interface, std::span<const Bytes> frames);

}  // namespace rawket
