// One loop over the layers: length, end, next.
#include "rawket/packet/dissect.hpp"

namespace rawket {
namespace {

/// Who comes after `p`; `data` when nobody known.
[[gnu::always_inline]] inline const Protocol* next_protocol(const Registry& registry, const Protocol& p, const u8* header, u32 size) {
  if (p.opaque_at && p.opaque_at.read(header) != 0) return &data;
  const Protocol* next = nullptr;
  if (p.next != nullptr) {
    const Number n = p.next({header, size});
    if (n.space != nullptr) next = registry.find(n.space->id, n.value);
  } else if (p.next_at) {
    const u64 a = p.next_at.read(header);
    if (p.other_next_at) {  // ports: the lower one is more likely the service's
      const u64 b = p.other_next_at.read(header);
      next = registry.find(p.next_space, a < b ? a : b);
      if (next == nullptr) next = registry.find(p.next_space, a < b ? b : a);
    } else {
      next = registry.find(p.next_space, a);
    }
  }
  if (next == nullptr) next = p.payload;
  return next == nullptr ? &data : next;
}

}  // namespace

void dissect(const Registry& registry, const Protocol& first, Bytes packet, Dissection& out, u32 original_length) {
  out.packet = packet;
  out.stop = Stop::none;
  out.count_ = 0;
  const Protocol* p = &first;
  u32 at = 0, end = static_cast<u32>(packet.size()), claimed = original_length > end ? original_length : end;
  const auto stop = [&](Stop why) {
    out.stop = why;
    out.stop_offset = at;
    out.stop_protocol = p;
  };
  for (;;) {
    const u8* header = packet.data() + at;
    const u32 left = end - at;
    while (p->is_other != nullptr && p->is_other({header, left})) p = p->other;
    Layer& layer = out.layers_[out.count_++];
    if (p == &data) {
      layer = {p, at, left, end, claimed, 0};
      return;
    }
    layer = {p, at, p->fixed, end, claimed, 0};
    if (left < p->fixed) {
      layer.length = left;
      return stop(Stop::truncated);
    }
    u32 length = p->fixed;
    if (p->length_at) length = static_cast<u32>((p->length_at.read(header) + p->length_rule.bias) * p->length_rule.unit);
    else if (p->length != nullptr) length = p->length({header, left});
    if (p->end_at) {
      const u64 told = p->end_at.read(header);
      const u64 size = p->end_rule.kind == Rule::payload_length ? told + length : told;
      if (told != 0) {
        if (size < p->fixed) return stop(Stop::malformed);
        if (at + size <= claimed) claimed = static_cast<u32>(at + size);
        if (size < left) end = static_cast<u32>(at + size);
        layer.end = end;
        layer.claimed_end = claimed;
      }
    }
    if (length < p->fixed) return stop(Stop::malformed);
    if (length > end - at) {
      layer.length = end - at;
      return stop(layer.claimed_end > end || end == packet.size() ? Stop::truncated : Stop::malformed);
    }
    layer.length = length;
    if (at + length >= end) return;
    const Protocol* next = next_protocol(registry, *p, header, end - at);
    at += length;
    p = next;
    if (out.count_ == Dissection::max_layers) return stop(Stop::too_deep);
  }
}

Bytes Dissection::payload() const {
  if (count_ == 0) return packet;
  const Layer& last = layers_[count_ - 1];
  if (last.protocol == &data) return slice(packet, last.offset, last.end - last.offset);
  return slice(packet, last.payload_offset(), last.end - last.payload_offset());
}

const Protocol& link_protocol(const Registry& registry, u16 link_type_value) {
  const Protocol* p = registry.find(link_layer.id, link_type_value);
  return p == nullptr ? data : *p;
}

}  // namespace rawket
