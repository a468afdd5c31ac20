// Choosing the engine, and the one that every socket has: messages.
#include "rawket/io/frame_sender.hpp"


#include <algorithm>
#include <ctime>
#include <vector>

#include "rawket/io/packet_socket.hpp"
#include "send_engines.hpp"

namespace rawket {
namespace {

class MessageSender final : public FrameSender {
 public:
  explicit MessageSender(std::unique_ptr<PacketSocket> socket) : socket_(std::move(socket)) {}

  Result<u64> send(SendPermit permit, std::span<const Bytes> frames, u64 count, const std::atomic<bool>& stop) override {
    constexpr std::size_t most = 64;
    u64 sent = 0;
    for (std::size_t at = 0; sent < count && !stop; at = at == frames.size() ? 0 : at) {
      batch_.clear();
      for (const std::size_t size = static_cast<std::size_t>(std::min<u64>(count - sent, most)); batch_.size() < size; ++at) batch_.push_back(frames[at = at == frames.size() ? 0 : at]);
      const auto left = socket_->send(permit, batch_);
      if (!left && sent == 0) return Failure{left.error()};
      const std::size_t now = left.value_or(0);
      sent += now;
      if (now < batch_.size()) break;
    }
    return sent;
  }
  u64 waits() const override { return socket_->send_waits(); }

 private:
  std::unique_ptr<PacketSocket> socket_;
  std::vector<Bytes> batch_;
};

}  // namespace

bool QueuePatience::wait() {
  if (++tries_ <= tries_awake) return true;
  ++waits_;
  constexpr timespec moment{0, 100'000};
  ::nanosleep(&moment, nullptr);
  return tries_ < most_tries;
}

Result<std::unique_ptr<FrameSender>> open_message_sender(const FrameSenderOptions& options) {
  auto socket = RAWKET_TRY(PacketSocket::open({.interface = options.interface, .receive = false, .past_queue = options.fast}));
  return std::make_unique<MessageSender>(std::move(socket));
}

Result<std::unique_ptr<FrameSender>> FrameSender::open(const FrameSenderOptions& options) {
  switch (options.engine) {
    case SendEngine::ring: return open_ring_sender(RAWKET_TRY(interface_named(options.interface)), options.fast);
    case SendEngine::xdp: return open_xdp_sender(RAWKET_TRY(interface_named(options.interface)));
    case SendEngine::live_frames: return open_live_frame_sender(RAWKET_TRY(interface_named(options.interface)), options.frames);
    case SendEngine::super_frames: return fail(Errc::unsupported, "engine", "super-frames are made of packets, not of frames");
    case SendEngine::messages:
    case SendEngine::automatic: break;
  }
  return open_message_sender(options);
}

}  // namespace rawket
