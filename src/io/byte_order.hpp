// Numbers of a file in the byte order of the machine that wrote it.
#pragma once
#include <bit>
#include <cstring>

#include "rawket/base/bytes.hpp"

namespace rawket {

/// Loads from anywhere; the caller has checked the bounds.
struct FileOrder {
  bool swapped = false;  ///< against this machine

  u16 word(const u8* p) const {
    u16 v = 0;
    std::memcpy(&v, p, sizeof v);
    return swapped ? std::byteswap(v) : v;
  }
  u32 dword(const u8* p) const {
    u32 v = 0;
    std::memcpy(&v, p, sizeof v);
    return swapped ? std::byteswap(v) : v;
  }
  u64 qword(const u8* p) const {
    u64 v = 0;
    std::memcpy(&v, p, sizeof v);
    return swapped ? std::byteswap(v) : v;
  }
};

/// The order in which the four bytes at `p` are `magic`, if in one.
inline bool order_of(const u8* p, u32 magic, FileOrder& out) {
  for (const bool swapped : {false, true})
    if (FileOrder{swapped}.dword(p) == magic) {
      out.swapped = swapped;
      return true;
    }
  return false;
}

}  // namespace rawket
