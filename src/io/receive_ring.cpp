// The ring's memory and its hand-over: status words are read and written in the order that the kernel relies on.
#include "receive_ring.hpp"

#include "offload_header.hpp"

#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

namespace rawket {
namespace {

constexpr u32 largest_block = 1u << 20, fewest_blocks = 8;
constexpr u32 usual_blocks = 32, packet_block = 512u << 10;   // more blocks bear a longer silence of the reader; one holds the longest packet there is
constexpr u32 ahead = 6;                                      // frames: memory is slower than what is done with one
constexpr u32 frame_bytes = 2048;                            // says nothing in version 3, but has to divide a block

template <class T>
bool set(int socket, int option, const T& value) {
  return ::setsockopt(socket, SOL_PACKET, option, &value, sizeof value) == 0;
}

TimeSource source_of(u32 status) {
  if ((status & TP_STATUS_TS_RAW_HARDWARE) != 0) return TimeSource::hardware;
  return (status & TP_STATUS_TS_SOFTWARE) != 0 ? TimeSource::kernel : TimeSource::queue;
}

}  // namespace

Result<ReceiveRing> ReceiveRing::map(int socket, u32 bytes, bool offload_headers) {
  const u32 wished = std::max(bytes / usual_blocks, std::min(bytes / fewest_blocks, packet_block));
  const u32 block = std::bit_floor(std::clamp(wished, u32{4096}, largest_block));
  const u32 blocks = std::max(bytes / block, fewest_blocks);
  tpacket_req3 request{};
  request.tp_block_size = block;
  request.tp_block_nr = blocks;
  request.tp_frame_size = frame_bytes;
  request.tp_frame_nr = block / frame_bytes * blocks;
  request.tp_retire_blk_tov = block_patience;
  const int version = TPACKET_V3, on = 1;
  if (offload_headers && !set(socket, PACKET_VNET_HDR, on)) return fail_system("PACKET_VNET_HDR");
  const unsigned reserve = frame_headroom;  // before each frame: room for a tag or a cooked header
  if (!set(socket, PACKET_VERSION, version) || !set(socket, PACKET_RESERVE, reserve) || !set(socket, PACKET_RX_RING, request)) return fail_system("PACKET_RX_RING");
  void* memory = ::mmap(nullptr, std::size_t{block} * blocks, PROT_READ | PROT_WRITE, MAP_SHARED, socket, 0);
  if (memory == MAP_FAILED) return fail_system("mmap of the receive ring");
  return ReceiveRing(static_cast<u8*>(memory), block, blocks, offload_headers);
}

ReceiveRing::ReceiveRing(ReceiveRing&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)), block_size_(other.block_size_), blocks_(other.blocks_), size_(other.size_), at_(other.at_), left_(other.left_), frame_(other.frame_),
      offload_headers_(other.offload_headers_), ours_(other.ours_) {}

ReceiveRing::~ReceiveRing() {
  if (memory_ != nullptr) ::munmap(memory_, size_);
}

bool ReceiveRing::advance() {
  if (ours_) {
    std::atomic_ref(block().hdr.bh1.block_status).store(TP_STATUS_KERNEL, std::memory_order_release);
    at_ = (at_ + 1) % blocks_;
    ours_ = false;
  }
  if ((std::atomic_ref(block().hdr.bh1.block_status).load(std::memory_order_acquire) & TP_STATUS_USER) == 0) return false;
  ours_ = true;
  left_ = block().hdr.bh1.num_pkts;
  frame_ = reinterpret_cast<u8*>(&block()) + block().hdr.bh1.offset_to_first_pkt;
  return true;
}

bool ReceiveRing::next(KernelFrame& f) {
  if (left_ == 0) return false;
  const auto& head = *reinterpret_cast<const tpacket3_hdr*>(frame_);
  f.start = frame_ + head.tp_mac, f.captured = head.tp_snaplen, f.original = head.tp_len;
  f.time = Nanoseconds{head.tp_sec} * second + head.tp_nsec, f.status = head.tp_status;
  f.time_source = source_of(f.status);
  f.drop_count.reset();
  f.segment.reset();
  if (offload_headers_) {
    OffloadHeader offload;
    std::memcpy(&offload, f.start - sizeof offload, sizeof offload);
    f.segment = offload.kind == 0 ? u16{0} : offload.segment_bytes;
  }
  f.tag_control = static_cast<u16>(head.hv1.tp_vlan_tci), f.tag_type = head.hv1.tp_vlan_tpid;
  f.from = *reinterpret_cast<const sockaddr_ll*>(frame_ + TPACKET_ALIGN(sizeof(tpacket3_hdr)));
  --left_;
  frame_ += head.tp_next_offset;
  if (left_ > ahead) {  // where it will be if frames are alike; no harm is done if they are not
    const u8* later = frame_ + std::size_t{head.tp_next_offset} * ahead;
    __builtin_prefetch(later), __builtin_prefetch(later + 64), __builtin_prefetch(later + 128);
  }
  return true;
}

}  // namespace rawket
