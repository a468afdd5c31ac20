// Columns: values of repeated fields are joined by commas within a cell, or make a JSON list.
#include "rawket/packet/columns.hpp"

#include "rawket/base/text.hpp"
#include "rawket/packet/value.hpp"

namespace rawket {
namespace {
constexpr std::string_view head_names[] = {"n", "ts", "caplen", "len", "linktype", "layers"};
// What filters call the same.
constexpr std::pair<std::string_view, std::string_view> other_names[] = {{"frame.number", "n"}, {"frame.time_epoch", "ts"}, {"frame.cap_len", "caplen"}, {"frame.len", "len"}, {"frame.protocols", "layers"}};
/// The name of what is told of a packet's head; empty when it is none.
std::string_view head_name(std::string_view name) {
  for (const auto& [filter_name, column] : other_names)
    if (name == filter_name) return column;
  return std::ranges::find(head_names, name) == std::end(head_names) ? std::string_view() : name;
}
constexpr std::string_view defaults[] = {"n", "ts", "len", "layers", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport"};
}  // namespace

std::span<const std::string_view> default_columns() { return defaults; }

class ColumnPrinter::Collect final : public Visitor {
 public:
  explicit Collect(ColumnPrinter& owner) : owner_(owner) {}
  void layer(const Layer&, std::size_t) override {}
  void option(const Protocol*, u64, u32, u32) override {}
  void field(const Field& f, const u8* header, u32, u32) override {
    if (Column* c = wanted(f)) {
      TextBuffer t;
      if (owner_.format_ == ColumnFormat::json) append_field_json(t, f, header);
      else if (f.is_number()) t.decimal(f.read(header) * f.scale);
      else append_field(t, f, header);
      c->values.emplace_back(t.view());
    }
  }
  void number(const Field& f, u64 value, u32, u32) override {
    if (Column* c = wanted(f)) c->values.push_back(f.show == Show::signed_decimal ? std::to_string(static_cast<i64>(value)) : std::to_string(value * f.scale));
  }
  void octets(const Field& f, Bytes value, u32, u32) override {
    if (Column* c = wanted(f)) {
      TextBuffer t;
      if (owner_.format_ == ColumnFormat::json) append_octets_json(t, f, value);
      else append_octets(t, f, value);
      c->values.emplace_back(t.view());
    }
  }

 private:
  Column* wanted(const Field& f) {
    const std::string_view name = f.full_name();
    for (Column& c : owner_.columns_)
      if (c.name == name) return &c;
    return nullptr;
  }
  ColumnPrinter& owner_;
};

Result<ColumnPrinter> ColumnPrinter::create(const Registry& registry, std::span<const std::string_view> names, ColumnFormat format) {
  ColumnPrinter p(format);
  std::vector<std::string_view> known = registry.field_names();
  for (const SessionFactInfo& f : session_facts) known.push_back(f.name);
  for (std::string_view name : names) {
    const bool is_fact = std::ranges::find(session_facts, name, &SessionFactInfo::name) != std::end(session_facts);
    p.needs_facts_ = p.needs_facts_ || is_fact;
    if (!is_fact && head_name(name).empty() && registry.field_named(name) == nullptr)
      return fail(Errc::unknown_name, "fields", "there is no field '" + clean_text(name) + "'" + did_you_mean(name, known),
                  "rawket filter --names lists them; n, ts, caplen, len, linktype and layers are columns too");
    p.columns_.push_back({std::string(name), {}});
  }
  return p;
}

void ColumnPrinter::header(TextBuffer& out) const {
  if (format_ != ColumnFormat::csv) return;
  for (const Column& c : columns_) {
    if (&c != &columns_.front()) out.append(',');
    out.append(c.name);
  }
  out.append('\n');
}

namespace {
void head_values(std::string_view name, const PacketHead& head, const Dissection& d, bool json, std::vector<std::string>& values) {
  TextBuffer t;
  if (name == "n") t.decimal(head.number);
  else if (name == "ts") t.append(json ? std::string_view("\"") : std::string_view()), append_epoch(t, head.time), t.append(json ? std::string_view("\"") : std::string_view());
  else if (name == "caplen") t.decimal(d.packet.size());
  else if (name == "len") t.decimal(head.original_length);
  else if (name == "linktype") t.decimal(head.link_type);
  else {
    for (const Layer& l : d.layers())
      if (!l.protocol->is_message && (l.protocol != &data || l.length != 0)) values.push_back(json ? '"' + std::string(l.protocol->label) + '"' : std::string(l.protocol->label));
    return;
  }
  values.emplace_back(t.view());
}

std::string fact_text(const FactValue& f, bool json) {
  if (told_as(f.fact).form != FactForm::time) return std::to_string(f.value);
  TextBuffer t;
  append_epoch(t, static_cast<Nanoseconds>(f.value));
  return json ? '"' + std::string(t.view()) + '"' : std::string(t.view());
}

/// RFC 4180: quoted where a comma, a quote or a line break is in it.
void append_csv(TextBuffer& out, std::string_view cell) {
  if (cell.find_first_of(",\"\r\n") == cell.npos) return out.append(cell);
  out.append('"');
  for (char c : cell) {
    if (c == '"') out.append('"');
    out.append(c);
  }
  out.append('"');
}
}  // namespace

void ColumnPrinter::print(const PacketHead& head, const Dissection& d, TextBuffer& out) {
  const bool json = format_ == ColumnFormat::json;
  for (Column& c : columns_) {
    c.values.clear();
    if (const std::string_view name = head_name(c.name); !name.empty()) head_values(name, head, d, json, c.values);
    for (const FactValue& f : head.facts)
      if (told_as(f.fact).name == c.name) c.values.push_back(fact_text(f, json));
  }
  Collect collect(*this);
  walk(d, collect);
  bool first = true;
  if (json) out.append('{');
  for (const Column& c : columns_) {
    if (json && c.values.empty()) continue;
    if (!first) out.append(format_ == ColumnFormat::tabs ? '\t' : ',');
    first = false;
    if (json) {
      out.append('"'), out.append(c.name), out.append("\":");
      const bool list = c.values.size() > 1 || head_name(c.name) == "layers";
      if (list) out.append('[');
      for (const std::string& v : c.values) {
        if (&v != &c.values.front()) out.append(',');
        out.append(v);
      }
      if (list) out.append(']');
      continue;
    }
    std::string cell;
    for (const std::string& v : c.values) cell += (cell.empty() ? "" : ",") + v;
    if (format_ == ColumnFormat::csv) append_csv(out, cell);
    else out.append(cell);
  }
  out.append(json ? std::string_view("}\n") : std::string_view("\n"));
}

}  // namespace rawket
