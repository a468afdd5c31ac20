// The keeping process: receives wishes, opens what may be wished, and ends with its owner.
#include "rawket/host/socket_keeper.hpp"

#include <linux/capability.h>

#include "capabilities.hpp"
#include "helper_process.hpp"
#include "rawket/host/sandbox.hpp"
#include "socket_opener.hpp"

namespace rawket {
namespace {

void keep_sockets(int channel) {
  keep_only_capabilities(1u << CAP_NET_RAW);
  enter_sandbox({.sockets = true});
  while (const auto wish = receive_message(channel, -1))
    if (!answer_wish(channel, *wish)) break;
}

class KeepingProcess final : public SocketKeeper {
 public:
  explicit KeepingProcess(HelperProcess helper) : helper_(std::move(helper)) { ask_for_sockets_at(helper_.channel()); }
  ~KeepingProcess() override { ask_for_sockets_at(-1); }

 private:
  HelperProcess helper_;
};

}  // namespace

Result<std::unique_ptr<SocketKeeper>> SocketKeeper::start() {
  if (!own_capabilities().has(CAP_NET_RAW)) return std::unique_ptr<SocketKeeper>();
  return std::make_unique<KeepingProcess>(RAWKET_TRY(HelperProcess::start(keep_sockets)));
}

}  // namespace rawket
