// Each probe is out until it is answered or its time is over; an answer after that is late, a second one a duplicate.
#include "rawket/inspect/ping.hpp"

#include <algorithm>

#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"

namespace rawket {
namespace {

constexpr Nanoseconds longest_flood_wait = 10 * millisecond;

/// A host that refuses (its port is closed) is there: whom the error is from is whom the quoted packet was for.
bool is_from_target(const Dissection& d) {
  std::optional<Bytes> outer_source, quoted_destination;
  for (const Layer& l : d.layers()) {
    if (l.protocol != &info<Ipv4> && l.protocol != &info<Ipv6>) continue;
    const bool v6 = l.protocol == &info<Ipv6>;
    const Bytes header = slice(d.packet, l.offset, v6 ? 40 : 20);
    if (header.size() < (v6 ? 40u : 20u)) return false;
    if (outer_source) quoted_destination = header.subspan(v6 ? 24 : 16, v6 ? 16 : 4);
    else outer_source = header.subspan(v6 ? 8 : 12, v6 ? 16 : 4);
  }
  return quoted_destination && std::ranges::equal(*outer_source, *quoted_destination);
}

}  // namespace

Ping::Ping(const PingOptions& options, std::function<void(const PingEvent&)> told) : options_(options), told_(std::move(told)), targets_(options.targets), states_(options.targets) {}

void Ping::heard(const Heard& answer) {
  const auto target = static_cast<std::size_t>(answer.probe / options_.stride);
  if (target >= targets_.size()) return;
  PingTarget& t = targets_[target];
  State& s = states_[target];
  const auto found = s.out.find(answer.probe);
  if (found == s.out.end()) return;
  Out& out = found->second;
  PingEvent event{.kind = PingEvent::answer, .target = target, .number = out.number, .heard = &answer};
  if (answer.before > 0) {
    ++t.duplicates, event.kind = PingEvent::duplicate;
  } else if (!out.open) {
    ++t.late, event.kind = PingEvent::late;
  } else {
    out.open = false;
    --t.out;
    event.reordered = out.number < s.highest;
    s.highest = std::max(s.highest, out.number);
    if (event.reordered) ++t.reordered;
    if (answer.kind == Answer::error && !is_from_target(answer.answer)) {
      ++t.errors, event.kind = PingEvent::error;
    } else {
      ++t.answered;
      t.round_trips.add(answer.round_trip);
      t.round_trips_here.add(answer.round_trip_here);
      t.kernel_stamped = t.kernel_stamped && answer.stamped;
    }
  }
  if (told_) told_(event);
}

void Ping::failed(u64 probe) {
  const auto target = static_cast<std::size_t>(probe / options_.stride);
  const auto found = states_[target].out.find(probe);
  if (found == states_[target].out.end() || !found->second.open) return;
  found->second.open = false;
  PingTarget& t = targets_[target];
  --t.out, --t.sent, ++t.failed;
  if (told_) told_({.kind = PingEvent::failed, .target = target, .number = found->second.number});
}

void Ping::expire(std::size_t target, Nanoseconds now) {
  State& s = states_[target];
  while (!s.order.empty()) {
    Out& first = s.out.at(s.order.front());
    if (first.open && now - first.sent < options_.timeout) break;
    if (first.open) {
      first.open = false;
      --targets_[target].out, ++targets_[target].lost;
      if (told_) told_({.kind = PingEvent::lost, .target = target, .number = first.number});
    }
    s.order.pop_front();
  }
}

bool Ping::may_send(std::size_t target, Nanoseconds now) const {
  const State& s = states_[target];
  if (finishing_ || (options_.count != 0 && s.next >= options_.count) || targets_[target].out >= options_.stride) return false;
  if (options_.window == 0) return now >= s.due;
  const bool long_ago = now - s.due >= longest_flood_wait;
  return now >= s.due && (targets_[target].out < options_.window || long_ago);
}

Nanoseconds Ping::next_time(std::size_t target, Nanoseconds now) const {
  const State& s = states_[target];
  Nanoseconds next = INT64_MAX;
  const bool more = !finishing_ && (options_.count == 0 || s.next < options_.count);
  if (more) next = options_.window == 0 || targets_[target].out < options_.window ? std::max(s.due, now) : s.due + longest_flood_wait;
  if (!s.order.empty()) next = std::min(next, s.out.at(s.order.front()).sent + options_.timeout);
  return next;
}

std::optional<Nanoseconds> Ping::step(Nanoseconds now, std::vector<u64>& probes) {
  if (!started_) {  // targets take turns within the first interval
    for (std::size_t i = 0; i < states_.size(); ++i) states_[i].due = now + options_.interval * static_cast<Nanoseconds>(i) / static_cast<Nanoseconds>(states_.size());
    started_ = true;
  }
  Nanoseconds next = INT64_MAX;
  for (std::size_t target = 0; target < states_.size(); ++target) {
    State& s = states_[target];
    expire(target, now);
    for (u32 burst = 0; burst < std::max(options_.window, 1u) && may_send(target, now); ++burst) {
      const u64 probe = target * options_.stride + s.next % options_.stride;
      Out& out = s.out[probe];
      if (out.open && out.number != 0) {  // nobody waits for its number any more: it comes round again
        --targets_[target].out, ++targets_[target].lost;
        if (told_) told_({.kind = PingEvent::lost, .target = target, .number = out.number});
      }
      out = {++s.next, now};
      s.order.push_back(probe);
      ++targets_[target].sent, ++targets_[target].out;
      s.due = std::max(s.due + options_.interval, now - options_.interval);  // what was missed is not made up for
      probes.push_back(probe);
    }
    next = std::min(next, next_time(target, now));
  }
  return next == INT64_MAX ? std::nullopt : std::optional(next);
}

}  // namespace rawket
