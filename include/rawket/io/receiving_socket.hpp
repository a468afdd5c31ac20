// A socket that receives, whatever the engine.
#pragma once
#include "rawket/io/source.hpp"

namespace rawket {

/// How received packets come from the kernel.
enum class ReceiveEngine : u8 {
  messages,   ///< recvmmsg(2): each packet at once; a system call for up to 64 of them
  ring,       ///< TPACKET_V3: memory shared with the kernel, handed over in blocks; up to 10 ms later, at a hundredth of the cost
  automatic,  ///< the ring, or messages where the kernel refuses it
  xdp,        ///< AF_XDP, for `open_receivers`: what passes the filter is taken from the machine before its kernel sees it
  xdp_generic,  ///< the same, not by the driver but behind it: for drivers that stop for a moment when a program comes
};
inline constexpr std::string_view receive_engine_names[] = {"messages", "ring", "auto", "xdp", "xdp-generic"};

class ReceivingSocket : public LiveSource {
 public:
  virtual int descriptor() const = 0;        ///< for poll
  virtual u32 buffer_bytes() const = 0;      ///< what the kernel granted
  virtual ReceiveEngine engine() const = 0;  ///< which it is; never `automatic`
  /// What was wished for and is not there (the ring; for AF_XDP the driver's mode and zero-copy), with the reason; or nothing.
  virtual const std::string& why_engine() const = 0;
};

}  // namespace rawket
