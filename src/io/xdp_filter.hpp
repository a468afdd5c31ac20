// A capture filter as an XDP program runs it: classic BPF, translated instruction by instruction.
#pragma once
#include "bpf.hpp"
#include "rawket/io/filter.hpp"

namespace rawket {

/// Where the translated filter goes when a packet does not pass: labels for `Program::here`.
struct RefusalJumps {
  std::vector<bpf::Program::Label> all;
};

/// Adds the filter to a program whose context is in r6; a packet that passes goes on behind it. Uses r7, r8, r0 to r5 and
/// the first 72 bytes of the stack. `unsupported` for what only packet sockets know ('inbound', 'ifindex').
Result<RefusalJumps> append_filter(bpf::Program& program, std::span<const BpfInstruction> filter);

}  // namespace rawket
