// What the options of DHCP say that small tables cannot: texts, lists, options inside options.
#include "rawket/proto/dhcp.hpp"

namespace rawket {

void Dhcp::describe(const LayerView& v, Facts& out) {
  constexpr u32 first = 240;
  const Bytes all = slice(v.message(), first);
  const u32 base = v.layer().offset + first;
  OptionWalk options(option_list, all);
  for (bool padding = false; const auto o = options.next();) {
    const bool pad = o->kind == 0;
    if (!(pad && padding)) out.number(0, o->kind == 255 ? 0 : o->kind, base + o->offset, 1);  // Wireshark calls the end 0, too
    padding = pad;
    const Bytes value = slice(all, o->value_offset, o->value_length);
    const std::string_view text = as_text(value).substr(0, as_text(value).find('\0'));
    if (value.empty()) continue;
    if (o->kind == 12) out.text(1, text, base + o->value_offset, o->value_length);
    if (o->kind == 15) out.text(2, text, base + o->value_offset, o->value_length);
    if (o->kind == 60) out.text(3, text, base + o->value_offset, o->value_length);
    if (o->kind == 61 && value.size() == 7 && value[0] == 1) out.bytes(5, value.subspan(1), base + o->value_offset + 1, 6);
    if (o->kind == 55)
      for (u32 i = 0; i < value.size(); ++i) out.number(4, value[i], base + o->value_offset + i, 1);
  }
}

namespace {

constexpr u32 relay_fixed = 34, relay_message = 9;

/// Where the message lies that a relay wrapped, or nothing.
std::optional<std::pair<u32, u32>> wrapped(Bytes b) {
  Cursor c(b, relay_fixed);
  while (c.left() >= 4) {
    const u16 kind = c.word(), size = c.word();
    if (kind == relay_message) return std::pair{static_cast<u32>(c.offset()), u32{size}};
    c.skip(size);
  }
  return std::nullopt;
}

/// Options that hold options: associations behind their parameters, an address behind its times.
u32 parameters(u16 kind) { return kind == 3 || kind == 25 ? 12 : kind == 4 ? 4 : kind == 5 ? 24 : kind == 26 ? 25 : 0; }

void tell_options(Bytes options, u32 base, Facts& out, bool addresses, int depth = 0) {
  Cursor c(options);
  while (c.left() >= 4) {
    const u32 at = base + static_cast<u32>(c.offset());
    const u16 kind = c.word(), size = c.word();
    out.number(0, kind, at, 2);
    const Bytes value = c.take(size);
    const u32 inner = parameters(kind);
    if (addresses && kind == 5 && value.size() >= 16) out.bytes(1, value.first(16), at + 4, 16);
    if (inner != 0 && value.size() > inner && depth < 4) tell_options(value.subspan(inner), at + 4 + inner, out, addresses, depth + 1);
  }
}

}  // namespace

u32 Dhcpv6Relay::length(Bytes b) {
  const auto inner = wrapped(b);
  return inner ? inner->first : static_cast<u32>(b.size());
}

Number Dhcpv6Relay::next(Bytes b) { return wrapped(b) ? Number{&udp_port, 547} : Number{}; }

void Dhcpv6Relay::describe(const LayerView& v, Facts& out) {
  // The options behind the wrapped message are told after it, as they stand.
  if (v.header().size() > relay_fixed) tell_options(v.header().subspan(relay_fixed), v.layer().offset + relay_fixed, out, false);
}

void Dhcpv6::describe(const LayerView& v, Facts& out) {
  Bytes m = v.message();
  if (v.index > 0 && v.layers[v.index - 1].protocol->name == "dhcpv6_relay")
    if (const auto inner = wrapped(slice(v.packet, v.layers[v.index - 1].offset, v.layers[v.index - 1].end - v.layers[v.index - 1].offset))) m = slice(m, 0, inner->second);
  if (m.size() > 4) tell_options(m.subspan(4), v.layer().offset + 4, out, true);
  if (const Bytes behind = slice(v.message(), m.size()); !behind.empty()) tell_options(behind, v.layer().offset + static_cast<u32>(m.size()), out, false);  // the relay's
}

}  // namespace rawket
