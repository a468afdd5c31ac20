// AES-128-GCM (FIPS 197, SP 800-38D) for reading what is encrypted with public keys: QUIC's first packets. Not for secrets: its
// tables and branches depend on the data.
#pragma once
#include <array>
#include <optional>
#include <vector>

#include "rawket/base/bytes.hpp"

namespace rawket {

class Aes128 {
 public:
  using Block = std::array<u8, 16>;
  explicit Aes128(const Block& key);
  Block encrypt(Block block) const;

 private:
  std::array<Block, 11> round_keys_{};
};

/// The plain text of `sealed`, which ends with a 16-byte tag; nothing when the tag does not fit.
std::optional<std::vector<u8>> open_aes_gcm(const Aes128& key, const std::array<u8, 12>& nonce, Bytes associated, Bytes sealed);

/// RFC 2104 and RFC 5869 with SHA-256; `size` up to 32 bytes.
std::array<u8, 32> hmac_sha256(Bytes key, Bytes message);
/// HKDF-Expand-Label of RFC 8446, 7.1, with an empty context.
std::vector<u8> expand_label(Bytes secret, std::string_view label, u8 size);

}  // namespace rawket
