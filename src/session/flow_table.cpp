// Open addressing over 8-byte slots; the flows lie in one array behind them.
#include "rawket/session/flow_table.hpp"

namespace rawket {
namespace {
constexpr std::size_t batch = 32;   // places fetched from memory at once
constexpr u32 tag_of(u64 hash) { return static_cast<u32>(hash >> 32); }
}  // namespace

FlowTable::FlowTable(FlowTableOptions options) : options_(std::move(options)) {
  options_.most_flows = std::clamp<std::size_t>(options_.most_flows, 1, 0xffff'fff0);
  slots_.resize(1024);
  mask_ = slots_.size() - 1;
}

void FlowTable::add(std::span<const FlowPacket> packets) {
  std::array<u64, batch> hashes{};
  for (; !packets.empty(); packets = packets.subspan(std::min(batch, packets.size()))) {
    const std::size_t n = std::min(batch, packets.size());
    for (std::size_t i = 0; i < n; ++i) {
      hashes[i] = packets[i].key.hash();
      __builtin_prefetch(&slots_[hashes[i] & mask_]);
    }
    for (std::size_t i = 0; i < n; ++i) {
      const Slot& s = slots_[hashes[i] & mask_];
      if (s.flow == 0) continue;
      const char* flow = reinterpret_cast<const char*>(&flows_[s.flow - 1]);
      __builtin_prefetch(flow), __builtin_prefetch(flow + 64), __builtin_prefetch(flow + 128);
    }
    for (std::size_t i = 0; i < n; ++i) flow_for(packets[i], hashes[i]).add(packets[i]);
  }
}

const Flow* FlowTable::find(const FlowKey& key) const {
  const Slot& s = slots_[place(key.hash(), key)];
  return s.flow == 0 ? nullptr : &flows_[s.flow - 1];
}

/// The slot that holds the key, or the empty one where it belongs.
std::size_t FlowTable::place(u64 hash, const FlowKey& key) const {
  std::size_t i = hash & mask_;
  while (slots_[i].flow != 0 && (slots_[i].tag != tag_of(hash) || flows_[slots_[i].flow - 1].key != key)) i = (i + 1) & mask_;
  return i;
}

Flow& FlowTable::flow_for(const FlowPacket& p, u64 hash) {
  std::size_t slot = place(hash, p.key);
  if (slots_[slot].flow != 0) return flows_[slots_[slot].flow - 1];
  const u32 index = room();
  if (flows_.size() * 4 > slots_.size() * 3) grow();
  slot = place(hash, p.key);  // making room has moved slots
  slots_[slot] = {tag_of(hash), index + 1};
  flows_[index] = Flow{};
  flows_[index].key = p.key;
  return flows_[index];
}

/// The index of a flow to fill: a new one, or one that nobody used since the hand last came by.
u32 FlowTable::room() {
  if (flows_.size() < options_.most_flows) {
    flows_.emplace_back();
    return static_cast<u32>(flows_.size() - 1);
  }
  for (;; hand_ = (hand_ + 1) % flows_.size()) {
    Flow& f = flows_[hand_];
    if (f.used) {
      f.used = false;
      continue;
    }
    const std::size_t victim = hand_;
    hand_ = (hand_ + 1) % flows_.size();
    ++evicted_;
    if (options_.evicted) options_.evicted(f);
    erase(place(f.key.hash(), f.key));
    return static_cast<u32>(victim);
  }
}

/// Moves what stands behind an emptied slot back, so that searches still find it.
void FlowTable::erase(std::size_t slot) {
  std::size_t gap = slot;
  for (std::size_t i = (slot + 1) & mask_; slots_[i].flow != 0; i = (i + 1) & mask_) {
    const std::size_t home = flows_[slots_[i].flow - 1].key.hash() & mask_;
    if (((i - home) & mask_) < ((i - gap) & mask_)) continue;
    slots_[gap] = slots_[i];
    gap = i;
  }
  slots_[gap] = {};
}

void FlowTable::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  mask_ = slots_.size() - 1;
  for (const Slot& s : old) {
    if (s.flow == 0) continue;
    std::size_t i = flows_[s.flow - 1].key.hash() & mask_;
    while (slots_[i].flow != 0) i = (i + 1) & mask_;
    slots_[i] = s;
  }
}

}  // namespace rawket
