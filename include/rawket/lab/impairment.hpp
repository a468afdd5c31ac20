// What a link does to the packets on it: delay, loss and worse, decided by a seed, the same each time.
#pragma once
#include <array>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "rawket/base/bytes.hpp"
#include "rawket/base/clock.hpp"
#include "rawket/base/error.hpp"

namespace rawket {

/// Each direction of a link has it in full: a delay of 5 ms makes a round trip of 10 ms. Shares are 0 to 1.
struct Impairment {
  Nanoseconds delay = 0;
  Nanoseconds jitter = 0;    ///< up to so much is added to the delay, evenly; frames stay in their order
  double loss = 0;
  double duplicate = 0;      ///< this share comes twice
  double reorder = 0;        ///< this share is overtaken by the frame behind it (if one comes within 50 ms)
  double corrupt = 0;        ///< of this share one bit behind the link header is turned
  u64 rate = 0;              ///< bits per second, of whole frames; 0: no bound
  u32 queue = 1000;          ///< frames that may wait for the rate; those behind them are lost
  u64 seed = 1;

  bool any() const { return delay != 0 || jitter != 0 || loss != 0 || duplicate != 0 || reorder != 0 || corrupt != 0 || rate != 0; }
};

inline constexpr std::array<std::string_view, 9> impairment_words = {"delay", "jitter", "loss", "duplicate", "reorder", "corrupt", "rate", "queue", "seed"};

/// One of `impairment_words` with its value as people write it: "5ms", "1%" or "0.01", "10Mbit", "100". `malformed` says how it is written.
Result<void> set_impairment(Impairment& impairment, std::string_view word, std::string_view value);
/// "delay 5ms loss 1%": what is not as usual.
std::string text_of(const Impairment& impairment);

/// One direction of an impaired link. Times are whatever clock the caller has; nothing here looks at one.
class ImpairedLink {
 public:
  static constexpr std::size_t most_waiting = 65536;   ///< frames in it at once; more are lost, and counted as `no_room`
  static constexpr Nanoseconds longest_hold = 50 * millisecond;
  /// Links of one seed differ by `stream`.
  ImpairedLink(const Impairment& impairment, u64 stream);

  /// A frame (with link header) that came to the link at `now`.
  void offer(Nanoseconds now, Bytes frame);
  /// The next frame that has come through at `now`; false when there is none.
  bool take(Nanoseconds now, std::vector<u8>& frame);
  /// When the next one will have; nothing while the link is empty.
  std::optional<Nanoseconds> next() const;

  struct Counts {
    u64 offered = 0, lost = 0, no_room = 0, duplicated = 0, overtaken = 0, corrupted = 0, passed = 0;
  };
  const Counts& counts() const { return counts_; }

 private:
  struct Waiting {
    Nanoseconds due = 0;
    std::vector<u8> frame;
  };
  bool happens(double share);
  void hand_on(Nanoseconds due, Bytes frame);

  Impairment how_;
  std::mt19937_64 random_;
  std::deque<Waiting> line_;               ///< in the order in which they come through
  std::optional<Waiting> held_;            ///< to be overtaken
  std::deque<Nanoseconds> sending_;        ///< when the frames that wait for the rate will have been sent
  Nanoseconds sent_ = 0, last_due_ = 0;
  Counts counts_;
};

}  // namespace rawket
