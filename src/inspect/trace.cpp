// Rounds of probes, first to all hops at once; then what their answers say together.
#include "rawket/inspect/trace.hpp"

#include <algorithm>
#include <cmath>

#include "rawket/base/text.hpp"
#include "rawket/inspect/answer_words.hpp"
#include "rawket/packet/ends.hpp"
#include "rawket/proto/icmp.hpp"
#include "rawket/proto/icmpv6.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"

namespace rawket {
namespace {

/// What stands behind the quoted packet: labels, and interfaces in words.
class Appended final : public Facts {
 public:
  void number(u32 which, u64 value, u32, u32) override {
    switch (static_cast<IcmpExtension>(which)) {
      case IcmpExtension::label: labels.push_back(static_cast<u32>(value)); break;
      case IcmpExtension::role: interfaces.emplace_back(icmp_interface_roles[value & 3].text); break;
      case IcmpExtension::index: add("number " + std::to_string(value)); break;
      case IcmpExtension::mtu: add("mtu " + std::to_string(value)); break;
      default: break;
    }
  }
  void text(u32, std::string_view value, u32, u32) override { add(clean_text(value)); }
  void bytes(u32, Bytes value, u32, u32) override {
    IpAddress a;
    a.is_v6 = value.size() == 16;
    std::ranges::copy(value, a.octets.begin());
    add(a.text());
  }
  std::vector<u32> labels;
  std::vector<std::string> interfaces;

 private:
  /// Behind its role, which comes first.
  void add(const std::string& words) {
    if (!interfaces.empty()) interfaces.back() += ' ' + words;
  }
};

Appended appended_to(const Dissection& d) {
  Appended all;
  for (std::size_t i = 0; i < d.layers().size(); ++i)
    if (const Protocol& p = *d.layers()[i].protocol; d.layers()[i].length >= p.fixed && p.quotes && p.describe != nullptr && (p.prefix == "icmp" || p.prefix == "icmpv6")) p.describe({d.packet, d.layers(), i}, all);
  return all;
}

}  // namespace

Trace::Trace(const TraceOptions& options, std::function<Packet(u64)> probe)
    : options_(options), probe_(std::move(probe)), hops_(options.most_hops), distances_(options.flows), limit_(std::min(options.at_once, options.most_hops)) {
  for (unsigned i = 0; i < options_.most_hops; ++i) hops_[i].hop = i + 1;
}

u64 Trace::index_of(const TraceProbe& p, const TraceOptions& o) {
  return (u64{p.round % o.rounds_numbered} * o.flows + p.flow) * o.most_hops + p.hop - 1;
}

TraceProbe Trace::probe_of(u64 index, const TraceOptions& o) {
  const u64 row = index / o.most_hops;
  return {static_cast<unsigned>(row / o.flows), static_cast<unsigned>(row % o.flows), static_cast<unsigned>(index % o.most_hops + 1)};
}

void Trace::heard(const Heard& answer) {
  TraceProbe p = probe_of(answer.probe, options_);
  const auto ends = outermost_ends(answer.answer);
  const auto icmp = icmp_kind(answer.answer);
  const bool on_the_way = answer.kind == Answer::error && icmp && icmp->time_exceeded();
  // A datagram from the host tells not which of its probes it answers: the first one that can have got so far.
  if (answer.kind == Answer::yes && !icmp && farthest_ > 0 && p.hop <= farthest_) p.hop = std::min(farthest_ + 1, options_.most_hops);
  const auto found = out_.find(index_of(p, options_));
  if (found == out_.end() || !found->second.open || answer.before > 0 || !ends) return;
  found->second.open = false;
  TraceHop& hop = hops_[p.hop - 1];
  slowest_ = std::max(slowest_, answer.round_trip);
  ++hop.answered;
  TraceResponder& r = responder(hop, ends->source);
  ++r.answered;
  r.round_trips.add(answer.round_trip);
  r.flows.insert(p.flow);
  Appended appended = appended_to(answer.answer);
  if (!appended.labels.empty()) r.labels = std::move(appended.labels);
  if (!appended.interfaces.empty()) r.interfaces = std::move(appended.interfaces);
  compare(answer, r);
  unsigned& distance = distances_[p.flow];
  if (on_the_way) {
    farthest_ = std::max(farthest_, p.hop);
    if (distance != 0 && p.hop >= distance) distance = 0;  // the path has become longer, or somebody lied
    return;
  }
  if (answer.kind == Answer::error && icmp && !icmp->port_unreachable()) r.refusal = answer_words(answer.answer);
  else r.is_host = true, r.by_errors = r.by_errors || answer.kind == Answer::error;
  if (distance == 0 || p.hop < distance) distance = p.hop;
}

/// What routers do to every packet says nothing.
void Trace::compare(const Heard& answer, TraceResponder& r) {
  if (!probe_ || answer.kind != Answer::error) return;
  const Packet probe = probe_(answer.probe);
  dissect(standard_registry(), probe.first_protocol(), probe.bytes(), sent_);
  for (Difference& d : differences(sent_, answer.answer)) {
    if (d.kind == Difference::expected) continue;
    const auto known = std::ranges::find_if(r.changes, [&d](const Difference& k) { return k.field == d.field; });
    if (known == r.changes.end()) r.changes.push_back(std::move(d));
  }
}

TraceResponder& Trace::responder(TraceHop& hop, const IpAddress& address) {
  const auto known = std::ranges::find(hop.responders, address, &TraceResponder::address);
  if (known != hop.responders.end()) return *known;
  TraceResponder fresh;
  fresh.address = address;
  hop.responders.push_back(std::move(fresh));
  return hop.responders.back();
}

void Trace::failed(u64 probe) {
  const auto found = out_.find(probe);
  if (found == out_.end() || !found->second.open) return;
  found->second.open = false;
  --hops_[probe_of(probe, options_).hop - 1].sent;
}

void Trace::begin_round(Nanoseconds now) {
  const unsigned round = begun_ / options_.flows, flow = begun_ % options_.flows;
  const unsigned last = distances_[flow] != 0 ? distances_[flow] : limit_;
  for (unsigned hop = 1; hop <= last; ++hop) due_.emplace_back(now + static_cast<Nanoseconds>(hop - 1) * options_.gap, index_of({round, flow, hop}, options_));
  ++begun_;
  next_round_ = now + std::max(options_.round_gap, static_cast<Nanoseconds>(limit_) * options_.gap);
}

/// The host is further away than was hoped: the rest of this round.
void Trace::extend(Nanoseconds now) {
  const unsigned last = begun_ - 1;
  for (unsigned hop = limit_ + 1; hop <= options_.most_hops; ++hop)
    due_.emplace_back(now + static_cast<Nanoseconds>(hop - limit_ - 1) * options_.gap, index_of({last / options_.flows, last % options_.flows, hop}, options_));
  limit_ = options_.most_hops;
}

void Trace::expire(Nanoseconds now) {
  for (auto it = out_.begin(); it != out_.end();) {
    TraceHop& hop = hops_[probe_of(it->first, options_).hop - 1];
    const unsigned distance = distances_[probe_of(it->first, options_).flow];
    const bool beyond = distance != 0 && hop.hop > distance, over = now - it->second.sent >= options_.timeout;
    if (it->second.open && !beyond && !over) {
      ++it;
      continue;
    }
    if (it->second.open && !beyond) ++hop.lost;
    if (it->second.open && beyond) --hop.sent;
    if (!it->second.open && !over) {  // a second answer would still find it
      ++it;
      continue;
    }
    it = out_.erase(it);
  }
}

std::optional<Nanoseconds> Trace::step(Nanoseconds now, std::vector<u64>& probes) {
  if (!started_) begin_round(now), started_ = true;
  expire(now);
  const auto open = [this] { return std::ranges::count_if(out_, [](const auto& o) { return o.second.open; }); };
  // All of the first ones have told, or have had the time that the slowest took twice, and the host is none of them.
  if (due_.empty() && first_burst_ == 0) first_burst_ = now;
  const bool waited = first_burst_ != 0 && now - first_burst_ > 2 * slowest_ + 50 * millisecond;
  if (distance() == 0 && limit_ < options_.most_hops && due_.empty() && (waited || open() == 0)) extend(now);
  if (!all_begun() && now >= next_round_) begin_round(now);
  while (!due_.empty() && due_.front().first <= now) {
    const u64 probe = due_.front().second;
    due_.pop_front();
    const TraceProbe p = probe_of(probe, options_);
    const unsigned hop = p.hop;
    if (distances_[p.flow] != 0 && hop > distances_[p.flow]) continue;
    out_[probe] = {now, true};
    ++hops_[hop - 1].sent;
    probes.push_back(probe);
  }
  Nanoseconds next = INT64_MAX;
  if (!due_.empty()) next = due_.front().first;
  if (!all_begun()) next = std::min(next, next_round_);
  for (const auto& [probe, o] : out_)
    if (o.open) next = std::min(next, o.sent + options_.timeout);
  if (next == INT64_MAX) return std::nullopt;
  if (distance() == 0 && limit_ < options_.most_hops) next = std::min(next, now + 10 * millisecond);
  return next;
}

unsigned Trace::distance() const { return *std::ranges::max_element(distances_); }

std::span<const TraceHop> Trace::hops() const {
  unsigned last = distance();
  if (last == 0)
    for (const TraceHop& h : hops_)
      if (h.sent > 0) last = h.hop;
  return std::span(hops_).first(last);
}

double Trace::loss(unsigned hop) const {
  double least = 100;
  bool any = false;
  for (const TraceHop& h : hops()) {
    if (h.hop < hop || h.answered + h.lost == 0) continue;
    if (h.answered > 0 || h.hop == hop) least = std::min(least, h.loss()), any = true;
  }
  return any ? least : 0;
}

bool Trace::reached() const {
  return std::ranges::any_of(hops(), [](const TraceHop& h) { return std::ranges::any_of(h.responders, &TraceResponder::is_host); });
}

bool Trace::host_answers_by_errors() const {
  return std::ranges::any_of(hops(), [](const TraceHop& h) { return std::ranges::any_of(h.responders, [](const TraceResponder& r) { return r.is_host && r.by_errors; }); });
}

double Trace::rate_limited(unsigned hop) const {
  const TraceHop& h = hops_[hop - 1];
  return h.answered == 0 ? 0 : h.loss() - loss(hop);
}

std::size_t Trace::paths() const {
  std::vector<std::vector<std::string>> seen;
  for (unsigned flow = 0; flow < options_.flows; ++flow) {
    std::vector<std::string> path;
    for (const TraceHop& h : hops()) {
      const auto of_flow = std::ranges::find_if(h.responders, [flow](const TraceResponder& r) { return r.flows.contains(flow); });
      path.push_back(of_flow == h.responders.end() ? "*" : of_flow->address.text());
    }
    seen.push_back(std::move(path));
  }
  const auto fits = [](const std::vector<std::string>& a, const std::vector<std::string>& b) {
    for (std::size_t i = 0; i < a.size(); ++i)
      if (a[i] != b[i] && a[i] != "*" && b[i] != "*") return false;
    return true;
  };
  // The ones that know most come first; what fits one of them is no other path.
  std::ranges::sort(seen, {}, [](const auto& path) { return std::ranges::count(path, "*"); });
  std::vector<std::vector<std::string>> different;
  for (const auto& path : seen)
    if (std::ranges::none_of(different, [&](const auto& known) { return fits(known, path); })) different.push_back(path);
  return different.size();
}

double Trace::confidence() const {
  double least = 100;
  for (const TraceHop& h : hops()) {
    std::set<unsigned> flows;
    for (const TraceResponder& r : h.responders) flows.insert(r.flows.begin(), r.flows.end());
    const auto k = static_cast<double>(h.responders.size()), n = static_cast<double>(flows.size());
    if (k == 0) continue;
    least = std::min(least, 100 * std::max(0.0, 1 - (k + 1) * std::pow(k / (k + 1), n)));
  }
  return least;
}

}  // namespace rawket
