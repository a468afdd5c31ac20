// rawket discover: which hosts are there, by asking on the link or along routes, or by listening alone.
#include <algorithm>
#include <random>

#include "confining.hpp"
#include "discover_report.hpp"
#include "planning.hpp"
#include "rawket/base/text.hpp"
#include "rawket/inspect/host_sweeps.hpp"
#include "rawket/inspect/stateless_wire.hpp"
#include "rawket/io/packet_socket.hpp"
#include "stopping.hpp"
#include "target_list.hpp"

namespace rawket::cli {
namespace {

class Discovering {
 public:
  Discovering(const DiscoverCommand& options, HostTable table) : o_(options), table_(std::move(table)), report_(options, MacVendors::load()) {}

  int actively(const std::vector<Interface>& all) {
    if (!read_time("--timeout", o_.timeout, engine_.timeout)) return usage;
    if (engine_.timeout <= 0) return complain("--timeout: an answer needs some time, like 1s"), int{usage};
    set_near(all);
    const auto sweeps = find_sweeps(all);
    if (!sweeps) return complain_and_exit(sweeps.error());
    if (std::ranges::any_of(*sweeps, [&](const HostSweep& s) { return s.interface != sweeps->front().interface; })) report_.of_several_links();
    for (const HostSweep& s : *sweeps)
      if (auto opened = open(s); !opened) return opened.error();
    if (o_.plan.dry_run) return ok;
    if (auto closed = confine(); !closed) return complain_and_exit(closed.error());
    stop_on_signals();
    SystemClock clock;
    const Nanoseconds began = clock.now();
    troubles_.resize(wires_.size());
    int code = ok;
    for (std::size_t i = 0; i < wires_.size() && !stop_requested; ++i)
      if (auto swept = sweep((*sweeps)[i], i); !swept) code = complain_and_exit(swept.error());  // what was found is told all the same
    account_.took = clock.now() - began;
    const int told = end();
    if (stop_requested && !report_.closed()) return complain("discover: interrupted: not all were asked, or had the time to answer"), int{packets_lost};
    return code != ok ? code : told;
  }

  int passively(const std::vector<Interface>& all) {
    Nanoseconds duration = 0;
    if (!read_time("--duration", o_.duration, duration)) return usage;
    if (!o_.duration.empty() && duration <= 0) return complain("--duration: listening needs some time, like 5s"), int{usage};
    set_near(all);
    const auto wanted = std::ranges::find_if(all, [this](const Interface& i) { return o_.plan.interface.empty() ? can_be_swept(i) : i.name == o_.plan.interface; });
    if (wanted == all.end()) return complain("discover: there is no interface to listen on\n  -i names one; rawket iface shows them"), int{io_error};
    PacketSocketOptions how{.interface = wanted->name, .promiscuous = true};
    const auto link = link_type_for(how);
    if (!link) return complain_and_exit(link.error());
    const auto filter = Filter::compile(std::string(HostProbes::host_words), *link);
    if (!filter) return complain_and_exit(filter.error());
    how.filter = &*filter;
    auto ears = PacketSocket::open(how);
    if (!ears) return complain_and_exit(ears.error());
    if (auto closed = confine(); !closed) return complain_and_exit(closed.error());
    stop_on_signals();
    complain("listening on " + wanted->name + (duration > 0 ? "" : "; Ctrl-C ends it"));
    if (auto heard = listen(**ears, wanted->name, duration); !heard) return complain_and_exit(heard.error());
    account_.dropped = (*ears)->counters().dropped;
    return end();
  }

 private:
  void set_near(const std::vector<Interface>& all) {
    std::vector<OwnAddress> near;
    for (const Interface& i : all)
      for (const Prefix& p : i.addresses) near.push_back({p, i.name});
    table_.is_near(std::move(near));
  }

  Result<std::vector<HostSweep>> find_sweeps(const std::vector<Interface>& all) {
    if (!o_.who.none()) {
      auto targets = RAWKET_TRY(read_targets("discover", o_.who, family_of(o_.only_v4, o_.only_v6)));
      some_unknown_ = targets.some_unknown;
      const auto is_own = [&all](const IpAddress& a) { return std::ranges::any_of(all, [&a](const Interface& i) { return i.has(a); }); };
      if (const auto own = std::ranges::find_if(targets.hosts, is_own); own != targets.hosts.end() && targets.hosts.size() > 1)
        complain("discover: " + own->text() + " is this machine's own address: only who else has it would answer");
      std::vector<Error> not_reached;
      auto sweeps = RAWKET_TRY(sweeps_of(std::move(targets.hosts), all, routed(), not_reached));
      if (sweeps.empty() && !not_reached.empty()) return Failure{not_reached.front()};
      for (const Error& e : not_reached) complain(e), some_unknown_ = true;
      if (sweeps.empty()) return fail(Errc::out_of_range, "discover", "these are this machine's own addresses", "name others, or a prefix");
      return sweeps;
    }
    const auto exclude = RAWKET_TRY(read_exclusions(o_.who));
    std::vector<Prefix> left_out;
    auto sweeps = RAWKET_TRY(sweeps_of_own_networks(all, {.v4 = !o_.only_v6, .v6 = !o_.only_v4, .routed = routed(), .interface = o_.plan.interface, .exclude = exclude}, left_out));
    if (std::ranges::any_of(exclude, [](const Prefix& p) { return p.address.is_v6; })) complain("discover: IPv6 hosts are asked all at once, and one is left out: none is asked");
    for (const Prefix& p : left_out) complain("discover: " + p.text() + " is large: name it, or a part of it");
    if (sweeps.empty()) return fail(Errc::out_of_range, "discover", "no interface has a network of its own to look into", "name a prefix, like 198.18.0.0/24");
    return sweeps;
  }

  std::expected<void, int> open(const HostSweep& swept) {
    const SweepProbes& probes = *swept.probes;
    SendOptions sending = o_.plan;
    const bool on_link = swept.question != HostQuestion::echo && swept.question != HostQuestion::tcp;
    if (on_link) sending.interface = swept.interface, sending.granted = {"broadcast", "multicast"};  // that is how a link is asked
    sending.retries = o_.passes - 1;
    if (!wires_.empty()) sending.record.clear();
    auto ready = ready_to_send(sending, "discover", {.count = probes.count(), .make = [&probes](u64 i) -> Result<Packet> { return probes.make(i); }});
    if (!ready) return o_.plan.dry_run && ready.error() == ok ? std::expected<void, int>() : std::unexpected(ready.error());
    if (ready->record != nullptr) record_ = std::move(ready->record);
    plans_.push_back(std::make_unique<ApprovedPlan>(std::move(ready->plan)));
    auto wire = StatelessWire::open(*plans_.back(), probes, record_.get(), [this, link = swept.interface](const Dissection& d, Nanoseconds time) { observe(d, time, link); });
    if (!wire) return std::unexpected(complain_and_exit(wire.error()));
    wires_.push_back(std::move(*wire));
    return {};
  }

  RoutedQuestion routed() const { return {.also_near = o_.echo || o_.tcp > 0, .tcp_port = static_cast<u16>(std::max(o_.tcp, 0)), .interface = o_.who.none() ? "" : o_.plan.interface}; }

  Result<void> sweep(const HostSweep& swept, std::size_t number) {
    if (troubles_[number]) return Failure{*troubles_[number]};
    const auto* by_tcp = swept.question == HostQuestion::tcp ? static_cast<const ScanProbes*>(swept.probes.get()) : nullptr;
    ScanOptions engine = engine_;
    engine.passes = o_.passes;
    engine.rate = plans_[number]->plan().rate;
    engine.seed = std::random_device()();
    Scan scan(engine, *swept.probes, [&](const SweepProbes::Match& m) {
      if (by_tcp == nullptr || m.verdict == PortVerdict::filtered) return;  // what a router says is not of the host
      for (const KnownHost* h : table_.answered(by_tcp->targets().host(m.probe), HeardBy::tcp, wall_clock())) report_.news(*h);
    });
    RAWKET_TRY(run(scan, *wires_[number], stop_requested, [this, number] { attend_others(number), tick(); }));
    // One question to all: how many will answer is not known, so the whole time is theirs.
    if (swept.question == HostQuestion::group_echo) RAWKET_TRY(listen_on(number, engine.timeout));
    if (wires_[number]->failure()) complain(*wires_[number]->failure());
    account_.asked += wires_[number]->sent(), account_.answered += scan.account().open + scan.account().closed;
    return {};
  }

  Result<void> listen_on(std::size_t number, Nanoseconds duration) {
    StatelessWire& wire = *wires_[number];
    for (const Nanoseconds end = wire.clock().now() + duration; wire.clock().now() < end && !stop_requested; tick()) {
      RAWKET_TRY(wire.listen(std::min(end, wire.clock().now() + 100 * millisecond), [](const Heard&) {}));
      attend_others(number);
    }
    return {};
  }

  Result<void> listen(PacketSocket& ears, const std::string& link, Nanoseconds duration) {
    SystemClock clock;
    Dissection d;
    const Nanoseconds began = clock.now();
    while (!stop_requested && (duration == 0 || clock.now() - began < duration)) {
      for (const CapturedPacket& p : RAWKET_TRY(ears.next(100 * millisecond))) {
        dissect(standard_registry(), link_protocol(standard_registry(), static_cast<u16>(p.info.link_type)), p.bytes, d);
        observe(d, p.info.time, link);
      }
      tick();
    }
    return {};
  }

  void observe(const Dissection& d, Nanoseconds time, const std::string& link) {
    for (const KnownHost* h : table_.observe(d, time, link)) report_.news(*h);
  }
  /// Those whose turn has not come, or is over: what they hear is observed, and does not pile up.
  void attend_others(std::size_t number) {
    for (std::size_t i = 0; i < wires_.size(); ++i)
      if (auto heard = i != number ? wires_[i]->listen(0, [](const Heard&) {}) : Result<void>(); !heard) troubles_[i] = heard.error();
  }
  void tick() {
    report_.flush();
    report_.live(table_, SystemClock().now());
    if (report_.closed()) stop_requested = true;
  }
  int end() {
    u64 sent = 0;
    for (const auto& w : wires_) sent += w->sent(), account_.dropped += w->counters().dropped;
    report_.summary(table_, account_);
    return close_record(record_.get(), sent, report_.exit_code(table_.empty() || some_unknown_ ? negative : ok));
  }

  const DiscoverCommand& o_;
  HostTable table_;
  DiscoverReport report_;
  ScanOptions engine_;
  std::vector<std::unique_ptr<ApprovedPlan>> plans_;
  std::vector<std::unique_ptr<StatelessWire>> wires_;
  std::vector<std::optional<Error>> troubles_;  ///< of wires whose turn has not come
  std::unique_ptr<Sink> record_;
  DiscoverAccount account_;
  bool some_unknown_ = false;  ///< of the targets
};

}  // namespace

int run_discover(const DiscoverCommand& options) {
  auto table = HostTable::create();
  if (!table) return complain_and_exit(table.error());
  auto all = interfaces();
  if (!all) return complain_and_exit(all.error());
  if (!options.plan.interface.empty())
    if (const auto named = interface_named(options.plan.interface); !named) return complain_and_exit(named.error());
  Discovering discovering(options, std::move(*table));
  return options.passive ? discovering.passively(*all) : discovering.actively(*all);
}

}  // namespace rawket::cli
