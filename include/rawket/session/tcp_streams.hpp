// What the two ends of a TCP connection said, in order: out-of-order segments wait, doubled bytes are taken once, holes are told.
#pragma once
#include <functional>
#include <list>
#include <map>
#include <unordered_map>

#include "rawket/session/flow.hpp"

namespace rawket {

/// One direction of a stream.
struct StreamSide {
  u64 bytes = 0;           ///< handed on
  u64 missing = 0;         ///< bytes that were never seen, though later ones were
  u64 doubled = 0;         ///< bytes that had come before: retransmissions, keep-alives, overlaps; the first ones count
  u64 before_start = 0;    ///< bytes before the first one seen of a stream without SYN
  u64 out_of_order = 0;    ///< segments that had to wait
  bool syn = false, fin = false, reset = false;

  // where the next byte is expected
  bool started = false;
  u32 base = 0;            ///< sequence number of offset 0
  u64 next = 0;            ///< offset of the next byte
  std::map<u64, std::vector<u8>> waiting{};
  u64 waiting_bytes = 0;
};

struct Stream {
  u64 id = 0;              ///< from 0, in the order of their first packets
  FlowKey key;
  bool client_is_high = false;   ///< who sent the SYN, or else the first packet
  Nanoseconds first = 0, last = 0;
  u64 first_packet = 0, packets = 0;
  StreamSide low, high;

  const StreamSide& client() const { return client_is_high ? high : low; }
  const StreamSide& server() const { return client_is_high ? low : high; }
};

/// What happens, in the order it happens. Members may be empty.
struct StreamEvents {
  /// The next bytes of one side; `offset` counts from its first byte.
  std::function<void(const Stream&, bool from_client, u64 offset, Bytes)> data{};
  std::function<void(const Stream&, bool from_client, u64 offset, u64 bytes)> missing{};
  std::function<void(const Stream&)> ended{};   ///< nothing more will be told of it: at the end, or given up for room
};

struct StreamOptions {
  std::size_t most_streams = 200'000;
  u64 most_waiting = 64u << 20;          ///< bytes out of order, of all streams together
  u64 most_waiting_of_side = 4u << 20;   ///< of one side; more than that, and the hole is taken for lost
};

class TcpStreams {
 public:
  explicit TcpStreams(StreamEvents events, StreamOptions options = {}) : events_(std::move(events)), options_(options) {}

  /// A TCP packet; `payload` are the bytes that were captured, `packet.payload` how many there were.
  void add(const FlowPacket& packet, Bytes payload);
  /// The same from a dissected packet; what is no TCP is left alone.
  void add(const PacketHead& head, const Dissection& d);
  /// Hands on what still waits, and ends all streams.
  void finish();

  /// The stream of the packet that was added last; nullptr before the first.
  const Stream* latest() const { return streams_.empty() ? nullptr : &streams_.front(); }
  u64 evicted() const { return evicted_; }   ///< streams given up for room
  u64 streams() const { return next_id_; }

 private:
  using Place = std::list<Stream>::iterator;

  Place stream_for(const FlowPacket& p);
  void end(Place stream);
  void segment(Stream& s, bool from_high, const FlowPacket& p, Bytes payload);
  void hold(Stream& s, bool from_high, u64 offset, Bytes bytes);
  void hand_on(Stream& s, bool from_high, u64 offset, Bytes bytes);
  void release(Stream& s, bool from_high, bool over_holes);
  void skip(Stream& s, bool from_high, u64 to);
  StreamSide& side(Stream& s, bool high) const { return high ? s.high : s.low; }

  StreamEvents events_;
  StreamOptions options_;
  std::list<Stream> streams_;   ///< the one used last in front
  std::unordered_map<FlowKey, Place, FlowKeyHash> by_key_;
  u64 next_id_ = 0, evicted_ = 0, waiting_ = 0;
};

}  // namespace rawket
