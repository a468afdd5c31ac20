// From Wireshark's names to the places of their values.
#include <algorithm>

#include "filter_tree.hpp"

namespace rawket {
namespace detail {
namespace {

Kind kind_of(const Field& f) {
  switch (f.show) {
    case Show::mac:
    case Show::bytes: return Kind::octets;
    case Show::ipv4: return Kind::ipv4;
    case Show::ipv6: return Kind::ipv6;
    case Show::text: return Kind::text;
    default: return Kind::number;
  }
}

void add_sources(const Registry& registry, std::string_view name, Operand& out) {
  const auto add = [&](FieldSource::From from, const Protocol* p, const Field& f) {
    out.sources.push_back({f.is_status ? FieldSource::status : from, p, &f});
    if (out.field_info == nullptr) out.field_info = &f, out.kind = kind_of(f);
  };
  for (const Protocol* p : registry.protocols()) {
    for (const Field& f : p->fields)
      if (f.full_name() == name) add(FieldSource::table, p, f);
    for (const Field& f : p->extras)
      if (f.full_name() == name) add(FieldSource::walk, p, f);
    if (p->options == nullptr) continue;
    for (const Protocol* o : p->options->known)
      for (const Field& f : o->fields)
        if (f.full_name() == name) add(FieldSource::walk, p, f);
  }
}

struct FrameName {
  std::string_view name;
  FieldSource::From from;
  Kind kind;
};
constexpr FrameName frame_names[] = {{"frame.number", FieldSource::frame_number, Kind::number}, {"frame.len", FieldSource::frame_length, Kind::number},
                                     {"frame.cap_len", FieldSource::captured_length, Kind::number}, {"frame.time_epoch", FieldSource::time, Kind::time},
                                     {"frame.protocols", FieldSource::protocols, Kind::text}, {"frame.interface_name", FieldSource::interface, Kind::text},
                                      {"_ws.malformed", FieldSource::malformed, Kind::number}};

// "ip.addr" is both ends.
constexpr std::pair<std::string_view, std::pair<std::string_view, std::string_view>> both_ends[] = {{".addr", {".src", ".dst"}}, {".port", {".srcport", ".dstport"}}};

}  // namespace

std::optional<Operand> resolve(const Registry& registry, std::string_view name) {
  Operand out;
  out.form = Operand::field;
  out.name = name;
  for (const FrameName& f : frame_names)
    if (f.name == name) {
      out.kind = f.kind;
      out.sources.push_back({f.from});
      return out;
    }
  for (std::size_t i = 0; i < std::size(session_facts); ++i)
    if (session_facts[i].name == name) {
      out.kind = session_facts[i].form == FactForm::time ? Kind::time : Kind::number;
      out.sources.push_back({.from = FieldSource::fact, .told = static_cast<SessionFact>(i)});
      return out;
    }
  add_sources(registry, name, out);
  for (const auto& [ending, ends] : both_ends) {
    if (!out.sources.empty() || !name.ends_with(ending)) continue;
    const std::string prefix(name.substr(0, name.size() - ending.size()));
    add_sources(registry, prefix + std::string(ends.first), out);
    add_sources(registry, prefix + std::string(ends.second), out);
  }
  if (!out.sources.empty()) return out;
  out.form = Operand::protocol;
  out.kind = Kind::protocol;
  if (name == "frame") return out;
  for (const Protocol* p : registry.protocols())
    if (p->label == name || p->name == name) {
      out.label = p->label == name ? p->label : p->name;
      return out;
    }
  return std::nullopt;
}

}  // namespace detail

std::vector<std::string> filter_names(const Registry& registry) {
  std::vector<std::string> names{"frame"};
  for (const auto& f : detail::frame_names) names.emplace_back(f.name);
  for (const SessionFactInfo& f : session_facts) names.emplace_back(f.name);
  for (const Protocol* p : registry.protocols())
    if (!p->is_message) names.emplace_back(p->label);
  for (std::string_view f : registry.field_names()) {
    names.emplace_back(f);
    for (const auto& [ending, ends] : detail::both_ends)
      if (f.ends_with(ends.first)) names.push_back(std::string(f.substr(0, f.size() - ends.first.size())) + std::string(ending));
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace rawket
