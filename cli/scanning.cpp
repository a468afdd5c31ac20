// rawket scan: targets and ports become a plan, answers become verdicts, and at the end the account.
#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "confining.hpp"
#include "planning.hpp"
#include "rawket/base/text.hpp"
#include "rawket/host/interfaces.hpp"
#include "rawket/host/names.hpp"
#include "rawket/inspect/scan.hpp"
#include "rawket/inspect/stateless_wire.hpp"
#include "stopping.hpp"
#include "target_list.hpp"

namespace rawket::cli {
namespace {

constexpr u64 most_probes = u64{1} << 22;

/// "22,80,8000-8100", in the order given, each once.
Result<std::vector<u16>> read_ports(const std::string& text) {
  std::vector<u16> ports;
  std::vector<bool> known(65536);
  for (const std::string_view part : split(text, ',')) {
    const std::size_t dash = part.find('-');
    const auto low = parse_number(part.substr(0, dash)), high = dash == part.npos ? low : parse_number(part.substr(dash + 1));
    if (!low || !high || *low > *high || *high > 65535) return fail(Errc::malformed, "--ports", "'" + clean_text(part) + "' is no port or range of ports", "22,80,8000-8100");
    for (u64 p = *low; p <= *high; ++p)
      if (!known[p]) known[p] = true, ports.push_back(static_cast<u16>(p));
  }
  return ports;
}

/// The command line takes no other word.
ScanKind kind_of(const ScanCommand& o) { return o.udp ? ScanKind::udp : static_cast<ScanKind>(std::ranges::find(scan_kind_names, o.kind) - std::begin(scan_kind_names)); }

class ScanReport {
 public:
  /// Names are looked up now: later no file can be opened.
  ScanReport(const ScanCommand& options, const ScanProbes& probes) : o_(options), probes_(probes), json_(options.format == "json") {
    if (!options.numbers) services_ = service_names(options.udp);
  }

  void verdict(const ScanProbes::Match& m) {
    if (m.verdict != PortVerdict::open && m.verdict != PortVerdict::unfiltered && !o_.all) return;
    TextBuffer& t = out_.text();
    const std::string_view name = verdict_names[static_cast<unsigned>(m.verdict)];
    const auto service = services_.find(probes_.targets().port(m.probe));
    if (json_) {
      t.append("{\"event\":\"port\",\"address\":\""), t.append(probes_.targets().host(m.probe).text()), t.append("\",\"port\":"), t.decimal(probes_.targets().port(m.probe));
      t.append(",\"verdict\":\""), t.append(name), t.append("\",\"reason\":\""), t.append(m.reason), t.append('"');
      if (service != services_.end()) t.append(",\"service\":\""), t.json_escaped(service->second), t.append('"');
      t.append("}\n");
    } else {
      t.append(probes_.targets().host(m.probe).text()), t.append(' '), t.decimal(probes_.targets().port(m.probe)), t.append(o_.udp ? "/udp " : "/tcp "), t.append(name);
      if (service != services_.end()) t.append(" ("), t.append(service->second), t.append(')');
      t.append(": "), t.append(m.reason), t.append('\n');
    }
  }

  void account(const ScanAccount& a, const StatelessWire& wire, Nanoseconds took) {
    json_ ? account_json(a, wire, took) : account_text(a, wire, took);
    flush();
  }
  void flush() { out_.flush(true); }
  bool closed() const { return out_.closed(); }
  int exit_code(int code) { return out_.exit_code(code); }

 private:
  void account_json(const ScanAccount& a, const StatelessWire& wire, Nanoseconds took) {
    TextBuffer& t = out_.text();
    t.append("{\"event\":\"summary\"");
    const std::pair<std::string_view, u64> numbers[] = {{"sent", wire.sent()}, {"seen_leaving", wire.seen_leaving()}, {"failed", a.failed}, {"answered", a.answered}, {"duplicates", a.duplicates},
                                                        {"open", a.open}, {"closed", a.closed}, {"filtered", a.filtered}, {"unfiltered", a.unfiltered}, {"unanswered",
                                                                                                                                                         a.unanswered}, {"dropped_by_kernel", wire.counters().dropped},
                                                        {"took_ms", static_cast<u64>(took / millisecond)}};
    for (const auto& [name, number] : numbers) t.append(",\""), t.append(name), t.append("\":"), t.decimal(number);
    t.append(",\"missed\":"), fraction(t, a.missed()), t.append(",\"missed_at_most\":"), fraction(t, a.missed_at_most());
    t.append(",\"recall_at_least\":"), fraction(t, a.recall_at_least()), t.append("}\n");
  }

  void account_text(const ScanAccount& a, const StatelessWire& wire, Nanoseconds took) {
    TextBuffer& t = out_.text();
    const auto number = [&t](u64 value, std::string_view what) { t.decimal(value), t.append(what); };
    if (a.unfiltered > 0) number(a.unfiltered, " unfiltered, ");
    number(a.open, " open, "), number(a.closed, " closed, "), number(a.filtered, " filtered, "), number(a.unanswered, a.answers_limited ? " without an answer (open or filtered)\n" : " without an answer\n");
    t.append("  "), number(wire.sent(), " probes sent in "), number(a.sent_by_pass.size(), a.sent_by_pass.size() == 1 ? " pass, " : " passes, "), number(wire.seen_leaving(), " seen leaving, ");
    number(a.answered, " answered, "), number(a.duplicates, " answered again, "), number(wire.counters().dropped, " packets dropped by the kernel, "), number(static_cast<u64>(took / millisecond), " ms\n");
    if (wire.seen_leaving() + wire.counters().dropped < wire.sent())
      t.append("  "), number(wire.sent() - wire.seen_leaving(), " probes were not seen leaving: nobody has told the link address of their hosts, or this machine's firewall drops them\n");
    if (a.answered == 0) return void(t.append("  nothing answered: what was missed is not known\n"));
    if (a.answers_limited) return void(t.append("  an open port may be silent, and hosts refuse only so often: what did not answer is not known\n"));
    t.append("  missed: about "), fraction(t, a.missed()), t.append(", at most "), fraction(t, a.missed_at_most());
    t.append("; at least "), fraction(t, a.recall_at_least()), t.append(" % of what would answer was found\n");
  }

  static void fraction(TextBuffer& t, double value) {
    const auto hundredths = static_cast<u64>(std::floor(value * 100 + 1e-9));
    t.decimal(hundredths / 100), t.append('.'), t.decimal_padded(hundredths % 100, 2);
  }
  const ScanCommand& o_;
  const ScanProbes& probes_;
  std::map<u16, std::string> services_;
  bool json_;
  Output out_;
};

}  // namespace

int run_scan(const ScanCommand& options) {
  ScanOptions engine{.passes = options.passes, .seed = std::random_device()()};
  if (!read_time("--timeout", options.timeout, engine.timeout)) return usage;
  if (engine.timeout <= 0) return complain("--timeout: an answer needs some time, like 1s"), int{usage};
  auto ports = read_ports(options.ports);
  if (!ports) return complain(ports.error()), int{usage};
  auto hosts = read_targets("scan", options.targets, family_of(options.only_v4, options.only_v6));
  if (!hosts) return complain_and_exit(hosts.error());
  if (u64{hosts->size()} * ports->size() > most_probes) return complain("scan: more than 4,194,304 ports of hosts: divide it"), int{usage};
  const ScanKind kind = kind_of(options);
  const auto route = route_to(hosts->front());
  if (!route) return complain_and_exit(route.error());
  std::random_device random;
  const auto source_port = static_cast<u16>(random() % 28232 + 32768);
  const IpAddress source = route->loopback ? hosts->front() : route->source;
  const ScanProbes probes({std::move(*hosts), std::move(*ports)}, kind, source, source_port, random() | u64{random()} << 32);
  SendOptions sending = options.plan;
  sending.retries = options.passes - 1;
  Planning planning(sending, "scan", {.count = probes.targets().count(), .make = [&probes](u64 i) -> Result<Packet> { return probes.make(i); }});
  auto plan = planning.plan();
  if (!plan) return plan.error();
  if (sending.dry_run) return planning.dry_run(*plan);
  engine.rate = plan->rate;
  auto ready = planning.approve_plan(std::move(*plan));
  if (!ready) return ready.error();
  auto wire = StatelessWire::open(ready->plan, probes, ready->record.get());
  if (!wire) return complain_and_exit(wire.error());
  ScanReport report(options, probes);
  if (auto closed = confine(); !closed) return complain_and_exit(closed.error());
  stop_on_signals();
  Scan scan(engine, probes, [&report](const ScanProbes::Match& m) { report.verdict(m); });
  SystemClock clock;
  const Nanoseconds began = clock.now();
  const auto ended = run(scan, **wire, stop_requested, [&report] {
    report.flush();
    if (report.closed()) stop_requested = true;
  });
  if ((*wire)->failure()) complain(*(*wire)->failure());
  const ScanAccount account = scan.account();
  report.account(account, **wire, clock.now() - began);
  if (!ended) return complain_and_exit(ended.error());
  const bool enough = account.recall_at_least() >= options.recall || account.answered == 0 || account.answers_limited;
  return close_record(ready->record.get(), (*wire)->sent(), report.exit_code(stop_requested ? negative : !enough ? packets_lost : account.open + account.unfiltered > 0 ? ok : negative));
}

}  // namespace rawket::cli
