// Signs that sending harms the network: the next hop falls silent or slows down, packets are lost, errors pour in.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "rawket/base/clock.hpp"

namespace rawket {

/// Judges what was seen; knows no socket. The first answers, before much was sent, are what later ones are compared with.
class HarmSigns {
 public:
  static constexpr Nanoseconds probe_gap = 250 * millisecond;

  void probe_sent(Nanoseconds now);
  /// An answer to the newest probe.
  void probe_answered(Nanoseconds now);
  void error_received(Nanoseconds now);  ///< an ICMP error that says a packet of ours did not arrive
  /// What is wrong, in words; nothing while all is well. A next hop that never answered says nothing.
  std::optional<std::string> harm(Nanoseconds now) const;

 private:
  struct Probe {
    Nanoseconds sent = 0, round_trip = -1;
  };
  Nanoseconds usual() const;

  std::vector<Probe> probes_;        ///< the newest
  std::vector<Nanoseconds> first_;   ///< round trips
  std::vector<Nanoseconds> errors_;  ///< the newest
};

}  // namespace rawket
