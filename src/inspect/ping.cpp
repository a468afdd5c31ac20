// Each probe is out until it is answered or its time is over; an answer after that is late, a second one a duplicate.
#include "rawket/inspect/ping.hpp"

#include <algorithm>

#include "rawket/inspect/answer_words.hpp"
#include "rawket/packet/ends.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"

namespace rawket {
namespace {

constexpr Nanoseconds longest_flood_wait = 10 * millisecond;

/// A host that refuses (its port is closed) is there: whom the error is from is whom the quoted packet was for.
bool is_from_target(const Dissection& d) {
  const auto outer = outermost_ends(d);
  for (std::size_t i = 0; i < d.layers().size(); ++i) {
    if (!d.layers()[i].protocol->quotes || i + 1 >= d.layers().size()) continue;
    const Layer& l = d.layers()[i + 1];
    const u8* h = d.packet.data() + l.offset;
    if (l.protocol == &info<Ipv4> && l.length >= 20) return outer && outer->source == IpAddress(Ipv4Address(decode<Ipv4>(h).dst));
    if (l.protocol == &info<Ipv6> && l.length >= 40) return outer && outer->source == IpAddress(Ipv6Address(decode<Ipv6>(h).dst));
  }
  return false;
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
      if (answer.question != nullptr) event.changed = changed_words(answer.answer, *answer.question);
      if (!event.changed.empty()) ++t.changed;
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
    const auto [probe, number] = s.order.front();
    Out& first = s.out.at(probe);
    const bool waits = first.open && first.number == number;  // else it was answered, and its number may be another's by now
    if (waits && now - first.sent < options_.timeout) break;
    if (waits) {
      first.open = false;
      --targets_[target].out, ++targets_[target].lost;
      if (told_) told_({.kind = PingEvent::lost, .target = target, .number = number});
    }
    s.order.pop_front();
  }
}

bool Ping::has_more(std::size_t target) const {
  return (options_.count == 0 || states_[target].next < options_.count) && targets_[target].out < options_.stride;
}

bool Ping::may_send(std::size_t target, Nanoseconds now) const {
  const State& s = states_[target];
  if (!has_more(target) || now < s.due) return false;
  return options_.window == 0 || targets_[target].out < options_.window || now - s.due >= longest_flood_wait;
}

Nanoseconds Ping::next_time(std::size_t target, Nanoseconds now) const {
  const State& s = states_[target];
  Nanoseconds next = INT64_MAX;
  if (has_more(target)) next = options_.window == 0 || targets_[target].out < options_.window ? std::max(s.due, now) : s.due + longest_flood_wait;
  if (!s.order.empty()) next = std::min(next, s.out.at(s.order.front().first).sent + options_.timeout);
  return next;
}

/// The next index that no probe is out by.
u64 Ping::free_slot(std::size_t target) {
  State& s = states_[target];
  for (;; s.slot = (s.slot + 1) % options_.stride) {
    const u64 probe = target * options_.stride + s.slot;
    const auto found = s.out.find(probe);
    if (found != s.out.end() && found->second.open) continue;
    s.slot = (s.slot + 1) % options_.stride;
    return probe;
  }
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
      const u64 probe = free_slot(target);
      s.out[probe] = {++s.next, now};
      s.order.emplace_back(probe, s.next);
      ++targets_[target].sent, ++targets_[target].out;
      s.due = std::max(s.due + options_.interval, now - options_.interval);  // what was missed is not made up for
      probes.push_back(probe);
    }
    next = std::min(next, next_time(target, now));
  }
  return next == INT64_MAX ? std::nullopt : std::optional(next);
}

}  // namespace rawket
