// One question is out at a time: the resolver answers one after the other anyway, and no queue of the kernel can fill up.
#include "rawket/host/name_finder.hpp"

#include <netdb.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <map>
#include <thread>

#include "helper_process.hpp"
#include "rawket/base/text.hpp"
#include "rawket/host/privileges.hpp"
#include "socket_address.hpp"

namespace rawket {
namespace {

constexpr std::size_t most_names = 65536;

std::string find_name(const IpAddress& a) {
  const SocketAddress address(a);
  char name[NI_MAXHOST] = "";
  if (::getnameinfo(address.get(), address.size(), name, sizeof name, nullptr, 0, NI_NAMEREQD) != 0) return {};
  return std::string(name).substr(0, 253);
}

/// A resolver may wait for seconds; whoever asked does not.
void end_with(int channel) {
  pollfd other_end{channel, 0, 0};
  while (::poll(&other_end, 1, -1) < 0 && errno == EINTR) {
  }
  ::_exit(0);
}

/// The other process: an address comes, its name goes.
void answer_all(int channel) {
  if (!drop_privileges()) return;
  std::thread(end_with, channel).detach();
  while (const auto question = receive_message(channel, -1)) {
    const auto address = IpAddress::parse(question->text);
    if (!send_message(channel, {.kind = 'n', .text = address ? find_name(*address) : std::string()})) return;
  }
}

class ProcessNameFinder final : public NameFinder {
 public:
  explicit ProcessNameFinder(HelperProcess helper) : helper_(std::move(helper)) {}

  std::optional<std::string> name_of(const IpAddress& address) override {
    const auto [entry, is_new] = names_.size() < most_names ? names_.try_emplace(address) : std::pair(names_.find(address), false);
    if (is_new) questions_.push_back(address);
    go_on(0);
    return entry == names_.end() ? std::string() : entry->second;
  }

  void wait(Nanoseconds most) override {
    SystemClock clock;
    const Nanoseconds until = clock.now() + most;
    while (!questions_.empty() && !gone_) {
      const Nanoseconds left = until - clock.now();
      if (left <= 0) return;
      go_on(static_cast<int>((left + millisecond - 1) / millisecond));
    }
  }

 private:
  /// Takes the answer to the question that is out, if it is there within so many milliseconds, and asks the next.
  void go_on(int milliseconds) {
    if (asked_) {
      auto answer = receive_message(helper_.channel(), milliseconds);
      if (!answer && answer.error().code == Errc::timed_out) return;
      gone_ = !answer;
      if (answer) names_[questions_.front()] = clean_text(answer->text);
      questions_.pop_front();
      asked_ = false;
    }
    if (gone_ || questions_.empty()) return;
    asked_ = send_message(helper_.channel(), {.kind = 'n', .text = questions_.front().text()});
    gone_ = !asked_;
  }

  HelperProcess helper_;
  std::map<IpAddress, std::optional<std::string>> names_;
  std::deque<IpAddress> questions_;  ///< the first one is out, when `asked_`
  bool asked_ = false, gone_ = false;
};

}  // namespace

Result<std::unique_ptr<NameFinder>> NameFinder::start() { return std::make_unique<ProcessNameFinder>(RAWKET_TRY(HelperProcess::start(answer_all))); }

}  // namespace rawket
