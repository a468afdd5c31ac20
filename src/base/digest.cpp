// Digests by blocks of 64 bytes, and base64.
#include "rawket/base/digest.hpp"

#include <bit>
#include <cstring>

#include "rawket/base/text_buffer.hpp"

namespace rawket {
namespace {

constexpr u32 big_word(const u8* p) { return u32{p[0]} << 24 | u32{p[1]} << 16 | u32{p[2]} << 8 | p[3]; }
constexpr u32 little_word(const u8* p) { return u32{p[3]} << 24 | u32{p[2]} << 16 | u32{p[1]} << 8 | p[0]; }

class Sha1 {
 public:
  static constexpr bool big_endian = true;
  std::array<u32, 5> state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};

  void block(const u8* p) {
    std::array<u32, 80> w{};
    for (std::size_t i = 0; i < 16; ++i) w[i] = big_word(p + 4 * i);
    for (std::size_t i = 16; i < 80; ++i) w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    auto [a, b, c, d, e] = state;
    for (std::size_t i = 0; i < 80; ++i) {
      const u32 f = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
      constexpr std::array<u32, 4> k = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
      const u32 next = std::rotl(a, 5) + f + e + k[i / 20] + w[i];
      e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
    }
    const std::array<u32, 5> sum = {a, b, c, d, e};
    for (std::size_t i = 0; i < sum.size(); ++i) state[i] += sum[i];
  }
};

/// The first 32 bits of the fractions of the cube roots of the first 64 primes.
constexpr u32 sha256_constants[] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

class Sha256 {
 public:
  static constexpr bool big_endian = true;
  std::array<u32, 8> state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

  void block(const u8* p) {
    std::array<u32, 64> w{};
    for (std::size_t i = 0; i < 16; ++i) w[i] = big_word(p + 4 * i);
    for (std::size_t i = 16; i < 64; ++i)
      w[i] = w[i - 16] + (std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ w[i - 15] >> 3) + w[i - 7] + (std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ w[i - 2] >> 10);
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t i = 0; i < 64; ++i) {
      const u32 first = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) + sha256_constants[i] + w[i];
      const u32 second = (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
    }
    const std::array<u32, 8> sum = {a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < sum.size(); ++i) state[i] += sum[i];
  }
};

/// The whole parts of 2^32 times the sines of 1 to 64.
constexpr u32 md5_constants[] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af,
    0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa,
    0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8,
    0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97,
    0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
    0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

class Md5 {
 public:
  static constexpr bool big_endian = false;
  std::array<u32, 4> state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};

  void block(const u8* p) {
    constexpr int turns[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    constexpr std::size_t steps[4] = {1, 5, 3, 7}, starts[4] = {0, 1, 5, 0};
    auto [a, b, c, d] = state;
    for (std::size_t i = 0; i < 64; ++i) {
      const std::size_t round = i / 16;
      const u32 f = round == 0 ? (b & c) | (~b & d) : round == 1 ? (d & b) | (~d & c) : round == 2 ? b ^ c ^ d : c ^ (b | ~d);
      const u32 sum = a + f + md5_constants[i] + little_word(p + 4 * ((starts[round] + steps[round] * i) % 16));
      a = d, d = c, c = b, b += std::rotl(sum, turns[round][i % 4]);
    }
    const std::array<u32, 4> sum = {a, b, c, d};
    for (std::size_t i = 0; i < sum.size(); ++i) state[i] += sum[i];
  }
};

/// Whole blocks; then what is left, a one bit, zeros, and the length in bits.
template <class Algorithm> auto digest_of(Bytes message) {
  Algorithm a;
  std::size_t at = 0;
  for (; at + 64 <= message.size(); at += 64) a.block(message.data() + at);
  std::array<u8, 128> tail{};
  const std::size_t left = message.size() - at;
  if (left != 0) std::memcpy(tail.data(), message.data() + at, left);
  tail[left] = 0x80;
  const std::size_t size = left + 9 <= 64 ? 64 : 128;
  const u64 bits = u64{message.size()} * 8;
  for (std::size_t i = 0; i < 8; ++i) tail[Algorithm::big_endian ? size - 1 - i : size - 8 + i] = static_cast<u8>(bits >> 8 * i);
  for (std::size_t i = 0; i < size; i += 64) a.block(tail.data() + i);
  std::array<u8, sizeof a.state> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<u8>(a.state[i / 4] >> 8 * (Algorithm::big_endian ? 3 - i % 4 : i % 4));
  return out;
}

}  // namespace

std::array<u8, 20> sha1(Bytes message) { return digest_of<Sha1>(message); }
std::array<u8, 32> sha256(Bytes message) { return digest_of<Sha256>(message); }
std::array<u8, 16> md5(Bytes message) { return digest_of<Md5>(message); }

std::string hex_text(Bytes bytes) {
  TextBuffer t;
  t.hex(bytes);
  return std::string(t.view());
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
