// What a pcapng section tells that its packets need: its byte order, its interfaces, their clocks and losses.
#pragma once
#include <string>
#include <vector>

#include "byte_order.hpp"
#include "capture_format.hpp"
#include "rawket/io/source.hpp"

namespace rawket {

/// Steps over the options at the end of a block. One that leaves its block ends them.
class OptionCursor {
 public:
  OptionCursor(Bytes options, FileOrder order) : rest_(options), order_(order) {}
  bool next();
  u16 code() const { return code_; }
  Bytes value() const { return value_; }

 private:
  Bytes rest_, value_;
  FileOrder order_;
  u16 code_ = 0;
};

/// How an interface counts time.
class TimeScale {
 public:
  void resolution(u8 if_tsresol);
  void offset(i64 seconds) { offset_seconds_ = seconds; }
  /// Nanoseconds since 1970; the nearest that they can say when the ticks are beyond it.
  Nanoseconds nanoseconds(u64 ticks) const {
    u64 result = 0;
    if (plain_ && offset_seconds_ == 0 && !__builtin_mul_overflow(ticks, multiply_, &result) && result <= static_cast<u64>(latest)) [[likely]]
      return static_cast<Nanoseconds>(result);
    return slow(ticks);
  }

 private:
  static constexpr Nanoseconds latest = INT64_MAX;
  Nanoseconds slow(u64 ticks) const;

  bool plain_ = true;                 ///< ticks * multiply_
  u64 multiply_ = 1000, divide_ = 1;  ///< microseconds when the file does not say
  unsigned shift_ = 0;
  i64 offset_seconds_ = 0;
};

/// An interface of the section being read.
struct SectionInterface {
  u32 index = 0;  ///< in Source::interfaces()
  LinkType link_type = LinkType::ethernet;
  u32 snapshot_length = 0;  ///< 0: no limit
  TimeScale clock;
  u64 lost_between = 0;   ///< sum of what packets tell was lost before them
  u64 lost_in_total = 0;  ///< what the last statistics tell
  u64 lost() const { return lost_between > lost_in_total ? lost_between : lost_in_total; }
};

class PcapngSection {
 public:
  /// More in one file are a sign of a corrupt one.
  static constexpr std::size_t most_interfaces = 65536;

  void begin(FileOrder order);
  FileOrder order() const { return order_; }
  std::size_t size() const { return interfaces_.size(); }
  SectionInterface& operator[](std::size_t i) { return interfaces_[i]; }
  u64 dropped() const;

  /// Takes an interface block's body; false when it is too short or one too many. The description goes to `all` unless
  /// the section before had the same interface in the same place, as concatenated files have.
  bool add_interface(Bytes body, std::vector<InterfaceDescription>& all);
  void take_statistics(Bytes body);

 private:
  FileOrder order_;
  std::vector<SectionInterface> interfaces_;
  std::vector<u32> previous_;                     ///< indices of the section before
  u64 dropped_before_ = 0;                        ///< in the sections before
  std::size_t text_left_ = std::size_t{8} << 20;  ///< names beyond it are not kept
};

}  // namespace rawket
