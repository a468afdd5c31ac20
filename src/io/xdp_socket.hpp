// AF_XDP: what sending and receiving share. networking/af_xdp.rst.
#pragma once
#include <linux/if_xdp.h>
#include <sys/socket.h>

#include <atomic>

#include "../host/descriptor.hpp"
#include "mapping.hpp"

namespace rawket {

/// A ring of 32-bit positions that only grow, and its entries.
template <class Entry>
struct XdpRing {
  Mapping memory;
  u32* producer = nullptr;
  u32* consumer = nullptr;
  u32* flags = nullptr;
  Entry* entries = nullptr;

  static Result<XdpRing> map(int socket, const xdp_ring_offset& at, u32 count, long page) {
    XdpRing r{RAWKET_TRY(Mapping::of(socket, at.desc + count * sizeof(Entry), page, "mmap of an AF_XDP ring"))};
    r.producer = reinterpret_cast<u32*>(r.memory.bytes() + at.producer);
    r.consumer = reinterpret_cast<u32*>(r.memory.bytes() + at.consumer);
    r.flags = reinterpret_cast<u32*>(r.memory.bytes() + at.flags);
    r.entries = reinterpret_cast<Entry*>(r.memory.bytes() + at.desc);
    return r;
  }
  u32 produced() const { return std::atomic_ref(*producer).load(std::memory_order_acquire); }
  u32 flags_now() const { return std::atomic_ref(*flags).load(std::memory_order_relaxed); }  ///< XDP_RING_NEED_WAKEUP
  u32 consumed() const { return std::atomic_ref(*consumer).load(std::memory_order_acquire); }
};

/// Why not, and what to do then, are in the error.
Result<Descriptor> open_xdp_socket();
/// The memory in which frames lie, in chunks.
Result<void> share_xdp_memory(int socket, const Mapping& memory, u32 chunk_bytes);
Result<xdp_mmap_offsets> xdp_offsets(int socket);
/// In zero-copy mode where the driver has it and `copy` does not forbid it.
Result<void> bind_xdp(int socket, u32 interface, u32 queue, bool copy);

template <class T>
Result<void> set_xdp(int socket, int option, const T& value, std::string_view name) {
  if (::setsockopt(socket, SOL_XDP, option, &value, sizeof value) == 0) return {};
  return fail_system(name, errno, errno == ENOBUFS || errno == EPERM ? "its memory is bounded by RLIMIT_MEMLOCK: ulimit -l unlimited, or use another --engine" : "");
}

}  // namespace rawket
