// Digests that formats of this field ask for. Not for keeping secrets.
#pragma once
#include <array>
#include <string>

#include "rawket/base/bytes.hpp"

namespace rawket {

/// SHA-1 (FIPS 180-4), which Community ID is made of.
std::array<u8, 20> sha1(Bytes message);
/// RFC 4648, 4, with padding.
std::string base64(Bytes bytes);

}  // namespace rawket
