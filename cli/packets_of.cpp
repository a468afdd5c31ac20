// Opening and reading for commands that look at many packets.
#include "packets_of.hpp"

#include "confining.hpp"

namespace rawket::cli {
namespace {

Result<std::unique_ptr<Source>> open_source(const std::string& interface, const std::string& file) {
  if (interface.empty()) return open_capture(file, [] { return drop_privileges(); });
  return std::unique_ptr<Source>(RAWKET_TRY(PacketSocket::open({.interface = interface, .engine = ReceiveEngine::automatic})));
}

}  // namespace

std::expected<PacketsOf, int> PacketsOf::open(PacketsWanted wanted) {
  const bool live = !wanted.interface.empty();
  const auto stop = [](int code) { return std::unexpected<int>(code); };
  std::string file;
  if (!live) {
    if (wanted.words.empty()) return complain(wanted.command + ": of which file? Use - for standard input\n  rawket " + wanted.command + " capture.pcapng"), stop(usage);
    file = wanted.words.front();
    wanted.words.erase(wanted.words.begin());
  }
  PacketsOf p(wanted.words);
  if (!wanted.duration.empty() && (!parse_duration(wanted.duration, p.duration_) || p.duration_ == 0))
    return complain("--for: '" + clean_text(wanted.duration) + "' is no time like 10s or 500ms"), stop(usage);
  auto registry = ChosenRegistry::create(wanted.decode_as);
  if (!registry) return stop(complain_and_exit(registry.error()));
  p.registry_ = std::move(*registry);
  if (!wanted.display_filter.empty()) {
    auto compiled = DisplayFilter::compile(p.registry_.get(), wanted.display_filter);
    if (!compiled) return stop(complain_and_exit(with_caret(compiled.error(), wanted.display_filter)));
    p.display_ = std::move(*compiled);
    wanted.facts = wanted.facts || p.display_->needs_facts();
  }
  if (wanted.datagrams || wanted.facts) p.sessions_ = std::make_unique<Sessions>(p.registry_.get(), Sessions::Wanted{.datagrams = wanted.datagrams, .facts = wanted.facts});
  auto source = open_source(wanted.interface, file);
  if (!source && source.error().code == Errc::malformed && !live) return complain(source.error()), stop(malformed_input);
  if (!source) return stop(complain_and_exit(source.error()));
  p.source_ = std::move(*source);
  const auto interfaces = p.source_->interfaces();
  if (!p.filter_.empty())  // a wrong expression is told also when no packet comes
    if (const auto f = p.filter_.compiled(interfaces.empty() ? LinkType::ethernet : interfaces.front().link_type); !f) return complain(f.error()), stop(usage);
  if (auto closed = live ? confine() : Result<void>(); !closed) return stop(complain_and_exit(closed.error()));
  stop_on_signals();
  return p;
}

int PacketsOf::each(const std::function<void(const PacketHead&, const Dissection&)>& one, const std::function<void()>& batch_done) {
  SystemClock clock;
  const Nanoseconds end = duration_ == 0 ? 0 : clock.now() + duration_;
  while (!source_->ended() && !stop_requested && (end == 0 || clock.now() < end)) {
    const auto batch = source_->next(200 * millisecond);
    if (!batch) return complain_and_exit(batch.error());
    for (const CapturedPacket& p : *batch) {
      ++packets_;
      const auto wanted = filter_.matches(p);
      if (!wanted) return complain_and_exit(wanted.error());
      if (!*wanted) continue;
      PacketHead head = head_of(packets_, p, {});
      dissect(registry_.get(), link_protocol(registry_.get(), head.link_type), p.bytes, *d_, head.original_length);
      if (sessions_ != nullptr) sessions_->add(head, *d_);
      if (!display_ || display_->matches(head, *d_)) one(head, *d_);
    }
    if (batch_done) batch_done();
  }
  return ok;
}

}  // namespace rawket::cli
