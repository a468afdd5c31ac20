// The copy of this process runs `why` as a user would.
#include "why_later.hpp"

namespace rawket::cli {

WhyLater::WhyLater(bool wanted, std::vector<WhyCommand> questions) : questions_(std::move(questions)) {
  if (!wanted) return;
  auto prepared = Later::prepare([this](int number) {
    if (number >= 0 && static_cast<std::size_t>(number) < questions_.size()) run_why(questions_[static_cast<std::size_t>(number)]);
  });
  if (prepared) later_ = std::move(*prepared);  // without it there is still the answer that there was none
}

void WhyLater::ask(std::size_t number) {
  if (later_ != nullptr && asked_++ < most) later_->run(static_cast<int>(number));
}

WhyCommand question_about(const IpAddress& host, int tcp, int udp, const std::string& format, bool numbers, const SendOptions& plan, u32 size) {
  const int port = tcp > 0 ? tcp : udp;
  const std::string with_port = (host.is_v6 ? "[" + host.text() + "]:" : host.text() + ":") + std::to_string(port);
  WhyCommand question{.target = port <= 0 ? host.text() : with_port, .udp = port > 0 && tcp <= 0, .size = size, .format = format, .numbers = numbers, .plan = plan};
  question.plan.record.clear();
  return question;
}

}  // namespace rawket::cli
