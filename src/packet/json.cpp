// The JSON printer. Fields of layers that occur once go straight to the output; all that may repeat is collected first.
#include "rawket/packet/json.hpp"

#include "rawket/packet/value.hpp"
#include "rawket/packet/verify.hpp"

namespace rawket {
namespace {
/// Keys have 32 readable bytes behind them (wire/info.hpp), so that most are copied in two moves.
void append_key(TextBuffer& out, std::string_view key) {
  if (key.size() <= 32) out.append_padded(key.data(), key.size());
  else out.append(key);
}
}  // namespace

/// Values that may repeat within a packet, grouped by key. Linked lists in two reused vectors; no allocation once warm.
class JsonPrinter::Repeats final : public Visitor {
 public:
  void clear() {
    ++generation_;
    values_.clear();
    text_.clear();
    first_group_ = last_group_ = none;
  }
  bool empty() const { return values_.empty(); }

  void layer(const Layer&, std::size_t) override {}
  void option(const Protocol*, u64, u32, u32) override {}
  void field(const Field& f, const u8* header, u32, u32) override {
    if (f.quiet) return;
    const std::size_t start = text_.size();
    append_field_json(text_, f, header);
    add(f, start);
  }
  void number(const Field& f, u64 value, u32, u32) override {
    if (f.quiet) return;
    const std::size_t start = text_.size();
    if (f.show == Show::signed_decimal) text_.signed_decimal(static_cast<i64>(value));
    else text_.decimal(value * f.scale);
    add(f, start);
  }
  void octets(const Field& f, Bytes value, u32, u32) override {
    if (f.quiet) return;
    const std::size_t start = text_.size();
    append_octets_json(text_, f, value);
    add(f, start);
  }

  void write(TextBuffer& out) const {
    for (u32 g = first_group_; g != none; g = values_[g].next_group) {
      append_key(out, values_[g].key);
      const bool many = values_[g].next != none;
      if (many) out.append('[');
      for (u32 v = g; v != none; v = values_[v].next) {
        if (v != g) out.append(',');
        out.append(text_.view().substr(values_[v].start, values_[v].length));
      }
      if (many) out.append(']');
    }
  }

 private:
  static constexpr u32 none = ~u32{};
  struct Value {
    std::string_view key;
    u32 start = 0, length = 0;
    u32 next = none, last = none, next_group = none;
  };
  struct Slot {
    const char* key = nullptr;
    u32 generation = 0, group = none;
  };

  /// By the key's text: two protocols may write the same name. Its last eight characters tell names apart best.
  std::size_t slot(std::string_view key) const {
    u64 tail = key.size();
    if (key.size() >= 8) std::memcpy(&tail, key.data() + key.size() - 8, 8);
    return ((tail ^ key.size()) * 0x9e3779b97f4a7c15ull >> 54) % slots_.size();
  }
  void add(const Field& f, std::size_t start) {
    const u32 index = static_cast<u32>(values_.size());
    values_.push_back({f.key, static_cast<u32>(start), static_cast<u32>(text_.size() - start), none, index, none});
    std::size_t i = slot(f.key);
    while (slots_[i].generation == generation_ && slots_[i].key != f.key.data() && values_[slots_[i].group].key != f.key) i = (i + 1) % slots_.size();
    if (slots_[i].generation == generation_) {
      Value& group = values_[slots_[i].group];
      values_[group.last].next = index;
      group.last = index;
      return;
    }
    slots_[i] = {f.key.data(), generation_, index};
    (first_group_ == none ? first_group_ : values_[last_group_].next_group) = index;
    last_group_ = index;
  }

  std::vector<Value> values_;
  TextBuffer text_;
  std::array<Slot, 1024> slots_{};  // more than all names one packet can carry
  u32 generation_ = 0, first_group_ = none, last_group_ = none;
};

JsonPrinter::JsonPrinter() : repeats_(std::make_unique<Repeats>()) {}
JsonPrinter::~JsonPrinter() = default;

void append_epoch(TextBuffer& out, Nanoseconds time) {
  if (time < 0) out.append('-');
  const u64 magnitude = time < 0 ? ~static_cast<u64>(time) + 1 : static_cast<u64>(time);
  out.decimal(magnitude / second);
  out.append('.');
  out.decimal_padded(magnitude % second, 9);
}

namespace {

/// True when another layer may write the same keys.
bool repeats(std::span<const Layer> layers, std::size_t i) {
  const Protocol& p = *layers[i].protocol;
  if (p.borrowed_prefix_id == p.prefix_id) return true;  // it tells of further messages what the table tells of the first
  for (std::size_t k = 0; k < layers.size(); ++k) {
    const Protocol& other = *layers[k].protocol;
    if (k == i) continue;
    if (other.borrowed_prefix_id == p.prefix_id || p.borrowed_prefix_id == other.prefix_id) return true;
    if (other.prefix_id == p.prefix_id && (other.label == p.label || other.is_message == p.is_message)) return true;
  }
  return false;
}

void direct_fields(const Dissection& d, std::size_t i, TextBuffer& out) {
  const Layer& l = d.layers()[i];
  const u8* header = d.packet.data() + l.offset;
  for (const Field& f : l.protocol->fields) {
    if (f.quiet) continue;
    if (f.is_status) {
      append_key(out, f.key);
      out.append(static_cast<char>('0' + static_cast<int>(verify_checksum(d.packet, d.layers(), i, *l.protocol->checksum).status)));
      continue;
    }
    if (last_byte(f) > l.length) return;
    append_key(out, f.key);
    append_field_json(out, f, header);
  }
}

void append_head(const PacketHead& head, const Dissection& d, TextBuffer& out) {
  out.append("{\"n\":");
  out.decimal(head.number);
  out.append(",\"ts\":\"");
  append_epoch(out, head.time);
  out.append("\",\"caplen\":");
  out.decimal(d.packet.size());
  out.append(",\"len\":");
  out.decimal(head.original_length);
  out.append(",\"linktype\":");
  out.decimal(head.link_type);
  if (!head.interface.empty()) out.append(",\"interface\":\""), out.json_escaped(head.interface), out.append('"');
  if (!head.time_source.empty()) out.append(",\"time_source\":\""), out.append(head.time_source), out.append('"');
  if (!head.direction.empty()) out.append(",\"direction\":\""), out.append(head.direction), out.append('"');
  if (head.gso_size != 0) out.append(",\"gso_size\":"), out.decimal(head.gso_size);
  if (head.checksum_not_ready) out.append(",\"checksum_not_ready\":1");
  if (head.dropped_before != 0) out.append(",\"dropped_before\":"), out.decimal(head.dropped_before);
  if (head.answers != 0) out.append(",\"answers\":"), out.decimal(head.answers), out.append(",\"round_trip\":\""), append_epoch(out, head.round_trip), out.append('"');
  if (head.process != 0) {
    out.append(",\"process\":"), out.decimal(head.process), out.append(",\"process_name\":\""), out.json_escaped(head.process_name), out.append('"');
    if (!head.container.empty()) out.append(",\"container\":\""), out.json_escaped(head.container), out.append('"');
  }
  if (!head.comment.empty()) out.append(",\"comment\":\""), out.json_escaped(head.comment), out.append('"');
  out.append(",\"layers\":[");
  bool first = true;
  for (const Layer& l : d.layers()) {
    if (l.protocol->is_message) continue;
    if (l.protocol == &data && l.length == 0) continue;
    out.append(first ? "\"" : ",\"");
    out.append(l.protocol->label);
    out.append('"');
    first = false;
  }
  out.append(']');
}

}  // namespace

void JsonPrinter::print(const PacketHead& head, const Dissection& d, TextBuffer& out) {
  append_head(head, d, out);
  repeats_->clear();
  for (std::size_t i = 0; i < d.layers().size(); ++i) {
    const Layer& l = d.layers()[i];
    if (l.protocol == &data) continue;
    const bool collect = repeats(d.layers(), i);
    if (!collect) direct_fields(d, i, out);
    if (collect || l.protocol->options != nullptr || l.protocol->describe != nullptr) walk_layer(d, i, *repeats_, collect);
  }
  if (!repeats_->empty()) repeats_->write(out);
  for (const FactValue& f : head.facts) {
    if (f.fact == SessionFact::answers || f.fact == SessionFact::round_trip) continue;  // told in the head
    const SessionFactInfo& told = told_as(f.fact);
    out.append(",\""), out.append(told.name), out.append("\":");
    if (told.form == FactForm::time) out.append('"'), append_epoch(out, static_cast<Nanoseconds>(f.value)), out.append('"');
    else out.decimal(f.value);
  }
  if (d.stop == Stop::malformed || d.stop == Stop::too_deep) out.append(",\"malformed\":1");
  if (d.stop == Stop::truncated) out.append(head.original_length > d.packet.size() ? std::string_view(",\"short\":1") : std::string_view(",\"malformed\":1"));
  out.append('}');
}

}  // namespace rawket
