// What this kernel, its settings and this program's file allow: the facts `rawket doctor` reports.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "rawket/base/error.hpp"

namespace rawket {

enum class Support : u8 { no, yes, unknown };  ///< unknown: only a right that is missing could tell

struct KernelFacts {
  std::string release;                                ///< as uname -r says
  u64 rmem_default = 0, rmem_max = 0, wmem_max = 0;   ///< bytes; 0 when not readable (a container may hide them)
  Support packet_sockets = Support::unknown;          ///< AF_PACKET
  Support packet_ring = Support::unknown;             ///< TPACKET_V3
  Support xdp_sockets = Support::unknown;             ///< AF_XDP
  bool btf = false;                                   ///< /sys/kernel/btf/vmlinux
  u32 ping_group_low = 1, ping_group_high = 0;        ///< groups that may open ICMP sockets without a right; low > high: none
  bool ping_allowed = false;                          ///< this process's groups are among them
};

/// Probes run in a child process, in namespaces of its own when this process has no right here.
KernelFacts kernel_facts();

/// Offloads that make a capture differ from the wire.
struct Offloads {
  bool rx_checksum = false;  ///< bad checksums may have been judged, or dropped, before the capture
  bool tx_checksum = false;  ///< own packets are seen without their final checksum
  bool gro = false, lro = false;  ///< received segments are joined
  bool gso = false, tso = false;  ///< own segments are seen before they are cut
  bool rx_vlan = false;      ///< the device strips VLAN tags
};
Result<Offloads> offloads(const std::string& interface);

/// The file this program was started from.
struct BinaryFacts {
  std::string path;
  bool nosuid = false;       ///< its file system ignores file capabilities
  bool has_net_raw = false;  ///< cap_net_raw is in the file's permitted set
};
BinaryFacts binary_facts();

/// What keeps this process from raw sockets, and whether it may ask by echo without them: a clause each. capabilities(7), user_namespaces(7), icmp(7).
std::vector<std::string> why_no_raw_sockets();

/// The path of `rawket-sockets`, the small program that may have the file capability in this one's place and passes opened
/// sockets to it; beside this program, in ../libexec, or in /usr/local/libexec and /usr/libexec. Empty when this user may run none.
std::string socket_helper();

}  // namespace rawket
