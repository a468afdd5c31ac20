// The protocols that are known, and who comes after whom. A value: copy it, add to it, bind ports otherwise, pass it in.
#pragma once
#include <string>
#include <vector>

#include "rawket/base/error.hpp"
#include "rawket/wire/table.hpp"

namespace rawket {

class Registry {
 public:
  explicit Registry(std::span<const Protocol* const> protocols);

  std::span<const Protocol* const> protocols() const { return protocols_; }
  /// Adds one more; where a number is taken, the new protocol takes it over.
  void add(const Protocol& protocol);
  /// Makes `protocol` follow wherever `space` says `value` (decode as).
  void bind(const Space& space, u64 value, const Protocol& protocol);

  /// Who has this number; nullptr when nobody.
  [[gnu::always_inline]] const Protocol* find(u32 space, u64 value) const {
    for (std::size_t i = slot(space, value);; i = (i + 1) & mask_) {
      const Entry& e = entries_[i];
      if (e.protocol == nullptr || (e.space == space && e.value == value)) return e.protocol;
    }
  }
  /// Whether the numbers of IPv4, IPv6, TCP and UDP still lead to these.
  bool has_usual_numbers() const { return has_usual_numbers_; }
  /// By its one word; nullptr when unknown.
  const Protocol* named(std::string_view word) const;
  /// A field, extra or option's field by its full Wireshark name ("tcp.dstport"); nullptr when unknown.
  const Field* field_named(std::string_view full_name) const;
  std::vector<std::string_view> words() const;
  std::vector<std::string_view> field_names() const;

 private:
  struct Entry {
    u32 space = 0;
    u32 value = 0;
    const Protocol* protocol = nullptr;
  };
  std::size_t slot(u32 space, u64 value) const { return ((space ^ value * 0x9e3779b1u) * 0x85ebca6bu >> 12) & mask_; }
  void put(u32 space, u32 value, const Protocol& protocol, bool replace);
  void grow();
  void see_usual_numbers();

  std::vector<const Protocol*> protocols_;
  std::vector<Entry> entries_;
  std::size_t mask_ = 0, used_ = 0;
  bool has_usual_numbers_ = false;
};

/// All protocols of this library.
const Registry& standard_registry();

}  // namespace rawket
