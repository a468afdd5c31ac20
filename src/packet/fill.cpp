// Filling and updating by rule.
#include "rawket/packet/fill.hpp"

#include "rawket/packet/value.hpp"
#include "rawket/packet/verify.hpp"
#include "rawket/wire/rules.hpp"

namespace rawket {
namespace {

/// Calls `visit(field)` for the layer's fields that are left to the rules.
template <class Visit> void each_auto(const Layer& l, const Visit& visit) {
  u64 bit = 1;
  for (const Field& f : l.protocol->fields) {
    if (f.is_part || f.is_status) continue;
    if ((l.autos & bit) != 0) visit(f);
    bit <<= 1;
  }
}

struct Change {
  u64 before = 0, after = 0;
};

/// The one's-complement sum of bytes that start `parity` bytes (0 or 1) into a 16-bit word.
u64 sum_at(Bytes b, u32 parity) {
  const u16 s = fold(sum_words(b));
  return parity == 0 ? s : __builtin_bswap16(s);
}

/// True when layer `i` is the one whose addresses the pseudo header of layer `k` takes.
bool is_nearest(std::span<const Layer> layers, std::size_t i, std::size_t k) {
  for (std::size_t m = i + 1; m < k; ++m)
    if (layers[m].protocol->pseudo_header != nullptr) return false;
  return true;
}

}  // namespace

void fill_computed(MutableBytes packet, std::span<const Layer> layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Layer& l = layers[i];
    u8* header = packet.data() + l.offset;
    each_auto(l, [&](const Field& f) {
      if (f.rule.kind == Rule::next_protocol) {
        const Number* n = i + 1 < layers.size() ? layers[i + 1].protocol->number_in(f.rule.space->id) : nullptr;
        if (n != nullptr) f.write(header, n->value);
      } else if (f.rule.kind == Rule::header_length || f.rule.kind == Rule::total_length || f.rule.kind == Rule::payload_length) {
        f.write(header, length_for(f.rule, {l.offset, l.length, l.end}));
      }
    });
  }
  for (std::size_t i = layers.size(); i-- > 0;) {
    const Layer& l = layers[i];
    each_auto(l, [&](const Field& f) {
      if (f.rule.kind == Rule::crc) f.write(packet.data() + l.offset, crc_for(f, packet, {l.offset, l.length, l.end}));
      if (f.rule.kind != Rule::checksum) return;
      f.write(packet.data() + l.offset, 0);
      const u64 pseudo = f.rule.scope == Rule::pseudo ? pseudo_sum(packet, layers, i).value_or(0) : 0;
      f.write(packet.data() + l.offset, checksum_for(f.rule, covered_sum(f.rule, packet, {l.offset, l.length, l.end}, pseudo), 0));
    });
  }
}

void update_checksums(MutableBytes packet, std::span<const Layer> layers, std::size_t i, const Field& field, Bytes before) {
  if (field.rule.is_sum()) return;
  const u32 offset = layers[i].offset + first_byte(field);
  const Bytes after = Bytes(packet).subspan(offset, before.size());
  const bool in_pseudo = layers[i].protocol->pseudo_header != nullptr && (field.from || field.to);
  // Each checksum that changes is itself a change for those around it: (offset, old bytes, new bytes).
  struct Edit {
    u32 offset;
    std::vector<u8> before, after;
    bool own;
  };
  std::vector<Edit> edits{{offset, {before.begin(), before.end()}, {after.begin(), after.end()}, true}};
  for (std::size_t k = layers.size(); k-- > 0;) {
    const Layer& l = layers[k];
    if (l.length < l.protocol->fixed) continue;
    for (const Field& f : l.protocol->fields) {
      if (f.rule.kind == Rule::crc && k <= i) {
        const u32 at = l.offset + first_byte(f);
        std::vector<u8> was(packet.begin() + at, packet.begin() + at + 4);
        f.write(packet.data() + l.offset, crc_for(f, packet, {l.offset, l.length, l.end}));
        edits.push_back({at, std::move(was), {packet.begin() + at, packet.begin() + at + 4}, k == i});
      }
      if (f.rule.kind != Rule::checksum) continue;
      const bool header_scope = f.rule.scope == Rule::header;
      if (header_scope ? k != i : k > i && !(in_pseudo && f.rule.scope == Rule::pseudo && is_nearest(layers, i, k))) continue;
      const u16 old = static_cast<u16>(f.read(packet.data() + l.offset));
      if (f.rule.zero_is_none && old == 0) continue;
      Change c;
      for (const Edit& e : edits) {
        if ((header_scope || k > i) && !e.own) continue;
        const u32 parity = k > i ? e.offset % 2 : (e.offset - l.offset) % 2;
        c.before += sum_at(e.before, parity);
        c.after += sum_at(e.after, parity);
      }
      u16 fresh = updated_checksum(old, c.before, c.after);
      if (f.rule.zero_is_none && fresh == 0) fresh = 0xffff;
      const u32 at = l.offset + first_byte(f);
      std::vector<u8> was(packet.begin() + at, packet.begin() + at + 2);
      f.write(packet.data() + l.offset, fresh);
      edits.push_back({at, std::move(was), {packet.begin() + at, packet.begin() + at + 2}, k == i});
    }
  }
}

}  // namespace rawket
