// Bits on the wire: load and store a field of any width at any bit offset, most significant bit first.
#pragma once
#include <bit>
#include <cstring>
#include <type_traits>

#include "rawket/base/bytes.hpp"

namespace rawket {

namespace detail {
template <unsigned N>
using Word = std::conditional_t<N == 1, u8, std::conditional_t<N == 2, u16, std::conditional_t<N <= 4, u32, u64>>>;

constexpr u8 swap_bytes(u8 v) { return v; }
constexpr u16 swap_bytes(u16 v) { return __builtin_bswap16(v); }
constexpr u32 swap_bytes(u32 v) { return __builtin_bswap32(v); }
constexpr u64 swap_bytes(u64 v) { return __builtin_bswap64(v); }
template <class W> constexpr W big_endian(W v) { return std::endian::native == std::endian::little ? swap_bytes(v) : v; }
constexpr u64 ones(unsigned width) { return width >= 64 ? ~u64{} : (u64{1} << width) - 1; }

/// A whole word at `p`: one load and one swap.
template <class W> [[gnu::always_inline]] constexpr W load_word(const u8* p) {
  W w{};
  if (std::is_constant_evaluated()) {
    for (std::size_t i = 0; i < sizeof(W); ++i) w = static_cast<W>(static_cast<u64>(w) << 8 | p[i]);
  } else {
    std::memcpy(&w, p, sizeof w);
    w = big_endian(w);
  }
  return w;
}
}  // namespace detail

/// Loads `Width` (<= 64) bits that start `Offset` bits into `p`.
template <unsigned Offset, unsigned Width>
[[gnu::always_inline]] constexpr detail::Word<(Width + 7) / 8> load(const u8* p) {
  constexpr unsigned first = Offset / 8, bytes = (Offset + Width - 1) / 8 - first + 1, spare = bytes * 8 - Width - Offset % 8;
  static_assert(bytes <= 8);
  using W = detail::Word<bytes>;
  W w{};
  if constexpr (sizeof(W) == bytes) {
    w = detail::load_word<W>(p + first);
  } else {
    for (unsigned i = 0; i < bytes; ++i) w = static_cast<W>(u64{w} << 8 | p[first + i]);
  }
  return static_cast<detail::Word<(Width + 7) / 8>>(w >> spare & detail::ones(Width));
}

/// Stores `value` into `Width` (<= 64) bits that start `Offset` bits into `p`; neighbours keep their bits.
template <unsigned Offset, unsigned Width>
[[gnu::always_inline]] constexpr void store(u8* p, u64 value) {
  constexpr unsigned first = Offset / 8, bytes = (Offset + Width - 1) / 8 - first + 1, spare = bytes * 8 - Width - Offset % 8;
  using W = detail::Word<bytes>;
  if constexpr (spare == 0 && Offset % 8 == 0 && sizeof(W) == bytes) {
    if (!std::is_constant_evaluated()) {
      const W w = detail::big_endian(static_cast<W>(value));
      std::memcpy(p + first, &w, sizeof w);
      return;
    }
  }
  constexpr u64 mask = detail::ones(Width) << spare;
  for (unsigned i = 0; i < bytes; ++i) {
    const unsigned shift = 8 * (bytes - 1 - i);
    const u8 m = static_cast<u8>(mask >> shift);
    p[first + i] = static_cast<u8>((p[first + i] & ~m) | ((value << spare) >> shift & m));
  }
}

/// The same two for offsets known only at run time. `width` <= 64.
constexpr u64 load(const u8* p, unsigned offset, unsigned width) {
  if (width == 0) return 0;
  u64 v = 0;
  const unsigned first = offset / 8, last = (offset + width - 1) / 8;
  for (unsigned i = first; i <= last; ++i) v = v << 8 | p[i];
  return v >> ((last + 1) * 8 - offset - width) & detail::ones(width);
}
constexpr void store(u8* p, unsigned offset, unsigned width, u64 value) {
  for (unsigned b = 0; b < width; ++b) {
    const unsigned at = offset + b;
    const u8 m = static_cast<u8>(0x80 >> at % 8);
    p[at / 8] = static_cast<u8>((value >> (width - 1 - b) & 1) != 0 ? p[at / 8] | m : p[at / 8] & ~m);
  }
}

/// Where a field lies, ready for a fast load: `size` bytes from `byte` on, shifted and masked.
struct Locator {
  u64 mask = 0;
  u16 byte = 0;
  u8 size = 0;  ///< 0: there is no such field
  u8 shift = 0;

  constexpr Locator() = default;
  constexpr Locator(unsigned offset, unsigned width)
      : mask(detail::ones(width)), byte(static_cast<u16>(offset / 8)),
        size(static_cast<u8>(width == 0 ? 0 : (offset + width - 1) / 8 - offset / 8 + 1)), shift(static_cast<u8>(size * 8 - width - offset % 8)) {}
  constexpr explicit operator bool() const { return size != 0; }
  [[gnu::always_inline]] constexpr u64 read(const u8* header) const {
    const u8* p = header + byte;
    u64 v = 0;
    switch (size) {
      case 1: v = *p; break;
      case 2: v = detail::load_word<u16>(p); break;
      case 4: v = detail::load_word<u32>(p); break;
      default:
        for (unsigned i = 0; i < size; ++i) v = v << 8 | p[i];
    }
    return v >> shift & mask;
  }
};

}  // namespace rawket
