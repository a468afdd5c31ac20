// Memory for large tables in pages of 2 MiB, where the kernel has them: one fault instead of 512 when it is first touched, and
// hardly a miss when addresses are translated. madvise(2), MADV_HUGEPAGE.
#pragma once
#include <memory>
#include <memory_resource>
#include <vector>

namespace rawket {

/// Hands out memory in order, and takes it back all at once when it goes.
class HugePages final : public std::pmr::memory_resource {
  struct Free {
    void operator()(std::byte* at) const noexcept;
  };

  void* do_allocate(std::size_t bytes, std::size_t alignment) override;
  void do_deallocate(void*, std::size_t, std::size_t) override {}
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override { return this == &other; }

  std::vector<std::unique_ptr<std::byte, Free>> areas_;
  void* next_ = nullptr;     ///< in the last one
  std::size_t left_ = 0;     ///< bytes behind `next_`
};

}  // namespace rawket
