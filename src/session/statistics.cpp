// Counting, each count in a place of its own.
#include "rawket/session/statistics.hpp"

#include <algorithm>

#include "rawket/packet/ends.hpp"

namespace rawket {

void TimeSeries::widen() {
  for (std::size_t i = 0; i < (steps_.size() + 1) / 2; ++i) {
    Amount a = steps_[2 * i];
    if (2 * i + 1 < steps_.size()) a.packets += steps_[2 * i + 1].packets, a.bytes += steps_[2 * i + 1].bytes;
    steps_[i] = a;
  }
  steps_.resize((steps_.size() + 1) / 2);
  step_ *= 2;
}

void TimeSeries::add(Nanoseconds time, u64 size) {
  if (steps_.empty()) start_ = time;
  // Before the first packet (captures are not always in order) counts to the first step.
  u64 since = time > start_ ? static_cast<u64>(time) - static_cast<u64>(start_) : 0;
  while (since / static_cast<u64>(step_) >= most_steps && step_ < Nanoseconds{1} << 61) widen();
  const std::size_t i = std::min<std::size_t>(since / static_cast<u64>(step_), most_steps - 1);
  if (i >= steps_.size()) steps_.resize(i + 1);
  steps_[i].add(size);
}

void Statistics::add(const PacketHead& head, const Dissection& d) {
  const u64 size = head.original_length != 0 ? head.original_length : d.packet.size();
  if (all_.packets == 0) first_ = last_ = head.time;
  first_ = std::min(first_, head.time), last_ = std::max(last_, head.time);
  all_.add(size);
  sizes_[static_cast<std::size_t>(std::ranges::find_if(size_limits, [&](u32 most) { return size <= most; }) - std::begin(size_limits))].add(size);
  times_.add(head.time, size);
  if (size > d.packet.size()) ++cut_;
  if (d.stop == Stop::malformed || (d.stop == Stop::truncated && size <= d.packet.size())) ++malformed_;
  add_protocols(d, size);
  add_endpoints(d, size);
}

void Statistics::add_protocols(const Dissection& d, u64 size) {
  ProtocolNode* node = &root_;
  for (const Layer& l : d.layers()) {
    if (l.protocol->is_message || (l.protocol == &data && l.length == 0)) continue;
    const auto found = std::ranges::find_if(node->inner, [&](const auto& n) { return n->name == l.protocol->label; });
    if (found != node->inner.end()) {
      node = found->get();
    } else if (nodes_ < most_nodes) {
      ++nodes_;
      node->inner.push_back(std::make_unique<ProtocolNode>());
      node = node->inner.back().get();
      node->name = l.protocol->label;
    } else {
      ++unlisted_;
      return;
    }
    node->amount.add(size);
  }
}

Endpoint* Statistics::endpoint(const IpAddress& a) {
  const std::string key(as_text(a.bytes()));
  const auto found = endpoints_.find(key);
  if (found != endpoints_.end()) return &found->second;
  if (endpoints_.size() >= most_endpoints) return nullptr;
  return &endpoints_.emplace(key, Endpoint{a, {}, {}}).first->second;
}

void Statistics::add_endpoints(const Dissection& d, u64 size) {
  const auto ends = outermost_ends(d);
  if (!ends) return;
  Endpoint* a = endpoint(ends->source);
  if (a != nullptr) a->sent.add(size);
  Endpoint* b = endpoint(ends->destination);
  if (b != nullptr) b->received.add(size);
  if (a == nullptr || b == nullptr) ++unlisted_;
}

std::vector<Endpoint> Statistics::endpoints() const {
  std::vector<Endpoint> all;
  for (const auto& [key, e] : endpoints_) all.push_back(e);
  std::ranges::sort(all, [](const Endpoint& a, const Endpoint& b) {
    return std::tuple(b.sent.bytes + b.received.bytes, a.address.is_v6, a.address.octets) < std::tuple(a.sent.bytes + a.received.bytes, b.address.is_v6, b.address.octets);
  });
  return all;
}

}  // namespace rawket
