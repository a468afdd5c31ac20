// What all capture file readers share: batches cut from the stream's window, and how a file ends.
#pragma once
#include <array>

#include "byte_stream.hpp"
#include "rawket/io/source.hpp"

namespace rawket {

/// The longest packet that readers of this link type accept (as libpcap and Wireshark do); more is a corrupt length.
constexpr u32 longest_packet(LinkType type) {
  constexpr u16 dbus = 231, usb_linux_mmapped = 220, usbpcap = 249, ebhscr = 279;
  const u16 t = static_cast<u16>(type);
  return t == dbus || t == usbpcap || t == usb_linux_mmapped || t == ebhscr ? u32{16} << 20 : longest_snapshot;
}

class FileReader : public Source {
 public:
  explicit FileReader(ByteStream stream) : stream_(std::move(stream)) {}

  Result<std::span<const CapturedPacket>> next(Nanoseconds wait) final;
  bool ended() const final { return ended_; }
  std::span<const InterfaceDescription> interfaces() const final { return interfaces_; }
  Counters counters() final;

 protected:
  /// What one pass over the window gave. When `packets` is 0, the window must grow to `wanted` bytes (after `used`
  /// of them are consumed) before the next pass can give more.
  struct Pass {
    std::size_t packets = 0, used = 0, wanted = 0;
  };
  using Batch = std::array<CapturedPacket, 256>;

  /// Cuts complete records from `window`. An error in a record is told only by a pass that begins at it.
  virtual Result<Pass> parse(Bytes window, Batch& batch) = 0;
  virtual u64 dropped() const { return 0; }

  /// An error about the byte `ahead` bytes into the window.
  Failure malformed(std::size_t ahead, std::string_view what) const {
    return fail_at(Errc::malformed, stream_.name(), stream_.offset() + ahead, what);
  }

  ByteStream stream_;
  std::vector<InterfaceDescription> interfaces_;
  Batch batch_{};

 private:
  Result<std::span<const CapturedPacket>> end_with(Failure error) {
    ended_ = true;
    return error;
  }

  std::size_t lent_ = 0;  ///< bytes under the packets given out last
  u64 delivered_ = 0;
  bool ended_ = false;
};

// One maker per format; the stream stands at the first byte, which the caller has found to be of that format.
Result<std::unique_ptr<Source>> read_pcap(ByteStream stream);
Result<std::unique_ptr<Source>> read_pcapng(ByteStream stream);
Result<std::unique_ptr<Source>> read_snoop(ByteStream stream);

/// Fills the window with a fixed header, or says that the file is too short for it.
Result<void> require_header(ByteStream& stream, std::size_t size);

}  // namespace rawket
