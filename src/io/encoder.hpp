// Compression as a stream: what was put in so far can always be read back.
#pragma once
#include <memory>
#include <vector>

#include "rawket/base/error.hpp"
#include "rawket/io/capture_file.hpp"

namespace rawket {

class Encoder {
 public:
  virtual ~Encoder() = default;
  /// Appends the compressed form of all of `in`, up to a point that a reader gets to without what follows.
  virtual Result<void> encode(Bytes in, std::vector<u8>& out) = 0;
  /// Appends what a whole file ends with.
  virtual Result<void> finish(std::vector<u8>& out) = 0;
};

/// Null for `Compression::none`.
Result<std::unique_ptr<Encoder>> make_encoder(Compression compression);

}  // namespace rawket
