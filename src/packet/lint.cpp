// Faults that follow from the table's rules, then those of the protocols' own checks.
#include "rawket/packet/lint.hpp"

#include "rawket/base/text_buffer.hpp"
#include "rawket/packet/value.hpp"
#include "rawket/packet/verify.hpp"
#include "rawket/proto/link.hpp"
#include "rawket/wire/options.hpp"
#include "rawket/wire/rules.hpp"

namespace rawket {
namespace {

class Linter final : public Faults {
 public:
  Linter(const Dissection& d, const LintContext& context) : d_(d), context_(context), cut_(context.original_length > d.packet.size()) {}

  std::vector<Fault> run() {
    for (index_ = 0; index_ < d_.layers().size() && !misread_; ++index_) {
      const Layer& l = d_.layers()[index_];
      if (is_quoted(d_.layers(), index_)) break;
      if (l.protocol == &data) continue;
      for (const Field& f : l.protocol->fields)
        if (last_byte(f) <= l.length && !misread_) judge(l, f);
      if (l.protocol->check != nullptr && l.length >= l.protocol->fixed) l.protocol->check(d_.view(index_), *this);
      options(l);
      if (l.length >= l.protocol->fixed) nothing_follows(l);
    }
    if (!misread_) stopped();
    if (!misread_ && d_.stop == Stop::truncated && !cut_ && !length_is_wrong_ && !is_quoted(d_.layers(), d_.layers().size() - 1)) too_short();
    for (std::size_t i = 1; i < found_.size(); ++i)  // few, and in order but for some: an insertion sort keeps equals in place
      for (std::size_t k = i; k > 0 && found_[k].offset < found_[k - 1].offset; --k) std::swap(found_[k], found_[k - 1]);
    agree();
    return std::move(found_);
  }
  void add(Fault fault) override {
    misread_ = misread_ || fault.misread;
    found_.push_back(std::move(fault));
  }

 private:
  void judge(const Layer& l, const Field& f) {
    switch (f.rule.kind) {
      case Rule::constant: constant(l, f); break;
      case Rule::header_length: header_length(l, f); break;
      case Rule::total_length:
      case Rule::payload_length:
        if (!f.rule.stream) length(l, f);
        break;
      case Rule::checksum: checksum(l, f); break;
      default: break;
    }
  }

  /// The field's bytes with another value in them.
  std::vector<u8> with(const Layer& l, const Field& f, u64 value) const {
    std::vector<u8> header(d_.packet.begin() + l.offset, d_.packet.begin() + l.offset + last_byte(f));
    f.write(header.data(), value);
    return {header.begin() + first_byte(f), header.end()};
  }
  void report(const Layer& l, const Field& f, Severity severity, std::string_view code, std::string text, std::optional<u64> right) {
    Fault fault{severity, code, f.full_name(), l.offset + first_byte(f), last_byte(f) - first_byte(f), std::move(text), l.protocol->spec};
    if (right && *right != held(l, f)) fault.repair = with(l, f, *right);
    add(std::move(fault));
  }
  u64 held(const Layer& l, const Field& f) const { return f.read(d_.packet.data() + l.offset); }

  /// Repairs of the same bytes are made one: each mends its own bits, and who applies one of them applies all.
  void agree() {
    for (std::size_t i = 0; i + 1 < found_.size(); ++i) {
      Fault &a = found_[i], &b = found_[i + 1];
      if (!a.repair || !b.repair || a.offset != b.offset || a.length != b.length || a.repair->size() != a.length || b.repair->size() != b.length) continue;
      for (u32 k = 0; k < a.length; ++k) {
        const u8 was = d_.packet[a.offset + k];
        (*a.repair)[k] = (*b.repair)[k] = static_cast<u8>(was ^ (((*a.repair)[k] ^ was) | ((*b.repair)[k] ^ was)));
      }
    }
  }

  void constant(const Layer& l, const Field& f) {
    const u64 v = held(l, f);
    if (v == f.rule.value) return;
    const bool reserved = f.rule.value == 0;
    report(l, f, reserved ? Severity::warning : Severity::error, reserved ? "reserved-bits" : "bad-version",
           reserved ? "reserved bits must be zero" : std::string(f.full_name()) + " must be " + std::to_string(f.rule.value) + ", not " + std::to_string(v), f.rule.value);
  }

  void header_length(const Layer& l, const Field& f) {
    const u64 told = (held(l, f) + f.rule.bias) * f.rule.unit;
    const bool rest_elsewhere = length_is_wrong_ || is_fragment(d_.packet, d_.layers(), index_);  // missing, or in other packets
    if (told >= l.protocol->fixed && l.offset + told > l.end && l.offset + told <= room_end(index_)) return;  // it is the length of the whole that is wrong
    std::optional<u64> least;   // where a header without options is what most have
    if (f.rule.bias == 0) least = l.protocol->fixed / f.rule.unit;
    if (told < l.protocol->fixed)
      report(l, f, Severity::error, "header-length", "the header has at least " + std::to_string(l.protocol->fixed) + " bytes, not " + std::to_string(told), least);
    else if (l.offset + told > l.end && !rest_elsewhere && !(cut_ && l.claimed_end > l.end))
      report(l, f, Severity::error, "header-length", "the header claims " + std::to_string(told) + " bytes, but only " + std::to_string(l.end - l.offset) + " are there", least);
  }

  /// What the layer below leaves for this one.
  u32 room_end(std::size_t i) const { return i == 0 ? static_cast<u32>(d_.packet.size()) : d_.layers()[i - 1].end; }

  void length(const Layer& l, const Field& f) {
    const bool total = f.rule.kind == Rule::total_length;
    const u64 v = held(l, f), smallest = total ? smallest_total(l) : 0;
    const u32 available = room_end(index_) - l.offset;
    const u64 right = total ? available : available - l.length;
    constexpr u32 usual_frame = 1500;
    const bool cut_by_device = total && v == 0 && available > usual_frame && index_ + 1 < d_.layers().size() && d_.layers()[index_ + 1].protocol->is_stream;
    if ((v == 0 && (context_.super_frame || available > 65535)) || cut_by_device) return;  // RFC 2675: a jumbogram's length stands elsewhere
    if (is_fragment(d_.packet, d_.layers(), index_)) return;  // what it counts is in other packets too
    if (v < smallest) {
      length_is_wrong_ = true;
      return report(l, f, Severity::error, "length-too-short", "it counts at least the header's " + std::to_string(smallest) + " bytes, but says " + std::to_string(v),
                    cut_ || right < smallest ? std::nullopt : std::optional<u64>(right));
    }
    if (v > right && !cut_ && !(index_ > 0 && d_.layers()[index_ - 1].claimed_end > d_.layers()[index_ - 1].end)) {
      if (blame_shorter(index_, v - right)) return;
      length_is_wrong_ = true;
      return report(l, f, Severity::error, "length-too-long", "it claims " + std::to_string(v) + " bytes, but " + std::to_string(right) + " are there", right < smallest ? std::nullopt : std::optional<u64>(right));
    }
    if (v < right && !cut_ && is_doubtful_above(index_) && proves_longer(index_, f, right)) return tell_shorter(index_, f, right);
    // Without a link layer there is no padding: what lies behind the datagram belongs to nobody.
    if (v < right && !cut_ && no_link_layer())
      report(l, f, Severity::warning, "trailing-bytes", "it counts " + std::to_string(v) + " bytes, but " + std::to_string(right) + " are there", right);
  }

  /// A header with options counts too, if it can be as long as it says.
  u64 smallest_total(const Layer& l) const {
    const Protocol& p = *l.protocol;
    const u64 told = p.length_at ? (p.length_at.read(d_.packet.data() + l.offset) + p.length_rule.bias) * p.length_rule.unit : 0;
    return told >= p.fixed && l.offset + told <= room_end(index_) ? told : p.fixed;
  }

  /// Whether something above layer `i` does not fit, or its checksum is wrong. Each checksum is made once for all layers below it.
  bool is_doubtful_above(std::size_t i) {
    if (d_.stop == Stop::truncated) return true;
    if (!last_wrong_checksum_) {
      last_wrong_checksum_ = 0;
      for (std::size_t k = 1; k < d_.layers().size() && !is_quoted(d_.layers(), k); ++k) {
        const Field* checksum = d_.layers()[k].protocol->checksum;
        if (checksum != nullptr && verify_checksum(d_.packet, d_.layers(), k, *checksum).status == ChecksumStatus::bad) last_wrong_checksum_ = k;
      }
    }
    return *last_wrong_checksum_ > i;
  }

  /// Whether with `value` in a length field of layer `i` all that follows fits, and a checksum above says that it is right.
  bool proves_longer(std::size_t i, const Field& f, u64 value) {
    if (proofs_left_ == 0) return false;
    --proofs_left_;
    const Layer& l = d_.layers()[i];
    std::vector<u8> bytes(d_.packet.begin(), d_.packet.end());
    f.write(bytes.data() + l.offset, value);
    Dissection d;
    dissect(standard_registry(), *d_.layers()[0].protocol, bytes, d);
    if (d.stop != Stop::none || d.layers().size() <= i || d.layers()[i].protocol != l.protocol) return false;
    bool proved = false;
    for (std::size_t k = i + 1; k < d.layers().size() && !is_quoted(d.layers(), k); ++k) {
      const Field* checksum = d.layers()[k].protocol->checksum;
      if (checksum == nullptr || checksum->rule.scope == Rule::header) continue;
      const ChecksumStatus now = verify_checksum(bytes, d.layers(), k, *checksum).status;
      if (now == ChecksumStatus::bad) return false;
      const bool before = k < d_.layers().size() && d_.layers()[k].protocol == d.layers()[k].protocol && verify_checksum(d_.packet, d_.layers(), k, *checksum).status == ChecksumStatus::good;
      proved = proved || (now == ChecksumStatus::good && !before);
    }
    return proved;
  }
  void tell_shorter(std::size_t i, const Field& f, u64 right) {
    const Layer& l = d_.layers()[i];
    report(l, f, Severity::error, "length-too-short", "it says " + std::to_string(held(l, f)) + ", but with " + std::to_string(right) + " all that follows fits, and its checksum is right", right);
    misread_ = true;
  }
  /// Where something claims `missing` bytes more than are left for it: a header below may say too few.
  bool blame_shorter(std::size_t above, u64 missing) {
    for (std::size_t i = above; i-- > 0;)
      for (const Field& f : d_.layers()[i].protocol->fields) {
        const bool counts = (f.rule.kind == Rule::total_length || f.rule.kind == Rule::payload_length) && !f.rule.stream;
        if (!counts || d_.layers()[i].length < d_.layers()[i].protocol->fixed || !proves_longer(i, f, held(d_.layers()[i], f) + missing)) continue;
        tell_shorter(i, f, held(d_.layers()[i], f) + missing);
        return true;
      }
    return false;
  }

  /// Of link layers only those count that only say what comes next; frames are padded.
  bool no_link_layer() const {
    const Protocol& first = *d_.layers().front().protocol;
    return index_ == 0 ? first.number_in(ip_version.id) != nullptr : index_ == 1 && first.fixed == 0;
  }

  /// Options that run past their list. TCP, whose check knows more of them, tells its own.
  void options(const Layer& l) {
    if (l.protocol->options == nullptr || l.protocol->is_stream || l.length <= l.protocol->fixed || (cut_ && l.end == d_.packet.size())) return;
    const u32 base = l.offset + l.protocol->fixed;
    OptionWalk walk(*l.protocol->options, slice(d_.packet, base, l.length - l.protocol->fixed));
    while (const auto o = walk.next()) {
      if (!walk.broken()) continue;
      const u32 at = base + o->offset, size = std::min<u32>(2, l.payload_offset() - at);
      add({Severity::error, "option-length", {}, at, size, "option " + std::to_string(o->kind) + (o->length < 2 && size > 1 ? " claims less than the two bytes that it has" : " runs past the end of " +
          std::string(l.protocol->title)) + ": nothing behind it can be read", l.protocol->spec});
    }
  }

  /// A header that says who comes next, at the end of the packet.
  void nothing_follows(const Layer& l) {
    const Protocol& p = *l.protocol;
    if (!p.next_at || p.other_next_at || index_ + 1 != d_.layers().size() || d_.stop != Stop::none || l.payload_offset() != l.end || cut_ || p.is_piece(d_.packet.data() + l.offset)) return;
    const u64 next = p.next_at.read(d_.packet.data() + l.offset);
    const Protocol* missing = next_known(p, next);
    if (missing == nullptr || missing->fixed == 0 || next == 0) return;  // 0 also stands where nobody filled in a number
    for (const Field& f : p.fields)
      if (f.rule.kind == Rule::next_protocol)
        return report(l, f, Severity::error, "truncated", "it says that " + std::string(missing->title) + " follows, which has at least " + std::to_string(missing->fixed) + " bytes, but nothing does", std::nullopt);
  }
  static const Protocol* next_known(const Protocol& p, u64 number) { return standard_registry().find(p.next_space, number); }

  /// What ended dissection, where no rule said why.
  void stopped() {
    if (d_.stop != Stop::malformed && d_.stop != Stop::too_deep) return;
    const u32 at = std::min(d_.stop_offset, static_cast<u32>(d_.packet.size())), rest = static_cast<u32>(d_.packet.size()) - at;
    if (d_.stop == Stop::too_deep)
      return add({Severity::warning, "too-deep", {}, at, rest, "more than " + std::to_string(Dissection::max_layers) + " headers follow each other: what lies deeper was not looked at", "RFC 2473, 4.1"});
    const bool told = std::ranges::any_of(found_, [&](const Fault& f) { return f.offset >= at && f.code != "reserved-bits"; });
    if (!told && !in_stream() && !is_quoted(d_.layers(), d_.layers().size() - 1))
      add({Severity::error, "malformed", {}, at, rest, "a length in " + std::string(d_.stop_protocol->title) + " cannot be: its header would be longer than what is left, or have no end", d_.stop_protocol->spec});
  }

  /// Nothing fills in the checksums of what never leaves a host.
  bool on_loopback() const { return within_one_host(d_.packet, d_.layers().front()); }

  /// A device that completes the checksum of what the next layer carries fills in the header's too.
  bool all_left_to_device() const {
    const std::size_t next = index_ + 1;
    if (context_.checksum_not_ready || context_.super_frame) return true;
    if (next >= d_.layers().size()) return false;
    const Layer& l = d_.layers()[next];
    const Field* f = l.protocol->checksum;
    return f != nullptr && l.length >= l.protocol->fixed && left_to_device(d_.packet, d_.layers(), next, *f);
  }

  void checksum(const Layer& l, const Field& f) {
    const bool header_only = f.rule.scope == Rule::header;
    if (d_.stop != Stop::none && index_ + 1 == d_.layers().size() && (header_only || length_is_wrong_)) return;  // its extent is not known
    if (!header_only && (context_.checksum_not_ready || context_.super_frame || cut_ || length_is_wrong_)) return;
    const ChecksumResult r = verify_checksum(d_.packet, d_.layers(), index_, f);
    if (r.status != ChecksumStatus::bad || left_to_device(d_.packet, d_.layers(), index_, f)) return;
    if (held(l, f) == 0 && (on_loopback() || (header_only && all_left_to_device()))) return;
    TextBuffer t;
    t.append("it is 0x"), t.hex(held(l, f), 4), t.append(", and the bytes give 0x"), t.hex(r.expected, 4);
    const bool never = held(l, f) == 0, perhaps_device = never && header_only && index_ > 0 && !no_link_layer();
    if (never) t.append(perhaps_device ? ": it was never filled in, or is left to the sender's device" : ": it was never filled in");
    report(l, f, perhaps_device ? Severity::note : Severity::error, "bad-checksum", std::string(t.view()), r.expected);
  }

  /// What the header that was cut has to have: its fixed part, or more when that says so.
  u32 needed(const Layer& l) const {
    const Protocol& p = *d_.stop_protocol;
    const u32 left = l.end - l.offset;
    const u32 told = left < p.fixed || p.length == nullptr ? 0 : p.length(slice(d_.packet, l.offset, left));
    return std::max<u32>(p.fixed, told);
  }

  /// Whether the last layer is only a piece of what a byte stream carries.
  bool in_stream() const { return d_.layers().size() > 1 && d_.layers()[d_.layers().size() - 2].protocol->is_stream; }

  void too_short() {
    if (in_stream() || is_fragment(d_.packet, d_.layers(), d_.layers().size() - 1)) return;
    const Layer& l = d_.layers().back();
    const u32 at = std::min(d_.stop_offset, static_cast<u32>(d_.packet.size()));
    for (const Fault& f : found_)
      if (f.code == "header-length" && f.offset >= l.offset) return;
    add({Severity::error, "truncated", {}, at, static_cast<u32>(d_.packet.size()) - at,
         "too few bytes for " + std::string(d_.stop_protocol->title) + ": it needs " + std::to_string(needed(l)) + ", " + std::to_string(l.end - at) + " are left", d_.stop_protocol->spec});
  }

  const Dissection& d_;
  const LintContext& context_;
  bool cut_;
  bool length_is_wrong_ = false;   ///< told: what a checksum covers is not known from there on
  std::optional<std::size_t> last_wrong_checksum_{};   ///< the innermost layer that has one; 0: none
  unsigned proofs_left_ = 4;       ///< each reads the whole packet again: tunnels in tunnels could ask for thousands
  bool misread_ = false;           ///< what follows was taken for something else than it is
  std::size_t index_ = 0;
  std::vector<Fault> found_;
};

/// Applies what does not overlap; a repair that changes the length is applied alone.
std::size_t apply(std::vector<u8>& bytes, const std::vector<Fault>& faults) {
  for (const Fault& f : faults)
    if (f.repair && f.repair->size() != f.length) {
      bytes.erase(bytes.begin() + f.offset, bytes.begin() + f.offset + f.length);
      bytes.insert(bytes.begin() + f.offset, f.repair->begin(), f.repair->end());
      return 1;
    }
  std::size_t applied = 0;
  u32 free_from = 0;
  for (const Fault& f : faults) {
    if (!f.repair || f.offset < free_from || std::equal(f.repair->begin(), f.repair->end(), bytes.begin() + f.offset)) continue;
    std::ranges::copy(*f.repair, bytes.begin() + f.offset);
    free_from = f.offset + f.length;
    ++applied;
  }
  return applied;
}

}  // namespace

std::vector<Fault> lint(const Dissection& d, const LintContext& context) { return Linter(d, context).run(); }

Repaired repair(const Registry& registry, const Protocol& first, Bytes packet, const LintContext& context) {
  constexpr int most_rounds = 16;
  Repaired r{{packet.begin(), packet.end()}, 0, {}};
  Dissection d;
  for (int round = 0; round < most_rounds; ++round) {
    LintContext now = context;
    if (now.original_length < r.bytes.size() || context.original_length == packet.size()) now.original_length = static_cast<u32>(r.bytes.size());
    dissect(registry, first, r.bytes, d, now.original_length);
    const std::vector<Fault> faults = lint(d, now);
    const std::size_t applied = apply(r.bytes, faults);
    r.repairs += applied;
    if (applied != 0) continue;
    r.left = faults;
    break;
  }
  return r;
}

std::string_view severity_name(Severity s) { return s == Severity::error ? "error" : s == Severity::warning ? "warning" : "note"; }

void append_finding_json(TextBuffer& out, u64 number, const Fault& f) {
  const auto text = [&](std::string_view key, std::string_view value) {
    out.append(",\""), out.append(key), out.append("\":\""), out.json_escaped(value), out.append('"');
  };
  out.append("{\"n\":"), out.decimal(number);
  text("severity", severity_name(f.severity));
  text("code", f.code);
  text("field", f.field);
  out.append(",\"offset\":"), out.decimal(f.offset), out.append(",\"length\":"), out.decimal(f.length);
  text("text", f.text);
  text("reference", f.reference);
  out.append(",\"repair\":");
  if (f.repair) out.append('"'), out.hex(*f.repair), out.append('"');
  else out.append("null");
  out.append('}');
}

void append_finding_text(TextBuffer& out, u64 number, const Fault& f) {
  out.append('#'), out.decimal(number), out.append(' ');
  out.append(severity_name(f.severity)), out.append(' '), out.append(f.code);
  if (!f.field.empty()) out.append(' '), out.append(f.field);
  out.append(f.length == 1 ? std::string_view(", byte ") : std::string_view(", bytes ")), out.decimal(f.offset);
  if (f.length > 1) out.append(".."), out.decimal(f.offset + f.length - 1);
  out.append(": "), out.clean(f.text);
  out.append(" ("), out.append(f.reference), out.append(')');
  if (!f.repair) return;
  if (f.repair->empty()) out.append("; repair: remove it");
  else out.append("; repair: "), out.hex(*f.repair);
}

}  // namespace rawket
