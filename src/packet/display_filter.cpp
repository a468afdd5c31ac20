// Asking one packet: values of the operands, comparisons, and what joins them.
#include "rawket/packet/display_filter.hpp"

#include <cstring>
#include <deque>

#include "filter_tree.hpp"
#include "rawket/packet/value.hpp"
#include "rawket/packet/verify.hpp"

namespace rawket {
namespace detail {

/// Memory that lives as long as one packet is looked at.
class FilterScratch {
 public:
  void begin() { used_ = 0, octets_.clear(); }
  /// A list of values; its contents are gone with the next `begin`.
  std::vector<Value>& list() {
    if (used_ == lists_.size()) lists_.emplace_back();
    lists_[used_].clear();
    return lists_[used_++];
  }
  Bytes keep(std::vector<u8> octets) { return octets_.emplace_back(std::move(octets)); }

 private:
  std::deque<std::vector<Value>> lists_;
  std::deque<std::vector<u8>> octets_;
  std::size_t used_ = 0;
};

namespace {

/// Values of one field among all that a layer's hooks and options tell.
class Pick final : public Visitor {
 public:
  Pick(const Field* wanted, Bytes packet, FilterScratch& scratch, std::vector<Value>& out) : wanted_(wanted), packet_(packet), scratch_(scratch), out_(out) {}
  void layer(const Layer&, std::size_t) override {}
  void option(const Protocol*, u64, u32, u32) override {}
  void field(const Field& f, const u8* header, u32, u32) override {
    if (&f == wanted_) out_.push_back(f.is_number() ? Value{true, f.read(header) * f.scale} : Value{false, 0, field_octets(f, header)});
  }
  void number(const Field& f, u64 value, u32, u32) override {
    if (&f == wanted_) out_.push_back({true, value * f.scale});
  }
  void octets(const Field& f, Bytes value, u32, u32) override {
    if (&f != wanted_) return;
    const bool in_packet = value.data() >= packet_.data() && value.data() < packet_.data() + packet_.size();
    out_.push_back({false, 0, in_packet ? value : scratch_.keep({value.begin(), value.end()})});  // what a hook has put together lives no longer than its call
  }

 private:
  const Field* wanted_;
  Bytes packet_;
  FilterScratch& scratch_;
  std::vector<Value>& out_;
};

int order(Bytes a, Bytes b) {
  const int c = std::memcmp(a.data(), b.data(), std::min(a.size(), b.size()));
  return c != 0 ? c : a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

int order(const Value& a, const Value& b) { return a.is_number ? (a.number < b.number ? -1 : a.number > b.number ? 1 : 0) : order(a.octets, b.octets); }

bool in_prefix(Bytes address, Bytes network, unsigned bits) {
  if (bits == 255) return true;
  const std::size_t whole = bits / 8;
  if (std::memcmp(address.data(), network.data(), whole) != 0) return false;
  return bits % 8 == 0 || (address[whole] ^ network[whole]) >> (8 - bits % 8) == 0;
}

bool contains(Bytes all, Bytes part) { return !std::ranges::search(all, part).empty() || part.empty(); }

class Asking {
 public:
  Asking(const PacketHead& head, const Dissection& d, FilterScratch& scratch) : head_(head), d_(d), scratch_(scratch) { scratch.begin(); }

  bool holds(const FilterNode& n) {
    switch (n.form) {
      case FilterNode::both: return std::ranges::all_of(n.inner, [&](const auto& i) { return holds(*i); });
      case FilterNode::either: return std::ranges::any_of(n.inner, [&](const auto& i) { return holds(*i); });
      case FilterNode::exactly_one: return holds(*n.inner[0]) != holds(*n.inner[1]);
      case FilterNode::negation: return !holds(*n.inner[0]);
      default: return test(n);
    }
  }

 private:
  bool test(const FilterNode& n) {
    if (n.relation == Relation::exists && n.left->form == Operand::protocol) return has_protocol(*n.left);
    const std::vector<Value>& left = values(*n.left);
    if (left.empty()) return false;
    if (n.relation == Relation::exists) return n.left->form != Operand::arithmetic || std::ranges::any_of(left, [](const Value& v) { return v.number != 0; });
    if (n.relation == Relation::in) return every(left, n.quantifier == Quantifier::all, [&](const Value& v) { return in_set(n, v); });
    if (n.relation == Relation::matches) return every(left, n.quantifier == Quantifier::all, [&](const Value& v) { return matches_pattern(n, v); });
    const std::vector<Value>& right = values(*n.right);
    if (right.empty()) return false;
    const bool all = n.quantifier == Quantifier::all || (n.quantifier == Quantifier::by_relation && (n.relation == Relation::not_equal || n.relation == Relation::all_equal));
    return every(left, all, [&](const Value& a) { return every(right, all, [&](const Value& b) { return compare(n, a, b); }); });
  }

  template <class Ask> static bool every(const std::vector<Value>& values, bool all, const Ask& ask) { return all ? std::ranges::all_of(values, ask) : std::ranges::any_of(values, ask); }

  static bool compare(const FilterNode& n, const Value& a, const Value& b) {
    if (a.is_number != b.is_number) return false;
    if (n.relation == Relation::contains) return contains(a.octets, b.octets);
    const unsigned prefix = n.right->prefix != 0 ? n.right->prefix : n.left->prefix;
    if (prefix != 0 && (n.relation == Relation::equal || n.relation == Relation::all_equal)) return in_prefix(a.octets, b.octets, prefix);
    if (prefix != 0 && (n.relation == Relation::not_equal || n.relation == Relation::any_not_equal)) return !in_prefix(a.octets, b.octets, prefix);
    const int c = order(a, b);
    switch (n.relation) {
      case Relation::equal:
      case Relation::all_equal: return c == 0;
      case Relation::not_equal:
      case Relation::any_not_equal: return c != 0;
      case Relation::less: return c < 0;
      case Relation::less_or_equal: return c <= 0;
      case Relation::greater: return c > 0;
      default: return c >= 0;
    }
  }

  bool in_set(const FilterNode& n, const Value& v) {
    return std::ranges::any_of(n.set, [&](const auto& range) {
      const auto first = one_value(*range.first);
      if (!first || first->is_number != v.is_number) return false;
      if (range.second == nullptr) return range.first->prefix != 0 ? in_prefix(v.octets, first->octets, range.first->prefix) : order(v, *first) == 0;
      const auto last = one_value(*range.second);
      return last && order(v, *first) >= 0 && order(v, *last) <= 0;
    });
  }
  /// The first of an operand's values; a constant needs no list, however large the set is.
  std::optional<Value> one_value(const Operand& o) {
    if (o.form == Operand::constant) return o.value;
    const std::vector<Value>& all = values(o);
    return all.empty() ? std::nullopt : std::optional(all[0]);
  }

  bool matches_pattern(const FilterNode& n, const Value& v) {
    // A copy, as a text that ends where regexec is told to, but without a zero behind it, looks too short to sanitizers.
    const std::string text = v.is_number ? std::to_string(v.number) : std::string(as_text(v.octets));
    regmatch_t place{};
    place.rm_eo = static_cast<regoff_t>(text.size());
    return ::regexec(n.pattern.get(), text.c_str(), 0, &place, REG_STARTEND) == 0;
  }

  // -- values
  bool has_protocol(const Operand& o) const {
    return o.label.empty() || std::ranges::any_of(d_.layers(), [&](const Layer& l) { return l.protocol->label == o.label || l.protocol->name == o.label; });
  }

  const std::vector<Value>& values(const Operand& o) {
    std::vector<Value>& out = scratch_.list();
    switch (o.form) {
      case Operand::constant: out.push_back(o.value); break;
      case Operand::field: field_values(o, out); break;
      case Operand::protocol: protocol_values(o, out); break;
      case Operand::slice: slices(o, out); break;
      case Operand::function: call(o, out); break;
      case Operand::arithmetic: calculate(o, out); break;
    }
    return out;
  }

  void protocol_values(const Operand& o, std::vector<Value>& out) const {
    if (o.label.empty()) out.push_back({false, 0, d_.packet});
    else
      for (std::size_t i = 0; i < d_.layers().size(); ++i)
        if (d_.layers()[i].protocol->label == o.label) out.push_back({false, 0, d_.view(i).message()});
  }

  void field_values(const Operand& o, std::vector<Value>& out) {
    if (o.sources[0].protocol == nullptr) return frame_value(o.sources[0], out);
    i64 seen = 0;
    const i64 wanted = o.occurrence.value_or(0);
    const i64 total = wanted < 0 ? count_layers(o) : 0;
    for (std::size_t i = 0; i < d_.layers().size(); ++i) {
      const Layer& l = d_.layers()[i];
      bool first = true;
      for (const FieldSource& s : o.sources) {
        if (s.protocol != l.protocol) continue;
        if (first) ++seen, first = false;
        if (wanted > 0 ? seen != wanted : wanted < 0 && seen != total + wanted + 1) continue;
        layer_values(s, l, i, out);
      }
    }
  }
  i64 count_layers(const Operand& o) const {
    return std::ranges::count_if(d_.layers(), [&](const Layer& l) { return std::ranges::any_of(o.sources, [&](const FieldSource& s) { return s.protocol == l.protocol; }); });
  }

  void layer_values(const FieldSource& s, const Layer& l, std::size_t i, std::vector<Value>& out) {
    const Field& f = *s.field;
    if (s.from == FieldSource::walk) {
      Pick pick(&f, d_.packet, scratch_, out);
      return walk_layer(d_, i, pick, false);
    }
    if (s.from == FieldSource::status) {
      const Field* checksum = l.protocol->checksum;
      if (checksum != nullptr && last_byte(*checksum) <= l.length) out.push_back({true, static_cast<u64>(verify_checksum(d_.packet, d_.layers(), i, *checksum).status)});
      return;
    }
    if (last_byte(f) > l.length) return;
    const u8* header = d_.packet.data() + l.offset;
    out.push_back(f.is_number() ? Value{true, f.read(header) * f.scale} : Value{false, 0, field_octets(f, header)});
  }

  void frame_value(const FieldSource& s, std::vector<Value>& out) {
    switch (s.from) {
      case FieldSource::frame_number: out.push_back({true, head_.number}); break;
      case FieldSource::frame_length: out.push_back({true, head_.original_length != 0 ? head_.original_length : d_.packet.size()}); break;
      case FieldSource::captured_length: out.push_back({true, d_.packet.size()}); break;
      case FieldSource::time: out.push_back({true, static_cast<u64>(head_.time)}); break;
      case FieldSource::interface:
        if (!head_.interface.empty()) out.push_back({false, 0, as_bytes(head_.interface)});
        break;
      case FieldSource::fact:
        for (const FactValue& f : head_.facts)
          if (f.fact == s.told) out.push_back({true, f.value});
        break;
      case FieldSource::malformed:
        if (d_.stop == Stop::malformed || (d_.stop == Stop::truncated && head_.original_length <= d_.packet.size())) out.push_back({true, 1});
        break;
      default: {
        std::string names;
        for (const Layer& l : d_.layers())
          if (!l.protocol->is_message && (l.protocol != &data || l.length != 0)) names += (names.empty() ? "" : ":") + std::string(l.protocol->label);
        out.push_back({false, 0, scratch_.keep({names.begin(), names.end()})});
      }
    }
  }

  void slices(const Operand& o, std::vector<Value>& out) {
    for (const Value& v : values(*o.inner[0])) {
      std::vector<u8> joined;
      const i64 size = static_cast<i64>(v.octets.size());
      bool inside = true;
      for (const Slice& s : o.slices) {
        const i64 begin = s.begin < 0 ? size + s.begin : s.begin, length = s.length.value_or(size - begin);
        inside = inside && begin >= 0 && length > 0 && begin + length <= size;
        if (!inside) break;
        if (o.slices.size() == 1) {
          out.push_back({false, 0, v.octets.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(length))});
          break;
        }
        joined.insert(joined.end(), v.octets.begin() + begin, v.octets.begin() + begin + length);
      }
      if (inside && o.slices.size() > 1) out.push_back({false, 0, scratch_.keep(std::move(joined))});
    }
  }

  void call(const Operand& o, std::vector<Value>& out) {
    if (o.name == "count") {
      const std::size_t n = values(*o.inner[0]).size();
      if (n > 0) out.push_back({true, n});
      return;
    }
    if (o.name == "max" || o.name == "min") {
      for (const auto& argument : o.inner)
        for (const Value& v : values(*argument)) {
          if (out.empty()) out.push_back(v);
          else out[0].number = o.name == "max" ? std::max(out[0].number, v.number) : std::min(out[0].number, v.number);
        }
      return;
    }
    for (const Value& v : values(*o.inner[0])) {
      if (o.name == "len") out.push_back({true, v.is_number ? 8 : v.octets.size()});
      else if (o.name == "abs") out.push_back({true, static_cast<i64>(v.number) < 0 ? u64{} - v.number : v.number});
      else out.push_back({false, 0, scratch_.keep(in_case(v.octets, o.name == "upper"))});
    }
  }
  static std::vector<u8> in_case(Bytes text, bool upper) {
    std::vector<u8> out(text.begin(), text.end());
    for (u8& c : out)
      if (upper ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z') c ^= 0x20;
    return out;
  }

  void calculate(const Operand& o, std::vector<Value>& out) {
    const std::vector<Value>& right = values(*o.inner[1]);
    for (const Value& a : values(*o.inner[0]))
      for (const Value& b : right) {
        switch (o.name[0]) {
          case '&': out.push_back({true, a.number & b.number}); break;
          case '+': out.push_back({true, a.number + b.number}); break;
          case '-': out.push_back({true, a.number - b.number}); break;
          case '*': out.push_back({true, a.number * b.number}); break;
          default:
            if (b.number != 0) out.push_back({true, o.name[0] == '/' ? a.number / b.number : a.number % b.number});
        }
      }
  }

  const PacketHead& head_;
  const Dissection& d_;
  FilterScratch& scratch_;
};

std::string_view words_of(Relation r) {
  switch (r) {
    case Relation::exists: return "is there";
    case Relation::equal: return "is";
    case Relation::not_equal: return "is never";
    case Relation::any_not_equal: return "is somewhere not";
    case Relation::all_equal: return "is always";
    case Relation::less: return "is less than";
    case Relation::less_or_equal: return "is at most";
    case Relation::greater: return "is more than";
    case Relation::greater_or_equal: return "is at least";
    case Relation::contains: return "contains";
    case Relation::matches: return "matches";
    default: return "is one of";
  }
}

std::string explained(const FilterNode& n) {
  if (n.form == FilterNode::negation) return "not (" + explained(*n.inner[0]) + ")";
  if (n.form != FilterNode::test) {
    std::string text;
    for (const auto& i : n.inner) {
      if (!text.empty()) text += n.form == FilterNode::both ? " and " : n.form == FilterNode::either ? " or " : " or else ";
      const bool brackets = i->form != FilterNode::test && i->form != FilterNode::negation;
      text += brackets ? "(" + explained(*i) + ")" : explained(*i);
    }
    return text;
  }
  std::string subject = n.relation == Relation::exists ? n.text : n.subject;
  const Operand& o = *n.left;
  if (o.form == Operand::protocol) subject = "the layer " + subject;
  else if (o.form == Operand::field && o.field_info != nullptr && o.field_info->full_name() == o.name) subject += " (" + std::string(o.field_info->doc) + ")";
  const std::string_view quantifier = n.quantifier == Quantifier::all ? "every " : n.quantifier == Quantifier::any ? "any " : "";
  return std::string(quantifier) + subject + " " + std::string(words_of(n.relation)) + (n.relation == Relation::exists ? "" : " " + n.object);
}

void ask_each(const FilterNode& n, Asking& asking, std::vector<DisplayFilter::Piece>& out) {
  if (n.form == FilterNode::test) return out.push_back({n.text, asking.holds(n)});
  for (const auto& i : n.inner) ask_each(*i, asking, out);
}

}  // namespace
}  // namespace detail

DisplayFilter::DisplayFilter(std::unique_ptr<detail::FilterNode> root, std::string text, bool standard)
    : root_(std::move(root)), text_(std::move(text)), standard_(standard), scratch_(std::make_unique<detail::FilterScratch>()) {}
DisplayFilter::DisplayFilter(DisplayFilter&&) noexcept = default;
DisplayFilter& DisplayFilter::operator=(DisplayFilter&&) noexcept = default;
DisplayFilter::~DisplayFilter() = default;

Result<DisplayFilter> DisplayFilter::compile(const Registry& registry, std::string_view text) {
  return DisplayFilter(RAWKET_TRY(detail::parse_filter(registry, text)), std::string(text), &registry == &standard_registry());
}

bool DisplayFilter::matches(const PacketHead& head, const Dissection& d) const { return detail::Asking(head, d, *scratch_).holds(*root_); }

namespace {
bool needs_facts_of(const detail::Operand* o) {
  return o != nullptr && (std::ranges::any_of(o->sources, [](const detail::FieldSource& s) { return s.from == detail::FieldSource::fact; }) ||
                          std::ranges::any_of(o->inner, [](const auto& inner) { return needs_facts_of(inner.get()); }));
}
bool needs_facts_of(const detail::FilterNode& n) {
  return needs_facts_of(n.left.get()) || needs_facts_of(n.right.get()) || std::ranges::any_of(n.inner, [](const auto& inner) { return needs_facts_of(*inner); }) ||
         std::ranges::any_of(n.set, [](const auto& s) { return needs_facts_of(s.first.get()) || needs_facts_of(s.second.get()); });
}
}  // namespace

bool DisplayFilter::needs_facts() const { return needs_facts_of(*root_); }

std::string DisplayFilter::explanation() const { return "packets where " + detail::explained(*root_); }

std::vector<DisplayFilter::Piece> DisplayFilter::pieces(const PacketHead& head, const Dissection& d) const {
  std::vector<Piece> out;
  detail::Asking asking(head, d, *scratch_);
  detail::ask_each(*root_, asking, out);
  return out;
}

}  // namespace rawket
