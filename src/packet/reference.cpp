// Drawing and listing tables.
#include "rawket/packet/reference.hpp"

#include <set>

#include "rawket/packet/value.hpp"

namespace rawket {
namespace {

constexpr unsigned row_bits = 32;

/// Rows of RFC-style boxes; a field that does not end in its row goes on in the next.
void append_diagram(TextBuffer& out, const Protocol& p) {
  std::string rule(2 * row_bits + 1, '-');
  for (std::size_t i = 0; i < rule.size(); i += 2) rule[i] = '+';
  out.append(" 0                   1                   2                   3\n 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1\n");
  out.append(rule), out.append('\n');
  std::string line;
  unsigned column = 0;
  for (const Field& f : p.fields) {
    if (f.is_part || f.is_status) continue;
    for (unsigned left = f.width; left > 0;) {
      const unsigned n = std::min(left, row_bits - column), room = 2 * n - 1;
      std::string label(left == f.width ? (f.alias.size() <= room ? f.alias : f.name) : std::string_view());
      if (label.size() > room) label.resize(room);
      const std::size_t before = (room - label.size()) / 2;
      line += '|' + std::string(before, ' ') + label + std::string(room - label.size() - before, ' ');
      left -= n;
      if ((column += n) != row_bits) continue;
      out.append(line), out.append("|\n");
      out.append(left > 0 ? "+" + std::string(2 * row_bits - 1, ' ') + "+" : rule), out.append('\n');
      line.clear();
      column = 0;
    }
  }
  if (line.empty()) return;
  out.append(line), out.append("|\n"), out.append(rule.substr(0, line.size() + 1)), out.append('\n');
}

std::string default_text(const Protocol& p, const Field& f, u64 bit) {
  if (!f.is_part && (p.autos >> bit & 1) != 0) return "computed";
  TextBuffer t;
  append_field(t, f, p.defaults.data());
  return std::string(t.view());
}

/// Calls `visit(field, default)` for every field on the wire.
template <class Visit> void each_field(const Protocol& p, const Visit& visit) {
  u64 bit = 0;
  for (const Field& f : p.fields) {
    if (f.is_status) continue;
    visit(f, default_text(p, f, bit));
    if (!f.is_part) ++bit;
  }
}

void json_text(TextBuffer& out, std::string_view key, std::string_view value) {
  out.append('"'), out.append(key), out.append("\":\""), out.json_escaped(value), out.append('"');
}

void field_json(TextBuffer& out, const Field& f, std::string_view preset) {
  out.append('{');
  json_text(out, "name", f.full_name());
  if (!f.alias.empty()) out.append(','), json_text(out, "alias", f.alias);
  if (f.width != 0) out.append(",\"bits\":"), out.decimal(f.width);
  if (!preset.empty()) out.append(','), json_text(out, "default", preset);
  out.append(','), json_text(out, "meaning", f.doc);
  out.append('}');
}

}  // namespace

void append_protocol_line(TextBuffer& out, const Protocol& p) {
  const std::size_t start = out.size();
  out.append(p.name);
  out.pad(start + 20), out.append(' ');
  out.append(p.title), out.append(" (");
  out.append(p.spec), out.append(")\n");
}

void append_protocol_text(TextBuffer& out, const Protocol& p) {
  append_protocol_line(out, p);
  if (p.fixed != 0) append_diagram(out, p);
  each_field(p, [&](const Field& f, const std::string& preset) {
    const std::size_t start = out.size();
    out.append(f.is_part ? "    " : "  "), out.append(f.full_name());
    out.pad(start + 32), out.append(' '), out.append(f.alias);
    out.pad(start + 48), out.append(' '), out.decimal(f.width), out.append(f.width == 1 ? " bit" : " bits");
    out.pad(start + 58), out.append(' '), out.append(preset);
    out.pad(start + 76), out.append(' '), out.append(f.doc), out.append('\n');
  });
  for (const Field& f : p.extras) {
    const std::size_t start = out.size();
    out.append("  "), out.append(f.full_name());
    out.pad(start + 32), out.append(" found in the variable part: "), out.append(f.doc), out.append('\n');
  }
  if (p.options == nullptr) return;
  for (const Protocol* o : p.options->known) {
    out.append("  option "), out.append(o->name), out.append(" ("), out.decimal(o->kind), out.append("): ");
    out.append(o->title);
    for (const Field& f : o->fields) out.append(", "), out.append(f.full_name());
    out.append('\n');
  }
}

void append_protocol_markdown(TextBuffer& out, const Protocol& p) {
  out.append("## "), out.append(p.title), out.append(" (`"), out.append(p.name), out.append("`, "), out.append(p.spec), out.append(")\n\n");
  if (p.fixed != 0) {
    out.append("```text\n");
    append_diagram(out, p);
    out.append("```\n\n");
  }
  out.append("| field | in craft | bits | default | meaning |\n|---|---|---|---|---|\n");
  each_field(p, [&](const Field& f, const std::string& preset) {
    out.append("| `"), out.append(f.full_name()), out.append("` | ");
    if (!f.alias.empty()) out.append('`'), out.append(f.alias), out.append('`');
    out.append(" | "), out.decimal(f.width), out.append(" | "), out.append(preset), out.append(" | "), out.append(f.doc), out.append(" |\n");
  });
  for (const Field& f : p.extras) out.append("| `"), out.append(f.full_name()), out.append("` | | | | "), out.append(f.doc), out.append(" |\n");
  if (p.options != nullptr)
    for (const Protocol* o : p.options->known) out.append("| option `"), out.append(o->name), out.append("` | | | kind "), out.decimal(o->kind), out.append(" | "), out.append(o->title), out.append(" |\n");
  out.append('\n');
}

void append_protocol_json(TextBuffer& out, const Protocol& p) {
  out.append('{');
  json_text(out, "name", p.name), out.append(',');
  json_text(out, "title", p.title), out.append(',');
  json_text(out, "specification", p.spec);
  out.append(",\"bytes\":"), out.decimal(p.fixed);
  out.append(",\"fields\":[");
  bool first = true;
  each_field(p, [&](const Field& f, const std::string& preset) {
    if (!first) out.append(',');
    first = false;
    field_json(out, f, preset);
  });
  for (const Field& f : p.extras) {
    if (!first) out.append(',');
    first = false;
    field_json(out, f, {});
  }
  out.append("]}\n");
}

void append_matching_fields(TextBuffer& out, const Registry& registry, std::string_view part, bool json) {
  std::set<std::string_view> seen;
  const auto show = [&](const Field& f) {
    const std::string_view name = f.full_name();
    if (name.find(part) == name.npos || !seen.insert(name).second) return;
    if (json) {
      field_json(out, f, {});
      out.append('\n');
      return;
    }
    const std::size_t start = out.size();
    out.append(name);
    out.pad(start + 34), out.append(' ');
    if (f.width != 0) out.decimal(f.width), out.append(f.width == 1 ? " bit" : " bits");
    out.pad(start + 44), out.append(' '), out.append(f.doc), out.append('\n');
  };
  for (const Protocol* p : registry.protocols()) {
    for (const Field& f : p->fields) show(f);
    for (const Field& f : p->extras) show(f);
    if (p->options == nullptr) continue;
    for (const Protocol* o : p->options->known)
      for (const Field& f : o->fields) show(f);
  }
}

}  // namespace rawket
