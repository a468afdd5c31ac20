// rawket trace: probes of one look, their plan, and the table of what came.
#include <unistd.h>

#include <algorithm>
#include <random>

#include "confining.hpp"
#include "live_block.hpp"
#include "planning.hpp"
#include "rawket/base/text.hpp"
#include "rawket/host/interfaces.hpp"
#include "rawket/host/names.hpp"
#include "stopping.hpp"
#include "target_list.hpp"
#include "trace_report.hpp"
#include "why_later.hpp"
#include "wire.hpp"

namespace rawket::cli {
namespace {

std::string hex_word(u64 value) {
  TextBuffer hex;
  hex.hex(value, 4);
  return std::string(hex.view());
}

/// Probe i, as words; all of one flow alike but for what numbers them.
class TraceWords {
 public:
  TraceWords(const TraceCommand& options, const TraceOptions& engine, const IpAddress& from, const IpAddress& to) : o_(options), engine_(engine), from_(from), to_(to) {}

  std::string of(u64 index) const {
    const TraceProbe p = Trace::probe_of(index, engine_);
    const u64 number = (index + 1) & 0xffff;
    std::string words = (to_.is_v6 ? "ipv6 src=" : "ip src=") + from_.text() + " dst=" + to_.text() + (to_.is_v6 ? " hop_limit=" : " ttl=") + std::to_string(p.hop);
    if (!to_.is_v6) words += " id=" + std::to_string(number);
    const std::string port = std::to_string(first_port_ + p.flow);
    if (is_by_udp(o_)) return words + " / udp sport=" + port + " dport=" + std::to_string(o_.udp >= 0 ? o_.udp : usual_port) + " / hex=" + hex_word(number);
    if (o_.tcp >= 0) return words + " / tcp sport=" + port + " dport=" + std::to_string(o_.tcp) + " flags=S seq=" + std::to_string(first_sequence_ + number);
    // The payload makes up for the sequence number: the checksum stays the same.
    return words + (to_.is_v6 ? " / icmpv6 / icmpv6_echo id=" : " / icmp / icmp_echo id=") + port + " seq=" + std::to_string(number) + " / hex=" + hex_word(~number & 0xffff);
  }
  Result<Packet> packet(u64 index) const { return RAWKET_TRY(Recipe::parse(standard_registry(), std::string_view(of(index)))).make(0); }

 private:
  const TraceCommand& o_;
  TraceOptions engine_;
  IpAddress from_, to_;
  u64 first_port_ = 33000 + std::random_device()() % 30000, first_sequence_ = std::random_device()() % 0x7fff0000;
};

/// The table over the one before, once a second, where there is a terminal to show it.
class TraceScreen {
 public:
  TraceScreen(const TraceReport& report, bool json) : report_(report), json_(json), terminal_(::isatty(STDOUT_FILENO) == 1), live_(!json, STDOUT_FILENO) {}
  /// What is there of the only table so far.
  void show_so_far(const Trace& trace, Nanoseconds now) {
    live_.show(now, [&](TextBuffer& t) { report_.table(trace, t, false); });
  }
  void show(const Trace& trace, Nanoseconds now) {
    if (now - shown_ < second) return;
    shown_ = now;
    if (terminal_ && !json_) out_.text().append("\033[H\033[2J");
    put(trace);
  }
  void put(const Trace& trace) {
    live_.clear();
    json_ ? report_.json(trace, out_.text()) : report_.table(trace, out_.text());
    out_.flush(true);
  }
  bool closed() const { return out_.closed(); }
  int exit_code(int code) { return out_.exit_code(code); }

 private:
  const TraceReport& report_;
  bool json_, terminal_;
  LiveBlock live_;
  Nanoseconds shown_ = SystemClock().now();  // the first table has a round's answers
  Output out_;
};

}  // namespace

int run_trace(const TraceCommand& options) {
  TraceOptions engine{.most_hops = options.most_hops, .flows = options.flows, .rounds = options.rounds};
  if (!read_time("--timeout", options.timeout, engine.timeout)) return usage;
  if (engine.timeout <= 0) return complain("--timeout: an answer needs some time, like 1s"), int{usage};
  const auto found = addresses_of(options.host, family_of(options.only_v4, options.only_v6));
  if (!found) return complain_and_exit(found.error());
  const IpAddress to = found->front();
  const auto route = route_to(to, {.interface = options.plan.interface});
  if (!route) return complain_and_exit(route.error());
  const bool allowed = std::ranges::find(options.plan.allow, "public") != options.plan.allow.end(), near = route->loopback || route->next_hop == to;
  const bool slowly = options.watch || (!near && !allowed && u64{options.rounds} * options.flows * options.most_hops > static_cast<u64>(Policy().public_burst()));
  if (slowly) engine.gap = 100 * millisecond;  // a human pace, which needs no permission
  if (options.watch) {
    engine.round_gap = second;
    engine.rounds = 0;  // until stopped
    engine.rounds_numbered = std::max(1u, 1000 / (options.flows * options.most_hops));
  }
  const auto words = std::make_shared<TraceWords>(options, engine, route->loopback ? to : route->source, to);
  const u64 rounds = options.watch ? engine.rounds_numbered : std::min(engine.rounds, engine.rounds_numbered);
  SendOptions sending = options.plan;
  sending.rate = slowly ? "10" : "1000";
  Supply supply{.count = rounds * options.flows * options.most_hops, .fixed = true, .make = [words](u64 i) { return words->packet(i); }};
  auto ready = ready_to_send(sending, "trace", std::move(supply));
  if (!ready) return ready.error();
  const HostNames names(!options.numbers);
  WhyLater why(!options.no_why && !options.watch, {question_about(to, options.tcp, options.udp, options.format, options.numbers, options.plan)});
  auto opened = open_wire("trace", {&ready->plan, 1}, u64{engine.rounds_numbered} * options.flows * options.most_hops, ready->record.get());
  if (!opened) return complain_and_exit(opened.error());
  LiveWire& wire = *opened->wire;
  if (auto closed = confine(); !closed) return complain_and_exit(closed.error());
  stop_on_signals();
  const Policy& policy = ready->plan.policy();
  if (options.watch && !policy.permitted.has(Need::many)) engine.rounds = static_cast<unsigned>(std::max<u64>(policy.most_packets / (u64{options.flows} * options.most_hops), 1));  // but no further than this
  Trace trace(engine, [words](u64 i) { return words->packet(i).value_or(Packet()); });
  const TraceReport report(options, {options.host, to}, names);
  TraceScreen screen(report, options.format == "json");
  const auto ended = run(trace, wire, stop_requested, [&] {
    report.find_names(trace);
    options.watch ? screen.show(trace, wire.clock().now()) : screen.show_so_far(trace, wire.clock().now());
    if (screen.closed()) stop_requested = true;
  });
  tell_troubles(wire);
  report.find_names(trace), names.wait();
  screen.put(trace);
  const bool further = !trace.reached() && trace.hops().size() >= options.most_hops && !trace.hops().back().responders.empty();
  if (further) complain("trace: the way goes on behind hop " + std::to_string(options.most_hops) + ": raise --max-hops");
  const bool refused = std::ranges::any_of(trace.hops(), [](const TraceHop& h) { return std::ranges::any_of(h.responders, [](const TraceResponder& r) { return !r.refusal.empty(); }); });
  if (ended && !trace.reached() && !further && !stop_requested && !opened->plain && !refused) why.ask(0);  // who refuses, and why, has been told
  if (!ended) return complain_and_exit(ended.error());
  if (stop_requested && !options.watch && !screen.closed()) complain("trace: interrupted, before all rounds were done");
  return close_record(ready->record.get(), wire.sent(), screen.exit_code(trace.reached() ? ok : negative));
}

}  // namespace rawket::cli
