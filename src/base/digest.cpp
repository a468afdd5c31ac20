// SHA-1 by blocks of 64 bytes, and base64.
#include "rawket/base/digest.hpp"

#include <bit>
#include <cstring>

namespace rawket {
namespace {

class Sha1 {
 public:
  void block(const u8* p) {
    std::array<u32, 80> w{};
    for (std::size_t i = 0; i < 16; ++i) w[i] = u32{p[4 * i]} << 24 | u32{p[4 * i + 1]} << 16 | u32{p[4 * i + 2]} << 8 | p[4 * i + 3];
    for (std::size_t i = 16; i < 80; ++i) w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    auto [a, b, c, d, e] = state_;
    for (std::size_t i = 0; i < 80; ++i) {
      const u32 f = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
      constexpr std::array<u32, 4> k = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
      const u32 next = std::rotl(a, 5) + f + e + k[i / 20] + w[i];
      e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
    }
    const std::array<u32, 5> sum = {a, b, c, d, e};
    for (std::size_t i = 0; i < 5; ++i) state_[i] += sum[i];
  }
  std::array<u8, 20> digest() const {
    std::array<u8, 20> out{};
    for (std::size_t i = 0; i < 20; ++i) out[i] = static_cast<u8>(state_[i / 4] >> (24 - 8 * (i % 4)));
    return out;
  }

 private:
  std::array<u32, 5> state_ = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
};

}  // namespace

std::array<u8, 20> sha1(Bytes message) {
  Sha1 sha;
  std::size_t at = 0;
  for (; at + 64 <= message.size(); at += 64) sha.block(message.data() + at);
  // What is left, a one bit, zeros, and the length in bits.
  std::array<u8, 128> tail{};
  const std::size_t left = message.size() - at;
  if (left != 0) std::memcpy(tail.data(), message.data() + at, left);
  tail[left] = 0x80;
  const std::size_t size = left + 9 <= 64 ? 64 : 128;
  const u64 bits = u64{message.size()} * 8;
  for (std::size_t i = 0; i < 8; ++i) tail[size - 1 - i] = static_cast<u8>(bits >> 8 * i);
  for (std::size_t i = 0; i < size; i += 64) sha.block(tail.data() + i);
  return sha.digest();
}

std::string base64(Bytes bytes) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    u32 group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < n ? bytes[i + k] : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= n ? letters[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

}  // namespace rawket
