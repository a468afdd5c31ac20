// A small process with one job, at the other end of a channel; it ends with its owner, and its owner waits for it.
#pragma once
#include <functional>

#include "channel.hpp"

namespace rawket {

class HelperProcess {
 public:
  /// `job` runs in a copy of this process that has nothing open but the channel (and, if asked, the standard streams) and that no signal of the terminal ends. It
  /// should return when the channel's other end is gone. Call it before threads are started.
  static Result<HelperProcess> start(const std::function<void(int channel)>& job, bool standard_streams = false);
  HelperProcess(HelperProcess&& other) noexcept : channel_(std::move(other.channel_)), process_(std::exchange(other.process_, -1)) {}
  HelperProcess& operator=(HelperProcess&&) = delete;
  ~HelperProcess();

  int channel() const { return channel_.number(); }

 private:
  HelperProcess(Descriptor channel, int process) : channel_(std::move(channel)), process_(process) {}
  Descriptor channel_;
  int process_;
};

}  // namespace rawket
