// The keeping process: receives wishes, opens what may be wished, and ends with its owner.
#include "rawket/host/socket_keeper.hpp"

#include <linux/capability.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "capabilities.hpp"
#include "channel.hpp"
#include "rawket/host/sandbox.hpp"
#include "socket_opener.hpp"

namespace rawket {
namespace {

[[noreturn]] void keep_sockets(int channel) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE}) ::signal(signal, SIG_IGN);
  keep_only_capabilities(1u << CAP_NET_RAW);
  enter_sandbox({.sockets = true});
  while (const auto wish = receive_message(channel, -1))
    if (!answer_wish(channel, *wish)) break;
  ::_exit(0);
}

class KeepingProcess final : public SocketKeeper {
 public:
  KeepingProcess(Descriptor channel, int process) : channel_(std::move(channel)), process_(process) { ask_for_sockets_at(channel_.number()); }
  ~KeepingProcess() override {
    ask_for_sockets_at(-1);
    channel_.reset();
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

 private:
  Descriptor channel_;
  int process_;
};

}  // namespace

Result<std::unique_ptr<SocketKeeper>> SocketKeeper::start() {
  if (!own_capabilities().has(CAP_NET_RAW)) return std::unique_ptr<SocketKeeper>();
  ChannelEnds ends = RAWKET_TRY(open_channel());
  const int process = ::fork();
  if (process < 0) return fail_system("fork");
  if (process == 0) {
    keep_only(ends.there.number());
    keep_sockets(ends.there.release());
  }
  return std::make_unique<KeepingProcess>(std::move(ends.here), process);
}

}  // namespace rawket
