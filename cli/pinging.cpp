// rawket ping: words for the probes of each host, their plans, and what is told of the answers.
#include <algorithm>
#include <cerrno>
#include <random>

#include "confining.hpp"
#include "ping_report.hpp"
#include "planning.hpp"
#include "rawket/base/text.hpp"
#include "rawket/host/interfaces.hpp"
#include "rawket/host/names.hpp"
#include "stopping.hpp"
#include "target_list.hpp"
#include "why_later.hpp"
#include "wire.hpp"

namespace rawket::cli {
namespace {

constexpr u64 most_numbers = 1000;  // then they come round again
constexpr u32 flood_window = 64;
constexpr Nanoseconds longest_interval = 3600 * second;

/// A payload of `size` bytes that repeats the pattern; without one it counts.
std::string payload_hex(const PingCommand& o) {
  const std::vector<u8> pattern = parse_hex(o.pattern).value_or(std::vector<u8>());
  std::vector<u8> bytes(o.size);
  for (u32 i = 0; i < o.size; ++i) bytes[i] = pattern.empty() ? static_cast<u8>(i) : pattern[i % pattern.size()];
  TextBuffer hex;
  hex.hex(Bytes(bytes));
  return std::string(hex.view());
}

class ProbeWords {
 public:
  ProbeWords(const PingCommand& options, u64 numbers) : o_(options), numbers_(numbers) {}

  Result<std::vector<std::string>> of(const IpAddress& to) const {
    if (o_.arp) return to.is_v6 ? solicitation(to) : arp(to);
    std::vector<std::string> words = ip(to);
    const auto add = [&words](std::initializer_list<std::string> more) { words.insert(words.end(), more); };
    const std::string range = "=" + std::to_string(first_port_) + "-" + std::to_string(first_port_ + numbers_ - 1);
    if (o_.tcp >= 0) return add({"/", "tcp", "sport" + range, "dport=" + std::to_string(o_.tcp), "flags=S"}), words;
    if (o_.udp >= 0) add({"/", "udp", "sport" + range, "dport=" + std::to_string(o_.udp)});
    else add({"/", to.is_v6 ? "icmpv6" : "icmp", "/", to.is_v6 ? "icmpv6_echo" : "icmp_echo", "seq=0-" + std::to_string(numbers_ - 1)});
    if (const std::string hex = payload_hex(o_); !hex.empty()) add({"/", "hex=" + hex});
    return words;
  }

 private:
  std::vector<std::string> ip(const IpAddress& to) const {
    std::vector<std::string> words = {to.is_v6 ? "ipv6" : "ip", "dst=" + to.text()};
    if (o_.hop_limit > 0) words.push_back((to.is_v6 ? "hop_limit=" : "ttl=") + std::to_string(o_.hop_limit));
    if (o_.dscp >= 0) words.push_back((to.is_v6 ? "traffic_class=" : "tos=") + std::to_string(o_.dscp << 2));
    return words;
  }

  static std::vector<std::string> arp(const IpAddress& to) { return {"eth", "dst=ff:ff:ff:ff:ff:ff", "/", "arp", "target=" + to.text()}; }

  Result<std::vector<std::string>> solicitation(const IpAddress& to) const {
    const Route route = RAWKET_TRY(route_to(to, {.interface = o_.plan.interface}));
    const Interface out = RAWKET_TRY(interface_numbered(route.interface));
    const IpAddress group = solicited_node(to.v6());
    return std::vector<std::string>{"eth", "dst=" + link_group(group).text(), "/", "ipv6", "src=" + route.source.text(), "dst=" + group.text(), "hop_limit=255", "/",
                                    "icmpv6", "type=135", "target=" + to.text(), "source_link=" + out.mac.text()};
  }

  const PingCommand& o_;
  u64 numbers_;
  u64 first_port_ = 32768 + std::random_device()() % 30000;
};

/// From the command's words to approved plans.
class PingPreparation {
 public:
  explicit PingPreparation(const PingCommand& options) : o_(options) {}

  std::expected<void, int> read_words() {
    if (!read_time("--interval", o_.interval, engine.interval) || !read_time("--timeout", o_.timeout, engine.timeout)) return std::unexpected<int>(usage);
    if (engine.timeout <= 0) return complain("--timeout: an answer needs some time, like 1s"), std::unexpected<int>(usage);
    if (engine.interval > longest_interval) return complain("--interval: at most an hour"), std::unexpected<int>(usage);
    if (!parse_hex(o_.pattern)) return complain("--pattern: hex bytes, like ff00"), std::unexpected<int>(usage);
    const bool fast = std::ranges::find(o_.plan.allow, "fast") != o_.plan.allow.end();
    if (o_.flood || (engine.interval == 0 && !o_.interval.empty())) engine.window = flood_window;
    if (o_.flood && o_.interval.empty()) engine.interval = fast ? 0 : millisecond;
    engine.count = o_.count;
    return {};
  }

  std::expected<void, int> find_hosts() {
    const Family family = family_of(o_.only_v4, o_.only_v6);
    for (const std::string& name : o_.hosts) {
      const auto found = addresses_of(name, family);
      if (found) hosts.push_back({name, found->front()});
      else skipped = complain_and_exit(found.error());
    }
    if (hosts.empty()) return std::unexpected(skipped);
    if (o_.flood && o_.interval.empty() && engine.interval > 0) engine.interval *= static_cast<Nanoseconds>(hosts.size());  // a thousand a second, to all of them
    const u64 wanted = o_.count != 0 ? o_.count : o_.plan.dry_run ? 1 : o_.plan.budget != 0 ? std::max<u64>(o_.plan.budget / hosts.size(), 1) : most_numbers;
    engine.stride = std::min(wanted, most_numbers);
    return {};
  }

  std::expected<void, int> make_plans() {
    const ProbeWords words(o_, engine.stride);
    std::vector<PingHost> possible;
    for (const PingHost& host : hosts) {
      auto probe = words.of(host.address);
      if (!probe) {
        skipped = complain_and_exit(probe.error());
        continue;
      }
      SendOptions plan = o_.plan;
      plan.words = std::move(*probe);
      // Each is judged as if it were all of them: the limits are the command's.
      plan.rate = engine.interval == 0 ? "max" : std::to_string(1e9 * static_cast<double>(hosts.size()) / static_cast<double>(engine.interval));
      plan.repeat = hosts.size() * (o_.arp ? engine.stride : o_.count == 0 ? 1 : (engine.count + engine.stride - 1) / engine.stride);
      if (o_.arp) plan.granted = {"broadcast", "multicast"};  // that is how neighbours are asked
      if (!ready.empty()) plan.record.clear();
      if (auto r = make_plan_of(plan); r) possible.push_back(host);
      else skipped = r.error();
    }
    hosts = std::move(possible);
    engine.targets = hosts.size();
    if (hosts.empty()) return std::unexpected(skipped);
    // Without a count it goes on until stopped, but no further than the policy lets all of them go.
    if (o_.count == 0 && !ready.empty() && !ready.front().policy().permitted.has(Need::many)) engine.count = std::max<u64>(ready.front().policy().most_packets / hosts.size(), 1);
    return {};
  }

  PingOptions engine;
  std::vector<PingHost> hosts;
  std::vector<ApprovedPlan> ready;
  std::unique_ptr<Sink> record;
  bool only_shown = false;
  int skipped = ok;  ///< why some host is not asked

 private:
  std::expected<void, int> make_plan_of(const SendOptions& options) {
    Planning planning(options, "ping");
    auto plan = planning.plan();
    if (!plan) return std::unexpected(plan.error());
    only_shown = options.dry_run;
    if (only_shown) return planning.dry_run(*plan) == ok ? std::expected<void, int>() : std::unexpected<int>(negative);
    auto approved = planning.approve_plan(std::move(*plan));
    if (!approved) return std::unexpected(approved.error());
    if (approved->record != nullptr) record = std::move(approved->record);
    ready.push_back(std::move(approved->plan));
    return {};
  }

  const PingCommand& o_;
};

}  // namespace

int run_ping(const PingCommand& options) {
  PingPreparation p(options);
  if (auto r = p.read_words(); !r) return r.error();
  if (auto r = p.find_hosts(); !r) return r.error();
  if (auto r = p.make_plans(); !r) return r.error();
  if (p.only_shown) return ok;
  std::vector<WhyCommand> questions;
  constexpr u32 headers = 48, long_enough = 1000;  // IPv6 is never cut up on the way; short packets are all alike
  for (const PingHost& h : p.hosts) {
    const u32 size = h.address.is_v6 && options.size >= long_enough ? options.size + headers : 0;
    questions.push_back(question_about(h.address, options.tcp, options.udp, options.format, options.numbers, options.plan, size));
  }
  const bool usual = options.hop_limit == 0 && options.tcp != 0 && options.udp != 0 && !options.arp;  // what `why` can ask too
  const HostNames names(!options.numbers);
  for (const PingHost& h : p.hosts) names.of(h.address);
  names.wait();
  for (PingHost& h : p.hosts)
    if (h.name == h.address.text()) h.found = names.of(h.address);
  WhyLater why(usual && !options.no_why && !options.quiet, std::move(questions));
  auto opened = open_wire("ping", p.ready, p.engine.stride, p.record.get());
  if (!opened) return complain_and_exit(opened.error());
  LiveWire& wire = *opened->wire;
  if (auto closed = confine(); !closed) return complain_and_exit(closed.error());
  stop_on_signals();
  PingReport report(options, p.hosts, names);
  Ping engine(p.engine, [&report](const PingEvent& e) { report.event(e); });
  const auto ended = run(engine, wire, stop_requested, [&] {
    report.live(engine.targets(), wire.clock().now());
    if (report.closed()) stop_requested = true;
  });
  tell_troubles(wire);
  const bool too_long = wire.failure() && wire.failure()->errno_value == EMSGSIZE;
  if (too_long) complain("ping: --fragment 1500 cuts probes up, or give a smaller --size");
  report.summary(engine.targets());
  for (std::size_t i = 0; i < engine.targets().size() && ended && !opened->plain && !too_long; ++i)
    if (const PingTarget& t = engine.targets()[i]; (t.sent > t.out || t.failed > 0) && t.answered == 0 && t.late == 0) why.ask(i);
  if (!ended) return complain_and_exit(ended.error());
  const bool all = std::ranges::all_of(engine.targets(), [](const PingTarget& t) { return t.round_trips.count() > 0; });
  const bool none_left = std::ranges::all_of(engine.targets(), [](const PingTarget& t) { return t.sent == 0 && t.failed > 0; });
  return close_record(p.record.get(), wire.sent(), report.exit_code(none_left ? io_error : all && p.skipped == ok ? ok : negative));
}

}  // namespace rawket::cli
