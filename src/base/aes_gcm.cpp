// AES by bytes, GHASH by bits: short messages only.
#include "rawket/base/aes_gcm.hpp"

#include <algorithm>

#include "rawket/base/digest.hpp"

namespace rawket {
namespace {

/// Inverse in GF(2^8), then an affine map (FIPS 197, 5.1.1).
constexpr u8 substitution[256] = {
    0x63, 0x7c, 0x77, 0x7b, 0xf2, 0x6b, 0x6f, 0xc5, 0x30, 0x01, 0x67, 0x2b, 0xfe, 0xd7, 0xab, 0x76, 0xca, 0x82, 0xc9, 0x7d, 0xfa, 0x59, 0x47, 0xf0,
    0xad, 0xd4, 0xa2, 0xaf, 0x9c, 0xa4, 0x72, 0xc0, 0xb7, 0xfd, 0x93, 0x26, 0x36, 0x3f, 0xf7, 0xcc, 0x34, 0xa5, 0xe5, 0xf1, 0x71, 0xd8, 0x31, 0x15,
    0x04, 0xc7, 0x23, 0xc3, 0x18, 0x96, 0x05, 0x9a, 0x07, 0x12, 0x80, 0xe2, 0xeb, 0x27, 0xb2, 0x75, 0x09, 0x83, 0x2c, 0x1a, 0x1b, 0x6e, 0x5a, 0xa0,
    0x52, 0x3b, 0xd6, 0xb3, 0x29, 0xe3, 0x2f, 0x84, 0x53, 0xd1, 0x00, 0xed, 0x20, 0xfc, 0xb1, 0x5b, 0x6a, 0xcb, 0xbe, 0x39, 0x4a, 0x4c, 0x58, 0xcf,
    0xd0, 0xef, 0xaa, 0xfb, 0x43, 0x4d, 0x33, 0x85, 0x45, 0xf9, 0x02, 0x7f, 0x50, 0x3c, 0x9f, 0xa8, 0x51, 0xa3, 0x40, 0x8f, 0x92, 0x9d, 0x38, 0xf5,
    0xbc, 0xb6, 0xda, 0x21, 0x10, 0xff, 0xf3, 0xd2, 0xcd, 0x0c, 0x13, 0xec, 0x5f, 0x97, 0x44, 0x17, 0xc4, 0xa7, 0x7e, 0x3d, 0x64, 0x5d, 0x19, 0x73,
    0x60, 0x81, 0x4f, 0xdc, 0x22, 0x2a, 0x90, 0x88, 0x46, 0xee, 0xb8, 0x14, 0xde, 0x5e, 0x0b, 0xdb, 0xe0, 0x32, 0x3a, 0x0a, 0x49, 0x06, 0x24, 0x5c,
    0xc2, 0xd3, 0xac, 0x62, 0x91, 0x95, 0xe4, 0x79, 0xe7, 0xc8, 0x37, 0x6d, 0x8d, 0xd5, 0x4e, 0xa9, 0x6c, 0x56, 0xf4, 0xea, 0x65, 0x7a, 0xae, 0x08,
    0xba, 0x78, 0x25, 0x2e, 0x1c, 0xa6, 0xb4, 0xc6, 0xe8, 0xdd, 0x74, 0x1f, 0x4b, 0xbd, 0x8b, 0x8a, 0x70, 0x3e, 0xb5, 0x66, 0x48, 0x03, 0xf6, 0x0e,
    0x61, 0x35, 0x57, 0xb9, 0x86, 0xc1, 0x1d, 0x9e, 0xe1, 0xf8, 0x98, 0x11, 0x69, 0xd9, 0x8e, 0x94, 0x9b, 0x1e, 0x87, 0xe9, 0xce, 0x55, 0x28, 0xdf,
    0x8c, 0xa1, 0x89, 0x0d, 0xbf, 0xe6, 0x42, 0x68, 0x41, 0x99, 0x2d, 0x0f, 0xb0, 0x54, 0xbb, 0x16};

constexpr u8 doubled(u8 v) { return static_cast<u8>(v << 1 ^ ((v & 0x80) != 0 ? 0x1b : 0)); }

using Block = Aes128::Block;

/// x * h in GCM's GF(2^128), whose first bit is the most significant one of the first byte.
Block multiplied(const Block& x, Block h) {
  Block z{};
  for (std::size_t i = 0; i < 128; ++i) {
    if ((x[i / 8] >> (7 - i % 8) & 1) != 0)
      for (std::size_t k = 0; k < 16; ++k) z[k] ^= h[k];
    const bool carry = (h[15] & 1) != 0;
    for (std::size_t k = 15; k > 0; --k) h[k] = static_cast<u8>(h[k] >> 1 | h[k - 1] << 7);
    h[0] >>= 1;
    if (carry) h[0] ^= 0xe1;
  }
  return z;
}

class Ghash {
 public:
  explicit Ghash(const Block& h) : h_(h) {}
  void add(Bytes bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += 16) {
      const Bytes part = slice(bytes, at, 16);
      for (std::size_t k = 0; k < part.size(); ++k) y_[k] ^= part[k];
      y_ = multiplied(y_, h_);
    }
  }
  Block finish(u64 associated, u64 text) {
    Block sizes{};
    for (std::size_t i = 0; i < 8; ++i) sizes[7 - i] = static_cast<u8>(associated * 8 >> 8 * i), sizes[15 - i] = static_cast<u8>(text * 8 >> 8 * i);
    add(sizes);
    return y_;
  }

 private:
  Block h_, y_{};
};

}  // namespace

Aes128::Aes128(const Block& key) {
  round_keys_[0] = key;
  u8 constant = 1;
  for (std::size_t r = 1; r < round_keys_.size(); ++r) {
    const Block& before = round_keys_[r - 1];
    Block& k = round_keys_[r];
    for (std::size_t i = 0; i < 4; ++i) k[i] = before[i] ^ substitution[before[12 + (i + 1) % 4]];
    k[0] ^= constant;
    for (std::size_t i = 4; i < 16; ++i) k[i] = before[i] ^ k[i - 4];
    constant = doubled(constant);
  }
}

Block Aes128::encrypt(Block b) const {
  const auto add_key = [&b](const Block& k) {
    for (std::size_t i = 0; i < 16; ++i) b[i] ^= k[i];
  };
  add_key(round_keys_[0]);
  for (std::size_t r = 1; r < round_keys_.size(); ++r) {
    Block shifted;
    for (std::size_t i = 0; i < 16; ++i) shifted[i] = substitution[b[(i + 4 * (i % 4)) % 16]];
    if (r + 1 == round_keys_.size()) {
      b = shifted;
    } else {
      for (std::size_t c = 0; c < 16; c += 4) {
        const u8 all = shifted[c] ^ shifted[c + 1] ^ shifted[c + 2] ^ shifted[c + 3];
        for (std::size_t i = 0; i < 4; ++i) b[c + i] = static_cast<u8>(shifted[c + i] ^ all ^ doubled(shifted[c + i] ^ shifted[c + (i + 1) % 4]));
      }
    }
    add_key(round_keys_[r]);
  }
  return b;
}

std::optional<std::vector<u8>> open_aes_gcm(const Aes128& key, const std::array<u8, 12>& nonce, Bytes associated, Bytes sealed) {
  if (sealed.size() < 16) return std::nullopt;
  const Bytes text = sealed.first(sealed.size() - 16), tag = sealed.last(16);
  Block counter{};
  std::ranges::copy(nonce, counter.begin());
  const auto key_stream = [&](u32 n) {
    for (std::size_t i = 0; i < 4; ++i) counter[15 - i] = static_cast<u8>(n >> 8 * i);
    return key.encrypt(counter);
  };
  Ghash hash(key.encrypt({}));
  hash.add(associated);
  hash.add(text);
  const Block want = hash.finish(associated.size(), text.size()), mask = key_stream(1);
  for (std::size_t i = 0; i < 16; ++i)
    if ((want[i] ^ mask[i]) != tag[i]) return std::nullopt;
  std::vector<u8> plain(text.begin(), text.end());
  for (std::size_t at = 0; at < plain.size(); at += 16) {
    const Block stream = key_stream(static_cast<u32>(2 + at / 16));
    for (std::size_t i = 0; i < 16 && at + i < plain.size(); ++i) plain[at + i] ^= stream[i];
  }
  return plain;
}

std::array<u8, 32> hmac_sha256(Bytes key, Bytes message) {
  constexpr std::size_t block = 64;
  std::array<u8, block> padded{};
  if (key.size() > block) std::ranges::copy(sha256(key), padded.begin());
  else std::ranges::copy(key, padded.begin());
  const auto keyed = [&padded](u8 with, Bytes text) {
    std::vector<u8> all(block);
    std::ranges::transform(padded, all.begin(), [with](u8 v) { return static_cast<u8>(v ^ with); });
    all.insert(all.end(), text.begin(), text.end());
    return sha256(all);
  };
  return keyed(0x5c, keyed(0x36, message));
}

std::vector<u8> expand_label(Bytes secret, std::string_view label, u8 size) {
  std::vector<u8> info{0, size, static_cast<u8>(label.size() + 6)};
  for (std::string_view text : {std::string_view("tls13 "), label}) info.insert(info.end(), text.begin(), text.end());
  info.insert(info.end(), {0, 1});  // no context; the first block
  const auto block = hmac_sha256(secret, info);
  return {block.begin(), block.begin() + std::min<std::size_t>(size, block.size())};
}

}  // namespace rawket
