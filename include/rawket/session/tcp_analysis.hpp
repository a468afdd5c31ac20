// What is remarkable about a TCP segment, seen from those before it: retransmissions, holes, windows. Under the rules of Wireshark's
// sequence analysis, so that both tools tell the same.
#pragma once
#include <vector>

#include "rawket/packet/session_facts.hpp"
#include "rawket/session/flow.hpp"
#include "rawket/session/recent_map.hpp"

namespace rawket {

class TcpAnalysis {
 public:
  explicit TcpAnalysis(std::size_t most_streams = 200'000) : streams_(most_streams) {}

  /// Adds what is known of a dissected packet; nothing for what is no TCP.
  void add(const PacketHead& head, const Dissection& d, std::vector<FactValue>& facts);

  u64 evicted() const { return streams_.evicted(); }   ///< streams forgotten for room

 private:
  struct Segment;
  /// One direction. Sequence numbers are compared modulo 2^32.
  struct Side {
    bool started = false, acknowledged = false;
    u32 base = 0;              ///< of its SYN, or its first segment
    u32 next = 0;              ///< behind the highest byte seen
    u32 continuous = 0;        ///< behind the last byte before the first hole
    bool has_continuous = false;
    u32 last_ack = 0;          ///< it sent
    u16 window = 0;            ///< as in its last segment
    int scale = -1;            ///< -1: not known, -2: not used
    u32 duplicate_acks = 0;
    Nanoseconds next_time = 0, ack_time = 0;
    bool kept_alive = false, probed = false;   ///< its last segment was such a one
    bool sent_ack = false;                     ///< beyond the handshake
  };
  struct Stream {
    u64 id = 0;
    Side low, high;
    Nanoseconds syn_time = 0, initial_round_trip = 0;
  };

  Stream& stream_for(const Segment& s, std::vector<FactValue>& facts);
  static bool about_windows(const Segment& s, Side& own, const Side& other, std::vector<FactValue>& facts);
  static void about_order(const Segment& s, const Stream& stream, Side& own, const Side& other, std::vector<FactValue>& facts);
  static void remember(const Segment& s, Side& own, bool probe);
  static void time_handshake(const Segment& s, Stream& stream);

  RecentMap<FlowKey, Stream, FlowKeyHash> streams_;
  u64 next_id_ = 0;
};

}  // namespace rawket
