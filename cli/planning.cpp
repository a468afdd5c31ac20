// Options, policy, plan, approval.
#include "planning.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include "capture_supply.hpp"
#include "rawket/base/text.hpp"
#include "rawket/host/privileges.hpp"
#include "rawket/io/capture_file.hpp"
#include "show.hpp"

namespace rawket::cli {

Result<void> parse_rate(std::string_view text, PlanOptions& options) {
  double number = 0;
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  text = lower;
  if (text == "max") return options.unlimited = true, Result<void>();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  constexpr std::pair<char, double> sizes[] = {{'k', 1e3}, {'m', 1e6}, {'g', 1e9}};
  for (const auto& [letter, size] : sizes)
    if (!unit.empty() && unit.front() == letter) {
      number *= size;
      unit.remove_prefix(1);
      break;
    }
  const bool bits = unit == "bit" || unit == "bit/s" || unit == "bps";
  if (error != std::errc{} || !(number > 0) || number > 1e15 || (!unit.empty() && !bits && unit != "pps" && unit != "/s"))
    return fail(Errc::malformed, "--rate", "'" + clean_text(text) + "' is no rate", "packets a second (1000, 10k), bits a second (50Mbit), or max");
  (bits ? options.bit_rate : options.rate) = number;
  return {};
}

std::expected<Plan, int> Planning::plan() {
  if (options_.words.empty() && options_.file.empty() && supply_.count == 0) {
    complain(command_ + ": what? Words as for craft, or -r FILE\n  rawket " + command_ + " ip dst=198.18.0.2 / icmp --dry-run");
    return std::unexpected(usage);
  }
  const auto permitted = parse_needs(options_.allow), granted = parse_needs(options_.granted);
  if (!permitted || !granted) return std::unexpected(complain_and_exit((permitted ? granted : permitted).error()));
  auto policy = default_policy();
  if (!policy) return std::unexpected(complain_and_exit(policy.error()));
  policy_ = *policy;
  if (auto read = read_policies(); !read) return complain(read.error()), std::unexpected<int>(usage);
  policy_.permitted = policy_.permitted | *permitted | *granted;
  auto plan = make();
  if (!plan) return std::unexpected(complain_and_exit(plan.error()));
  if (options_.dry_run || !plan->needs.without(*granted).empty()) complain_plan(*plan);
  return std::move(*plan);
}

int Planning::dry_run(const Plan& plan) {
  auto show = Show::create(options_.show);
  if (!show) return complain_and_exit(show.error());
  Output out;
  show->header(out.text());
  for (u64 i = 0; i < plan.supply.count; ++i) {
    const auto p = plan.supply.make(i);
    if (!p) return complain_and_exit(p.error());
    show->packet({.number = i + 1, .original_length = static_cast<u32>(p->size()), .link_type = link_type_of(p->first_protocol())}, p->first_protocol(), p->bytes(), out.text());
    if (!out.flush()) break;
  }
  const auto approved = approve(plan, policy_);
  if (!approved) complain(approved.error()), complain("dry run: this plan would be refused");
  return out.exit_code(approved ? ok : negative);
}

std::expected<ReadyToSend, int> Planning::approve_plan(Plan plan) {
  auto approved = approve(std::move(plan), policy_);
  if (!approved) return std::unexpected(complain_and_exit(approved.error()));
  ReadyToSend p{std::move(*approved), nullptr};
  if (!options_.record.empty()) {
    auto sink = create_record(p.plan.plan());
    if (!sink) return std::unexpected(complain_and_exit(sink.error()));
    p.record = std::move(*sink);
  }
  return p;
}

Result<std::unique_ptr<Sink>> Planning::create_record(const Plan& plan) {
  const LinkType link = plan.way == Way::packet_socket ? LinkType::ethernet : LinkType::raw;
  WriterOptions how{.format = format_of(options_.record), .compression = compression_of(options_.record), .interfaces = {{.name = plan.interface.name, .description = {}, .filter = {}, .link_type = link}}};
  if (record_ < 0) return create_capture(options_.record, std::move(how));
  if (::ftruncate(record_, 0) != 0 && errno != EINVAL) return fail_system(options_.record);  // a pipe has no length
  return create_capture_descriptor(std::exchange(record_, -1), options_.record, std::move(how));
}

/// Bytes of a capture are anybody's: before the first is looked at, this process can do no more than use what it was given.
/// Live frames are the exception: the kernel takes their program only with the frames, and from who has the right.
Result<void> Planning::give_up_rights() {
  if (!options_.dry_run) {
    if (options_.engine == "live-frames") return {};
    sockets_ = RAWKET_TRY(SocketKeeper::start());
    if (!options_.record.empty() && options_.record != "-") record_ = ::open(options_.record.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
    if (!options_.record.empty() && options_.record != "-" && record_ < 0) return fail_system(options_.record, errno, errno == ENOENT ? "create the folder first" : "");
  }
  return drop_privileges();
}

/// The machine's file first, then the one that was named, then the command line's words: each may only be stricter, but for
/// what `allow` permits by name.
Result<void> Planning::read_policies() {
  constexpr const char* everybodys = "/etc/rawket/policy.toml";
  const auto read = [this](const std::string& file) -> Result<void> {
    const std::string text = RAWKET_TRY(read_whole(file));
    return read_policy(text, file, policy_);
  };
  const bool machines = ::access(everybodys, F_OK) == 0 || errno != ENOENT;  // one that cannot be looked at is an error, and no freedom
  if (machines) RAWKET_TRY(read(everybodys));
  if (!options_.policy.empty()) {
    const Policy before = policy_;
    RAWKET_TRY(read(options_.policy));
    if (machines) policy_.no_looser_than(before);
  }
  const auto add = [](const std::vector<std::string>& words, std::string_view option, std::vector<Prefix>& list) -> Result<void> {
    for (const std::string& w : words) {
      const auto prefix = parse_destination(w);
      if (!prefix) return fail(Errc::malformed, option, "'" + clean_text(w) + "' is no prefix like 198.18.0.0/15");
      list.push_back(*prefix);
    }
    return {};
  };
  std::vector<Prefix> only;
  RAWKET_TRY(add(options_.only_to, "--only-to", only));
  if (!only.empty()) policy_.allowed.push_back(std::move(only));
  RAWKET_TRY(add(options_.never_to, "--never-to", policy_.forbidden));
  if (options_.budget != 0) policy_.most_packets = std::min(policy_.most_packets, options_.budget);
  if (options_.hours.empty()) return {};
  const auto hours = Hours::parse(options_.hours);
  if (!hours) return fail(Errc::malformed, "--hours", "'" + clean_text(options_.hours) + "' is not like 22:00-06:00");
  policy_.hours.push_back(*hours);
  return {};
}

Result<PlanOptions> Planning::plan_options() const {
  PlanOptions o{.interface = options_.interface, .speed = options_.speed, .repeat = options_.repeat};
  o.engine = static_cast<SendEngine>(std::ranges::find(send_engine_names, options_.engine) - std::begin(send_engine_names));
  o.watch = options_.watch, o.connect = options_.connect, o.fragment = options_.fragment;
  if (command_ == "replay" && !options_.rate.empty() && options_.speed != 1) return fail(Errc::refused, "--speed", "it is of the capture's own times, and --rate gives others", "leave one of them out");
  if (command_ == "ask" || command_ == "scan") o.retries = std::max(options_.retries, u32{1});
  if (!options_.rate.empty()) RAWKET_TRY(parse_rate(options_.rate, o));
  if (!options_.ramp.empty() && !parse_duration(options_.ramp, o.ramp)) return fail(Errc::malformed, "--ramp", "'" + clean_text(options_.ramp) + "' is no time like 5s");
  return o;
}

Result<Plan> Planning::make() {
  const PlanOptions o = RAWKET_TRY(plan_options());
  if (supply_.count != 0) return make_plan(std::move(supply_), o, policy_);
  if (!options_.file.empty()) {
    auto supply = RAWKET_TRY(supply_from_capture(options_.file, {.rewrite = options_.rewrite, .times = command_ == "replay", .opened = [this] { return give_up_rights(); }}));
    return make_plan(std::move(supply), o, policy_);
  }
  auto recipe = RAWKET_TRY(Recipe::parse(standard_registry(), options_.words));
  return make_plan(std::move(recipe), o, policy_);
}

void Planning::complain_plan(const Plan& plan) const {
  std::string text = plan.text(policy_);
  if (!text.empty() && text.back() == '\n') text.pop_back();
  complain(text);
}

std::expected<ReadyToSend, int> ready_to_send(const SendOptions& options, std::string_view command, Supply supply) {
  Planning planning(options, command, std::move(supply));
  auto plan = planning.plan();
  if (!plan) return std::unexpected(plan.error());
  if (options.dry_run) return std::unexpected(planning.dry_run(*plan));
  return planning.approve_plan(std::move(*plan));
}

int close_record(Sink* record, u64 sent, int code) {
  if (record == nullptr) return code;
  const auto closed = record->close({.received = sent});
  return closed ? code : complain_and_exit(closed.error());
}

}  // namespace rawket::cli
