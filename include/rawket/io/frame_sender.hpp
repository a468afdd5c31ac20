// Ways of putting many frames on one interface, fast: the same frames by different doors of the kernel.
//
// None of them changes a frame. `messages` and `ring` go through the interface like any program's packets (and past its
// queueing discipline when `fast`); `xdp` hands memory to the driver; `live_frames` lets a program inside the kernel make
// the copies. packet(7), AF_XDP (networking/af_xdp.rst), BPF_PROG_RUN (bpf/bpf_prog_run.rst).
#pragma once
#include <atomic>
#include <memory>
#include <span>
#include <string>

#include "rawket/base/error.hpp"
#include "rawket/io/send_permit.hpp"

namespace rawket {

enum class SendEngine : u8 {
  messages,      ///< sendmmsg(2) on a packet socket; needs CAP_NET_RAW only, takes every frame
  ring,          ///< TPACKET_V2: a ring shared with the kernel; frames up to 2,000 bytes
  xdp,           ///< AF_XDP: frames up to 2,048 bytes; memory is bounded by RLIMIT_MEMLOCK
  super_frames,  ///< UDP of one flow joined to what the device or the kernel cuts again (GSO); see send/
  live_frames,   ///< BPF_PROG_RUN: frames of one length, needs CAP_BPF and CAP_NET_ADMIN to open
  automatic,     ///< chosen by the rate
};
inline constexpr std::string_view send_engine_names[] = {"messages", "ring", "xdp", "super-frames", "live-frames", "auto"};

struct FrameSenderOptions {
  std::string interface;
  SendEngine engine = SendEngine::messages;  ///< one of those that send frames as they are
  bool fast = false;                         ///< past the queueing discipline
  std::span<const Bytes> frames{};           ///< live_frames: all that will be sent, which the kernel gets now
};

class FrameSender {
 public:
  static constexpr std::size_t longest_xdp_frame = 2048;

  /// After it no right is needed any more. An engine that this kernel, device or user does not have is an error that says why.
  static Result<std::unique_ptr<FrameSender>> open(const FrameSenderOptions& options);
  virtual ~FrameSender() = default;

  /// Sends `count` frames: all of `frames` in their order, then again from the first, until `stop`. Returns how many the
  /// kernel took; fewer than asked when its queue stays full for 100 ms. An error only when none left.
  virtual Result<u64> send(SendPermit permit, std::span<const Bytes> frames, u64 count, const std::atomic<bool>& stop) = 0;
  /// How often a full queue had to be waited for.
  virtual u64 waits() const = 0;
};

}  // namespace rawket
