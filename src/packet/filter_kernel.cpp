// A display filter looks into every header, tunnels included; the kernel's program sees fixed places. Where both are sure to see the
// same is a plain TCP packet: IPv4 without options or IPv6 without extension headers, then TCP. Of these the kernel refuses what
// cannot match. Everything else it lets through, to be judged in full.
#include "filter_tree.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"
#include "rawket/proto/tcp.hpp"

namespace rawket {
namespace detail {
namespace {

/// What holds for plain TCP packets, in pcap-filter's words. Not exact: it also holds for some that do not match.
struct Part {
  std::string text;
  bool exact = true;
};
const Part always{"len >= 0", true}, never{"len < 0", true}, unknown{"len >= 0", false};

constexpr unsigned ipv6_header = 40;

std::string number(u64 v) { return std::to_string(v); }

/// "(tcp[12:1] >> 4 & 15)": a field as a number, at a place that is counted from the start of `base`'s header.
std::string load_text(std::string_view base, unsigned header_offset, const Field& f) {
  const unsigned first = f.offset / 8u, last = (f.offset + f.width - 1u) / 8u, bytes = last - first + 1, size = bytes == 3 ? 4 : bytes;
  const unsigned spare = size * 8 - f.width - f.offset % 8u;
  std::string text = std::string(base) + '[' + number(header_offset + first) + ':' + number(size) + ']';
  if (spare != 0) text = '(' + text + " >> " + number(spare) + ')';
  if (f.width != size * 8) text = '(' + text + " & " + number((u64{1} << f.width) - 1) + ')';
  return text;
}
bool can_load(const Field& f) { return f.width >= 1 && f.width <= 32 && f.scale == 1 && !f.little_endian && f.offset / 8u + 4 <= 20; }

/// The same comparison of the field wherever it stands in a plain packet.
template <class Compare> std::optional<std::string> wherever(const Protocol& p, const Field& f, const Compare& compare) {
  if (!can_load(f)) return std::nullopt;
  if (&p == &info<Ipv4>) return "(ip and " + compare(load_text("ip", 0, f)) + ")";
  if (&p == &info<Ipv6>) return "(ip6 and " + compare(load_text("ip6", 0, f)) + ")";
  if (&p == &info<Tcp>) return "(" + compare(load_text("tcp", 0, f)) + " or (ip6 and " + compare(load_text("ip6", ipv6_header, f)) + "))";
  return std::nullopt;
}

constexpr std::string_view sign_of(Relation r) {
  switch (r) {
    case Relation::equal: return " = ";
    case Relation::not_equal: return " != ";
    case Relation::less: return " < ";
    case Relation::less_or_equal: return " <= ";
    case Relation::greater: return " > ";
    case Relation::greater_or_equal: return " >= ";
    default: return {};
  }
}

/// One source of a field against one constant; nothing when pcap-filter cannot say it.
std::optional<std::string> comparison(const FieldSource& s, Relation relation, const Operand& constant) {
  if (constant.form != Operand::constant || sign_of(relation).empty()) return std::nullopt;
  const Field& f = *s.field;
  u64 value = constant.value.number, mask = 0xffffffff;
  if (!constant.value.is_number) {
    const bool equality = relation == Relation::equal || relation == Relation::not_equal;
    if (f.show != Show::ipv4 || constant.value.octets.size() != 4 || !equality) return std::nullopt;
    value = load<0, 32>(constant.value.octets.data());
    if (constant.prefix != 0 && constant.prefix < 32) mask = mask << (32 - constant.prefix) & 0xffffffff;
    if (constant.prefix == 255) mask = 0;
    value &= mask;
  } else if (!f.is_number()) {
    return std::nullopt;
  }
  if (value > 0xffffffff) return std::nullopt;
  return wherever(*s.protocol, f, [&](const std::string& loaded) { return (mask == 0xffffffff ? loaded : "(" + loaded + " & " + number(mask) + ")") + std::string(sign_of(relation)) + number(value); });
}

/// Where no plain TCP packet has the protocol: it stands in TCP's own place.
bool is_absent(const Protocol& p) { return &p != &info<Tcp> && &p != &info<Ipv4> && &p != &info<Ipv6> && p.number_in(ip_protocol.id) != nullptr && p.number_in(ether_type.id) == nullptr; }

Part of_protocol(const Operand& o) {
  if (o.label.empty()) return always;
  if (o.label == info<Ipv4>.label) return {"ip", true};
  if (o.label == info<Ipv6>.label) return {"ip6", true};
  const Protocol* p = standard_registry().named(o.label);
  return p != nullptr && is_absent(*p) ? never : unknown;   // of TCP itself a later fragment has none
}

Part of_test(const FilterNode& n) {
  const Operand& left = *n.left;
  if (n.quantifier != Quantifier::by_relation || left.occurrence) return unknown;
  if (left.form == Operand::protocol) return n.relation == Relation::exists ? of_protocol(left) : unknown;
  if (left.form != Operand::field || left.sources.empty()) return unknown;
  if (std::ranges::all_of(left.sources, [](const FieldSource& s) { return s.protocol != nullptr && is_absent(*s.protocol); })) return never;
  const bool all = n.relation == Relation::not_equal;
  std::string text;
  const auto add = [&text](const std::string& one, bool both) { text += (text.empty() ? "" : both ? " and " : " or ") + one; };
  for (const FieldSource& s : left.sources) {
    if (s.from != FieldSource::table || s.protocol == nullptr || s.field == nullptr) return unknown;
    if (n.relation == Relation::in) {
      for (const auto& [first, last] : n.set) {
        const auto low = comparison(s, last == nullptr ? Relation::equal : Relation::greater_or_equal, *first);
        const auto high = last == nullptr ? low : comparison(s, Relation::less_or_equal, *last);
        if (!low || !high) return unknown;
        add(last == nullptr ? *low : "(" + *low + " and " + *high + ")", false);
      }
      continue;
    }
    if (n.right == nullptr) return unknown;
    const auto one = comparison(s, n.relation, *n.right);
    if (!one) return unknown;
    add(*one, all);
  }
  return {"(" + text + ")", true};
}

Part of(const FilterNode& n) {
  if (n.form == FilterNode::test) return of_test(n);
  if (n.form == FilterNode::negation) {
    const Part p = of(*n.inner[0]);
    return p.exact ? Part{"not (" + p.text + ")", true} : unknown;
  }
  if (n.form == FilterNode::exactly_one) return unknown;
  Part whole{{}, true};
  for (const auto& inner : n.inner) {
    const Part p = of(*inner);
    if (n.form == FilterNode::either && !p.exact && p.text == unknown.text) return unknown;
    whole.exact = whole.exact && p.exact;
    if (n.form == FilterNode::both && !p.exact && p.text == unknown.text) continue;
    whole.text += (whole.text.empty() ? "" : n.form == FilterNode::both ? " and " : " or ") + p.text;
  }
  if (whole.text.empty()) return unknown;
  whole.text = "(" + whole.text + ")";
  return whole;
}

}  // namespace

std::string kernel_part_of(const FilterNode& root) {
  const Part p = of(root);
  if (!p.exact && p.text == unknown.text) return {};
  // Bytes that a packet has not would end the program: the lengths come first.
  return "len < 54 or not ((ip[0] = 0x45 and ip[9] = 6 and ip[2:2] >= 40) or (len >= 74 and ip6[6] = 6 and ip6[4:2] >= 20)) or " + p.text;
}

}  // namespace detail

std::string DisplayFilter::kernel_part() const { return needs_facts() || !standard_ ? std::string() : detail::kernel_part_of(*root_); }

}  // namespace rawket
