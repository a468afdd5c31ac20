// The tree: every field with its place, its bytes, its value and what it means.
#include "rawket/packet/text.hpp"
#include "rawket/packet/value.hpp"
#include "rawket/packet/verify.hpp"

namespace rawket {
namespace {

constexpr std::size_t bytes_column = 8, name_column = 34;
constexpr u32 bytes_shown = 8;

class Tree final : public Visitor {
 public:
  Tree(const Dissection& d, TextBuffer& out, bool color, bool checksum_not_ready) : d_(d), out_(out), color_(color), checksum_not_ready_(checksum_not_ready) {}

  void layer(const Layer& l, std::size_t index) override {
    layer_ = &l;
    index_ = index;
    if (l.protocol == &data && l.length == 0) return;
    if (color_) out_.append("\x1b[1m");
    out_.append(l.protocol->title);
    out_.append(" (");
    out_.append(l.protocol->name);
    out_.append("), ");
    out_.decimal(l.length), out_.append(l.length == 1 ? " byte at " : " bytes at "), out_.decimal(l.offset);
    binding(index);
    if (color_) out_.append("\x1b[0m");
    out_.append('\n');
    if (l.protocol == &data) append_hexdump(out_, slice(d_.packet, l.offset, l.length), "  ");
  }
  void field(const Field& f, const u8* header, u32 offset, u32 length) override {
    if (f.is_part && f.quiet && f.is_number() && f.read(header) == 0) return;  // of flag bits only those that are set
    if (f.rule.kind == Rule::checksum) checksum_ = &f;
    start(f, offset, length);
    append_field(out_, f, header);
    note(f, f.is_number() ? f.read(header) : 0);
    meaning(f);
  }
  void number(const Field& f, u64 value, u32 offset, u32 length) override {
    start(f, offset, f.is_status ? 0 : length);
    if (f.is_status && value == 0) bad_checksum();
    else if (f.is_status) out_.append(std::array<std::string_view, 4>{"bad", "good", "unverified", "not present"}[value & 3]);
    else append_number(out_, f, value);
    if (!f.is_status) note(f, value);
    meaning(f);
  }
  void octets(const Field& f, Bytes value, u32 offset, u32 length) override {
    start(f, offset, length);
    append_octets(out_, f, value);
    meaning(f);
  }
  void option(const Protocol* option, u64 kind, u32 offset, u32 length) override {
    begin_line(offset, length);
    out_.append("option ");
    if (option != nullptr) out_.append(option->title);
    else if (kind == 0) out_.append("end of list");
    else out_.decimal(kind);
    out_.append('\n');
  }

 private:
  void begin_line(u32 offset, u32 length) {
    line_ = out_.size();
    out_.append("  ");
    if (length != 0) {
      out_.decimal(offset);
      out_.pad(line_ + bytes_column);
      out_.hex(slice(d_.packet, offset, std::min(length, bytes_shown)));
      if (length > bytes_shown) out_.append("..");
    }
    out_.pad(line_ + bytes_column + 20);
  }
  void start(const Field& f, u32 offset, u32 length) {
    begin_line(offset, length);
    if (f.is_part) out_.append("  ");
    out_.append(f.full_name());
    out_.pad(line_ + bytes_column + 20 + name_column);
    out_.append(" = ");
  }
  /// The number behind a name.
  void note(const Field& f, u64 value) {
    if (f.show != Show::names && f.show != Show::flags) return;
    out_.append(" (");
    if (f.show == Show::flags || value > 0x5ff) out_.append("0x"), out_.hex(value, f.width == 0 ? 4 : (f.width + 3u) / 4);
    else out_.decimal(value);
    out_.append(')');
  }
  void meaning(const Field& f) {
    if (f.is_status) return out_.append('\n');
    if (color_) out_.append("\x1b[2m");
    out_.append("  ");
    out_.append(f.doc);
    if (color_) out_.append("\x1b[0m");
    out_.append('\n');
  }

  /// Ports only promise what follows: says which one did.
  void binding(std::size_t i) {
    if (i == 0 || d_.layers()[i].protocol == &data || d_.layers()[i].protocol->is_message) return;
    const Layer &l = d_.layers()[i], &below = d_.layers()[i - 1];
    const Protocol& p = *below.protocol;
    if (!p.other_next_at || below.length < p.fixed) return;
    for (const Locator& at : {p.next_at, p.other_next_at}) {
      const u64 port = at.read(d_.packet.data() + below.offset);
      for (const Number& n : l.protocol->numbers)
        if (n.space->id == p.next_space && n.value == port) return out_.append(", as port "), out_.decimal(port), out_.append(" says");
    }
    out_.append(", not as its ports say");
  }
  void bad_checksum() {
    if (checksum_ == nullptr) return out_.append("bad");
    if ((checksum_not_ready_ && checksum_->rule.scope != Rule::header) || left_to_device(d_.packet, d_.layers(), index_, *checksum_)) return out_.append("not filled in yet (offload)");
    out_.append("bad, want 0x");
    out_.hex(verify_checksum(d_.packet, d_.layers(), index_, *checksum_).expected, 4);
  }

  const Dissection& d_;
  TextBuffer& out_;
  bool color_, checksum_not_ready_;
  const Field* checksum_ = nullptr;
  std::size_t index_ = 0;
  const Layer* layer_ = nullptr;
  std::size_t line_ = 0;
};

/// What other packets tell, as a section of its own: none of these has bytes here.
void session_facts_told(const PacketHead& head, TextBuffer& out) {
  if (head.facts.empty()) return;
  out.append("Seen from other packets\n");
  for (const FactValue& f : head.facts) {
    const SessionFactInfo& told = told_as(f.fact);
    out.append("  "), out.left(told.name, 40), out.append(' ');
    if (told.form == FactForm::number) out.decimal(f.value), out.append("  ");
    if (told.form == FactForm::time) append_milliseconds(static_cast<Nanoseconds>(f.value), out), out.append("  ");
    out.append(told.doc), out.append('\n');
  }
}

}  // namespace

void TextPrinter::tree(const PacketHead& head, const Dissection& d, TextBuffer& out) {
  out.append("packet "), out.decimal(head.number);
  out.append(", "), out.decimal(d.packet.size()), out.append(" bytes");
  if (head.original_length > d.packet.size()) out.append(" of "), out.decimal(head.original_length);
  if (head.time != 0) out.append(", at "), append_epoch(out, head.time);
  if (!head.time_source.empty()) out.append(" (clock: "), out.append(head.time_source), out.append(')');
  if (!head.direction.empty()) out.append(", "), out.append(head.direction);
  if (!head.interface.empty()) out.append(", on "), out.clean(head.interface);
  if (head.answers != 0) out.append(", answer to #"), out.decimal(head.answers), out.append(" after "), append_milliseconds(head.round_trip, out);
  if (head.gso_size != 0) out.append(", a super-frame of pieces of "), out.decimal(head.gso_size);
  if (head.checksum_not_ready) out.append(", checksum not filled in yet (offload)");
  out.append('\n');
  if (head.process != 0) {
    out.append("process: "), out.clean(head.process_name), out.append(" ("), out.decimal(head.process), out.append(')');
    if (!head.container.empty()) out.append(" in container "), out.clean(head.container);
    out.append('\n');
  }
  if (!head.comment.empty()) out.append("comment: "), out.clean(head.comment), out.append('\n');
  Tree visitor(d, out, options_.color, head.checksum_not_ready);
  walk(d, visitor);
  session_facts_told(head, out);
  if (!d.layers().empty()) {
    const u32 end = d.layers().back().end;
    if (end < d.packet.size()) {
      out.append("Padding or trailer, "), out.decimal(d.packet.size() - end), out.append(" bytes at "), out.decimal(end), out.append('\n');
      append_hexdump(out, d.packet.subspan(end), "  ");
    }
  }
  if (d.stop != Stop::none) {
    out.append(d.stop == Stop::truncated ? "stopped: too few bytes for " : d.stop == Stop::malformed ? "stopped: a length that cannot be in " : "stopped: too many layers, at ");
    out.append(d.stop_protocol->label), out.append(" at byte "), out.decimal(d.stop_offset), out.append('\n');
  }
  out.append('\n');
}

void append_hexdump(TextBuffer& out, Bytes bytes, std::string_view indent) {
  for (std::size_t at = 0; at < bytes.size(); at += 16) {
    const Bytes row = slice(bytes, at, 16);
    const std::size_t line = out.size();
    out.append(indent);
    out.hex(at, at > 0xffff ? 8 : 4);
    out.append("  ");
    for (std::size_t i = 0; i < row.size(); ++i) {
      out.hex(row[i], 2);
      out.append(i == 7 ? std::string_view("  ") : std::string_view(" "));
    }
    out.pad(line + indent.size() + (at > 0xffff ? 8u : 4u) + 2 + 50);
    for (u8 b : row) out.append(b >= 0x20 && b < 0x7f ? static_cast<char>(b) : '.');
    out.append('\n');
  }
}

void append_c_array(TextBuffer& out, Bytes bytes, std::string_view name) {
  out.append("const unsigned char "), out.append(name), out.append("[] = {");
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out.append(i % 12 == 0 ? std::string_view("\n  ") : std::string_view(" "));
    out.append("0x"), out.hex(bytes[i], 2), out.append(',');
  }
  out.append("\n};\n");
}

}  // namespace rawket
