// Memory that is given back at the end of its owner's life.
#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <string_view>
#include <utility>

#include "rawket/base/bytes.hpp"
#include "rawket/base/error.hpp"

namespace rawket {

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

  /// Pages of our own.
  static Result<Mapping> memory(std::size_t size, std::string_view name) {
    void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED) return fail_system(name);
    return Mapping(memory, size);
  }

  u8* bytes() const { return static_cast<u8*>(memory_); }
  std::size_t size() const { return size_; }

 private:
  void* memory_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace rawket
