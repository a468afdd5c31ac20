// Where an address stands in a list: found in one step, however long the list is.
#pragma once
#include <bit>
#include <optional>
#include <span>
#include <vector>

#include "rawket/base/address.hpp"

namespace rawket {

class AddressIndex {
 public:
  /// Of equal addresses the first is found.
  explicit AddressIndex(std::span<const IpAddress> list) : slots_(std::bit_ceil(2 * list.size() + 1)) {
    for (std::size_t i = 0; i < list.size(); ++i)
      if (Slot& s = slots_[slot_of(list[i])]; s.place == nowhere) s = {list[i], static_cast<u32>(i)};
  }

  std::optional<std::size_t> find(const IpAddress& a) const {
    const Slot& s = slots_[slot_of(a)];
    return s.place == nowhere ? std::nullopt : std::optional<std::size_t>(s.place);
  }

 private:
  static constexpr u32 nowhere = ~u32{0};
  struct Slot {
    IpAddress address{};
    u32 place = nowhere;
  };

  /// The address's, or an empty one: half of them are.
  std::size_t slot_of(const IpAddress& a) const {
    // Neighbours differ in the hash's low bits alone: spread over the high ones, which are taken.
    std::size_t at = static_cast<std::size_t>((hash_bytes(hash_start, a.bytes()) * 0x9e3779b97f4a7c15) >> 32) & (slots_.size() - 1);
    while (slots_[at].place != nowhere && slots_[at].address != a) at = (at + 1) & (slots_.size() - 1);
    return at;
  }

  std::vector<Slot> slots_;
};

}  // namespace rawket
