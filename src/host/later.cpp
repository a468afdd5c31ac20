// A helper process that waits for one message.
#include "rawket/host/later.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "helper_process.hpp"

namespace rawket {
namespace {

class WaitingCopy final : public Later {
 public:
  explicit WaitingCopy(HelperProcess helper) : helper_(std::move(helper)) {}

  void run(int number) override {
    if (!send_message(helper_.channel(), {'w', number})) return;
    static_cast<void>(receive_message(helper_.channel(), -1));  // done, or its end
  }

 private:
  HelperProcess helper_;
};

}  // namespace

Result<std::unique_ptr<Later>> Later::prepare(std::function<void(int)> work) {
  auto helper = RAWKET_TRY(HelperProcess::start([&work](int channel) {
    while (const auto wish = receive_message(channel, -1)) {
      const int copy = ::fork();
      if (copy == 0) work(wish->number), ::_exit(0);
      while (copy > 0 && ::waitpid(copy, nullptr, 0) < 0 && errno == EINTR) {
      }
      if (!send_message(channel, {'d'})) return;
    }
  }, true));
  return std::make_unique<WaitingCopy>(std::move(helper));
}

}  // namespace rawket
