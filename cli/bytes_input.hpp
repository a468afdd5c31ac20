// Packets from words on the command line: a capture file, or bytes in any common form.
#pragma once
#include <functional>
#include <memory>

#include "options.hpp"
#include "rawket/io/source.hpp"
#include "rawket/packet/dissect.hpp"

namespace rawket::cli {

struct InputPacket {
  CapturedPacket packet;
  const Protocol* first = nullptr;
  u64 number = 1;
};

/// What the words name, opened or read but not looked into: for commands that open more than one before they give up rights.
class PacketInput {
 public:
  static Result<PacketInput> open(const std::vector<std::string>& words);
  /// Gives up all rights, then calls `use` for each packet until it returns false.
  Result<void> each(const std::string& link, const std::function<Result<bool>(const InputPacket&)>& use);

 private:
  std::unique_ptr<Source> source_;   ///< null: `text_` has the bytes
  std::string text_, name_;          ///< a name when a single word, and no file, was given
};

/// Calls `use` for each packet until it returns false. A word that names a file, or "-" with a capture in it, is read
/// as a capture file; all else is hex or base64. `link` names the first protocol of bytes, or is "auto".
Result<void> each_packet(const std::vector<std::string>& words, const std::string& link, const std::function<Result<bool>(const InputPacket&)>& use);

}  // namespace rawket::cli
