// Capture filters in pcap-filter(7) words, compiled by libpcap, run by the kernel or here.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "rawket/io/source.hpp"

namespace rawket {

/// One classic BPF instruction, laid out as the kernel's `sock_filter`.
struct BpfInstruction {
  u16 code = 0;
  u8 jump_true = 0, jump_false = 0;
  u32 k = 0;
};

/// A compiled expression: a value, cheap to move.
class Filter {
 public:
  /// An invalid expression is `malformed`, with libpcap's words in `what`. An empty one accepts everything.
  static Result<Filter> compile(const std::string& expression, LinkType link_type, u32 snapshot_length = longest_snapshot);

  /// True when the packet passes; `original_length` is what `len`, `greater` and `less` look at.
  bool matches(Bytes packet, u32 original_length) const;
  std::span<const BpfInstruction> program() const { return program_; }
  /// True for `inbound`, `outbound`, `ifindex` on Ethernet: only a live capture knows; `matches` then always says no.
  bool needs_kernel() const;
  /// True when the program may look for an 802.1Q or 802.1ad tag, which the kernel takes out of received frames.
  bool looks_at_vlan_tag() const { return looks_at_vlan_tag_; }
  const std::string& expression() const { return expression_; }

 private:
  std::string expression_;
  std::vector<BpfInstruction> program_;
  bool looks_at_vlan_tag_ = false;
};

}  // namespace rawket
