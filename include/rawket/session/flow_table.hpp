// Flows by key, in bounded memory: when it is full, one that was not used lately is given up and counted.
#pragma once
#include <functional>
#include <span>
#include <vector>

#include "rawket/session/flow.hpp"

namespace rawket {

struct FlowTableOptions {
  std::size_t most_flows = 1'000'000;                ///< about 160 bytes each
  std::function<void(const Flow&)> evicted{};        ///< called with what is given up; may be empty
};

class FlowTable {
 public:
  explicit FlowTable(FlowTableOptions options = {});

  /// Adds packets in order. Many at once are faster: their places are fetched from memory together.
  void add(std::span<const FlowPacket> packets);
  const Flow* find(const FlowKey& key) const;

  std::span<const Flow> flows() const { return flows_; }   ///< in no order that means anything once some were evicted
  u64 evicted() const { return evicted_; }
  std::size_t memory() const { return flows_.capacity() * sizeof(Flow) + slots_.capacity() * sizeof(Slot); }   ///< bytes

 private:
  struct Slot {
    u32 tag = 0;          ///< high half of the hash
    u32 flow = 0;         ///< index + 1; 0: empty
  };
  std::size_t place(u64 hash, const FlowKey& key) const;
  Flow& flow_for(const FlowPacket& p, u64 hash);
  u32 room();
  void erase(std::size_t slot);
  void grow();

  FlowTableOptions options_;
  std::vector<Flow> flows_;
  std::vector<Slot> slots_;
  std::size_t mask_ = 0;
  std::size_t hand_ = 0;   ///< where the search for one to give up goes on
  u64 evicted_ = 0;
};

}  // namespace rawket
