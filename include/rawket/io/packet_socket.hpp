// AF_PACKET: whole frames from and to one interface (or cooked, without the link header), with all that the kernel tells.
//
// What the kernel rewrites on this kind of socket: nothing that is sent (with the link header) - also a wrong IPv4
// header leaves as it is. A socket does not receive what it sent itself; other sockets do. On `lo`, where each frame
// leaves and comes back, only the one that comes is delivered. Received frames lose their 802.1Q/802.1ad tag (it is put
// back here), and a frame seen on its sender's side may lack its final checksum and exceed the MTU (`PacketInfo` says so;
// of a super-frame's pieces only the MTU that bounds them is known, and stands in `gso_size`). packet(7).
//
// Filters: a program that may look for a VLAN tag is run by the kernel on frames without one, and here, with the tag put
// back, on the others; it then means what it means in a file. Refusals by the kernel are not counted, those here are.
#pragma once
#include <memory>
#include <vector>

#include "rawket/io/filter.hpp"
#include "rawket/io/receiving_socket.hpp"
#include "rawket/io/send_permit.hpp"

namespace rawket {

/// How the kernel divides an interface's packets among the sockets of a group.
enum class Fanout : u8 {
  hash,  ///< by flow: both directions of a connection go to one socket
  cpu,   ///< by the processor that received them
  ebpf,  ///< by flow, decided by a program in the kernel; needs CAP_BPF
};
inline constexpr std::string_view fanout_names[] = {"hash", "cpu", "ebpf"};

struct PacketSocketOptions {
  std::string interface{};            ///< a name; empty or "any": all interfaces, which implies cooked frames
  bool cooked = false;                ///< without the link header; delivered as LINUX_SLL2
  bool promiscuous = false;
  bool receive = true;                ///< false: only sends; no packet is ever queued
  /// Asks the kernel for the exact size of a super-frame's pieces (PACKET_VNET_HDR), and for no more than the ring can tell:
  /// super-frames of a kind that older kernels cannot describe are dropped and counted. Ring only.
  bool exact_segments = false;
  bool own_packets = true;            ///< also receives what this machine sends
  bool past_queue = false;            ///< what is sent passes the interface's queueing discipline by (PACKET_QDISC_BYPASS)
  u32 snapshot_length = longest_snapshot;
  ReceiveEngine engine = ReceiveEngine::messages;
  u32 buffer_bytes = 64u << 20;       ///< asked of the kernel; rmem_max may bound it, but not a ring
  /// Attached and locked before the first packet can be delivered. Compiled for `link_type_for` this interface.
  const Filter* filter = nullptr;
};

/// The link type that a packet socket on this interface delivers: what its filter is to be compiled for.
Result<LinkType> link_type_for(const PacketSocketOptions& options);

class PacketSocket : public ReceivingSocket {
 public:
  static Result<std::unique_ptr<PacketSocket>> open(const PacketSocketOptions& options);

  /// `count` sockets that share the interface's packets: each comes to one of them. One for each thread that receives, or
  /// all of them for `merge`. PACKET_FANOUT.
  static Result<std::vector<std::unique_ptr<PacketSocket>>> open_fanout(const PacketSocketOptions& options, Fanout how, u32 count);

  /// Sends whole frames (with link header) in one system call per batch. Returns how many left; an error only when none did.
  virtual Result<std::size_t> send(SendPermit permit, std::span<const Bytes> frames) = 0;
  virtual u64 send_waits() const = 0;          ///< how often a full queue was waited for
};

}  // namespace rawket
