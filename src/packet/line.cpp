// One line per packet: layers as the craft language names them, who talks to whom, and the fields marked brief.
#include <ctime>

#include "rawket/packet/text.hpp"
#include "rawket/packet/value.hpp"
#include "rawket/packet/verify.hpp"

namespace rawket {
namespace {

constexpr std::string_view red = "\x1b[31m", dim = "\x1b[2m", bold = "\x1b[1m", plain = "\x1b[0m";

/// Options by name, and facts that hooks tell, as "name=value".
class Summary final : public Visitor {
 public:
  explicit Summary(TextBuffer& out) : out_(out) {}
  void layer(const Layer&, std::size_t) override {}
  void option(const Protocol* option, u64 kind, u32, u32) override {
    if (kind == 0 || (option != nullptr && option->name == "nop")) return;
    out_.append(' ');
    if (option == nullptr) out_.append("option="), out_.decimal(kind);
    else out_.append(option->name);
    after_ = option == nullptr ? ' ' : '=';
  }
  void field(const Field& f, const u8* header, u32, u32) override {
    if (f.quiet || after_ == ' ') return;
    out_.append(after_);
    append_field(out_, f, header);
    after_ = ',';
  }
  void number(const Field& f, u64 value, u32, u32) override {
    if (f.quiet || f.is_part || f.name.ends_with("option_kind") || f.name.ends_with("opt.type")) return;
    name(f);
    append_number(out_, f, value);
  }
  void octets(const Field& f, Bytes value, u32, u32) override {
    if (f.quiet || told_ > 8) return;
    ++told_;
    name(f);
    append_octets(out_, f, slice(value, 0, 80));
  }

 private:
  void name(const Field& f) {
    out_.append(' ');
    out_.append(f.name.substr(f.name.rfind('.') + 1));
    out_.append('=');
  }
  TextBuffer& out_;
  char after_ = ' ';
  unsigned told_ = 0;
};

void endpoints(const Protocol& p, const u8* header, TextBuffer& out) {
  if (p.source == nullptr) return;
  out.append(' ');
  append_field(out, *p.source, header);
  if (p.destination == nullptr) return;
  out.append(" > ");
  append_field(out, *p.destination, header);
}

void brief_fields(const Protocol& p, const u8* header, TextBuffer& out) {
  for (const Field* f : p.line) {
    out.append(' ');
    out.append(f->alias.empty() ? f->name.substr(f->name.rfind('.') + 1) : f->alias);
    out.append('=');
    append_field(out, *f, header);
  }
}

bool is_link_layer(std::span<const Layer> layers, std::size_t i) {
  const Number* n = layers[i].protocol->number_in(link_layer.id);
  return i == 0 && n != nullptr && layers.size() > 1 && layers[1].protocol != &data;
}

/// " [bad checksum]" and the like, where the layer's own rules say so.
void complaints(const PacketHead& head, const Dissection& d, std::size_t i, bool color, TextBuffer& out) {
  const Field* checksum = d.layers()[i].protocol->checksum;
  if (checksum == nullptr) return;
  const ChecksumResult r = verify_checksum(d.packet, d.layers(), i, *checksum);
  if (r.status != ChecksumStatus::bad) return;
  if ((head.checksum_not_ready && checksum->rule.scope != Rule::header) || left_to_device(d.packet, d.layers(), i, *checksum)) {
    out.append(" [checksum not filled in yet (offload)]");
    return;
  }
  if (color) out.append(red);
  out.append(" [bad checksum 0x");
  out.hex(checksum->read(d.packet.data() + d.layers()[i].offset), 4);
  out.append(", want 0x"), out.hex(r.expected, 4), out.append(']');
  if (color) out.append(plain);
}

}  // namespace

void TextPrinter::local_time(Nanoseconds t, bool utc, TextBuffer& out) {
  const bool before = t % second < 0;  // rounded down: times before 1970 too
  i64 seconds = t / second - before;
  const u64 fraction = static_cast<u64>(t % second + (before ? second : 0));
  if (!utc) {
    if (seconds < zone_valid_from_ || seconds >= zone_valid_to_) {  // zones change at most at a quarter of an hour
      const std::time_t now = seconds;
      std::tm local{};
      zone_offset_ = localtime_r(&now, &local) == nullptr ? 0 : local.tm_gmtoff;
      zone_valid_from_ = seconds - ((seconds % 900) + 900) % 900;
      zone_valid_to_ = zone_valid_from_ + 900;
    }
    seconds += zone_offset_;
  }
  const u64 day = static_cast<u64>(((seconds % 86400) + 86400) % 86400);
  out.decimal_padded(day / 3600, 2), out.append(':');
  out.decimal_padded(day / 60 % 60, 2), out.append(':');
  out.decimal_padded(day % 60, 2), out.append('.');
  out.decimal_padded(fraction, 9);
}

void TextPrinter::time(const PacketHead& head, TextBuffer& out) {
  if (options_.numbers) {
    out.append('#');
    out.decimal(head.number);
    out.append(' ');
  }
  if (options_.time == TimeFormat::none) return;
  if (options_.color) out.append(dim);
  if (options_.time == TimeFormat::epoch) append_epoch(out, head.time);
  else if (options_.time == TimeFormat::delta) append_epoch(out, first_ ? 0 : elapsed(previous_, head.time));
  else local_time(head.time, options_.time == TimeFormat::utc, out);
  if (options_.color) out.append(plain);
  out.append(' ');
  previous_ = head.time;
  first_ = false;
}

void append_milliseconds(Nanoseconds time, TextBuffer& out) {
  const u64 microseconds = time > 0 ? static_cast<u64>(time) / 1000 : 0;
  out.decimal(microseconds / 1000), out.append('.');
  for (u64 unit = 100; unit > 0; unit /= 10) out.decimal(microseconds / unit % 10);
  out.append(" ms");
}

void TextPrinter::line(const PacketHead& head, const Dissection& d, TextBuffer& out) {
  if (head.dropped_before != 0) out.append("-- "), out.decimal(head.dropped_before), out.append(" packets lost here --\n");
  time(head, out);
  if (head.process != 0) {
    out.append('['), out.clean(head.process_name), out.append(' '), out.decimal(head.process);
    if (!head.container.empty()) out.append(" in "), out.clean(head.container);
    out.append("] ");
  }
  bool first = true;
  for (std::size_t i = 0; i < d.layers().size(); ++i) {
    const Layer& l = d.layers()[i];
    const Protocol& p = *l.protocol;
    if (!options_.link_layer && is_link_layer(d.layers(), i)) continue;
    if (!first && !p.is_message) out.append(" / ");
    if (&p == &data) {
      if (l.length == 0) out.resize(out.size() - (first ? 0 : 3));
      else out.decimal(l.length), out.append(l.length == 1 ? " byte" : " bytes");
      first = false;
      continue;
    }
    if (!p.is_message) {
      if (options_.color) out.append(bold);
      out.append(p.label);
      if (options_.color) out.append(plain);
    }
    first = false;
    if (l.length < p.fixed) continue;
    const u8* header = d.packet.data() + l.offset;
    endpoints(p, header, out);
    brief_fields(p, header, out);
    if (p.options != nullptr || p.describe != nullptr) {
      Summary visitor(out);
      walk_layer(d, i, visitor, false);
    }
    complaints(head, d, i, options_.color, out);
  }
  if (d.stop == Stop::truncated && head.original_length > d.packet.size()) out.append(" [cut by the snapshot length in "), out.append(d.stop_protocol->label), out.append(']');
  else if (d.stop == Stop::truncated) out.append(" [too short for "), out.append(d.stop_protocol->label), out.append(']');
  else if (d.stop == Stop::malformed) out.append(" [malformed "), out.append(d.stop_protocol->label), out.append(']');
  else if (d.stop == Stop::too_deep) out.append(" [too many layers]");
  if (head.answers != 0) out.append("  <- #"), out.decimal(head.answers), out.append(" after "), append_milliseconds(head.round_trip, out);
  out.append('\n');
}

}  // namespace rawket
