// The walk: fixed fields from the table, options through their small tables, the rest from `describe`.
#include "rawket/packet/walk.hpp"

#include "rawket/packet/value.hpp"
#include "rawket/packet/verify.hpp"
#include "rawket/wire/options.hpp"

namespace rawket {
namespace {

/// Hands what a hook tells to the visitor, under the protocol's extra fields.
class Telling final : public Facts {
 public:
  Telling(const Protocol& p, Visitor& v) : protocol_(p), visitor_(v) {}
  void number(u32 which, u64 value, u32 offset, u32 length) override { visitor_.number(protocol_.extras[which], value, offset, length); }
  void text(u32 which, std::string_view value, u32 offset, u32 length) override { visitor_.octets(protocol_.extras[which], as_bytes(value), offset, length); }
  void bytes(u32 which, Bytes value, u32 offset, u32 length) override { visitor_.octets(protocol_.extras[which], value, offset, length); }

 private:
  const Protocol& protocol_;
  Visitor& visitor_;
};

/// The table of an option, again and again while it fits: SACK blocks repeat.
void option_fields(Bytes packet, const OptionView& o, u32 base, Visitor& visitor) {
  const Protocol& p = *o.protocol;
  if (p.fixed == 0) return;
  for (u32 at = 0; at < o.value_length; at += p.fixed) {
    const u32 start = base + o.value_offset + at;
    for (const Field& f : p.fields)
      if (at + last_byte(f) <= o.value_length) visitor.field(f, packet.data() + start, start + first_byte(f), last_byte(f) - first_byte(f));
    if (!p.repeats) break;
  }
}

void options(const Dissection& d, const Layer& l, Visitor& visitor) {
  const Field* kind_field = nullptr;
  for (const Field& f : l.protocol->extras)
    if (f.name.ends_with("option_kind") || f.name.ends_with("opt.type")) kind_field = &f;
  const u32 base = l.offset + l.protocol->fixed;
  OptionWalk options(*l.protocol->options, slice(d.packet, base, l.offset + l.length - base));
  while (const auto o = options.next()) {
    visitor.option(o->protocol, o->kind, base + o->offset, o->length);
    if (kind_field != nullptr) visitor.number(*kind_field, o->kind, base + o->offset, 1);
    if (o->protocol != nullptr && o->value_length != 0) option_fields(d.packet, *o, base, visitor);
  }
}

}  // namespace

void walk_layer(const Dissection& d, std::size_t index, Visitor& visitor, bool fixed_fields) {
  const Layer& l = d.layers()[index];
  const u8* header = d.packet.data() + l.offset;
  if (fixed_fields) {
    for (const Field& f : l.protocol->fields) {
      if (f.is_status) {
        const auto result = verify_checksum(d.packet, d.layers(), index, *l.protocol->checksum);
        visitor.number(f, static_cast<u64>(result.status), l.offset + first_byte(f), 2);
        continue;
      }
      if (last_byte(f) > l.length) break;
      visitor.field(f, header, l.offset + first_byte(f), last_byte(f) - first_byte(f));
    }
  }
  if (l.length < l.protocol->fixed) return;
  if (l.protocol->options != nullptr && l.length > l.protocol->fixed) options(d, l, visitor);
  if (l.protocol->describe != nullptr) {
    Telling telling(*l.protocol, visitor);
    l.protocol->describe(d.view(index), telling);
  }
}

void walk(const Dissection& d, Visitor& visitor) {
  for (std::size_t i = 0; i < d.layers().size(); ++i) {
    visitor.layer(d.layers()[i], i);
    walk_layer(d, i, visitor);
  }
}

}  // namespace rawket
