// A growing array whose elements stay where they are: growing costs no copies, and references last.
#pragma once
#include <cstddef>
#include <iterator>
#include <memory>
#include <memory_resource>
#include <type_traits>
#include <vector>

namespace rawket {

/// Elements lie in chunks of one size, in memory of `resource`, which outlives the vector.
template <class T, std::size_t chunk = 256> class StableVector {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  class Iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(const StableVector* all, std::size_t at) : all_(all), at_(at) {}
    const T& operator*() const { return (*all_)[at_]; }
    const T* operator->() const { return &(*all_)[at_]; }
    Iterator& operator++() { return ++at_, *this; }
    Iterator operator++(int) { return {all_, at_++}; }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const StableVector* all_ = nullptr;
    std::size_t at_ = 0;
  };

  explicit StableVector(std::pmr::memory_resource* resource = std::pmr::get_default_resource()) : chunks_(resource) {}
  ~StableVector() {
    for (T* c : chunks_)
      if (c != nullptr) allocator().deallocate(c, chunk);
  }
  StableVector(const StableVector&) = delete;
  StableVector& operator=(const StableVector&) = delete;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](std::size_t i) { return chunks_[i / chunk][i % chunk]; }
  const T& operator[](std::size_t i) const { return chunks_[i / chunk][i % chunk]; }
  T& emplace_back() {
    if (size_ == chunks_.size() * chunk) {
      T*& next = chunks_.emplace_back(nullptr);  // its place first, so that the chunk cannot be lost
      next = allocator().allocate(chunk);
    }
    return *std::construct_at(&(*this)[size_++]);
  }
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size_}; }
  std::size_t memory() const { return chunks_.size() * chunk * sizeof(T) + chunks_.capacity() * sizeof(T*); }  ///< bytes

 private:
  std::pmr::polymorphic_allocator<T> allocator() const { return chunks_.get_allocator().resource(); }

  std::pmr::vector<T*> chunks_;
  std::size_t size_ = 0;
};

}  // namespace rawket
