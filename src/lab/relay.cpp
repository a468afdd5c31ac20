// Delays count from the kernel's time of arrival, and the last part of a wait is spent awake: 50 us are much beside 1 ms.
#include "relay.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>

#include "rawket/io/packet_socket.hpp"

namespace rawket {

/// One direction of a wire: what comes at one end leaves at the other.
class LinkRelay {
 public:
  LinkRelay(PacketSocket& from, PacketSocket& to, const Impairment& how, u64 stream) : from_(from), to_(to), link_(how, stream) {}

  int descriptor() const { return from_.descriptor(); }
  std::optional<Nanoseconds> next() const { return link_.next(); }

  void read(Clock& clock) {
    const auto packets = from_.next(0);
    if (!packets || packets->empty()) return;
    // Stamps are of the wall clock, waits of the monotonic one.
    const Nanoseconds now = clock.now(), wall = wall_clock();
    for (const CapturedPacket& p : *packets) link_.offer(now - std::clamp(elapsed(p.info.time, wall), Nanoseconds{0}, second), p.bytes);
  }

  void send_due(Nanoseconds now) {
    constexpr std::size_t batch = 64;
    frames_.resize(batch);
    std::size_t count = 0;
    while (count < batch && link_.take(now, frames_[count])) ++count;
    if (count == 0) return;
    spans_.assign(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(count));
    // A frame that the other end does not take (it is down, or longer than its MTU) is lost, as on a wire.
    for (std::span<const Bytes> left = spans_; !left.empty();) {
      const auto sent = to_.send(SendPermit(), left);
      left = left.subspan(sent && *sent > 0 ? *sent : 1);
    }
  }

 private:
  PacketSocket& from_;
  PacketSocket& to_;
  ImpairedLink link_;
  std::vector<std::vector<u8>> frames_;
  std::vector<Bytes> spans_;
};

namespace {

constexpr Nanoseconds awake = 1'000'000;  // before a frame is due: a processor that has slept for long is slow at first

void wait_for(std::span<pollfd> ends, Nanoseconds wait) {
  const timespec time{static_cast<time_t>(wait / second), static_cast<long>(wait % second)};
  ::ppoll(ends.data(), ends.size(), &time, nullptr);
}

[[noreturn]] void relay(std::vector<LinkRelay>& directions) {
  ::prctl(PR_SET_NAME, "rawket-links", 0, 0, 0);
  ::prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  SystemClock clock;
  std::vector<pollfd> ends;
  for (const LinkRelay& d : directions) ends.push_back({d.descriptor(), POLLIN, 0});
  while (true) {
    Nanoseconds soonest = clock.now() + second;
    for (const LinkRelay& d : directions) soonest = std::min(soonest, d.next().value_or(soonest));
    wait_for(ends, std::max(soonest - clock.now() - awake, Nanoseconds{0}));
    for (std::size_t i = 0; i < ends.size(); ++i)
      if (ends[i].revents != 0) directions[i].read(clock);
    for (LinkRelay& d : directions) d.send_due(clock.now());
  }
}

}  // namespace

Result<void> start_relay(std::span<const RelayedWire> wires) {
  std::vector<std::unique_ptr<PacketSocket>> sockets;
  std::vector<LinkRelay> directions;
  for (const RelayedWire& w : wires) {
    for (const std::string& name : {w.near, w.far}) sockets.push_back(RAWKET_TRY(PacketSocket::open({.interface = name, .promiscuous = true, .own_packets = false, .buffer_bytes = 8u << 20})));
    PacketSocket &near = *sockets[sockets.size() - 2], &far = *sockets.back();
    directions.emplace_back(near, far, w.how, directions.size());
    directions.emplace_back(far, near, w.how, directions.size());
  }
  const int process = ::fork();
  if (process < 0) return fail_system("fork");
  if (process == 0) relay(directions);
  return {};
}

}  // namespace rawket
