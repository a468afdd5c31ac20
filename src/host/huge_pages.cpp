// Aligned areas with the kernel's leave to join their pages; without that they are ordinary memory.
#include "rawket/host/huge_pages.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace rawket {
namespace {
constexpr std::size_t page = 2u << 20, area = 8u << 20;  // bytes
}

void HugePages::Free::operator()(std::byte* at) const noexcept { std::free(at); }

void* HugePages::do_allocate(std::size_t bytes, std::size_t alignment) {
  if (std::align(alignment, bytes, next_, left_) == nullptr) {
    const std::size_t size = std::max(area, (bytes + page - 1) / page * page);
    std::unique_ptr<std::byte, Free> fresh(size < bytes || alignment > page ? nullptr : static_cast<std::byte*>(std::aligned_alloc(page, size)));
    if (fresh == nullptr) throw std::bad_alloc();  // as std::pmr wants it
    ::madvise(fresh.get(), size, MADV_HUGEPAGE);
    areas_.push_back(std::move(fresh));
    next_ = areas_.back().get(), left_ = size;
  }
  void* at = next_;
  next_ = static_cast<std::byte*>(next_) + bytes, left_ -= bytes;
  return at;
}

}  // namespace rawket
