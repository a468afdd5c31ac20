// Flows by key, in bounded memory: when it is full, one that was not used lately is given up and counted.
#pragma once
#include <algorithm>
#include <functional>
#include <span>
#include <vector>

#include "rawket/base/stable_vector.hpp"
#include "rawket/session/flow.hpp"

namespace rawket {

struct FlowTableOptions {
  std::size_t most_flows = 1'000'000;                ///< about 160 bytes each
  std::function<void(const Flow&)> evicted{};        ///< called with what is given up; may be empty
  std::pmr::memory_resource* memory = std::pmr::get_default_resource();  ///< where flows lie; outlives the table
};

class FlowTable {
 public:
  explicit FlowTable(FlowTableOptions options = {});

  /// Adds packets in order. Many at once are faster: their places are fetched from memory together.
  void add(std::span<const FlowPacket> packets);
  const Flow* find(const FlowKey& key) const;

  const StableVector<Flow>& flows() const { return flows_; }   ///< in no order that means anything once some were evicted
  u64 evicted() const { return evicted_; }
  std::size_t memory() const { return flows_.memory() + slots_.size() * sizeof(Slot); }   ///< bytes

 private:
  struct Slot {
    u32 tag = 0;          ///< half of the hash; its low bits are the place that is looked at first
    u32 flow = 0;         ///< index + 1; 0: empty
  };
  std::size_t place(u32 tag, const FlowKey& key) const;
  Flow& flow_for(const FlowPacket& p, u32 tag);
  u32 room();
  void erase(std::size_t slot);
  void grow();

  FlowTableOptions options_;
  StableVector<Flow> flows_;
  std::pmr::vector<Slot> slots_;
  std::size_t mask_ = 0;
  std::size_t hand_ = 0;   ///< where the search for one to give up goes on
  u64 evicted_ = 0;
};

/// The `top` flows (0: all) with the highest rank, the earlier one first where ranks are equal. Valid until the table changes.
template <class Rank> std::vector<const Flow*> highest(const FlowTable& table, u64 top, const Rank& rank) {
  std::vector<const Flow*> flows;
  flows.reserve(table.flows().size());
  for (const Flow& f : table.flows()) flows.push_back(&f);
  const auto wanted = static_cast<std::ptrdiff_t>(top == 0 ? flows.size() : std::min<u64>(top, flows.size()));
  std::ranges::partial_sort(flows, flows.begin() + wanted, [&](const Flow* a, const Flow* b) { return std::pair(rank(*a), b->first_packet) > std::pair(rank(*b), a->first_packet); });
  flows.resize(static_cast<std::size_t>(wanted));
  return flows;
}
/// "198.18.0.1:40000 > 198.18.0.2:53", who began first.
inline std::string ends_text(const Flow& f) { return endpoint_text(f.key, f.from_high) + " > " + endpoint_text(f.key, !f.from_high); }

}  // namespace rawket
