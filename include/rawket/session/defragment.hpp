// Fragments of IP datagrams put together again: IPv4 (RFC 791, 3.2) and IPv6 (RFC 8200, 4.5), in bounded memory.
#pragma once
#include <list>
#include <unordered_map>
#include <vector>

#include "rawket/packet/json.hpp"

namespace rawket {

/// Who is right where two fragments bring the same byte. Systems differ, and what differs can be used to hide something.
enum class Overlap : u8 {
  left,   ///< the fragment that begins further left, and of two that begin at one place the one that came first: as Wireshark
  first,  ///< what came first stays
  last,   ///< what came last stays
  drop,   ///< the whole datagram is given up: RFC 5722 for IPv6, and what Linux does
};

struct DefragmentOptions {
  Overlap overlap = Overlap::left;
  u32 longest = 65'535;                  ///< bytes of a datagram. Receivers take no more; to look at an attack, allow more: its length field is then 0
  std::size_t most_datagrams = 16'384;   ///< that wait for the rest of them
  u64 most_bytes = 32u << 20;            ///< that wait, all datagrams together
  Nanoseconds patience = 60 * second;    ///< from a datagram's first fragment on (RFC 8200, 4.5)
};

/// fragments = used in `datagrams` + unusable + those of given up, expired, dropped and still waiting datagrams.
struct DefragmentCounters {
  u64 fragments = 0;
  u64 datagrams = 0;    ///< put together
  u64 overlaps = 0;     ///< fragments that bring bytes again
  u64 conflicts = 0;    ///< of these, with other bytes
  u64 unusable = 0;     ///< cut by the snapshot length, or beyond the end, or too long
  u64 dropped = 0;      ///< datagrams, by Overlap::drop
  u64 evicted = 0;      ///< datagrams given up for room
  u64 expired = 0;      ///< datagrams whose rest did not come in time
};

/// The first layer that says that its payload is a piece; the number of layers when there is none. What an error quotes is none.
std::size_t piece_layer(const Dissection& d);

class Defragmenter {
 public:
  explicit Defragmenter(const DefragmentOptions& options = {}) : options_(options) {}

  enum class Outcome : u8 { whole, waits, complete };
  /// Takes a dissected packet. `whole`: it is no fragment. `complete`: it was the last one missing, and `datagram()` is the
  /// packet as if it had never been in pieces: what stood before the first fragment's data, with lengths and checksum of
  /// the whole. A datagram that came through a tunnel begins with its own IP header: see `link_type()`.
  Outcome add(const PacketHead& head, const Dissection& d);

  /// Until the next `add`.
  Bytes datagram() const { return datagram_; }
  u16 link_type() const { return link_type_; }
  bool is_v6() const { return is_v6_; }
  u32 payload_length() const { return payload_length_; }   ///< bytes that were in fragments
  std::size_t pieces() const { return pieces_; }

  const DefragmentCounters& counters() const { return counters_; }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Key {
    std::array<u8, 38> bytes{};   ///< version, protocol, identification, addresses
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key& k) const {
      static const u64 seed = hash_seed();
      return hash_bytes(seed, k.bytes);
    }
  };
  struct Piece {
    u32 offset = 0, order = 0;     ///< order of coming
    std::vector<u8> bytes{};
    u32 end() const { return offset + static_cast<u32>(bytes.size()); }
  };
  struct Datagram {
    Key key;
    Nanoseconds first = 0;
    std::vector<Piece> pieces{};   ///< by offset; equal offsets in the order they came
    std::vector<u8> front{};       ///< of the first fragment: its headers up to the data
    u16 link_type = 1;
    u32 ip_offset = 0;             ///< in `front`
    u64 bytes = 0;                 ///< in pieces
    u64 held = 0;                  ///< memory, about
    u32 end = 0, longest = 0;      ///< of the payload, known when `has_end`; of a piece
    bool has_end = false;
  };
  struct Fragment;
  using Place = std::list<Datagram>::iterator;

  Place place_for(const Key& key, Nanoseconds now);
  bool insert(Datagram& g, const Fragment& f);
  bool join(Datagram& g);
  bool build(Datagram& g);
  void forget(Place g);
  void make_room(Nanoseconds now);

  DefragmentOptions options_;
  DefragmentCounters counters_;
  std::list<Datagram> waiting_;    ///< the oldest in front
  std::unordered_map<Key, Place, Hash> by_key_;
  u64 bytes_ = 0;
  std::vector<u8> payload_, filled_, datagram_;
  u16 link_type_ = 1;
  u32 payload_length_ = 0;
  bool is_v6_ = false;
  std::size_t pieces_ = 0;
};

}  // namespace rawket
