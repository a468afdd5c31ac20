// rawket pmtu: how long packets may be on the way to a host and back.
#include <unistd.h>

#include <algorithm>
#include <random>

#include "confining.hpp"
#include "live_block.hpp"
#include "planning.hpp"
#include "ping_report.hpp"
#include "rawket/base/text.hpp"
#include "rawket/host/interfaces.hpp"
#include "rawket/host/names.hpp"
#include "rawket/inspect/path_mtu.hpp"
#include "rawket/inspect/probe_packet.hpp"
#include "stopping.hpp"
#include "target_list.hpp"
#include "why_later.hpp"
#include "wire.hpp"

namespace rawket::cli {
namespace {

void append_progress(const PathMtu::Progress& p, TextBuffer& t) {
  t.append(p.doing), t.append(": "), t.decimal(p.asked), t.append(" probes");
  if (p.passes != 0) t.append(", "), t.decimal(p.passes), t.append(" bytes come through");
  if (p.fails != 0) t.append(", "), t.decimal(p.fails), t.append(" do not");
  t.append('\n');
}

class PathMtuReport {
 public:
  PathMtuReport(const PmtuCommand& options, PingHost host, unsigned largest, std::string interface, const HostNames& names)
      : names_(names), json_(options.format == "json"), host_(std::move(host)), largest_(largest), interface_(std::move(interface)) {}

  void tell(const PathMtuResult& r) {
    for (const PathMtuHop& h : r.hops) names_.of(h.from);
    for (const PathMtuResult::Told& told : r.told) names_.of(told.from);
    names_.wait();
    json_ ? objects(r) : lines(r);
    out_.flush(true);
  }
  int exit_code(int code) { return out_.exit_code(code); }

 private:
  void lines(const PathMtuResult& r) {
    TextBuffer& t = out_.text();
    t.append(host_.label());
    if (!r.reached) return t.append(": no answer, also not to short packets\n");
    t.append(r.exact ? ": " : ": at least "), t.decimal(r.up), t.append(r.together ? " bytes there and back" : " bytes there, ");
    if (!r.together && r.pieces != 0) t.append("in pieces of ");
    if (!r.together) t.append(r.down_at_least ? "at least " : ""), t.decimal(r.down), t.append(" back");
    t.append('\n');
    if (r.up >= largest_ && r.down >= largest_) return t.append("  as much as "), t.append(interface_), t.append(" takes\n");
    for (const PathMtuResult::Told& told : r.told) t.append("  "), t.append(names_.beside(told.from)), t.append(" says: at most "), t.decimal(told.mtu), t.append('\n');
    for (const PathMtuHop& h : r.hops) {
      t.append("  "), t.right(std::to_string(h.number), 2), t.append("  "), t.left(names_.beside(h.from), 24);
      t.append(h.long_passes ? "longer ones came so far" : h.number == r.first_failed ? "longer ones did not come here" : ""), t.append('\n');
    }
    if (r.black_hole) t.append("  nobody says 'packet too big': a black hole"), t.append(where(r)), t.append('\n');
  }

  std::string where(const PathMtuResult& r) const {
    if (r.up >= largest_) return " on the way back";
    if (r.first_failed == 0) return r.last_passed == 0 ? "" : " behind hop " + std::to_string(r.last_passed);
    return r.last_passed == 0 ? " before hop " + std::to_string(r.first_failed) : " between hop " + std::to_string(r.last_passed) + " and hop " + std::to_string(r.first_failed);
  }

  void objects(const PathMtuResult& r) {
    TextBuffer& t = out_.text();
    for (const PathMtuHop& h : r.hops) {
      t.append("{\"event\":\"hop\",\"target\":\""), t.json_escaped(host_.name), t.append("\",\"hop\":"), t.decimal(h.number), t.append(",\"from\":\""), t.append(h.from.text()), t.append('"');
      if (const std::string name = names_.of(h.from); !name.empty()) t.append(",\"from_name\":\""), t.json_escaped(name), t.append('"');
      t.append(",\"host\":"), t.append(h.host ? "true" : "false");
      t.append(",\"longer_passes\":"), t.append(h.long_passes ? "true}\n" : "false}\n");
    }
    for (const PathMtuResult::Told& told : r.told)
      t.append("{\"event\":\"told\",\"target\":\""), t.json_escaped(host_.name), t.append("\",\"from\":\""), t.append(told.from.text()), t.append("\",\"mtu\":"), t.decimal(told.mtu), t.append("}\n");
    t.append("{\"event\":\"summary\",\"host\":\""), t.json_escaped(host_.name), t.append("\",\"address\":\""), t.append(host_.address.text()), t.append("\",\"reached\":"), t.append(r.reached ? "true" : "false");
    if (r.reached) {
      t.append(",\"up\":"), t.decimal(r.up), t.append(",\"down\":"), t.decimal(r.down), t.append(",\"together\":"), t.append(r.together ? "true" : "false");
      t.append(",\"down_at_least\":"), t.append(r.down_at_least ? "true" : "false"), t.append(",\"exact\":"), t.append(r.exact ? "true" : "false"), t.append(",\"black_hole\":"), t.append(r.black_hole ? "true" : "false");
      if (r.pieces != 0) t.append(",\"pieces\":"), t.decimal(r.pieces);
      if (r.first_failed != 0) t.append(",\"between\":["), t.decimal(r.last_passed), t.append(','), t.decimal(r.first_failed), t.append(']');
    }
    t.append(",\"interface_mtu\":"), t.decimal(largest_), t.append("}\n");
  }

  const HostNames& names_;
  bool json_;
  PingHost host_;
  unsigned largest_;
  std::string interface_;
  Output out_;
};

}  // namespace

int run_pmtu(const PmtuCommand& options) {
  PathMtuOptions engine_options;
  if (!read_time("--timeout", options.timeout, engine_options.timeout)) return usage;
  if (engine_options.timeout <= 0) return complain("--timeout: an answer needs some time, like 1s"), int{usage};
  const auto found = addresses_of(options.host, family_of(options.only_v4, options.only_v6));
  if (!found) return complain_and_exit(found.error());
  const IpAddress to = found->front();
  const auto route = route_to(to, {.interface = options.plan.interface});
  if (!route) return complain_and_exit(route.error());
  const auto interface = interface_numbered(route->interface);
  if (!interface) return complain_and_exit(interface.error());
  engine_options.largest = options.largest != 0 ? std::min(options.largest, interface->mtu) : std::min(interface->mtu, 65535u);
  engine_options.smallest = to.is_v6 ? 1280 : 576;
  PathMtu engine(engine_options);
  const u16 port = static_cast<u16>(33000 + std::random_device()() % 30000), number = static_cast<u16>(std::random_device()());
  const auto make = [&, from = route->loopback ? to : route->source](u64 i) {
    const PathMtuProbe p = engine.probe(i);
    const bool datagram = p.kind == PathMtuProbe::datagram;
    return Result<Packet>(make_probe({.from = from, .to = to, .protocol = datagram ? ProbeProtocol::udp : ProbeProtocol::icmp, .port = static_cast<u16>(options.port),
                                      .source_port = static_cast<u16>(datagram ? port + i : port),
                                      .number = static_cast<u16>(number + i), .hop_limit = p.hop_limit, .size = p.size}));
  };
  SendOptions sending = options.plan;
  sending.rate = "1000";
  auto ready = ready_to_send(sending, "pmtu", {.count = PathMtu::most_probes, .make = make});
  if (!ready) return ready.error();
  const HostNames names(!options.numbers);
  WhyLater why(!options.no_why, {question_about(to, -1, -1, options.format, options.numbers, options.plan)});
  auto opened = LiveWire::open({&ready->plan, 1}, PathMtu::most_probes, ready->record.get());
  if (!opened) return complain_and_exit(opened.error());
  LiveWire& wire = **opened;
  if (auto closed = confine(); !closed) return complain_and_exit(closed.error());
  stop_on_signals();
  LiveBlock live(options.format == "text", STDOUT_FILENO);
  const auto ended = run(engine, wire, stop_requested, [&] {
    live.show(wire.clock().now(), [&](TextBuffer& t) { append_progress(engine.progress(), t); });
  });
  live.clear();
  tell_troubles(wire);
  if (!ended) return complain_and_exit(ended.error());
  if (stop_requested) return complain("pmtu: interrupted, before it was known"), close_record(ready->record.get(), wire.sent(), negative);
  PathMtuReport report(options, {options.host, to}, engine_options.largest, interface->name, names);
  report.tell(engine.result());
  if (!engine.result().reached) why.ask(0);
  return close_record(ready->record.get(), wire.sent(), report.exit_code(engine.result().reached ? ok : negative));
}

}  // namespace rawket::cli
