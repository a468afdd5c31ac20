// What a computed field has to hold. The same answer fills it when building and judges it when linting.
#pragma once
#include "rawket/wire/table.hpp"

namespace rawket {

/// A layer's place, as the rules need it: bytes from the packet's start.
struct Extent {
  u32 offset = 0, length = 0, end = 0;
};

/// header_length, total_length and payload_length, in the field's unit.
[[gnu::always_inline]] constexpr u64 length_for(const Rule& r, const Extent& e) {
  switch (r.kind) {
    case Rule::header_length: return e.length / r.unit - r.bias;
    case Rule::total_length: return e.end - e.offset - r.bias;
    case Rule::payload_length: return e.end - e.offset - e.length;
    default: return 0;
  }
}

/// The sum of everything a checksum covers, the field as it stands included; `pseudo` comes from the layer below.
[[gnu::always_inline]] constexpr u64 covered_sum(const Rule& r, Bytes packet, const Extent& e, u64 pseudo) {
  const u32 size = r.scope == Rule::header ? e.length : e.end - e.offset;
  return sum_words(packet.subspan(e.offset, size)) + (r.scope == Rule::pseudo ? pseudo + size : 0);
}

/// The right checksum, given that sum and the value the field holds now.
[[gnu::always_inline]] constexpr u16 checksum_for(const Rule& r, u64 sum, u16 held) {
  if (fold(sum) == held) return 0xffff;  // all else is zero: the sum with the checksum has to be 0xffff
  const u16 c = static_cast<u16>(~fold(u64{fold(sum)} + static_cast<u16>(~held)));
  return r.zero_is_none && c == 0 ? 0xffff : c;
}

/// The value of a field with a CRC of the layer's message.
constexpr u32 crc_for(const Field& f, Bytes packet, const Extent& e) {
  return __builtin_bswap32(crc32c(packet.subspan(e.offset, e.end - e.offset), f.offset / 8u));
}

}  // namespace rawket
