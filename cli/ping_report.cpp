// Text for people, objects for programs.
#include "ping_report.hpp"

#include <algorithm>
#include <cmath>

#include "rawket/inspect/answer_words.hpp"
#include "rawket/packet/ends.hpp"
#include "rawket/packet/json.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"

namespace rawket::cli {

void append_ms(TextBuffer& t, Nanoseconds time) {
  const Nanoseconds us = time / 1000;
  t.decimal(static_cast<u64>(us / 1000)), t.append('.'), t.decimal_padded(static_cast<u64>(us % 1000), 3);
}

Outer outer_of(const Dissection& d) {
  Outer outer;
  if (const auto ends = outermost_ends(d)) outer.from = ends->source.text();
  if (const auto ip = d.header<Ipv4>()) outer.hop_limit = ip->ttl;
  else if (const auto ip6 = d.header<Ipv6>()) outer.hop_limit = ip6->hop_limit;
  return outer;
}

namespace {

constexpr std::string_view event_names[] = {"answer", "error", "duplicate", "late", "lost", "failed"};

void append_loss(TextBuffer& t, double percent) {
  const auto tenths = static_cast<u64>(std::llround(percent * 10));
  t.decimal(tenths / 10);
  if (tenths % 10 != 0) t.append('.'), t.decimal(tenths % 10);
}

void append_times(const RoundTrips& r, std::string_view how, TextBuffer& t) {
  t.append("  min "), append_ms(t, r.least());
  for (const auto& [name, percent] : {std::pair<std::string_view, double>{" p50 ", 50}, {" p90 ", 90}, {" p99 ", 99}}) t.append(name), append_ms(t, r.percentile(percent));
  t.append(" max "), append_ms(t, r.most()), t.append(" mean "), append_ms(t, r.mean()), t.append(" ms "), t.append(how), t.append('\n');
}

void append_histogram(const RoundTrips& r, TextBuffer& t) {
  constexpr std::size_t bins = 8, widest = 50;
  const auto counts = r.histogram(bins);
  const u64 most = *std::ranges::max_element(counts);
  for (std::size_t i = 0; i < bins; ++i) {
    t.append("  "), append_ms(t, r.least() + (r.most() - r.least()) * static_cast<Nanoseconds>(i) / static_cast<Nanoseconds>(bins)), t.append(" ms ");
    for (u64 k = 0; k < counts[i] * widest / most || (k == 0 && counts[i] > 0); ++k) t.append('#');
    if (counts[i] > 0) t.append(' '), t.decimal(counts[i]);
    t.append('\n');
  }
}

}  // namespace

void PingReport::event(const PingEvent& e) {
  constexpr std::size_t bars = 60;
  if (live_.on() && (e.kind == PingEvent::answer || e.kind == PingEvent::lost)) {
    auto& last = last_[e.target];
    last.push_back(e.heard != nullptr ? e.heard->round_trip : -1);
    if (last.size() > bars) last.pop_front();
  }
  if (o_.quiet) return;
  live_.clear();
  TextBuffer& t = out_.text();
  json_ ? event_json(e, t) : event_line(e, t);
  out_.flush(true);
}

void PingReport::live(std::span<const PingTarget> targets, Nanoseconds now) {
  live_.show(now, [&](TextBuffer& t) {
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const PingTarget& p = targets[i];
      t.left(hosts_[i].label(), 24), t.append(' '), t.right(std::to_string(p.answered), 7), t.append(" of "), t.left(std::to_string(p.sent), 7), t.append(' '), append_loss(t, p.loss()), t.append(" % lost, mean ");
      append_ms(t, p.round_trips.mean()), t.append(" ms "), append_bars(t, std::vector<Nanoseconds>(last_[i].begin(), last_[i].end()), 60), t.append('\n');
    }
  });
}

void PingReport::summary(std::span<const PingTarget> targets) {
  live_.clear();
  for (std::size_t i = 0; i < targets.size(); ++i) json_ ? summary_json(hosts_[i], targets[i]) : summary_text(hosts_[i], targets[i]);
  out_.flush(true);
}

void PingReport::event_line(const PingEvent& e, TextBuffer& t) const {
  t.append(hosts_[e.target].label()), t.append(": #"), t.decimal(e.number);
  if (e.heard != nullptr) {
    const Outer outer = outer_of(e.heard->answer);
    t.append(' '), append_ms(t, e.heard->round_trip), t.append(" ms");
    if (outer.hop_limit != 0) t.append(", "), t.append(hosts_[e.target].address.is_v6 ? "hop limit " : "ttl "), t.decimal(outer.hop_limit);
    if (const std::string words = answer_words(e.heard->answer); !words.empty()) t.append(", "), t.append(words);
    if (outer.from != hosts_[e.target].address.text() && !outer.from.empty()) t.append(", from "), t.append(names_.beside(*IpAddress::parse(outer.from)));
  }
  if (e.kind == PingEvent::duplicate) t.append(", once more");
  if (e.kind == PingEvent::late) t.append(", after its time");
  if (e.kind == PingEvent::lost) t.append(" no answer");
  if (e.kind == PingEvent::failed) t.append(" did not leave");
  if (e.reordered) t.append(", out of order");
  if (!e.changed.empty()) t.append(", "), t.append(e.changed);
  t.append('\n');
}

void PingReport::event_json(const PingEvent& e, TextBuffer& t) const {
  t.append("{\"event\":\""), t.append(event_names[e.kind]), t.append("\",\"host\":\""), t.json_escaped(hosts_[e.target].name), t.append("\",\"address\":\""), t.append(hosts_[e.target].address.text());
  t.append("\",\"number\":"), t.decimal(e.number);
  if (e.heard != nullptr) {
    const Outer outer = outer_of(e.heard->answer);
    t.append(",\"ts\":\""), append_epoch(t, e.heard->packet.info.time), t.append('"');
    t.append(",\"round_trip_ms\":"), append_ms(t, e.heard->round_trip), t.append(",\"round_trip_here_ms\":"), append_ms(t, e.heard->round_trip_here);
    if (const std::string words = answer_words(e.heard->answer); !words.empty()) t.append(",\"reason\":\""), t.append(words), t.append('"');
    t.append(e.heard->stamped ? ",\"kernel_stamped\":true" : ",\"kernel_stamped\":false");
    if (outer.hop_limit != 0) t.append(",\"hop_limit\":"), t.decimal(outer.hop_limit), t.append(",\"from\":\""), t.append(outer.from), t.append('"');
    const std::string name = outer.hop_limit != 0 ? names_.of(*IpAddress::parse(outer.from)) : std::string();
    if (!name.empty()) t.append(",\"from_name\":\""), t.json_escaped(name), t.append('"');
  }
  if (e.reordered) t.append(",\"reordered\":true");
  if (!e.changed.empty()) t.append(",\"changed\":\""), t.append(e.changed), t.append('"');
  t.append("}\n");
}

void PingReport::summary_text(const PingHost& host, const PingTarget& p) {
  TextBuffer& t = out_.text();
  t.append(host.label()), t.append(": "), t.decimal(p.sent), t.append(" sent, "), t.decimal(p.answered), t.append(" answered, "), append_loss(t, p.loss()), t.append(" % lost");
  const auto also = [&t](u64 number, std::string_view what) {
    if (number > 0) t.append(", "), t.decimal(number), t.append(what);
  };
  also(p.errors, " refused on the way"), also(p.duplicates, " duplicates"), also(p.reordered, " out of order"), also(p.changed, " changed on the way"), also(p.late,
                                                                                                                                                             " late"), also(p.failed,
                                                                                                                                                                            " did not leave"), also(p.out, " still out");
  t.append('\n');
  if (p.round_trips.count() == 0) return;
  append_times(p.round_trips, p.kernel_stamped ? "between the kernel's stamps" : "from handing over to the kernel's stamp", t);
  append_times(p.round_trips_here, "as seen by this program", t);
  if (p.round_trips.count() >= 10) append_histogram(p.round_trips, t);
}

void PingReport::summary_json(const PingHost& host, const PingTarget& p) {
  TextBuffer& t = out_.text();
  t.append("{\"event\":\"summary\",\"host\":\""), t.json_escaped(host.name), t.append("\",\"address\":\""), t.append(host.address.text()), t.append('"');
  const std::pair<std::string_view, u64> numbers[] = {{"sent", p.sent}, {"answered", p.answered}, {"lost", p.lost}, {"errors", p.errors}, {"duplicates", p.duplicates},
                                                      {"reordered", p.reordered}, {"changed", p.changed}, {"late", p.late}, {"failed", p.failed}, {"out", p.out}};
  for (const auto& [name, number] : numbers) t.append(",\""), t.append(name), t.append("\":"), t.decimal(number);
  for (const auto& [name, r] : {std::pair<std::string_view, const RoundTrips*>{"round_trip_ms", &p.round_trips}, {"round_trip_here_ms", &p.round_trips_here}}) {
    if (r->count() == 0) continue;
    t.append(",\""), t.append(name), t.append("\":{\"min\":"), append_ms(t, r->least()), t.append(",\"p50\":"), append_ms(t, r->percentile(50)), t.append(",\"p90\":"), append_ms(t, r->percentile(90));
    t.append(",\"p99\":"), append_ms(t, r->percentile(99)), t.append(",\"max\":"), append_ms(t, r->most()), t.append(",\"mean\":"), append_ms(t, r->mean()), t.append('}');
  }
  t.append(p.kernel_stamped ? ",\"kernel_stamped\":true}\n" : ",\"kernel_stamped\":false}\n");
}

}  // namespace rawket::cli
