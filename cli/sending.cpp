// rawket send and rawket replay: a plan, its approval, and what came of it.
#include <cmath>

#include "confining.hpp"
#include "planning.hpp"
#include "rawket/host/privileges.hpp"
#include "stopping.hpp"

namespace rawket::cli {
namespace {

std::string told(const SendReport& r, const Plan& plan) {
  const u64 done = r.sent + r.failed + r.refused;
  std::string text = std::to_string(r.sent) + (r.sent == 1 ? " packet" : " packets") + " sent in " + std::to_string(r.took / millisecond) + " ms";
  if (r.sent > 1 && r.took > millisecond) text += ", " + std::to_string(std::llround(r.rate())) + " a second";
  if (r.waits > 0) text += ", " + std::to_string(r.waits) + " waits for a full queue";
  if (r.failed > 0) text += ", " + std::to_string(r.failed) + " failed";
  if (r.refused > 0) text += ", " + std::to_string(r.refused) + " refused by the policy";
  if (done < plan.count) text += ", stopped before " + std::to_string(plan.count - done) + " more";
  return text;
}

int run(const SendOptions& options, std::string_view command) {
  if (auto dropped = options.dry_run && options.file.empty() ? drop_privileges() : Result<void>(); !dropped) return complain_and_exit(dropped.error());
  Planning planning(options, command);
  auto plan = planning.plan();
  if (!plan) return plan.error();
  if (options.dry_run) return planning.dry_run(*plan);
  auto ready = planning.approve_plan(std::move(*plan));
  if (!ready) return ready.error();
  auto sender = Sender::open(ready->plan);
  planning.sockets_are_open();
  if (!sender) return complain_and_exit(sender.error());
  if (auto closed = confine({.kernel_programs = (*sender)->engine() == SendEngine::live_frames}); !closed) return complain_and_exit(closed.error());
  stop_on_signals();
  if (!(*sender)->why_engine().empty()) complain("sending by messages, as AF_XDP cannot be used: " + (*sender)->why_engine());
  SystemClock clock;
  const SendReport r = (*sender)->send(clock, ready->record.get(), stop_requested);
  if (r.error) complain(*r.error);
  if (!r.harm.empty()) complain("sending was stopped: " + r.harm);
  complain(told(r, ready->plan.plan()));
  const bool all = r.sent + r.failed + r.refused >= ready->plan.plan().count;
  return close_record(ready->record.get(), r.sent, r.refused > 0 ? usage : r.failed > 0 ? io_error : all ? ok : negative);
}

}  // namespace

int run_send(const SendOptions& options) { return run(options, "send"); }
int run_replay(const SendOptions& options) { return run(options, "replay"); }

}  // namespace rawket::cli
