// The program that AF_XDP's sockets need: filter, time stamp, and on to the socket of the queue.
#pragma once
#include <optional>

#include "bpf.hpp"
#include "rawket/io/filter.hpp"

namespace rawket {

/// What the program puts right before a frame, where the driver leaves room.
struct XdpStamp {
  u64 mark = 0;  ///< tells a stamp from what else may lie there
  u64 time = 0;  ///< CLOCK_MONOTONIC, nanoseconds
};

/// What passes the filter goes to the socket that `sockets` (an XSKMAP) has for its queue; all else goes its way.
Result<bpf::Program> xdp_program(int sockets, const Filter* filter, u64 mark);

/// A program at an interface, before its sockets; gone with this object.
struct XdpAttachment {
  Descriptor sockets, link;
};
/// By the driver, or `generic`: behind it.
Result<XdpAttachment> attach_xdp_program(u32 interface, Descriptor sockets, const bpf::Program& program, bool generic);

}  // namespace rawket
