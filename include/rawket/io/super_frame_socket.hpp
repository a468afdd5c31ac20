// A packet socket for frames that the device, or the kernel in its place, cuts into many (GSO).
#pragma once
#include <memory>
#include <span>
#include <string>

#include "rawket/base/error.hpp"
#include "rawket/io/send_permit.hpp"

namespace rawket {

/// UDP datagrams of one flow, behind the headers that they share: the lengths in these are those of all together, and the
/// checksum is the pseudo header's sum. Each piece gets lengths and checksums of its own; an IPv4 identification counts up.
struct SuperFrame {
  Bytes bytes;
  u16 ether_type = 0;
  u16 header_bytes = 0;     ///< up to the datagrams' data
  u16 segment_bytes = 0;    ///< data in each but the last
  u16 checksum_start = 0;   ///< where the UDP header begins
  u16 checksum_offset = 0;  ///< of the checksum in it
};

class SuperFrameSocket {
 public:
  static constexpr std::size_t most_at_once = 8;
  static constexpr std::size_t most_segments = 64, most_bytes = 65'000;

  static Result<std::unique_ptr<SuperFrameSocket>> open(const std::string& interface);
  virtual ~SuperFrameSocket() = default;
  /// Returns how many of them left, at most `most_at_once`; an error only when none did.
  virtual Result<std::size_t> send(SendPermit permit, std::span<const SuperFrame> frames) = 0;
  virtual u64 waits() const = 0;  ///< how often a full queue was waited for
};

}  // namespace rawket
