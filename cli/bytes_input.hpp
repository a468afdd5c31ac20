// Packets from words on the command line: a capture file, or bytes in any common form.
#pragma once
#include <functional>

#include "options.hpp"
#include "rawket/io/source.hpp"
#include "rawket/packet/dissect.hpp"

namespace rawket::cli {

struct InputPacket {
  CapturedPacket packet;
  const Protocol* first = nullptr;
  u64 number = 1;
};

/// Calls `use` for each packet until it returns false. A word that names a file, or "-" with a capture in it, is read
/// as a capture file; all else is hex or base64. `link` names the first protocol of bytes, or is "auto".
Result<void> each_packet(const std::vector<std::string>& words, const std::string& link, const std::function<Result<bool>(const InputPacket&)>& use);

}  // namespace rawket::cli
