// Fork, close what is not its business, work, end.
#include "helper_process.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace rawket {

Result<HelperProcess> HelperProcess::start(const std::function<void(int channel)>& job, bool standard_streams) {
  ChannelEnds ends = RAWKET_TRY(open_channel());
  const int process = ::fork();
  if (process < 0) return fail_system("fork");
  if (process == 0) {
    keep_only(ends.there.number(), standard_streams);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE}) ::signal(signal, SIG_IGN);
    job(ends.there.number());
    ::_exit(0);
  }
  return HelperProcess(std::move(ends.here), process);
}

HelperProcess::~HelperProcess() {
  channel_.reset();
  if (process_ < 0) return;
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace rawket
