// Views of bytes, and the one checked cursor that parsers read hostile input with.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace rawket {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i64 = std::int64_t;
using Bytes = std::span<const u8>;
using MutableBytes = std::span<u8>;

/// The characters of a text, as bytes.
inline Bytes as_bytes(std::string_view text) { return {reinterpret_cast<const u8*>(text.data()), text.size()}; }
/// Bytes as characters; nothing is checked, so print the result through `append_clean`.
inline std::string_view as_text(Bytes b) { return {reinterpret_cast<const char*>(b.data()), b.size()}; }

/// At most `count` bytes from `offset` on; an offset past the end gives an empty view.
constexpr Bytes slice(Bytes b, std::size_t offset, std::size_t count = ~std::size_t{}) {
  if (offset >= b.size()) return {};
  return b.subspan(offset, count < b.size() - offset ? count : b.size() - offset);
}

/// Big-endian reads that cannot leave their bytes: a read past the end gives zero and clears `ok`.
class Cursor {
 public:
  constexpr explicit Cursor(Bytes bytes, std::size_t offset = 0) : bytes_(bytes), at_(offset), ok_(offset <= bytes.size()) {}

  constexpr bool ok() const { return ok_; }
  constexpr std::size_t offset() const { return at_; }
  constexpr std::size_t left() const { return ok_ ? bytes_.size() - at_ : 0; }

  constexpr u64 number(unsigned size) {
    const Bytes b = take(size);
    u64 v = 0;
    for (u8 x : b) v = v << 8 | x;
    return v;
  }
  constexpr u8 byte() { return static_cast<u8>(number(1)); }
  constexpr u16 word() { return static_cast<u16>(number(2)); }
  constexpr u32 dword() { return static_cast<u32>(number(4)); }
  constexpr Bytes take(std::size_t size) {
    if (size > left()) {
      ok_ = false;
      return {};
    }
    const Bytes b = bytes_.subspan(at_, size);
    at_ += size;
    return b;
  }
  constexpr void skip(std::size_t size) { take(size); }

 private:
  Bytes bytes_;
  std::size_t at_;
  bool ok_;
};

/// Mixes bytes into a hash (FNV-1a) that starts with `hash_start`: for keys of look-ups, not for safety.
inline constexpr u64 hash_start = 0xcbf29ce484222325;
constexpr u64 hash_bytes(u64 hash, Bytes bytes) {
  for (u8 x : bytes) hash = (hash ^ x) * 0x100000001b3;
  return hash;
}

/// Another number in each process: who makes packets cannot foresee where their keys fall.
u64 hash_seed();

}  // namespace rawket
