// Options of IPv4 and IPv6: lengths, pointers, padding, and what may stand only once.
#include "checking.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"

namespace rawket {
namespace {

constexpr u8 record_route = 7, timestamp = 68, security = 130, loose_route = 131, stream_id = 136, strict_route = 137, router_alert = 148;
bool is_route(u64 kind) { return kind == record_route || kind == loose_route || kind == strict_route; }

/// One option of IPv4, `at` bytes into the header.
void check_ipv4_option(const Telling& tell, const OptionView& o, u32 at, Bytes option) {
  const std::string bytes = std::to_string(o.length);
  const auto wrong_length = [&](std::string text) { tell.error("option-length", "ip.opt.len", at + 1, 1, std::move(text), "RFC 791, 3.1"); };
  if (is_route(o.kind)) {
    if (o.length < 3 || (o.length - 3) % 4 != 0) return wrong_length("a route holds whole addresses of 4 bytes behind its first 3, not " + bytes + " bytes in all");
    if (option[2] < 4 || option[2] % 4 != 0) tell.error("option-pointer", "ip.opt.ptr", at + 2, 1, "the pointer counts from the option's first byte: at least 4, and to the start of an address", "RFC 791, 3.1");
  } else if (o.kind == timestamp) {
    if (o.length < 4 || o.length > 40) return wrong_length("time stamps have 4 to 40 bytes, not " + bytes);
    if (option[2] < 5) tell.error("option-pointer", "ip.opt.ptr", at + 2, 1, "the pointer counts from the option's first byte: at least 5", "RFC 791, 3.1");
  } else if (o.kind == router_alert && o.length != 4) {
    tell.error("option-length", "ip.opt.len", at + 1, 1, "a router alert has 4 bytes, not " + bytes, "RFC 2113, 2.1");
  } else if (o.kind == stream_id && o.length != 4) {
    wrong_length("a stream identifier has 4 bytes, not " + bytes);
  } else if (o.kind == security && o.length < 3) {
    wrong_length("a security label has at least 3 bytes, not " + bytes);
  }
}

/// One option of IPv6, `at` bytes into the header of options.
void check_ipv6_option(const Telling& tell, const OptionView& o, u32 at, Bytes value, bool hop_by_hop) {
  constexpr u8 pad = 1, alert = 5, jumbo = 0xc2;
  const auto length = [&](u32 want, std::string_view what, std::string_view reference) {
    if (o.value_length != want) tell.error("option-length", "ipv6.opt.length", at + 1, 1, std::string(what) + " has " + std::to_string(want) + " bytes, not " + std::to_string(o.value_length), reference);
    return o.value_length == want;
  };
  if (o.kind == pad) {
    if (auto zeros = zeros_for(value)) tell.warn("option-padding", "ipv6.opt.padn", at + 2, o.value_length, "padding is zero: anything else may be a hidden message", "RFC 8200, 4.2", std::move(zeros));
  } else if (o.kind == alert) {
    length(2, "a router alert", "RFC 2711, 2.1");
  } else if (o.kind == jumbo && length(4, "a jumbo payload's length", "RFC 2675, 2")) {
    const Layer* ip = outside<Ipv6>(tell.v);
    if (!hop_by_hop) tell.error("jumbo", "ipv6.opt.jumbo", at, o.length, "a jumbo payload is told in hop-by-hop options, not for the destination", "RFC 2675, 2");
    else if (ip != nullptr && get<&Ipv6::length>(tell.v.packet.data() + ip->offset) != 0) tell.error("jumbo", "ipv6.opt.jumbo", at, o.length, "with a jumbo payload the header's own length is 0", "RFC 2675, 3");
    else if (load<0, 32>(value.data()) < 65536) tell.error("jumbo", "ipv6.opt.jumbo", at + 2, 4, "a jumbo payload has more than 65535 bytes: less is told in the header", "RFC 2675, 3");
  }
}

void check_ipv6_options(const LayerView& v, Faults& faults, bool hop_by_hop) {
  const Bytes header = v.header();
  if (header.size() < 2) return;
  const Telling tell{v, faults};
  OptionWalk walk(HopByHop::option_list, header.subspan(2));
  while (const auto o = walk.next()) {
    if (walk.broken()) return;  // told by the linter
    if (o->length > 1) check_ipv6_option(tell, *o, 2 + o->offset, header.subspan(2 + o->value_offset, o->value_length), hop_by_hop);
  }
}

}  // namespace

void check_ipv4_options(const Telling& tell) {
  const Bytes options = tell.v.header().subspan(detail::fixed_bytes<Ipv4>);
  constexpr u32 base = detail::fixed_bytes<Ipv4>;
  std::array<bool, 256> seen{};
  OptionWalk walk(Ipv4::option_list, options);
  while (const auto o = walk.next()) {
    if (walk.broken()) return;  // told by the linter
    if (o->kind < 2) continue;
    const bool other_route = (o->kind == loose_route && seen[strict_route]) || (o->kind == strict_route && seen[loose_route]);
    if (seen[o->kind] || other_route)
      tell.warn("option-twice", "ip.opt.type", base + o->offset, o->length, other_route ? "one source route, loose or strict, and not both" : "option " + std::to_string(o->kind) + " stands here twice", "RFC 791, 3.1");
    seen[o->kind] = true;
    check_ipv4_option(tell, *o, base + o->offset, options.subspan(o->offset, o->length));
  }
  const Bytes behind = options.subspan(walk.offset());
  if (auto zeros = zeros_for(behind))
    tell.warn("option-padding", "ip.opt.padding", base + static_cast<u32>(walk.offset()), static_cast<u32>(behind.size()), "behind the end of the options stand zeros", "RFC 791, 3.1", std::move(zeros));
}

void HopByHop::check(const LayerView& v, Faults& faults) { check_ipv6_options(v, faults, true); }
void DestinationOptions::check(const LayerView& v, Faults& faults) { check_ipv6_options(v, faults, false); }

}  // namespace rawket
