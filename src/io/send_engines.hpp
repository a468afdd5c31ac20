// What the engines that send frames share, and their makers.
#pragma once
#include <sys/mman.h>

#include <utility>

#include "../host/descriptor.hpp"
#include "rawket/host/interfaces.hpp"
#include "rawket/io/frame_sender.hpp"

namespace rawket {

inline constexpr std::size_t link_header = 18;  ///< Ethernet and a tag: what a frame may have beyond the MTU

/// Memory shared with the kernel.
class Mapping {
 public:
  Mapping() = default;
  Mapping(void* memory, std::size_t size) : memory_(memory), size_(size) {}
  Mapping(Mapping&& other) noexcept : memory_(std::exchange(other.memory_, nullptr)), size_(other.size_) {}
  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Mapping() {
    if (memory_ != nullptr) ::munmap(memory_, size_);
  }
  static Result<Mapping> of(int descriptor, std::size_t size, long offset, std::string_view name) {
    void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, descriptor, offset);
    if (memory == MAP_FAILED) return fail_system(name);
    return Mapping(memory, size);
  }

  u8* bytes() const { return static_cast<u8*>(memory_); }
  std::size_t size() const { return size_; }

 private:
  void* memory_ = nullptr;
  std::size_t size_ = 0;
};

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
