// The Internet checksum (RFC 1071) and its incremental update (RFC 1624).
#pragma once
#include "rawket/wire/bits.hpp"

namespace rawket {

/// One's-complement sum of big-endian 16-bit words, not complemented; an odd last byte counts as the high half.
/// Fast at run time: sums in machine order and swaps once.
constexpr u64 sum_words(Bytes b) {
  u64 sum = 0;
  std::size_t i = 0;
  if (std::is_constant_evaluated()) {
    for (; i + 1 < b.size(); i += 2) sum += static_cast<u64>(b[i] << 8 | b[i + 1]);
    if (i < b.size()) sum += static_cast<u64>(b[i] << 8);
    return sum;
  }
  const u8* p = b.data();
  std::size_t n = b.size();
  u64 even = 0, odd = 0;
  for (; n >= 16; n -= 16, p += 16) {
    u32 w[4];
    std::memcpy(w, p, 16);
    even += u64{w[0]} + w[2];
    odd += u64{w[1]} + w[3];
  }
  sum = even + odd;
  for (; n >= 4; n -= 4, p += 4) {
    u32 w = 0;
    std::memcpy(&w, p, 4);
    sum += w;
  }
  if (n >= 2) {
    u16 w = 0;
    std::memcpy(&w, p, 2);
    sum += w;
    n -= 2, p += 2;
  }
  if (n != 0) {
    const u8 last[2] = {*p, 0};
    u16 w = 0;
    std::memcpy(&w, last, 2);
    sum += w;
  }
  sum = (sum >> 32) + (sum & 0xffffffff);
  sum = (sum >> 32) + (sum & 0xffffffff);
  sum = (sum >> 16) + (sum & 0xffff);
  sum = (sum >> 16) + (sum & 0xffff);
  return detail::big_endian(static_cast<u16>(sum));
}

/// Folds a sum to 16 bits, without the complement.
constexpr u16 fold(u64 sum) {
  sum = (sum >> 32) + (sum & 0xffffffff);
  sum = (sum >> 16) + (sum & 0xffff);
  sum = (sum >> 16) + (sum & 0xffff);
  return static_cast<u16>((sum >> 16) + (sum & 0xffff));
}

/// RFC 1071: 0 when `b` holds a right checksum.
constexpr u16 internet_checksum(Bytes b, u64 sum = 0) { return static_cast<u16>(~fold(sum_words(b) + sum)); }

/// CRC32c (RFC 9260, appendix A) of `b`, with zeros for the four bytes at `own`, where it stands itself.
constexpr u32 crc32c(Bytes b, std::size_t own) {
  constexpr auto table = [] {
    std::array<u32, 256> t{};
    for (u32 i = 0; i < t.size(); ++i) {
      u32 c = i;
      for (int bit = 0; bit < 8; ++bit) c = c >> 1 ^ ((c & 1) != 0 ? 0x82f63b78 : 0);
      t[i] = c;
    }
    return t;
  }();
  u32 crc = 0xffffffff;
  for (std::size_t i = 0; i < b.size(); ++i) crc = crc >> 8 ^ table[(crc ^ (i - own < 4 ? u8{0} : b[i])) & 0xff];
  return ~crc;
}

/// RFC 1624, equation 3: the checksum after words that summed to `before` became words that sum to `after`.
/// Both at most 2^40. Multiples of 0xffff keep the difference positive; they are zero in one's complement.
constexpr u16 updated_checksum(u16 checksum, u64 before, u64 after) {
  return static_cast<u16>(~fold(u64{static_cast<u16>(~checksum)} + (u64{0xffff} << 32) + after - before));
}

}  // namespace rawket
