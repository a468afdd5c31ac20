// rawket discover: which hosts are there, by asking on the link or along routes, or by listening alone.
#include <algorithm>
#include <random>

#include "confining.hpp"
#include "discover_report.hpp"
#include "planning.hpp"
#include "rawket/base/text.hpp"
#include "rawket/inspect/host_probes.hpp"
#include "rawket/inspect/stateless_wire.hpp"
#include "rawket/io/packet_socket.hpp"
#include "stopping.hpp"
#include "target_list.hpp"

namespace rawket::cli {
namespace {

constexpr unsigned widest_default = 20;  ///< without a prefix: at most the 4,094 hosts of a /20 of each interface

Family family_of(const DiscoverCommand& o) { return o.only_v4 ? Family::v4 : o.only_v6 ? Family::v6 : Family::any; }

bool is_usable(const Interface& i) {
  constexpr u16 ethernet = 1;
  return i.up && !i.loopback && i.hardware_type == ethernet;
}

bool is_link_local(const IpAddress& a) { return a.is_v6 && a.octets[0] == 0xfe && (a.octets[1] & 0xc0) == 0x80; }

/// Its address that questions to `to` come from.
IpAddress source_on(const Interface& i, bool v6, bool link_local) {
  for (const Prefix& p : i.addresses)
    if (p.address.is_v6 == v6 && is_link_local(p.address) == link_local) return p.address;
  for (const Prefix& p : i.addresses)
    if (p.address.is_v6 == v6) return p.address;
  IpAddress none;
  none.is_v6 = v6;
  return none;
}

/// Sweeps: what is asked, by which interface.
class Sweeps {
 public:
  Sweeps(const DiscoverCommand& options, std::vector<Interface> all) : o_(options), all_(std::move(all)) {}

  Result<void> find() {
    if (!o_.targets.empty()) {
      RAWKET_TRY(add_targets());
      if (probes.empty()) return fail(Errc::out_of_range, "discover", "these are this machine's own addresses", "name others, or a prefix");
      return {};
    }
    for (const Interface& i : all_) {
      if (!is_usable(i) || (!o_.plan.interface.empty() && i.name != o_.plan.interface)) continue;
      if (!o_.only_v6) RAWKET_TRY(add_own_networks(i));
      if (!o_.only_v4) add_groups(i);
    }
    if (probes.empty()) return fail(Errc::out_of_range, "discover", "no interface has a network of its own to look into", "name a prefix, like 198.18.0.0/24");
    return {};
  }

  std::vector<std::unique_ptr<HostProbes>> probes;
  std::vector<std::string> interfaces;   ///< of each

 private:
  Result<void> add_own_networks(const Interface& i) {
    for (const Prefix& p : i.addresses) {
      if (p.address.is_v6) continue;
      if (p.length < widest_default) {
        complain("discover: " + p.text() + " on " + i.name + " is larger than a /" + std::to_string(widest_default) + ": name it, or a part of it");
        continue;
      }
      std::vector<IpAddress> hosts;
      RAWKET_TRY(add_prefix("discover", p, hosts));
      if (o_.echo) std::erase(hosts, p.address);  // of the link it is asked too: somebody else may have it
      if (!hosts.empty()) add(o_.echo ? HostQuestion::echo : HostQuestion::arp, std::move(hosts), i, p.address);
    }
    return {};
  }

  void add_groups(const Interface& i) {
    const IpAddress all_nodes = *IpAddress::parse("ff02::1");
    for (const bool link_local : {true, false}) {
      const IpAddress source = source_on(i, true, link_local);
      if (is_link_local(source) == link_local && source.octets != IpAddress().octets) add(HostQuestion::group_echo, {all_nodes}, i, source);
    }
  }

  /// On the link by its own means, else by echo.
  Result<void> add_targets() {
    auto hosts = RAWKET_TRY(read_targets("discover", o_.targets, family_of(o_)));
    const bool v6 = hosts.front().is_v6;
    for (const Interface& i : all_) {
      const auto near = std::partition(hosts.begin(), hosts.end(), [&](const IpAddress& a) {
        return !is_usable(i) || std::ranges::none_of(i.addresses, [&a](const Prefix& p) { return p.contains(a); });
      });
      std::vector<IpAddress> here(near, hosts.end());
      hosts.erase(near, hosts.end());
      if (!here.empty() && !o_.echo) add(v6 ? HostQuestion::solicitation : HostQuestion::arp, std::move(here), i, source_on(i, v6, false));
      else std::ranges::copy_if(here, std::back_inserter(hosts), [&i](const IpAddress& a) { return std::ranges::none_of(i.addresses, [&a](const Prefix& p) { return p.address == a; }); });
    }
    if (hosts.empty()) return {};
    const Route route = RAWKET_TRY(route_to(hosts.front()));
    const auto out = std::ranges::find(all_, route.interface, &Interface::index);
    if (out != all_.end()) add(HostQuestion::echo, std::move(hosts), *out, route.loopback ? hosts.front() : route.source);
    return {};
  }

  void add(HostQuestion question, std::vector<IpAddress> hosts, const Interface& from, const IpAddress& source) {
    std::random_device random;
    probes.push_back(std::make_unique<HostProbes>(question, std::move(hosts), from, source, static_cast<u16>(random()), random()));
    interfaces.push_back(from.name);
  }

  const DiscoverCommand& o_;
  std::vector<Interface> all_;
};

class Discovering {
 public:
  Discovering(const DiscoverCommand& options, HostTable table) : o_(options), table_(std::move(table)), report_(options, MacVendors::load()) {}

  int actively(std::vector<Interface> all) {
    if (!read_time("--timeout", o_.timeout, engine_.timeout)) return usage;
    if (engine_.timeout <= 0) return complain("--timeout: an answer needs some time, like 1s"), int{usage};
    set_near(all);
    Sweeps sweeps(o_, std::move(all));
    if (auto found = sweeps.find(); !found) return complain_and_exit(found.error());
    for (std::size_t i = 0; i < sweeps.probes.size(); ++i)
      if (auto opened = open(*sweeps.probes[i], sweeps.interfaces[i]); !opened) return opened.error();
    if (o_.plan.dry_run) return ok;
    if (auto closed = confine(); !closed) return complain_and_exit(closed.error());
    stop_on_signals();
    SystemClock clock;
    const Nanoseconds began = clock.now();
    for (std::size_t i = 0; i < wires_.size() && !stop_requested; ++i)
      if (auto swept = sweep(*sweeps.probes[i], i); !swept) return complain_and_exit(swept.error());
    account_.took = clock.now() - began;
    return end();
  }

  int passively(const std::vector<Interface>& all) {
    Nanoseconds duration = 0;
    if (!read_time("--duration", o_.duration, duration)) return usage;
    if (!o_.duration.empty() && duration <= 0) return complain("--duration: listening needs some time, like 5s"), int{usage};
    set_near(all);
    const auto wanted = std::ranges::find_if(all, [this](const Interface& i) { return o_.plan.interface.empty() ? is_usable(i) : i.name == o_.plan.interface; });
    if (wanted == all.end()) return complain("discover: there is no interface to listen on\n  -i names one; rawket iface shows them"), int{io_error};
    PacketSocketOptions how{.interface = wanted->name, .promiscuous = true};
    const auto link = link_type_for(how);
    if (!link) return complain_and_exit(link.error());
    const auto filter = Filter::compile(HostProbes(HostQuestion::arp, {}, *wanted, {}, 0, 0).filter(), *link);
    if (!filter) return complain_and_exit(filter.error());
    how.filter = &*filter;
    auto ears = PacketSocket::open(how);
    if (!ears) return complain_and_exit(ears.error());
    if (auto closed = confine(); !closed) return complain_and_exit(closed.error());
    stop_on_signals();
    complain("listening on " + wanted->name + (duration > 0 ? "" : "; Ctrl-C ends it"));
    if (auto heard = listen(**ears, duration); !heard) return complain_and_exit(heard.error());
    account_.dropped = (*ears)->counters().dropped;
    return end();
  }

 private:
  void set_near(const std::vector<Interface>& all) {
    std::vector<Prefix> near;
    for (const Interface& i : all) near.insert(near.end(), i.addresses.begin(), i.addresses.end());
    table_.is_near(std::move(near));
  }

  std::expected<void, int> open(const HostProbes& probes, const std::string& interface) {
    SendOptions sending = o_.plan;
    const bool on_link = probes.question() != HostQuestion::echo;
    if (on_link) sending.interface = interface, sending.granted = {"broadcast", "multicast"};  // that is how a link is asked
    sending.retries = o_.passes - 1;
    if (!wires_.empty()) sending.record.clear();
    auto ready = ready_to_send(sending, "discover", {.count = probes.count(), .make = [&probes](u64 i) -> Result<Packet> { return probes.make(i); }});
    if (!ready) return o_.plan.dry_run && ready.error() == ok ? std::expected<void, int>() : std::unexpected(ready.error());
    if (ready->record != nullptr) record_ = std::move(ready->record);
    plans_.push_back(std::make_unique<ApprovedPlan>(std::move(ready->plan)));
    StatelessOptions hearing{.filter = probes.filter()};
    hearing.answers = [&probes](const Dissection& d) {
      const auto m = probes.match(d);
      return m ? std::optional(m->probe) : std::nullopt;
    };
    hearing.is_ours = [&probes](const Dissection& d) { return probes.is_ours(d); };
    hearing.observe = [this](const Dissection& d, Nanoseconds time) { observe(d, time); };
    auto wire = StatelessWire::open(*plans_.back(), std::move(hearing), record_.get());
    if (!wire) return std::unexpected(complain_and_exit(wire.error()));
    wires_.push_back(std::move(*wire));
    return {};
  }

  Result<void> sweep(const HostProbes& probes, std::size_t number) {
    constexpr double fastest = 1e7;
    ScanOptions engine = engine_;
    engine.passes = o_.passes;
    engine.rate = std::min(plans_[number]->plan().rate, fastest);
    engine.seed = std::random_device()();
    Scan scan(engine, probes, [](const SweepProbes::Match&) {});
    RAWKET_TRY(run(scan, *wires_[number], stop_requested, [this] { tick(); }));
    // One question to all: how many will answer is not known, so the whole time is theirs.
    if (probes.question() == HostQuestion::group_echo) RAWKET_TRY(wires_[number]->listen(wires_[number]->clock().now() + engine.timeout, [](const Heard&) {}));
    if (wires_[number]->failure()) complain(*wires_[number]->failure());
    account_.asked += wires_[number]->sent(), account_.answered += scan.account().answered, account_.dropped += wires_[number]->counters().dropped;
    return {};
  }

  Result<void> listen(PacketSocket& ears, Nanoseconds duration) {
    SystemClock clock;
    Dissection d;
    const Nanoseconds began = clock.now();
    while (!stop_requested && (duration == 0 || clock.now() - began < duration)) {
      for (const CapturedPacket& p : RAWKET_TRY(ears.next(100 * millisecond))) {
        dissect(standard_registry(), link_protocol(standard_registry(), static_cast<u16>(p.info.link_type)), p.bytes, d);
        observe(d, p.info.time);
      }
      tick();
    }
    return {};
  }

  void observe(const Dissection& d, Nanoseconds time) {
    for (const KnownHost* h : table_.observe(d, time)) report_.news(*h);
  }
  void tick() {
    report_.flush();
    if (report_.closed()) stop_requested = true;
  }
  int end() {
    report_.summary(table_, account_);
    u64 sent = 0;
    for (const auto& w : wires_) sent += w->sent();
    return close_record(record_.get(), sent, report_.exit_code(table_.hosts().empty() ? negative : ok));
  }

  const DiscoverCommand& o_;
  HostTable table_;
  DiscoverReport report_;
  ScanOptions engine_;
  std::vector<std::unique_ptr<ApprovedPlan>> plans_;
  std::vector<std::unique_ptr<StatelessWire>> wires_;
  std::unique_ptr<Sink> record_;
  DiscoverAccount account_;
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
  return options.passive ? discovering.passively(*all) : discovering.actively(std::move(*all));
}

}  // namespace rawket::cli
