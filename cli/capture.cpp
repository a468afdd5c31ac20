// rawket capture: opens all that is needed, gives up what is not, and lets the packets run.
#include <algorithm>
#include <thread>

#include "capturing.hpp"
#include "confining.hpp"
#include "filtering.hpp"
#include "rawket/base/text.hpp"
#include "rawket/host/interfaces.hpp"
#include "rawket/host/network_namespace.hpp"
#include "rawket/io/capture_file.hpp"
#include "rawket/io/merged_source.hpp"
#include "rawket/io/receivers.hpp"
#include "rawket/io/rotating_files.hpp"
#include "stopping.hpp"

namespace rawket::cli {
namespace {

/// The interface of the default route, else the first that is up and no loopback, else lo.
Result<std::string> choose_interface() {
  const auto all = RAWKET_TRY(interfaces());
  if (const auto route = route_to(IpAddress(Ipv4Address("192.0.2.1"))); route)
    for (const Interface& i : all)
      if (i.index == route->interface && !i.loopback) return i.name;
  for (const Interface& i : all)
    if (i.up && !i.loopback) return i.name;
  return std::string("lo");
}

PacketSocketOptions socket_options(const CaptureOptions& o, const std::string& interface) {
  PacketSocketOptions p;
  p.interface = interface == "any" ? std::string() : interface;
  p.cooked = o.cooked || interface == "any";
  p.promiscuous = o.promiscuous && interface != "any";
  p.snapshot_length = o.snapshot_length;
  p.engine = static_cast<ReceiveEngine>(std::ranges::find(receive_engine_names, o.engine) - std::begin(receive_engine_names));
  p.buffer_bytes = o.buffer_mib << 20;
  p.exact_segments = o.split;
  return p;
}

/// The capture filter joined with what the kernel can do of the display filter; nothing when that is nothing.
std::optional<Filter> with_kernel_part(const PacketFilter& filter, const Show& show, const PacketSocketOptions& how) {
  const std::string part = show.kernel_part();
  const auto link = part.empty() ? Result<LinkType>(LinkType::ethernet) : link_type_for(how);
  if (part.empty() || !link) return std::nullopt;
  auto joined = Filter::compile(filter.empty() ? part : "(" + filter.expression() + ") and (" + part + ")", *link);
  return joined ? std::optional(std::move(*joined)) : std::nullopt;
}

/// All that a capture needs, opened in the order in which rights are lost. An exit code where it stops: the message was given.
class Preparation {
 public:
  explicit Preparation(const CaptureOptions& options) : options_(options), filter_(options.filter) {}

  std::expected<void, int> read_words() {
    const auto time = [](const std::string& option, const std::string& text, Nanoseconds& out) {
      if (text.empty() || (parse_duration(text, out) && out > 0)) return true;
      complain(option + ": '" + clean_text(text) + "' is no time like 10s or 500ms");
      return false;
    };
    Nanoseconds every = 0;
    if (!time("--for", options_.duration, duration) || !time("-G", options_.file_time, rotation_.time) || !time("--pre-trigger", options_.pre_trigger, window_) || !time("--stats-every", options_.statistics_every, every))
      return std::unexpected<int>(usage);
    if (!parse_fanout()) return complain("--fanout: '" + clean_text(options_.fanout) + "' is none of hash, cpu, ebpf, with :N behind it (2 to 64)"), std::unexpected<int>(usage);
    rotation_.bytes = static_cast<u64>(options_.file_megabytes * 1e6);
    rotation_.packets = options_.file_packets;
    if (const std::string wrong = contradiction(); !wrong.empty()) return complain(wrong), std::unexpected<int>(usage);
    auto made = Show::create(options_.show);
    if (!made) return std::unexpected(complain_and_exit(made.error()));
    show.emplace(std::move(*made));
    if (options_.trigger.empty()) return {};
    ShowOptions only;
    only.display_filter = options_.trigger;
    auto matcher = Show::create(only);
    if (!matcher) return std::unexpected(complain_and_exit(matcher.error()));
    trigger.emplace(std::move(*matcher));
    return {};
  }

  Result<void> choose_interfaces() {
    if (!options_.netns.empty()) RAWKET_TRY(enter_network_namespace(options_.netns));
    if (options_.interfaces.empty()) options_.interfaces.push_back(RAWKET_TRY(choose_interface()));
    for (const std::string& name : options_.interfaces)
      if (name != "any") RAWKET_TRY(interface_named(name));
    return {};
  }

  std::expected<void, int> open_sockets() {
    std::vector<std::unique_ptr<ReceivingSocket>> sockets;
    for (const std::string& name : options_.interfaces) {
      PacketSocketOptions how = socket_options(options_, name);
      std::optional<Filter> sieve;
      if (!filter_.empty()) {
        const auto link = link_type_for(how);
        if (!link) return std::unexpected(complain_and_exit(link.error()));
        const auto f = filter_.compiled(*link);
        if (!f) return complain(f.error()), std::unexpected<int>(usage);
        how.filter = *f;
      }
      if ((sieve = with_kernel_part(filter_, *show, how))) how.filter = &*sieve;
      auto opened = open_receivers(how, fanout_, members_);
      if (!opened) return std::unexpected(complain_and_exit(opened.error()));
      if (!opened->why.empty()) complain(opened->why);
      const ReceiveEngine got = opened->sockets.front()->engine();
      if (got == ReceiveEngine::xdp || got == ReceiveEngine::xdp_generic)
        complain("AF_XDP takes " + (filter_.empty() ? std::string("all that comes in") : "what matches '" + filter_.expression() + "'") + " by " + name + " from this machine, until the capture ends");
      for (auto& socket : opened->sockets) sockets.push_back(std::move(socket));
    }
    if (sockets.size() == 1) source = std::move(sockets.front());
    else source = merge(std::move(sockets));
    return {};
  }

  Result<void> open_files(CountersNow counters) {
    if (options_.write.empty()) return {};
    const auto names = source->interfaces();
    WriterOptions how{.format = format_of(options_.write), .compression = compression_of(options_.write), .interfaces = {names.begin(), names.end()}, .source = source.get(), .patience = pipe_patience};
    if (rotation_.wanted()) {
      auto keeper = RAWKET_TRY(FileKeeper::start(options_.write, options_.keep_files));
      sink = RAWKET_TRY(create_rotating(std::move(keeper), std::move(how), rotation_, std::move(counters)));
    } else {
      sink = RAWKET_TRY(create_capture(options_.write, std::move(how)));
    }
    if (window_ == 0) return {};
    auto remembering = PreTrigger::create(std::move(sink), window_, u64{options_.pre_trigger_mib} << 20);
    waiting = remembering.get();
    sink = std::move(remembering);
    return {};
  }

  Result<void> start_helpers() {
    if (options_.process) processes = RAWKET_TRY(ProcessFinder::start());
    if (!options_.run.empty()) command.emplace(RAWKET_TRY(WatchedCommand::start(options_.run)));
    return {};
  }

  const CaptureOptions& options() const { return options_; }
  std::string what() const {
    std::string names;
    for (const std::string& name : options_.interfaces) names += (names.empty() ? "" : ", ") + name;
    return names + (filter_.empty() ? "" : " what matches '" + filter_.expression() + "'");
  }

  Nanoseconds duration = 0;
  std::optional<Show> show, trigger;
  std::unique_ptr<LiveSource> source;
  std::unique_ptr<Sink> sink;
  std::unique_ptr<ProcessFinder> processes;
  std::optional<RunFilter> command;
  PreTrigger* waiting = nullptr;  ///< the sink, when it waits for a trigger

 private:
  static constexpr Nanoseconds pipe_patience = 750 * millisecond;  // longer, and the kernel's buffer is what overflows

  bool parse_fanout() {
    if (options_.fanout.empty()) return true;
    const std::size_t colon = options_.fanout.find(':');
    const auto found = std::ranges::find(fanout_names, std::string_view(options_.fanout).substr(0, colon));
    const auto count = colon == std::string::npos ? std::optional<u64>(std::max(2u, std::thread::hardware_concurrency())) : parse_number(std::string_view(options_.fanout).substr(colon + 1));
    if (found == std::end(fanout_names) || !count || *count < 2 || *count > 64) return false;
    fanout_ = static_cast<Fanout>(found - std::begin(fanout_names)), members_ = static_cast<u32>(*count);
    return true;
  }

  /// Options that need another one, or exclude it; empty when all fit.
  std::string contradiction() const {
    if (options_.write.empty() && (rotation_.wanted() || window_ != 0)) return "-C, -G, --file-packets and --pre-trigger are about files: name one with -w";
    if (options_.split && options_.write.empty()) return "--split-gso is about what is written: name a file with -w";
    if (options_.run_wanted && options_.run.empty()) return "--run needs a command behind --: --run -- curl example.com";
    if (options_.run_wanted && options_.write == "-") return "with --run standard output is the command's: name a file with -w";
    if (options_.write == "-" && rotation_.wanted()) return "standard output is one file: -C, -G and --file-packets need a name";
    if (options_.keep_files != 0 && !rotation_.wanted()) return "-W says how many files are kept: say with -C, -G or --file-packets when a new one begins";
    if (!options_.fanout.empty() && options_.engine.starts_with("xdp")) return "--fanout divides among rings; AF_XDP divides by the device's queues";
    if (!options_.trigger.empty() && window_ == 0) return "--trigger needs --pre-trigger TIME: how much from before is written";
    if (std::ranges::find(options_.interfaces, "any") != options_.interfaces.end() && options_.interfaces.size() > 1) return "-i any is all interfaces: name no other beside it";
    return {};
  }

  CaptureOptions options_;
  PacketFilter filter_;
  Rotation rotation_;
  Nanoseconds window_ = 0;
  Fanout fanout_ = Fanout::hash;
  u32 members_ = 1;
};

}  // namespace

int run_capture(const CaptureOptions& given) {
  stop_on_signals();
  ask_by_signals();
  Preparation p(given);
  if (auto r = p.read_words(); !r) return r.error();
  if (auto r = p.choose_interfaces(); !r) return complain_and_exit(r.error());
  if (auto r = p.open_sockets(); !r) return r.error();
  Capturing capturing(p.options(), *p.source, *p.show, p.trigger ? &*p.trigger : nullptr);
  if (auto r = p.open_files([&capturing] { return capturing.counters_now(); }); !r) return complain_and_exit(r.error());
  if (auto r = p.start_helpers(); !r) return complain_and_exit(r.error());
  capturing.follow(p.command ? &*p.command : nullptr);
  capturing.name_processes(p.processes.get());
  capturing.write_to(p.sink.get(), p.waiting);
  if (auto r = confine(); !r) return complain_and_exit(r.error());
  complain("capturing on " + p.what() + "; Ctrl-C ends it");
  return capturing.run(p.duration);
}

}  // namespace rawket::cli
