// Bytes out of whatever people paste: hex in any common form, dumps of tcpdump, Wireshark and xxd, base64.
#pragma once
#include <vector>

#include "rawket/base/error.hpp"

namespace rawket {

/// The packets in a text: more than one only when a dump's offsets start again at zero.
/// An error names the first character that fits no form.
Result<std::vector<std::vector<u8>>> parse_hex_text(std::string_view text);

}  // namespace rawket
