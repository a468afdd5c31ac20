// The looking process, and the questions that are put to it.
#include "rawket/host/process_finder.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include "capabilities.hpp"
#include "helper_process.hpp"
#include "rawket/base/clock.hpp"
#include "rawket/base/text.hpp"
#include "socket_table.hpp"

namespace rawket {
namespace {

constexpr char who = 'w', this_one = 't', nobody_known = 'n';
constexpr Nanoseconds look_gap = 20 * millisecond, ask_again = 200 * millisecond, believe = 5 * second;
constexpr std::size_t most_known = 100'000;
constexpr int most_wait = 200;  // milliseconds for an answer

/// Looks again and again; the more there is to see, the less often.
void look(int channel) {
  keep_only_capabilities(1u << CAP_SYS_PTRACE | 1u << CAP_DAC_READ_SEARCH);  // other users' processes are looked at with these
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  SocketTable table;
  SystemClock clock;
  for (Nanoseconds next = 0;;) {
    const Nanoseconds before = clock.now();
    if (before >= next) {
      table.refresh();
      const Nanoseconds took = clock.now() - before;
      next = clock.now() + std::max(look_gap, 20 * took);
    }
    const auto wait = static_cast<int>(std::max<Nanoseconds>(next - clock.now(), 0) / millisecond) + 1;
    const auto question = receive_message(channel, wait);
    if (!question && question.error().code != Errc::timed_out) return;  // the owner is gone
    if (!question || question->kind != who || question->text.size() != sizeof(SocketEnd)) continue;
    SocketEnd end;
    __builtin_memcpy(&end, question->text.data(), sizeof end);
    const ProcessFacts* found = table.find(end);
    Message answer{found == nullptr ? nobody_known : this_one, question->number};  // whose number says which question it answers
    if (found != nullptr) answer.text = std::to_string(found->id) + '\n' + found->container + '\n' + found->name;
    send_message(channel, answer);
  }
}

class AskedFinder final : public ProcessFinder {
 public:
  explicit AskedFinder(HelperProcess helper) : helper_(std::move(helper)) {}

  const ProcessFacts* find(const SocketEnd& end) override {
    if (known_.size() > most_known) known_.clear();
    Known& k = known_[socket_key(end, false, true)];
    const Nanoseconds now = clock_.now();
    // A port may be somebody else's later.
    if (k.asked == 0 || now - k.asked >= (k.facts.id == 0 ? ask_again : believe)) {
      k.asked = now;
      ask(end, k.facts);
    }
    return k.facts.id == 0 ? nullptr : &k.facts;
  }

 private:
  struct Known {
    ProcessFacts facts;
    Nanoseconds asked = 0;
  };

  void ask(const SocketEnd& end, ProcessFacts& facts) {
    const int number = static_cast<int>(++asked_ & 0x7fffffff);
    if (!send_message(helper_.channel(), {who, number, std::string(reinterpret_cast<const char*>(&end), sizeof end)})) return;
    while (const auto answer = receive_message(helper_.channel(), most_wait)) {
      if (answer->number != number) continue;  // it came too late for its question
      if (answer->kind != this_one) return;
      const std::size_t first = answer->text.find('\n'), second = answer->text.find('\n', first + 1);
      facts = {static_cast<u32>(parse_number(answer->text.substr(0, first)).value_or(0)), answer->text.substr(second + 1), answer->text.substr(first + 1, second - first - 1)};
      return;
    }
  }

  HelperProcess helper_;
  SystemClock clock_;
  std::map<std::string, Known> known_;
  u32 asked_ = 0;
};

}  // namespace

Result<std::unique_ptr<ProcessFinder>> ProcessFinder::start() {
  return std::make_unique<AskedFinder>(RAWKET_TRY(HelperProcess::start(look)));
}

}  // namespace rawket
