// Step 4, send: words become a plan, a policy approves it, the answer is matched.
#include <atomic>
#include <iostream>

#include "rawket/packet/text.hpp"
#include "rawket/send/ask.hpp"

namespace {
rawket::Result<int> run(const std::string& words) {
  const rawket::Policy policy = RAWKET_TRY(rawket::default_policy());
  auto recipe = RAWKET_TRY(rawket::Recipe::parse(rawket::standard_registry(), std::string_view(words)));
  auto plan = RAWKET_TRY(rawket::make_plan(std::move(recipe), {}, policy));
  std::cout << plan.text(policy);
  const rawket::ApprovedPlan approved = RAWKET_TRY(rawket::approve(std::move(plan), policy));
  rawket::Asker asker = RAWKET_TRY(rawket::Asker::open(approved));
  rawket::SystemClock clock;
  const std::atomic<bool> stop{false};
  const auto report = RAWKET_TRY(asker.ask(approved, {.timeout = rawket::second, .retries = 1}, clock, nullptr, stop, {}));
  std::cout << report.answered.size() << " answered, " << report.unanswered.size() << " not\n";
  return report.unanswered.empty() ? 0 : 1;
}
}  // namespace

int main(int argc, char** argv) {
  const auto code = run(argc > 1 ? argv[1] : "ip dst=127.0.0.1 / icmp / \"ping\"");
  if (!code) std::cerr << code.error().text() << '\n';
  return code ? *code : 3;
}
