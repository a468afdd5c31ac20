// One line for each responder of a hop; what is unusual of it stands behind.
#include "trace_report.hpp"

#include <cmath>

namespace rawket::cli {
namespace {

void append_percent(TextBuffer& t, double percent) {
  const auto tenths = static_cast<u64>(std::llround(percent * 10));
  t.decimal(tenths / 10), t.append('.'), t.decimal(tenths % 10);
}

void append_notes(const TraceResponder& r, TextBuffer& t) {
  if (!r.refusal.empty()) t.append("  refuses: "), t.append(r.refusal);
  if (!r.labels.empty()) {
    t.append("  MPLS");
    for (const u32 label : r.labels) t.append(' '), t.decimal(label);
  }
  for (const std::string& i : r.interfaces) t.append("  "), t.append(i);
  for (const Difference& d : r.changes) {
    t.append("  "), t.clean(d.field), t.append(' '), t.clean(d.before), t.append(" -> "), t.clean(d.after);
    if (!d.meaning.empty()) t.append(" ("), t.append(d.meaning), t.append(')');
  }
}

}  // namespace

void TraceReport::find_names(const Trace& trace) const {
  for (const TraceHop& h : trace.hops())
    for (const TraceResponder& r : h.responders) names_.of(r.address);
}

void TraceReport::table(const Trace& trace, TextBuffer& t, bool ended) const {
  t.append("trace to "), t.append(host_.label()), t.append(is_by_udp(o_) ? " by UDP" : o_.tcp >= 0 ? " by TCP" : " by ICMP echo");
  if (o_.flows > 1) t.append(", "), t.decimal(o_.flows), t.append(" flows");
  t.append('\n');
  t.append("hop  from"), t.pad(t.size() + 33), t.append("answers  loss %    best  median   worst ms\n");
  const auto hops = trace.hops();
  std::size_t told = hops.size();
  while (!trace.reached() && told > 0 && hops[told - 1].responders.empty()) --told;
  if (hops.size() - told < 3) told = hops.size();
  for (std::size_t i = 0; i < told; ++i) hop_line(trace, hops[i], t);
  if (!ended) return;
  if (told < hops.size()) t.append("     no answer from hops "), t.decimal(told + 1), t.append(" to "), t.decimal(hops.size()), t.append('\n');
  if (!trace.reached()) t.append(host_.label()), t.append(" was not reached"), t.append(trace.distance() == 0 ? ", at least not within " + std::to_string(o_.most_hops) + " hops (--max-hops)\n" : "\n");
  if (o_.flows == 1) return;
  t.decimal(trace.paths()), t.append(trace.paths() == 1 ? " path" : " paths"), t.append(" seen by "), t.decimal(trace.flows_begun());
  t.append(" flows; that no hop has a further router is "), append_percent(t, trace.confidence()), t.append(" % sure\n");
}

void TraceReport::hop_line(const Trace& trace, const TraceHop& hop, TextBuffer& t) const {
  bool first = true;
  const auto begin = [&] {
    const std::size_t start = t.size();
    if (first) t.append(hop.hop < 10 ? "  " : hop.hop < 100 ? " " : ""), t.decimal(hop.hop);
    t.pad(start + 5);
    first = false;
    return start;
  };
  if (hop.responders.empty()) begin(), t.append("no answer to "), t.decimal(hop.sent), t.append(hop.sent == 1 ? " probe\n" : " probes\n");
  for (const TraceResponder& r : hop.responders) {
    const bool whole = first;
    const std::size_t start = begin();
    t.append(names_.beside(r.address)), t.pad(start + 42), t.decimal(r.answered), t.append(" of "), t.decimal(hop.sent);
    t.pad(start + 52);
    if (whole) append_percent(t, trace.loss(hop.hop));
    t.pad(start + 59), append_ms(t, r.round_trips.least()), t.pad(start + 67), append_ms(t, r.round_trips.percentile(50)), t.pad(start + 75), append_ms(t, r.round_trips.most());
    if (whole && trace.rate_limited(hop.hop) > 0.05) t.append("  limits its answers ("), append_percent(t, trace.rate_limited(hop.hop)), t.append(" % not sent)");
    if (whole && r.is_host && trace.host_answers_by_errors() && hop.lost > 0) t.append("  lost, or the host limits its refusals");
    append_notes(r, t);
    t.append('\n');
  }
}

void TraceReport::json(const Trace& trace, TextBuffer& t) const {
  for (const TraceHop& h : trace.hops()) hop_json(trace, h, t);
  t.append("{\"event\":\"summary\",\"host\":\""), t.json_escaped(host_.name), t.append("\",\"address\":\""), t.append(host_.address.text());
  t.append("\",\"reached\":"), t.append(trace.reached() ? "true" : "false");
  t.append(",\"hops\":"), t.decimal(trace.hops().size()), t.append(",\"flows\":"), t.decimal(trace.flows_begun()), t.append(",\"paths\":"), t.decimal(trace.paths());
  if (o_.flows > 1) t.append(",\"confidence\":"), append_percent(t, trace.confidence());
  t.append("}\n");
}

void TraceReport::hop_json(const Trace& trace, const TraceHop& hop, TextBuffer& t) const {
  t.append("{\"event\":\"hop\",\"target\":\""), t.json_escaped(host_.name), t.append("\",\"hop\":"), t.decimal(hop.hop), t.append(",\"sent\":"), t.decimal(hop.sent), t.append(",\"answered\":"), t.decimal(hop.answered);
  t.append(",\"loss\":"), append_percent(t, trace.loss(hop.hop)), t.append(",\"rate_limited\":"), append_percent(t, trace.rate_limited(hop.hop)), t.append(",\"responders\":[");
  bool first = true;
  for (const TraceResponder& r : hop.responders) {
    t.append(first ? "{\"address\":\"" : ",{\"address\":\""), t.append(r.address.text()), t.append('"');
    if (const std::string name = names_.of(r.address); !name.empty()) t.append(",\"name\":\""), t.json_escaped(name), t.append('"');
    t.append(",\"answered\":"), t.decimal(r.answered);
    t.append(",\"host\":"), t.append(r.is_host ? "true" : "false");
    t.append(",\"round_trip_ms\":{\"min\":"), append_ms(t, r.round_trips.least()), t.append(",\"p50\":"), append_ms(t, r.round_trips.percentile(50));
    t.append(",\"max\":"), append_ms(t, r.round_trips.most()), t.append("},\"labels\":[");
    for (std::size_t i = 0; i < r.labels.size(); ++i) t.append(i == 0 ? "" : ","), t.decimal(r.labels[i]);
    t.append("],\"interfaces\":[");
    for (std::size_t i = 0; i < r.interfaces.size(); ++i) t.append(i == 0 ? "\"" : ",\""), t.json_escaped(r.interfaces[i]), t.append('"');
    t.append("],\"changes\":[");
    for (std::size_t i = 0; i < r.changes.size(); ++i) {
      const Difference& d = r.changes[i];
      t.append(i == 0 ? "{\"field\":\"" : ",{\"field\":\""), t.json_escaped(d.field), t.append("\",\"before\":\""), t.json_escaped(d.before);
      t.append("\",\"after\":\""), t.json_escaped(d.after), t.append("\",\"meaning\":\""), t.json_escaped(d.meaning), t.append("\"}");
    }
    t.append(']');
    if (!r.refusal.empty()) t.append(",\"refusal\":\""), t.append(r.refusal), t.append('"');
    t.append('}');
    first = false;
  }
  t.append("]}\n");
}

}  // namespace rawket::cli
