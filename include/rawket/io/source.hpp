// Where packets come from and where they go: the two interfaces every file, socket and decorator has.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rawket/base/clock.hpp"
#include "rawket/base/error.hpp"

namespace rawket {

/// LINKTYPE_ values of https://www.tcpdump.org/linktypes.html that this library opens or writes itself.
enum class LinkType : u16 { null = 0, ethernet = 1, raw = 101, loop = 108, linux_sll = 113, ipv4 = 228, ipv6 = 229, linux_sll2 = 276 };

enum class Direction : u8 { unknown, in, out };
inline constexpr std::string_view direction_names[] = {"", "in", "out"};

/// Who looked at the clock.
enum class TimeSource : u8 {
  unknown,   ///< a file: it does not tell
  hardware,  ///< the device
  kernel,    ///< the kernel, when the packet came to it
  queue,     ///< the kernel, when it put the packet into the receive buffer: it had no earlier stamp
  program,   ///< the program that runs before AF_XDP's sockets
  reader,    ///< this library, when it read the packet
};
inline constexpr std::string_view time_source_names[] = {"", "hardware", "kernel", "queue", "program", "reader"};

/// What the kernel or the file knows of a packet besides its bytes.
struct PacketInfo {
  Nanoseconds time = 0;             ///< since 1970, UTC
  TimeSource time_source = TimeSource::unknown;
  u32 original_length = 0;          ///< bytes on the wire; more than captured when a snapshot length cut it
  LinkType link_type = LinkType::ethernet;
  u32 interface = 0;                ///< index into `Source::interfaces()`
  Direction direction = Direction::unknown;
  bool checksum_not_ready = false;  ///< offload: the sender's device fills it in (TP_STATUS_CSUMNOTREADY)
  bool vlan_restored = false;       ///< the tag the kernel stripped was put back
  u16 gso_size = 0;                 ///< a super-frame that the device cuts; 0 otherwise
  u64 dropped_before = 0;           ///< packets known to be lost right before this one
  std::string_view comment{};       ///< pcapng; valid as long as the bytes
};

/// One packet. `bytes` are borrowed from the source, until its next call.
struct CapturedPacket {
  Bytes bytes;
  PacketInfo info;
};

inline constexpr u32 longest_snapshot = 262144;  ///< bytes of a packet; libpcap too takes no more

/// An interface as the file or the system tells of it.
struct InterfaceDescription {
  std::string name{}, description{}, filter{};
  LinkType link_type = LinkType::ethernet;
  u32 snapshot_length = longest_snapshot;
};

/// received = delivered + filtered + dropped + lost, always.
struct Counters {
  u64 received = 0;   ///< seen by the interface or found in the file
  u64 filtered = 0;   ///< refused by the filter on purpose
  u64 dropped = 0;    ///< lost by the kernel for want of room
  u64 lost = 0;       ///< received, and then not taken by where they were to go

  u64 delivered() const { return received - filtered - dropped - lost; }
  friend bool operator==(const Counters&, const Counters&) = default;
};

class Source {
 public:
  virtual ~Source() = default;
  /// The next packets, valid until the next call. Empty at the end of a file and, live, when nothing
  /// came within `wait`. A cut file first gives all complete packets, then the error.
  virtual Result<std::span<const CapturedPacket>> next(Nanoseconds wait) = 0;
  virtual bool ended() const = 0;  ///< nothing will ever come again
  virtual std::span<const InterfaceDescription> interfaces() const = 0;
  virtual Counters counters() = 0;
  /// Of one of `interfaces()`. A source that does not know them apart tells all at the first.
  virtual Counters counters_of(u32 interface) { return interface == 0 ? counters() : Counters{}; }
};

/// A source that goes on until it is told to end.
class LiveSource : public Source {
 public:
  /// Of several interfaces one may go while the others go on: what happened, told once.
  virtual std::optional<Error> new_problem() { return std::nullopt; }
  /// From now on nothing is received; `next` gives what had come before, and then the source has ended.
  virtual void stop() = 0;
};

class Sink {
 public:
  virtual ~Sink() = default;
  virtual Result<void> write(const CapturedPacket& packet) = 0;
  virtual Result<void> flush() = 0;
  /// How many of the packets have gone where they were to go, as a whole; the others may still be lost.
  virtual u64 written() const = 0;
  /// Writes what is left, with statistics where the format has them. Only the first call does anything.
  Result<void> close(const Counters& all) { return close_each({&all, 1}); }
  /// The same with counters for each interface.
  virtual Result<void> close_each(std::span<const Counters> counters) = 0;
};

}  // namespace rawket
