// Addresses from one to another.
#pragma once
#include <vector>

#include "rawket/base/address.hpp"

namespace rawket {

struct AddressRange {
  IpAddress first, last;  ///< of one family, `first` not behind `last`

  /// "198.18.0.1-9", "198.18.0.1-198.18.1.9", "2001:db8::1-2001:db8::ff".
  static std::optional<AddressRange> parse(std::string_view text);
  /// All of them; nothing when they are more than `most`.
  std::optional<std::vector<IpAddress>> addresses(std::size_t most) const;
  /// The fewest that are just the range.
  std::vector<Prefix> prefixes() const;
};

}  // namespace rawket
