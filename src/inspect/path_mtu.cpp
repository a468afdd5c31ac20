// In batches: what leaves together is waited for together, then the next one is chosen.
#include "rawket/inspect/path_mtu.hpp"

#include <algorithm>
#include <utility>

#include "rawket/inspect/answer_words.hpp"
#include "rawket/packet/ends.hpp"
#include "rawket/proto/icmp.hpp"
#include "rawket/proto/icmpv6.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"

namespace rawket {
namespace {

constexpr Nanoseconds shortest_wait = 150 * millisecond;
/// Of all probes: until the length is known, and until the direction is; the rest is for the hops.
constexpr u64 most_searching = 66, most_asking = 74;

/// What an ICMP "packet too big" says (RFC 1191, 4; RFC 4443, 3.2); 0 when it is none. A router may be so old that it tells 0.
unsigned told_mtu(const Dissection& d) {
  if (const auto v4 = d.header<IcmpFragmentationNeeded>()) return std::max<unsigned>(IcmpFragmentationNeeded(*v4).mtu, 1);
  if (const auto v6 = d.header<Icmpv6TooBig>()) return std::max(Icmpv6TooBig(*v6).mtu, 1u);
  return 0;
}

/// Bytes of the IP packet, when it is the first of several pieces; 0 when it is whole. Its host cuts, or a router (IPv4).
unsigned piece_of(const Dissection& d) {
  if (const auto ip = d.header<Ipv4>(); ip && (Ipv4(*ip).flags & 1) != 0) return Ipv4(*ip).length;
  const auto ip6 = d.header<Ipv6>();
  const auto fragment = d.header<Ipv6Fragment>();
  return ip6 && fragment && Ipv6Fragment(*fragment).more != 0 ? Ipv6(*ip6).length + 40u : 0;
}

}  // namespace

PathMtu::PathMtu(const PathMtuOptions& options) : options_(options) { options_.smallest = std::min(options_.smallest, options_.largest); }

void PathMtu::heard(const Heard& h) {
  if (h.probe >= probes_.size()) return;
  Asked& a = probes_[static_cast<std::size_t>(h.probe)];
  const auto ends = outermost_ends(h.answer);
  const auto kind = icmp_kind(h.answer);
  if (a.heard != Heard_::nothing || !ends) return;
  a.from = ends->source;
  if (const unsigned mtu = told_mtu(h.answer); h.kind == Answer::error && mtu != 0) {
    a.heard = Heard_::too_big, a.mtu = mtu;
    if (std::ranges::none_of(result_.told, [&](const auto& t) { return t.from == a.from && t.mtu == mtu; })) result_.told.push_back({a.from, mtu});
  } else if (h.kind == Answer::error && kind && kind->time_exceeded()) {
    a.heard = Heard_::exceeded;
  } else if (h.kind != Answer::error || (a.probe.kind == PathMtuProbe::datagram && kind && kind->port_unreachable())) {
    a.heard = Heard_::answer;
    if (const unsigned piece = piece_of(h.answer); piece != 0) result_.pieces = std::max(result_.pieces, piece);
    if (round_trip_ == 0 || h.round_trip_here < round_trip_) round_trip_ = std::max<Nanoseconds>(h.round_trip_here, 1);
  }
}

void PathMtu::ask(PathMtuProbe::Kind kind, unsigned size, unsigned hop_limit) {
  if (probes_.size() < most_probes) probes_.push_back({.probe = {kind, size, hop_limit}});
}

bool PathMtu::all_heard() const {
  return std::all_of(probes_.begin() + static_cast<std::ptrdiff_t>(batch_), probes_.end(), [](const Asked& a) { return a.heard != Heard_::nothing; });
}

std::optional<Nanoseconds> PathMtu::step(Nanoseconds now, std::vector<u64>& probes) {
  const Nanoseconds wait = round_trip_ == 0 ? options_.timeout : std::min(options_.timeout, std::max(4 * round_trip_, shortest_wait));
  if (batch_open_ && !all_heard() && now < batch_sent_ + wait) return batch_sent_ + wait;
  batch_open_ = false;
  const std::size_t before = probes_.size();
  decide();
  if (phase_ == Phase::done || probes_.size() == before) return phase_ = Phase::done, std::nullopt;
  batch_ = before;
  for (std::size_t i = before; i < probes_.size(); ++i) probes.push_back(i);
  batch_open_ = true, batch_sent_ = now, ++round_;
  return now + wait;
}

/// Takes the batch's answers to probes of this kind that went all the way into account.
void PathMtu::learn(PathMtuProbe::Kind kind, Bounds& b) {
  b.told.reset();
  for (std::size_t i = batch_; i < probes_.size(); ++i) {
    const Asked& a = probes_[i];
    if (a.probe.kind != kind || a.probe.hop_limit != 64) continue;
    const unsigned size = a.probe.size;
    if (a.heard == Heard_::answer) b.passes = std::max(b.passes, size);
    const bool fails = a.heard == Heard_::too_big || (a.heard == Heard_::nothing && ++b.silent[size] >= options_.tries);
    if (fails && (b.fails == 0 || size < b.fails)) b.fails = size;
    if (a.heard == Heard_::too_big && (!b.told || a.mtu < *b.told)) b.told = a.mtu;
  }
  if (b.fails != 0 && b.fails <= b.passes) b.fails = 0;  // it was lost, not too long
  if (b.fails == 0)
    for (const auto& [size, times] : b.silent)
      if (times >= options_.tries && size > b.passes) b.fails = b.fails == 0 ? size : std::min(b.fails, size);
}

/// Asks for lengths between what passes and what does not; false when the bound is found, or `most` probes are used up.
bool PathMtu::search_on(PathMtuProbe::Kind kind, Bounds& b, unsigned at_once, u64 most) {
  if (b.found()) return false;
  unsigned high = b.fails == 0 ? options_.largest + 1 : b.fails;
  std::vector<unsigned> sizes;
  const auto add = [&](unsigned size) {
    if (size > b.passes && size < high && std::ranges::find(sizes, size) == sizes.end()) sizes.push_back(size);
  };
  // The shortest that was silent is taken for too long, until a repetition comes through.
  for (const auto& [size, times] : b.silent)
    if (size > b.passes && size < high) {
      add(size);
      high = size;
      break;
    }
  if (b.told) add(*b.told), add(*b.told + 1);
  if (!b.told && !std::exchange(b.usual_tried, true)) {
    std::vector<unsigned> within;
    std::ranges::copy_if(usual_mtus, std::back_inserter(within), [&](unsigned u) { return u > b.passes && u < high; });
    const std::size_t step = (within.size() + at_once) / (at_once + 1);
    for (std::size_t i = 0; i < within.size(); i += std::max<std::size_t>(step, 1)) add(within[i]);
  }
  const unsigned room = high - b.passes - 1;
  if (sizes.size() <= 1)
    for (unsigned i = 1; i <= std::min(at_once, room); ++i) add(b.passes + static_cast<unsigned>((u64{room} * i + at_once) / (at_once + 1)));
  if (sizes.empty() || probes_.size() + sizes.size() > most) return result_.exact = false, false;
  for (const unsigned s : sizes) ask(kind, s);
  return true;
}

void PathMtu::decide() {
  switch (phase_) {
    case Phase::reach:
      if (round_ > 0) return after_reaching();
      // The way too, while nothing is known: routers tell of themselves once each.
      ask(PathMtuProbe::echo, options_.smallest), ask(PathMtuProbe::echo, options_.largest);
      for (unsigned hop = 1; hop <= std::min(options_.most_hops, 16u); ++hop) ask(PathMtuProbe::echo, options_.smallest, hop);
      return;
    case Phase::search:
      learn(PathMtuProbe::echo, echoes_);
      if (!search_on(PathMtuProbe::echo, echoes_, 6, most_searching)) go_there();
      return;
    case Phase::there: return after_there();
    case Phase::hops: return after_hops();
    case Phase::done: return;
  }
}

void PathMtu::after_reaching() {
  learn(PathMtuProbe::echo, echoes_);
  for (const Asked& a : probes_)  // also those that had hops enough
    if (a.heard == Heard_::answer) echoes_.passes = std::max(echoes_.passes, a.probe.size);
  if (echoes_.passes == 0) {
    if (round_ >= options_.tries) return;
    ask(PathMtuProbe::echo, options_.smallest), ask(PathMtuProbe::echo, options_.largest);
    return;
  }
  result_.reached = true;
  phase_ = Phase::search;
  if (echoes_.passes < options_.largest && search_on(PathMtuProbe::echo, echoes_, 6, most_searching)) return;
  go_there();
}

/// Echoes are done. Is it the way there that is narrow, or the way back?
void PathMtu::go_there() {
  result_.up = echoes_.passes;
  result_.down = result_.pieces != 0 ? std::min(result_.pieces, echoes_.passes) : echoes_.passes;
  if (echoes_.passes >= options_.largest) return void(phase_ = Phase::done);
  phase_ = Phase::there;
  ask(PathMtuProbe::datagram, echoes_.passes), ask(PathMtuProbe::datagram, options_.largest);
}

void PathMtu::after_there() {
  learn(PathMtuProbe::datagram, datagrams_);
  // Hosts refuse only so often (six at once, then one a second): few are asked, and none more than needed.
  if (datagrams_.passes == 0) result_.together = true;
  else if (datagrams_.passes > echoes_.passes && !datagrams_.found() && datagrams_.passes < options_.largest && search_on(PathMtuProbe::datagram, datagrams_, 1, most_asking)) return;
  else if (datagrams_.passes == echoes_.passes && !datagrams_.silent.contains(echoes_.passes + 1) && !datagrams_.found()) return ask(PathMtuProbe::datagram, echoes_.passes + 1);
  if (!result_.together) result_.up = datagrams_.passes, result_.down_at_least = result_.up <= echoes_.passes && result_.pieces == 0;
  result_.black_hole = result_.told.empty();
  if (result_.up >= options_.largest) return void(phase_ = Phase::done);
  look_for_hops();
}

void PathMtu::look_for_hops() {
  phase_ = Phase::hops;
  for (const Asked& a : probes_) {
    if (a.probe.hop_limit == 64 || a.heard == Heard_::nothing || a.heard == Heard_::too_big) continue;
    const bool host = a.heard == Heard_::answer;
    if (host && !result_.hops.empty() && result_.hops.back().host) break;
    result_.hops.push_back({a.probe.hop_limit, a.from, host, false});
  }
  ask_hops();
}

/// A packet that is too long, to each router that is not known to let it pass, as far as there are probes left.
void PathMtu::ask_hops() {
  for (PathMtuHop& h : result_.hops)
    if (!h.host && !h.long_passes && probes_.size() < most_probes) ask(PathMtuProbe::echo, result_.up + 1, h.number), h.asked = true;
}

void PathMtu::after_hops() {
  for (std::size_t i = batch_; i < probes_.size(); ++i)
    for (PathMtuHop& h : result_.hops)
      if (probes_[i].probe.hop_limit == h.number && probes_[i].heard == Heard_::exceeded) h.long_passes = true;
  const bool some_left = std::ranges::any_of(result_.hops, [](const PathMtuHop& h) { return !h.host && !h.long_passes; });
  if (some_left && hop_rounds_++ == 0 && probes_.size() < most_probes) return ask_hops();  // one may have been lost
  for (const PathMtuHop& h : result_.hops)
    if (h.long_passes) result_.last_passed = h.number;
  for (const PathMtuHop& h : result_.hops)
    if (h.number > result_.last_passed && result_.first_failed == 0 && (h.asked || h.host)) result_.first_failed = h.number;
  phase_ = Phase::done;
}

PathMtu::Progress PathMtu::progress() const {
  switch (phase_) {
    case Phase::reach: return {"is it there?", 0, 0, probes_.size()};
    case Phase::search: return {"there and back", echoes_.passes, echoes_.fails, probes_.size()};
    case Phase::there: return {"the way there alone", datagrams_.passes, datagrams_.fails, probes_.size()};
    case Phase::hops: return {"where it is narrow", result_.up, result_.up + 1, probes_.size()};
    case Phase::done: break;
  }
  return {"done", result_.up, 0, probes_.size()};
}

}  // namespace rawket
