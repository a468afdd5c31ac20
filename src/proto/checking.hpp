// What the protocols' checks share.
#pragma once
#include <string>
#include <vector>

#include "rawket/wire/info.hpp"

namespace rawket {

using Repair = std::optional<std::vector<u8>>;

/// Tells faults of one layer by their places in it.
struct Telling {
  const LayerView& v;
  Faults& faults;

  void error(std::string_view code, std::string_view field, u32 offset, u32 length, std::string text, std::string_view reference, Repair repair = {}) const {
    tell(Severity::error, code, field, offset, length, std::move(text), reference, std::move(repair));
  }
  void warn(std::string_view code, std::string_view field, u32 offset, u32 length, std::string text, std::string_view reference, Repair repair = {}) const {
    tell(Severity::warning, code, field, offset, length, std::move(text), reference, std::move(repair));
  }
  void tell(Severity severity, std::string_view code, std::string_view field, u32 offset, u32 length, std::string text, std::string_view reference, Repair repair = {}) const {
    faults.add({severity, code, field, v.layer().offset + offset, length, std::move(text), reference, std::move(repair)});
  }
};

/// Whether all of the layer was captured, and in this packet.
inline bool is_whole(const LayerView& v) {
  for (std::size_t i = 0; i < v.index; ++i) {
    const Layer& l = v.layers[i];
    if (l.length < l.protocol->fixed || l.protocol->is_piece(v.packet.data() + l.offset)) return false;
  }
  return v.layer().claimed_end <= v.layer().end;
}

/// Zeros for bytes that are not; nothing when they are.
inline Repair zeros_for(Bytes bytes) {
  const bool zero = std::ranges::all_of(bytes, [](u8 x) { return x == 0; });
  return zero ? Repair() : Repair(std::vector<u8>(bytes.size(), 0));
}

/// The next layer outside that is of type T; null when there is none.
template <Header T> const Layer* outside(const LayerView& v) {
  for (std::size_t i = v.index; i-- > 0;)
    if (v.layers[i].protocol == &info<T>) return v.layers[i].length >= detail::fixed_bytes<T> ? &v.layers[i] : nullptr;
  return nullptr;
}

/// Options of IPv4, and what stands behind their end.
void check_ipv4_options(const Telling& tell);

}  // namespace rawket
