// Decompression as a stream: some bytes in, some bytes out, in constant memory.
#pragma once
#include <memory>

#include "rawket/base/error.hpp"

namespace rawket {

class Decoder {
 public:
  struct Progress {
    std::size_t taken = 0;  ///< of the input
    std::size_t made = 0;   ///< of the output
  };

  virtual ~Decoder() = default;
  /// Makes what it can. The error says what is wrong with the compressed data; the caller knows where.
  virtual Result<Progress> decode(Bytes in, MutableBytes out) = 0;
  virtual bool at_boundary() const = 0;  ///< the input may end here
  virtual std::string_view format() const = 0;
};

/// The decoder for a file that starts so; null when it is not compressed by gzip, zstd or lz4.
std::unique_ptr<Decoder> decoder_for(Bytes start);

/// A compressed or archive format that is known but not read, as the command that unpacks it; empty for others.
std::string_view command_to_unpack(Bytes start);

}  // namespace rawket
