// rawket ask: questions by a plan, and the answers that come.
#include "confining.hpp"
#include "planning.hpp"
#include "rawket/base/text.hpp"
#include "rawket/send/ask.hpp"
#include "show.hpp"
#include "stopping.hpp"

namespace rawket::cli {
namespace {

void show_answer(Show& show, const Answered& a, Output& out) {
  PacketHead head = head_of(a.index + 1, {a.bytes, a.info}, {});
  head.answers = a.index + 1;
  head.round_trip = a.round_trip;
  show.packet(head, link_protocol(standard_registry(), head.link_type), a.bytes, out.text());
  out.flush(true);
}

}  // namespace

int run_ask(const SendOptions& options) {
  AskOptions how{.retries = options.retries};
  if (!read_time("--timeout", options.timeout, how.timeout)) return usage;
  auto show = Show::create(options.show);
  if (!show) return complain_and_exit(show.error());
  Planning planning(options, "ask");
  auto plan = planning.plan();
  if (!plan) return plan.error();
  if (options.dry_run) return planning.dry_run(*plan);
  auto ready = planning.approve_plan(std::move(*plan));
  if (!ready) return ready.error();
  auto asker = Asker::open(ready->plan);
  if (!asker) return complain_and_exit(asker.error());
  if (auto closed = confine(); !closed) return complain_and_exit(closed.error());
  stop_on_signals();
  SystemClock clock;
  Output out;
  show->header(out.text());
  const auto report = asker->ask(ready->plan, how, clock, ready->record.get(), stop_requested, [&](const Answered& a) { show_answer(*show, a, out); });
  if (!report) return complain_and_exit(report.error());
  if (report->sent.error) complain(*report->sent.error);
  TextPrinter lines({.time = TimeFormat::none});
  Dissection d;
  for (std::size_t i = 0; i < report->unanswered.size() && i < 20; ++i) {
    const auto p = ready->plan.plan().supply.make(report->unanswered[i]);
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
  return close_record(ready->record.get(), report->sent.sent, out.exit_code(report->sent.failed > 0 && report->answered.empty() ? io_error : report->unanswered.empty() ? ok : negative));
}

}  // namespace rawket::cli
