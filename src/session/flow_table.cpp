// Open addressing over 8-byte slots; the flows lie in one array behind them.
#include "rawket/session/flow_table.hpp"

namespace rawket {
namespace {
constexpr std::size_t batch = 32;   // places fetched from memory at once
u32 tag_of(const FlowKey& key) { return static_cast<u32>(key.hash() >> 32); }
}  // namespace

FlowTable::FlowTable(FlowTableOptions options) : options_(std::move(options)), flows_(options_.memory), slots_(options_.memory) {
  options_.most_flows = std::clamp<std::size_t>(options_.most_flows, 1, 0xffff'fff0);
  slots_.resize(1024);
  mask_ = slots_.size() - 1;
}

void FlowTable::add(std::span<const FlowPacket> packets) {
  std::array<u32, batch> tags{};
  for (; !packets.empty(); packets = packets.subspan(std::min(batch, packets.size()))) {
    const std::size_t n = std::min(batch, packets.size());
    for (std::size_t i = 0; i < n; ++i) {
      tags[i] = tag_of(packets[i].key);
      __builtin_prefetch(&slots_[tags[i] & mask_]);
    }
    for (std::size_t i = 0; i < n; ++i) {
      const Slot& s = slots_[tags[i] & mask_];
      if (s.flow == 0) continue;
      const char* flow = reinterpret_cast<const char*>(&flows_[s.flow - 1]);
      __builtin_prefetch(flow), __builtin_prefetch(flow + 64), __builtin_prefetch(flow + 128);
    }
    for (std::size_t i = 0; i < n; ++i) flow_for(packets[i], tags[i]).add(packets[i]);
  }
}

const Flow* FlowTable::find(const FlowKey& key) const {
  const Slot& s = slots_[place(tag_of(key), key)];
  return s.flow == 0 ? nullptr : &flows_[s.flow - 1];
}

/// The slot that holds the key, or the empty one where it belongs.
std::size_t FlowTable::place(u32 tag, const FlowKey& key) const {
  std::size_t i = tag & mask_;
  while (slots_[i].flow != 0 && (slots_[i].tag != tag || flows_[slots_[i].flow - 1].key != key)) i = (i + 1) & mask_;
  return i;
}

Flow& FlowTable::flow_for(const FlowPacket& p, u32 tag) {
  std::size_t slot = place(tag, p.key);
  if (slots_[slot].flow != 0) return flows_[slots_[slot].flow - 1];
  const u32 index = room();
  if (flows_.size() * 4 > slots_.size() * 3) grow();
  slot = place(tag, p.key);  // making room has moved slots
  slots_[slot] = {tag, index + 1};
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
    erase(place(tag_of(f.key), f.key));
    f = Flow{};
    return static_cast<u32>(victim);
  }
}

/// Moves what stands behind an emptied slot back, so that searches still find it.
void FlowTable::erase(std::size_t slot) {
  std::size_t gap = slot;
  for (std::size_t i = (slot + 1) & mask_; slots_[i].flow != 0; i = (i + 1) & mask_) {
    const std::size_t home = slots_[i].tag & mask_;
    if (((i - home) & mask_) < ((i - gap) & mask_)) continue;
    slots_[gap] = slots_[i];
    gap = i;
  }
  slots_[gap] = {};
}

void FlowTable::grow() {
  std::pmr::vector<Slot> old(slots_.size() * 2, options_.memory);
  old.swap(slots_);
  mask_ = slots_.size() - 1;
  for (const Slot& s : old) {
    if (s.flow == 0) continue;
    std::size_t i = s.tag & mask_;
    while (slots_[i].flow != 0) i = (i + 1) & mask_;
    slots_[i] = s;
  }
}

}  // namespace rawket
