// A capture in many files: the next begins at a size, a time or a number of packets, between two packets.
#pragma once
#include <functional>

#include "rawket/host/file_keeper.hpp"
#include "rawket/io/capture_file.hpp"

namespace rawket {

/// When a file is full; the first that is reached decides. 0: never by this.
struct Rotation {
  u64 bytes = 0;         ///< as they are written, so after compression
  Nanoseconds time = 0;  ///< since it began, also without traffic (looked at by `flush`)
  u64 packets = 0;

  bool wanted() const { return bytes != 0 || time != 0 || packets != 0; }
};

/// The counters so far of each interface; what a file tells of losses and filtered packets is what was added while it was
/// the newest, so that all files together tell the whole. Packets are counted where they are written.
using CountersNow = std::function<std::vector<Counters>()>;

/// The sink that writes them. It has its first file at once. An empty `counters` tells no losses.
Result<std::unique_ptr<Sink>> create_rotating(std::unique_ptr<FileKeeper> keeper, WriterOptions options, const Rotation& rotation, CountersNow counters);

}  // namespace rawket
