// rawket send and rawket ask: a plan, its approval, and what came of it.
#include "confining.hpp"
#include "output.hpp"
#include "rawket/base/text.hpp"
#include "rawket/host/privileges.hpp"
#include "rawket/io/capture_file.hpp"
#include "rawket/send/ask.hpp"
#include "show.hpp"
#include "stopping.hpp"

namespace rawket::cli {
namespace {

/// The packets of a capture, all in memory: they are sent again and again.
Result<Supply> supply_from_file(const std::string& path) {
  auto source = RAWKET_TRY(open_capture(path));
  auto packets = std::make_shared<std::vector<Packet>>();
  constexpr std::size_t most = 1u << 20;
  while (true) {
    const auto batch = RAWKET_TRY(source->next(second));
    if (batch.empty() && source->ended()) break;
    for (const CapturedPacket& p : batch) {
      const Protocol* first = &link_protocol(standard_registry(), static_cast<u16>(p.info.link_type));
      if (first->fixed == 0 && !p.bytes.empty()) first = standard_registry().named(p.bytes[0] >> 4 == 6 ? "ipv6" : "ip");
      packets->push_back(Packet::from_bytes(standard_registry(), *first, p.bytes));
    }
    if (packets->size() > most) return fail(Errc::out_of_range, clean_text(path), "has more than a million packets");
  }
  return Supply{packets->size(), [packets](u64 i) -> Result<Packet> { return (*packets)[i]; }};
}

struct Prepared {
  ApprovedPlan plan;
  std::unique_ptr<Sink> record;
};

class Preparing {
 public:
  explicit Preparing(const SendOptions& options) : options_(options) {}

  /// The plan; shows it when it is a dry run or unusual. An exit code when it ends here.
  std::expected<Plan, int> plan() {
    if (options_.words.empty() && options_.file.empty()) {
      complain("send: what? Words as for craft, or -r FILE\n  rawket send ip dst=198.18.0.2 / icmp --dry-run");
      return std::unexpected(usage);
    }
    const auto permitted = parse_needs(options_.allow);
    if (!permitted) return std::unexpected(complain_and_exit(permitted.error()));
    auto policy = default_policy();
    if (!policy) return std::unexpected(complain_and_exit(policy.error()));
    policy_ = *policy;
    policy_.permitted = *permitted;
    auto plan = make();
    if (!plan) return std::unexpected(complain_and_exit(plan.error()));
    if (options_.dry_run || !plan->needs.empty()) complain_plan(*plan);
    return std::move(*plan);
  }
  int dry_run(const Plan& plan) {
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
    const Needs missing = plan.needs.without(policy_.permitted);
    if (!missing.empty()) complain("dry run: without more --allow this plan would be refused");
    return out.exit_code(missing.empty() ? ok : negative);
  }
  std::expected<Prepared, int> approve_plan(Plan plan) {
    auto approved = approve(std::move(plan), policy_);
    if (!approved) return std::unexpected(complain_and_exit(approved.error()));
    Prepared p{std::move(*approved), nullptr};
    if (!options_.record.empty()) {
      const Plan& made = p.plan.plan();
      const LinkType link = made.way == Way::packet_socket ? LinkType::ethernet : LinkType::raw;
      auto sink = create_capture(options_.record, {.format = format_of(options_.record), .interfaces = {{.name = made.interface.name, .description = {}, .filter = {}, .link_type = link}}});
      if (!sink) return std::unexpected(complain_and_exit(sink.error()));
      p.record = std::move(*sink);
    }
    return p;
  }

 private:
  Result<Plan> make() {
    const PlanOptions o{.interface = options_.interface, .rate = options_.rate, .repeat = options_.repeat};
    if (!options_.file.empty()) return make_plan(RAWKET_TRY(supply_from_file(options_.file)), o, policy_);
    return make_plan(RAWKET_TRY(Recipe::parse(standard_registry(), options_.words)), o, policy_);
  }
  void complain_plan(const Plan& plan) const {
    std::string text = plan.text(policy_);
    if (!text.empty() && text.back() == '\n') text.pop_back();
    complain(text);
  }

  const SendOptions& options_;
  Policy policy_;
};

int close_record(Sink* record, u64 sent, int code) {
  if (record == nullptr) return code;
  const auto closed = record->close({.received = sent});
  return closed ? code : complain_and_exit(closed.error());
}

void show_answer(Show& show, const Answered& a, Output& out) {
  PacketHead head = head_of(a.index + 1, {a.bytes, a.info}, {});
  head.answers = a.index + 1;
  head.round_trip = a.round_trip;
  show.packet(head, link_protocol(standard_registry(), head.link_type), a.bytes, out.text());
  out.flush(true);
}

}  // namespace

int run_send(const SendOptions& options) {
  if (auto dropped = options.dry_run ? drop_privileges() : Result<void>(); !dropped) return complain_and_exit(dropped.error());
  Preparing preparing(options);
  auto plan = preparing.plan();
  if (!plan) return plan.error();
  if (options.dry_run) return preparing.dry_run(*plan);
  auto prepared = preparing.approve_plan(std::move(*plan));
  if (!prepared) return prepared.error();
  auto sender = Sender::open(prepared->plan);
  if (!sender) return complain_and_exit(sender.error());
  if (auto closed = confine(); !closed) return complain_and_exit(closed.error());
  stop_on_signals();
  SystemClock clock;
  const SendReport r = (*sender)->send(prepared->plan, clock, prepared->record.get(), stop_requested);
  if (r.error) complain(*r.error);
  const u64 wanted = prepared->plan.plan().count, done = r.sent + r.failed + r.refused;
  complain(std::to_string(r.sent) + (r.sent == 1 ? " packet" : " packets") + " sent in " + std::to_string(r.took / millisecond) + " ms" + (r.failed > 0 ? ", " + std::to_string(r.failed) + " failed" : "") +
           (r.refused > 0 ? ", " + std::to_string(r.refused) + " refused by the policy" : "") + (done < wanted ? ", stopped before " + std::to_string(wanted - done) + " more" : ""));
  return close_record(prepared->record.get(), r.sent, r.refused > 0 ? usage : r.failed > 0 ? io_error : done < wanted ? negative : ok);
}

int run_ask(const SendOptions& options) {
  AskOptions how{.retries = options.retries};
  if (!parse_duration(options.timeout, how.timeout)) {
    complain("--timeout: '" + clean_text(options.timeout) + "' is no time like 1s or 200ms");
    return usage;
  }
  auto show = Show::create(options.show);
  if (!show) return complain_and_exit(show.error());
  Preparing preparing(options);
  auto plan = preparing.plan();
  if (!plan) return plan.error();
  if (options.dry_run) return preparing.dry_run(*plan);
  auto prepared = preparing.approve_plan(std::move(*plan));
  if (!prepared) return prepared.error();
  auto asker = Asker::open(prepared->plan);
  if (!asker) return complain_and_exit(asker.error());
  if (auto closed = confine(); !closed) return complain_and_exit(closed.error());
  stop_on_signals();
  SystemClock clock;
  Output out;
  show->header(out.text());
  const auto report = asker->ask(prepared->plan, how, clock, prepared->record.get(), stop_requested, [&](const Answered& a) { show_answer(*show, a, out); });
  if (!report) return complain_and_exit(report.error());
  if (report->sent.error) complain(*report->sent.error);
  TextPrinter lines({.time = TimeFormat::none});
  Dissection d;
  for (std::size_t i = 0; i < report->unanswered.size() && i < 20; ++i) {
    const auto p = prepared->plan.plan().supply.make(report->unanswered[i]);
    if (!p) continue;
    dissect(standard_registry(), p->first_protocol(), p->bytes(), d);
    TextBuffer t;
    t.append("no answer: #"), t.decimal(report->unanswered[i] + 1), t.append(' ');
    lines.line({}, d, t);
    complain(t.view().substr(0, t.size() - 1));
  }
  if (report->unanswered.size() > 20) complain("no answer: " + std::to_string(report->unanswered.size() - 20) + " more");
  complain(std::to_string(report->sent.sent) + " sent, " + std::to_string(report->answered.size()) + " answered, " + std::to_string(report->unanswered.size()) + " without an answer in " +
           std::to_string(report->sent.took / millisecond) + " ms");
  return close_record(prepared->record.get(), report->sent.sent, out.exit_code(report->sent.failed > 0 && report->answered.empty() ? io_error : report->unanswered.empty() ? ok : negative));
}

}  // namespace rawket::cli
