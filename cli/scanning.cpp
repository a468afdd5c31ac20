// rawket scan: targets and ports become a plan, a wire is opened that fits the rights, and the scan runs on it.
#include <algorithm>
#include <random>

#include "confining.hpp"
#include "planning.hpp"
#include "rawket/base/text.hpp"
#include "rawket/host/route_table.hpp"
#include "rawket/inspect/connect_wire.hpp"
#include "rawket/inspect/stateless_wire.hpp"
#include "scan_memory.hpp"
#include "scan_report.hpp"
#include "stopping.hpp"
#include "target_list.hpp"

namespace rawket::cli {
namespace {

constexpr u64 most_probes = u64{1} << 22;

/// "22,80,8000-8100,https", in the order given, each once.
Result<std::vector<u16>> read_ports(const std::string& text, bool udp) {
  std::vector<u16> ports;
  std::vector<bool> known(65536);
  const auto add = [&](u64 p) {
    if (!known[p]) known[p] = true, ports.push_back(static_cast<u16>(p));
  };
  for (std::string_view part : split(text, ',')) {
    if (part == "-") part = "1-65535";  // as nmap's -p-
    std::string name(part);
    std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (const auto named = name.find_first_not_of("0123456789-") == name.npos ? std::nullopt : port_of_service(name, udp)) {
      add(*named);
      continue;
    }
    const std::size_t dash = part.find('-');
    const auto low = parse_number(part.substr(0, dash)), high = dash == part.npos ? low : parse_number(part.substr(dash + 1));
    if (!low || !high || *low > *high || *high > 65535) return fail(Errc::malformed, "--ports", "'" + clean_text(part) + "' is no port, range of ports or service that /etc/services knows", "22,80,8000-8100,https");
    for (u64 p = *low; p <= *high; ++p) add(p);
  }
  return ports;
}

/// The command line takes no other word.
ScanKind kind_of(const ScanCommand& o) { return o.kind.empty() && !o.udp ? ScanKind::syn : o.udp ? ScanKind::udp : static_cast<ScanKind>(std::ranges::find(scan_kind_names, o.kind) - std::begin(scan_kind_names)); }

/// Its words, read: what is asked, and by what.
struct ScanWords {
  ScanOptions engine;
  ScanTargets targets;
  bool some_unknown = false;  ///< of the targets named
};

/// Those to which a route leads, if it is one: probes have one source, and answers are listened to on one interface. This machine
/// is asked by itself, not among others.
std::expected<void, int> keep_reachable(std::vector<IpAddress>& hosts, const ScanCommand& o, bool& some_unknown) {
  auto groups = group_by_route(hosts, {.interface = o.plan.interface});
  if (!groups) return std::unexpected(complain_and_exit(groups.error()));
  int code = ok;
  for (const RouteGroup& g : *groups)
    if (g.no_route) code = complain_and_exit(*g.no_route), some_unknown = true;
  std::erase_if(*groups, [](const RouteGroup& g) { return g.no_route.has_value(); });
  if (groups->empty()) return std::unexpected(code);
  const auto is_own = [](const RouteGroup& g) { return g.route->loopback; };
  if (const auto own = std::ranges::find_if(*groups, is_own); own != groups->end() && !std::ranges::all_of(*groups, is_own)) {
    complain("scan: " + own->hosts.front().text() + " is this machine's own address: it is left out; scan it by itself");
    std::erase_if(*groups, is_own);
  }
  hosts.clear();
  for (const RouteGroup& g : *groups) hosts.insert(hosts.end(), g.hosts.begin(), g.hosts.end());
  if (groups->size() == 1 || o.kind == "connect") return {};
  const auto by = [](const RouteGroup& g) { return g.hosts.front().text() + " from " + g.route->source.text(); };
  const std::string ways = by(groups->front()) + ", " + by(groups->back());
  return complain("scan: the targets are reached in several ways (" + ways + ")\n  give them to several commands, or say --by connect"), std::unexpected<int>(usage);
}

std::expected<ScanWords, int> read_words(const ScanCommand& o) {
  ScanWords w{.engine = {.passes = o.passes, .seed = std::random_device()()}, .targets = {}};
  if (!read_time("--timeout", o.timeout, w.engine.timeout)) return std::unexpected<int>(usage);
  if (w.engine.timeout <= 0) return complain("--timeout: an answer needs some time, like 1s"), std::unexpected<int>(usage);
  auto ports = read_ports(o.ports, o.udp);
  if (!ports) return complain(ports.error()), std::unexpected<int>(usage);
  auto found = read_targets("scan", o.who, family_of(o.only_v4, o.only_v6));
  if (!found) return std::unexpected(complain_and_exit(found.error()));
  if (auto kept = keep_reachable(found->hosts, o, found->some_unknown); !kept) return std::unexpected(kept.error());
  if (u64{found->hosts.size()} * ports->size() > most_probes) return complain("scan: more than 4,194,304 ports of hosts: divide it"), std::unexpected<int>(usage);
  w.targets = {std::move(found->hosts), std::move(*ports)};
  w.some_unknown = found->some_unknown;
  return w;
}

class Scanning {
 public:
  Scanning(const ScanCommand& options, ScanWords words, const ScanProbes& probes, ReadyToSend ready)
      : o_(options), probes_(probes), ready_(std::move(ready)), report_(options, probes),
        scan_(words.engine, probes, [this](const ScanProbes::Match& m) { report_.verdict(m); }), patience_(words.engine.timeout), some_unknown_(words.some_unknown) {}

  /// All that needs a right or a file.
  std::expected<void, int> open() {
    if (!o_.resume.empty()) {
      auto memory = ScanMemory::open(o_.resume, probes_.targets(), probes_.kind());
      if (!memory) return std::unexpected(complain_and_exit(memory.error()));
      memory_ = std::move(*memory);
    }
    const auto opened = probes_.kind() == ScanKind::connect ? open_connecting() : open_raw();
    if (!opened) return std::unexpected(complain_and_exit(opened.error()));
    if (!o_.banner) return {};
    auto connections = Connections::open(ready_.plan, patience_, o_.plan.interface);
    if (!connections) return std::unexpected(complain_and_exit(connections.error()));
    talk_ = ServiceTalk::open(std::move(*connections), server_name(), ready_.plan.plan().rate, std::max<Nanoseconds>(patience_, second));
    if (!talk_->why_no_tls().empty()) complain("scan: " + talk_->why_no_tls());
    return {};
  }

  int run_it() {
    if (auto closed = confine({.connections = connecting_ != nullptr || talk_ != nullptr}); !closed) return complain_and_exit(closed.error());
    stop_on_signals();
    if (memory_ && memory_->found()) go_on();
    SystemClock clock;
    const Nanoseconds began = clock.now();
    const auto ended = run(scan_, wire(), stop_requested, [&] { tick(clock.now()); });
    const Nanoseconds took = clock.now() - began;
    const auto& failure = raw_ ? raw_->failure() : connecting_->failure();
    if (failure) complain(*failure);
    if (talk_ && ended && !stop_requested) ask_services();
    if (o_.all) tell_silent();
    keep(ended.has_value());
    return tell(ended, took);
  }

 private:
  Result<void> open_raw() {
    auto wire = StatelessWire::open(ready_.plan, probes_, ready_.record.get());
    const bool may_connect = o_.kind.empty() && !o_.udp && ready_.record == nullptr;
    if (!wire && may_connect && wire.error().code == Errc::no_permission) {
      complain("scan: no right for raw sockets, so the kernel connects (--by connect)\n  " + wire.error().advice);
      return open_connecting();
    }
    if (!wire) return Failure{wire.error()};
    raw_ = std::move(*wire);
    return {};
  }

  Result<void> open_connecting() {
    if (ready_.record != nullptr) return fail(Errc::refused, "--record", "connections are made of the kernel's packets", "capture them: rawket capture tcp -w FILE");
    connecting_ = std::make_unique<ConnectWire>(RAWKET_TRY(Connections::open(ready_.plan, patience_, o_.plan.interface)));
    connecting_->tell([this](const ScanProbes::Match& m) { scan_.matched(m); });
    return {};
  }

  /// What was typed, where it is one name.
  std::string server_name() const {
    const auto& all = o_.who.targets;
    const bool name = all.size() == 1 && o_.who.file.empty() && probes_.targets().hosts.size() == 1 && all[0].find('/') == std::string::npos && !IpAddress::parse(all[0]);
    return name ? all[0] : std::string();
  }

  /// Those that were asked and said nothing.
  void tell_silent() {
    const std::string_view reason = probes_.silence_is_an_answer() ? "nothing came back: open or filtered" : "nothing came back";
    const ScanState state = scan_.state();
    for (u64 i = 0; i < state.marks.size() && !report_.closed(); ++i)
      if (state.marks[static_cast<std::size_t>(i)] == 0) report_.verdict({i, PortVerdict::unknown, reason});
  }

  void ask_services() {
    report_.flush();
    std::vector<u64> open;
    for (u64 i = 0; i < probes_.count(); ++i)
      if (scan_.verdict(i) == PortVerdict::open) open.push_back(i);
    const auto talked = talk_->talk(open, probes_.targets(), stop_requested, [this](u64 probe, const ServiceWords& words) {
      report_.service(probe, words);
      report_.flush();
      if (report_.closed()) stop_requested = true;
    });
    if (!talked) complain(talked.error());
  }

  Wire& wire() { return raw_ ? static_cast<Wire&>(*raw_) : *connecting_; }
  ScanTraffic traffic() const {
    if (connecting_) return {.sent = connecting_->sent()};
    return {raw_->sent(), raw_->seen_leaving(), raw_->counters().dropped};
  }

  /// What was found before is told again: the output is whole.
  void go_on() {
    const ScanState& s = *memory_->found();
    for (u64 i = 0; i < s.marks.size(); ++i)
      if (const u8 mark = s.marks[static_cast<std::size_t>(i)]; mark != 0 && mark != ScanState::not_asked) report_.verdict({i, static_cast<PortVerdict>(mark), "found before the interruption"});
    complain("scan: goes on in pass " + std::to_string(std::max(s.pass, 1u)) + ", with " + std::to_string(std::ranges::count(s.marks, ScanState::not_asked)) + " probes of it still to send");
    scan_.resume(s);
  }

  void tick(Nanoseconds now) {
    report_.flush();
    report_.progress(scan_, now);
    if (report_.closed()) stop_requested = true;
    if (!memory_) return;
    if (auto kept = memory_->keep_now_and_then(scan_, traffic(), now); !kept) complain(kept.error()), stop_requested = true;
  }

  void keep(bool ended_well) {
    if (!memory_) return;
    const bool complete = ended_well && !stop_requested && scan_.all_left();
    const auto kept = complete ? memory_->complete() : memory_->keep(scan_, traffic());
    if (!kept) complain(kept.error());
    else if (!complete) complain("scan: not complete; the same command goes on from here (" + clean_text(o_.resume) + ")");
  }

  int tell(const Result<void>& ended, Nanoseconds took) {
    const ScanAccount account = scan_.account();
    ScanTraffic all = traffic();
    if (memory_) all.sent += memory_->before().sent, all.seen_leaving += memory_->before().seen_leaving, all.dropped += memory_->before().dropped;
    report_.account(account, all, {connecting_ != nullptr, stop_requested, talk_ ? talk_->begun() : 0}, took);
    if (!ended) return complain_and_exit(ended.error());
    if (stop_requested && !memory_) complain("scan: interrupted; with --resume FILE it could go on from here");
    const bool enough = account.recall_at_least() >= o_.recall || account.answered == 0 || account.answers_limited;
    return close_record(ready_.record.get(), traffic().sent, report_.exit_code(!enough || account.not_asked > 0 ? packets_lost : account.open + account.unfiltered > 0 && !some_unknown_ ? ok : negative));
  }

  const ScanCommand& o_;
  const ScanProbes& probes_;
  ReadyToSend ready_;
  ScanReport report_;
  Scan scan_;
  Nanoseconds patience_;
  bool some_unknown_;
  std::unique_ptr<ScanMemory> memory_;
  std::unique_ptr<StatelessWire> raw_;          ///< one of the two
  std::unique_ptr<ConnectWire> connecting_;
  std::unique_ptr<ServiceTalk> talk_;
};

}  // namespace

int run_scan(const ScanCommand& options) {
  auto words = read_words(options);
  if (!words) return words.error();
  const auto route = route_to(words->targets.hosts.front(), {.interface = options.plan.interface});
  if (!route) return complain_and_exit(route.error());
  std::random_device random;
  const auto source_port = static_cast<u16>(random() % 28232 + 32768);
  const IpAddress source = route->loopback ? words->targets.hosts.front() : route->source;
  const ScanProbes probes(std::move(words->targets), kind_of(options), source, source_port, random() | u64{random()} << 32);
  SendOptions sending = options.plan;
  sending.retries = options.passes - 1;
  sending.connect = probes.kind() == ScanKind::connect;
  Planning planning(sending, "scan", {.count = probes.targets().count(), .make = [&probes](u64 i) -> Result<Packet> { return probes.make(i); }});
  auto plan = planning.plan();
  if (!plan) return plan.error();
  if (sending.dry_run) return planning.dry_run(*plan);
  words->engine.rate = plan->rate;
  auto ready = planning.approve_plan(std::move(*plan));
  if (!ready) return ready.error();
  Scanning scanning(options, std::move(*words), probes, std::move(*ready));
  if (auto opened = scanning.open(); !opened) return opened.error();
  return scanning.run_it();
}

}  // namespace rawket::cli
