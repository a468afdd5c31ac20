// Every packet ends in one of four places: written or shown, filtered, dropped by the kernel, or lost on the way to a file.
#include "capturing.hpp"

#include <numeric>

#include "local_end.hpp"
#include "rawket/base/text.hpp"
#include "rawket/packet/segments.hpp"
#include "stopping.hpp"

namespace rawket::cli {
namespace {

constexpr Nanoseconds longest_wait = 100 * millisecond;  // a file is never further behind than this and a ring's block

void append_counters(TextBuffer& t, const Counters& c, std::string_view taken) {
  t.decimal(c.received), t.append(" received = "), t.decimal(c.delivered()), t.append(' '), t.append(taken), t.append(" + "), t.decimal(c.filtered), t.append(" filtered + ");
  t.decimal(c.dropped), t.append(" dropped by the kernel");
  if (c.lost != 0) t.append(" + "), t.decimal(c.lost), t.append(" lost here");
}

void append_json(TextBuffer& t, const Counters& c) {
  t.append("\"received\":"), t.decimal(c.received), t.append(",\"delivered\":"), t.decimal(c.delivered()), t.append(",\"filtered\":"), t.decimal(c.filtered);
  t.append(",\"dropped_by_kernel\":"), t.decimal(c.dropped), t.append(",\"lost\":"), t.decimal(c.lost);
}

Counters sum(const std::vector<Counters>& all) {
  return std::accumulate(all.begin(), all.end(), Counters{}, [](const Counters& a, const Counters& b) {
    return Counters{.received = a.received + b.received, .filtered = a.filtered + b.filtered, .dropped = a.dropped + b.dropped, .lost = a.lost + b.lost};
  });
}

/// The whole, then each interface when there are several.
std::string counters_text(const std::vector<Counters>& all, std::span<const InterfaceDescription> interfaces, std::string_view taken, bool json) {
  TextBuffer t;
  if (json) t.append('{'), append_json(t, sum(all)), t.append(",\"interfaces\":[");
  else append_counters(t, sum(all), taken);
  for (std::size_t i = 0; i < all.size() && i < interfaces.size(); ++i) {
    if (json) {
      if (i > 0) t.append(',');
      t.append("{\"name\":\""), t.json_escaped(interfaces[i].name), t.append("\","), append_json(t, all[i]), t.append('}');
    } else if (all.size() > 1) {
      t.append("\n  "), t.append(interfaces[i].name), t.append(": "), append_counters(t, all[i], taken);
    }
  }
  if (json) t.append("]}");
  return std::string(t.view());
}

}  // namespace

std::vector<Counters> Capturing::counters_now() {
  std::vector<Counters> all;
  for (u32 i = 0; i < source_.interfaces().size(); ++i) {
    const Counters kernels = source_.counters_of(i);
    const Passed passed = i < passed_.size() ? passed_[i] : Passed{};
    all.push_back({.received = passed.taken + passed.unwanted + kernels.filtered + kernels.dropped, .filtered = kernels.filtered + passed.unwanted, .dropped = kernels.dropped});
  }
  return all;
}

/// The same with what did not reach the sink's end: forgotten while it waited for a trigger, or lost.
std::vector<Counters> Capturing::account() {
  std::vector<Counters> all = counters_now();
  if (sink_ == nullptr) return all;
  u64 missing = sum(all).delivered() - std::min(sum(all).delivered(), sink_->written());
  u64 untriggered = waiting_ == nullptr ? 0 : std::min(missing, waiting_->forgotten() + waiting_->remembered());
  for (Counters& c : all) {  // of which interface they were is not known when there are several
    const u64 aside = std::min(untriggered, c.delivered());
    c.filtered += aside, untriggered -= aside, missing -= aside;
    const u64 lost = finished_ ? std::min(missing, c.delivered()) : 0;  // before the end they may only be on their way
    c.lost += lost, missing -= lost;
  }
  return all;
}

void Capturing::tell_statistics() {
  const bool json = options_.statistics == "json";
  const std::string text = counters_text(account(), source_.interfaces(), sink_ == nullptr ? "shown" : "written", json);
  json ? tell_line(text) : complain(text);
}

void Capturing::answer_signals() {
  const Nanoseconds now = clock_.now();
  if (statistics_requested.exchange(false) || (tell_every_ != 0 && now - told_ >= tell_every_)) tell_statistics(), told_ = now;
}

/// What a command leaves behind (the end of a TCP connection) has a moment to come.
bool Capturing::is_time_to_stop(Nanoseconds now, Nanoseconds end) {
  if (command_ != nullptr && command_ended_ == 0 && command_->command().exit_code() >= 0) command_ended_ = now;
  return stop_requested || (end != 0 && now >= end) || (command_ended_ != 0 && now - command_ended_ >= 2 * longest_wait);
}

Result<void> Capturing::trigger() {
  if (waiting_->triggered()) return {};
  const u64 remembered = waiting_->remembered() + waiting_->forgotten();
  RAWKET_TRY(waiting_->trigger());
  complain("triggered: " + std::to_string(remembered - waiting_->forgotten()) + " packets from before are written");
  return {};
}

Result<void> Capturing::one(const CapturedPacket& p) {
  if (passed_.size() <= p.info.interface) passed_.resize(p.info.interface + 1);
  Passed& passed = passed_[p.info.interface];
  if (command_ != nullptr && !command_->concerns(p)) {
    ++passed.unwanted;
    return {};
  }
  const ProcessFacts* owner = processes_ == nullptr ? nullptr : owner_of(p);
  if (looks_) {
    PacketHead head = head_of(number_ + 1, p, name_of(p.info.interface));
    if (owner != nullptr) head.process = owner->id, head.process_name = owner->name, head.container = owner->container;
    if (!show_.wants(head, p.bytes)) {
      ++passed.unwanted;
      return {};
    }
    if (trigger_ != nullptr && waiting_ != nullptr && !waiting_->triggered() && trigger_->wants(head, p.bytes)) trigger_requested = true;
  }
  ++number_;
  ++passed.taken;
  if (sink_ != nullptr) RAWKET_TRY(write(p, owner, passed));
  if (waiting_ != nullptr && trigger_requested) RAWKET_TRY(trigger());
  if (shows()) show_.wanted(output_.text());
  if (waiting_ == nullptr || waiting_->triggered()) ++counted_;
  done_ = options_.count_limit != 0 && counted_ >= options_.count_limit;
  return {};
}

const ProcessFacts* Capturing::owner_of(const CapturedPacket& p) {
  if (ends_ == nullptr) ends_ = std::make_unique<Dissection>();
  dissect(standard_registry(), link_protocol(standard_registry(), static_cast<u16>(p.info.link_type)), p.bytes, *ends_);
  const LocalEnds ends = local_ends(p, *ends_);
  const ProcessFacts* found = ends.here ? processes_->find(*ends.here) : nullptr;
  return found == nullptr && ends.also ? processes_->find(*ends.also) : found;
}

Result<void> Capturing::write(CapturedPacket p, const ProcessFacts* owner, Passed& passed) {
  if (owner != nullptr) {
    comment_ = "process " + clean_text(owner->name) + " (" + std::to_string(owner->id) + ")" + (owner->container.empty() ? "" : " in container " + clean_text(owner->container));
    p.info.comment = comment_;
  }
  const bool unfinished = p.info.gso_size != 0 || p.info.checksum_not_ready;
  if (options_.split && unfinished && RAWKET_TRY(write_segments(p, passed))) return {};
  return sink_->write(p);
}

/// As the device would have sent it; each piece is a packet of its own, and counted so. False when it cannot be cut.
Result<bool> Capturing::write_segments(const CapturedPacket& p, Passed& passed) {
  if (ends_ == nullptr) ends_ = std::make_unique<Dissection>();
  dissect(standard_registry(), link_protocol(standard_registry(), static_cast<u16>(p.info.link_type)), p.bytes, *ends_);
  Result<void> written;
  u64 pieces = 0;
  PacketInfo info = p.info;
  info.gso_size = 0, info.checksum_not_ready = false;
  const bool cut = make_segments(*ends_, p.info.original_length, p.info.gso_size, [&](Bytes frame) {
    if (!written) return;
    info.original_length = static_cast<u32>(frame.size());
    written = sink_->write({frame, info});
    info.dropped_before = 0;
    ++pieces;
  });
  if (!written) return Failure{written.error()};
  if (pieces > 1) passed.taken += pieces - 1;
  return cut;
}

/// Of several interfaces; one alone needs no name.
std::string_view Capturing::name_of(u32 interface) const {
  const auto names = source_.interfaces();
  const bool several = names.size() > 1 || options_.interfaces.front() == "any";
  return several && interface < names.size() ? std::string_view(names[interface].name) : std::string_view();
}

Result<void> Capturing::flush_in_time(bool idle) {
  const Nanoseconds now = clock_.now();
  if (sink_ == nullptr || (!idle && now - flushed_ < longest_wait)) return {};
  flushed_ = now;
  if (waiting_ != nullptr && trigger_requested) RAWKET_TRY(trigger());
  return sink_->flush();
}

Result<void> Capturing::round(Nanoseconds wait) {
  const auto batch = RAWKET_TRY(source_.next(wait));
  if (command_ != nullptr) command_->learn();
  for (const CapturedPacket& p : batch) {
    RAWKET_TRY(one(p));
    if (done_) break;
  }
  RAWKET_TRY(flush_in_time(batch.empty()));
  if (!output_.flush(true)) done_ = true;
  return {};
}

int Capturing::run(Nanoseconds duration) {
  if (command_ != nullptr) command_->command().go();
  if (!options_.statistics_every.empty()) parse_duration(options_.statistics_every, tell_every_);
  told_ = flushed_ = clock_.now();
  const Nanoseconds end = duration > 0 ? told_ + duration : 0;
  looks_ = shows() || trigger_ != nullptr || !options_.show.display_filter.empty() || options_.show.reassemble;
  if (shows()) show_.header(output_.text());
  for (bool stopping = false; !done_ && !source_.ended();) {
    answer_signals();
    while (const auto problem = source_.new_problem()) complain(*problem), code_ = exit_for(*problem);
    const Nanoseconds now = clock_.now();
    if (!stopping && is_time_to_stop(now, end)) source_.stop(), stopping = true;  // what has come is still given
    const Nanoseconds wait = end == 0 ? longest_wait : std::clamp(end - now, Nanoseconds{0}, longest_wait);
    if (auto r = round(wait); !r) return finish(r.error());
  }
  return finish(std::nullopt);
}

int Capturing::finish(std::optional<Error> problem) {
  if (sink_ != nullptr) {
    const auto closed = sink_->close_each(account());
    if (!closed && !problem) problem = closed.error();
  }
  output_.flush(true);
  finished_ = true;
  if (problem) complain(*problem);
  const Counters all = sum(account());
  tell_statistics();
  if (all.dropped > 0) complain("a larger buffer loses less: -B " + std::to_string(options_.buffer_mib * 4));
  if (command_ != nullptr && command_->command().start_error() != 0) complain(fail_system("--run", command_->command().start_error(), "it cannot be started").error());
  if (waiting_ != nullptr && !waiting_->triggered()) complain("nothing triggered: what was remembered is not written");
  if (waiting_ != nullptr && waiting_->short_of_memory()) complain("--pre-trigger: some packets were forgotten before their time, for want of memory");
  if (const std::string told = show_.sessions_told(); !told.empty()) complain(told);
  if (problem) return exit_for(*problem);
  while (const auto late = source_.new_problem()) complain(*late), code_ = exit_for(*late);
  if (code_ != ok) return output_.exit_code(code_);
  const int code = output_.exit_code(command_ == nullptr ? int{ok} : std::max(command_->command().exit_code(), int{ok}));
  return code == ok && options_.fail_on_drop && all.dropped + all.lost > 0 ? packets_lost : code;
}

}  // namespace rawket::cli
