// rawket capture: live packets, shown or written, with every loss told.
#include <algorithm>

#include "filtering.hpp"
#include "output.hpp"
#include "rawket/host/interfaces.hpp"
#include "rawket/host/privileges.hpp"
#include "rawket/io/capture_file.hpp"
#include "rawket/io/packet_socket.hpp"
#include "show.hpp"
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

PacketSocketOptions socket_options(const CaptureOptions& o) {
  PacketSocketOptions p;
  p.interface = o.interface == "any" ? std::string() : o.interface;
  p.cooked = o.cooked || o.interface == "any";
  p.promiscuous = o.promiscuous && o.interface != "any";
  p.snapshot_length = o.snapshot_length;
  p.engine = static_cast<ReceiveEngine>(std::ranges::find(receive_engine_names, o.engine) - std::begin(receive_engine_names));
  p.buffer_bytes = o.buffer_mib << 20;
  return p;
}

class Capturing {
 public:
  Capturing(const CaptureOptions& options, PacketSocket& source, Sink* sink, Show& show) : options_(options), source_(source), sink_(sink), show_(show) {}

  int run(Nanoseconds duration) {
    SystemClock clock;
    const Nanoseconds end = duration > 0 ? clock.now() + duration : 0;
    if (shows()) show_.header(output_.text());
    int code = ok;
    for (bool stopping = false; !done_ && !source_.ended();) {
      if (!stopping && (stop_requested || (end != 0 && clock.now() >= end))) source_.stop(), stopping = true;  // what has come is still given
      const Nanoseconds wait = end == 0 ? 200 * millisecond : std::min(200 * millisecond, end - clock.now());
      const auto batch = source_.next(std::max<Nanoseconds>(wait, 0));
      if (!batch) {
        code = complain_and_exit(batch.error());
        break;
      }
      for (const CapturedPacket& p : *batch) {
        if (auto r = one(p); !r) return complain_and_exit(r.error());
        if (done_) break;
      }
      if (auto r = sink_ == nullptr ? Result<void>() : sink_->flush(); !r) return complain_and_exit(r.error());
      if (!output_.flush(true)) break;
    }
    return finish(code);
  }

 private:
  bool shows() const { return sink_ == nullptr || options_.print; }

  Result<void> one(const CapturedPacket& p) {
    const auto names = source_.interfaces();
    const std::string_view name = options_.interface == "any" && p.info.interface < names.size() ? std::string_view(names[p.info.interface].name) : std::string_view();
    const PacketHead head = head_of(number_ + 1, p, name);
    if (!show_.wants(head, p.bytes)) {
      ++unwanted_;
      return {};
    }
    ++number_;
    if (sink_ != nullptr)
      if (auto r = sink_->write(p); !r) return r;
    if (shows()) show_.wanted(output_.text());
    done_ = options_.count_limit != 0 && number_ >= options_.count_limit;
    return {};
  }

  int finish(int code) {
    const Counters c = source_.counters();
    if (sink_ != nullptr)
      if (auto r = sink_->close(c); !r) return complain_and_exit(r.error());
    complain(std::to_string(c.received) + " received = " +
             std::to_string(c.received - c.filtered - c.dropped - unwanted_) + (sink_ == nullptr ? " shown + " : " written + ") + std::to_string(c.filtered + unwanted_) + " filtered + " +
             std::to_string(c.dropped) + " dropped by the kernel" + (c.dropped > 0 ? "\n  a larger buffer loses less: -B " + std::to_string(options_.buffer_mib * 4) : ""));
    if (const std::string told = show_.sessions_told(); !told.empty()) complain(told);
    code = output_.exit_code(code);
    return code == ok && options_.fail_on_drop && c.dropped > 0 ? packets_lost : code;
  }

  const CaptureOptions& options_;
  PacketSocket& source_;
  Sink* sink_;
  Show& show_;
  Output output_;
  u64 number_ = 0, unwanted_ = 0;
  bool done_ = false;
};

/// The capture filter joined with what the kernel can do of the display filter; nothing when that is nothing.
std::optional<Filter> with_kernel_part(const PacketFilter& filter, const Show& show, const PacketSocketOptions& how) {
  const std::string part = show.kernel_part();
  const auto link = part.empty() ? Result<LinkType>(LinkType::ethernet) : link_type_for(how);
  if (part.empty() || !link) return std::nullopt;
  auto joined = Filter::compile(filter.empty() ? part : "(" + filter.expression() + ") and (" + part + ")", *link);
  return joined ? std::optional(std::move(*joined)) : std::nullopt;
}

}  // namespace

int run_capture(const CaptureOptions& given) {
  CaptureOptions options = given;
  auto show = Show::create(options.show);
  if (!show) return complain_and_exit(show.error());
  Nanoseconds duration = 0;
  if (!options.duration.empty() && (!parse_duration(options.duration, duration) || duration == 0)) {
    complain("--for: '" + options.duration + "' is no time like 10s or 500ms");
    return usage;
  }
  if (options.interface.empty()) {
    auto chosen = choose_interface();
    if (!chosen) return complain_and_exit(chosen.error());
    options.interface = *chosen;
  } else if (options.interface != "any") {
    if (const auto known = interface_named(options.interface); !known) return complain_and_exit(known.error());
  }
  PacketFilter filter(options.filter);
  PacketSocketOptions how = socket_options(options);
  if (!filter.empty()) {
    const auto link = link_type_for(how);
    if (!link) return complain_and_exit(link.error());
    const auto f = filter.compiled(*link);
    if (!f) {
      complain(f.error());
      return usage;
    }
    how.filter = *f;
  }
  const auto sieve = with_kernel_part(filter, *show, how);
  if (sieve) how.filter = &*sieve;
  auto socket = PacketSocket::open(how);
  if (!socket) return complain_and_exit(socket.error());
  std::unique_ptr<Sink> sink;
  if (!options.write.empty()) {
    const auto names = (*socket)->interfaces();
    auto created = create_capture(options.write, {.format = format_of(options.write), .interfaces = {names.begin(), names.end()}, .source = socket->get()});
    if (!created) return complain_and_exit(created.error());
    sink = std::move(*created);
  }
  if (auto dropped = drop_privileges(); !dropped) return complain_and_exit(dropped.error());
  stop_on_signals();
  if (const std::string& why = (*socket)->why_engine(); !why.empty()) complain("receiving by messages, as there is no ring: " + why);
  complain("capturing on " + options.interface + (filter.empty() ? "" : " what matches '" + filter.expression() + "'") + "; Ctrl-C ends it");
  return Capturing(options, **socket, sink.get(), *show).run(duration);
}

}  // namespace rawket::cli
