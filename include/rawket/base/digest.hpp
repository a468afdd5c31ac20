// Digests that formats of this field ask for. Not for keeping secrets.
#pragma once
#include <array>
#include <string>

#include "rawket/base/bytes.hpp"

namespace rawket {

/// SHA-1 (FIPS 180-4), which Community ID is made of.
std::array<u8, 20> sha1(Bytes message);
/// SHA-256 (FIPS 180-4): JA4, and the keys of QUIC's first packets.
std::array<u8, 32> sha256(Bytes message);
/// MD5 (RFC 1321): JA3 and HASSH.
std::array<u8, 16> md5(Bytes message);
/// Two lower-case digits for each byte.
std::string hex_text(Bytes bytes);
/// RFC 4648, 4, with padding.
std::string base64(Bytes bytes);

}  // namespace rawket
