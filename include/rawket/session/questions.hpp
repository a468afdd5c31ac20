// Which packet answers which: DNS by its number, DHCP by its transaction, echoes by number and sequence, SYN by what is acknowledged.
#pragma once
#include <optional>

#include "rawket/session/flow.hpp"
#include "rawket/session/recent_map.hpp"

namespace rawket {

struct Question {
  u64 number = 0;          ///< of its packet
  Nanoseconds time = 0;
};

class Questions {
 public:
  explicit Questions(std::size_t most = 200'000) : asked_(most) {}

  /// Remembers a dissected packet that asks, and finds the latest question that this one answers.
  std::optional<Question> add(const PacketHead& head, const Dissection& d);
  u64 evicted() const { return asked_.evicted(); }   ///< questions forgotten for room

 private:
  struct Key {
    FlowKey flow;
    u64 id = 0;
    u8 kind = 0;
    bool asked_by_high = false;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key& k) const { return k.flow.hash() ^ (k.id * 0x9e3779b97f4a7c15u + k.kind * 2u + k.asked_by_high); }
  };
  struct Seen;
  static std::optional<Seen> look(const PacketHead& head, const Dissection& d);

  RecentMap<Key, Question, Hash> asked_;
};

}  // namespace rawket
