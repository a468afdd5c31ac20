// recvmmsg and sendmmsg with their partial successes sorted out.
#include "socket_batch.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace rawket {
namespace {

constexpr int patience_milliseconds = 100, pause_milliseconds = 1;

// A full socket buffer says when there is room again (poll); a full device queue (ENOBUFS) does not.
void wait_writable(int socket, int reason) {
  pollfd writable{socket, POLLOUT, 0};
  if (reason == ENOBUFS)
    ::poll(nullptr, 0, pause_milliseconds);
  else
    ::poll(&writable, 1, pause_milliseconds);
}

}  // namespace

ReceiveBatch::ReceiveBatch(std::size_t packet_bytes, std::size_t headroom)
    // Slots a power of two apart would all start in the same few cache sets.
    : packet_bytes_(packet_bytes),
      headroom_(headroom),
      stride_((packet_bytes + headroom + 63) / 64 * 64 + 320),
      // Pages that no packet reaches are never touched, so large slots cost nothing.
      data_(std::make_unique_for_overwrite<u8[]>(stride_ * slots)),
      controls_(std::make_unique<Control[]>(slots)),
      senders_(slots),
      parts_(slots),
      messages_(slots) {}

Result<unsigned> ReceiveBatch::receive(int socket) {
  for (unsigned i = 0; i < slots; ++i) {
    parts_[i] = {start(i), packet_bytes_};
    msghdr& header = messages_[i].msg_hdr;
    header = {};
    header.msg_name = &senders_[i];
    header.msg_namelen = sizeof senders_[i];
    header.msg_iov = &parts_[i];
    header.msg_iovlen = 1;
    header.msg_control = controls_[i].bytes;
    header.msg_controllen = sizeof controls_[i].bytes;
  }
  const int got = ::recvmmsg(socket, messages_.data(), slots, MSG_DONTWAIT | MSG_TRUNC, nullptr);
  if (got >= 0) return static_cast<unsigned>(got);
  if (errno == EAGAIN || errno == EINTR) return 0u;
  return fail_system("recvmmsg");
}

std::size_t ReceiveBatch::captured(unsigned slot) const { return std::min<std::size_t>(messages_[slot].msg_len, packet_bytes_); }

Nanoseconds time_of(Bytes timespec_bytes) {
  const auto t = value_of<timespec>(timespec_bytes);
  return static_cast<Nanoseconds>(t.tv_sec) * second + t.tv_nsec;
}

void wait_readable(int socket, Nanoseconds wait) {
  pollfd readable{socket, POLLIN, 0};
  const timespec limit{static_cast<time_t>(wait / second), static_cast<long>(wait % second)};
  ::ppoll(&readable, 1, &limit, nullptr);
}

Result<std::size_t> send_all(int socket, std::span<mmsghdr> messages, u64& waits) {
  constexpr std::size_t most_per_call = 1024;  // the kernel's own bound (UIO_MAXIOV)
  std::size_t sent = 0;
  for (int patience = patience_milliseconds; sent < messages.size();) {
    const auto count = static_cast<unsigned>(std::min(messages.size() - sent, most_per_call));
    const int left = ::sendmmsg(socket, messages.data() + sent, count, MSG_DONTWAIT);
    if (left > 0) {
      sent += static_cast<std::size_t>(left);
      patience = patience_milliseconds;
      continue;
    }
    const int reason = errno;
    const bool full = reason == EAGAIN || reason == ENOBUFS || reason == EINTR;
    if (full && patience-- > 0) {
      ++waits;
      wait_writable(socket, reason);
      continue;
    }
    if (sent == 0) return fail_system("sendmmsg", reason, full ? "the device's queue stays full: send more slowly" : "");
    break;
  }
  return sent;
}

u32 set_receive_buffer(int socket, u32 bytes) {
  const int wanted = static_cast<int>(std::min(bytes, u32{1} << 30));
  if (::setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) != 0)
    ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
  int granted = 0;
  socklen_t size = sizeof granted;
  if (::getsockopt(socket, SOL_SOCKET, SO_RCVBUF, &granted, &size) != 0) return 0;
  return static_cast<u32>(granted) / 2;  // the kernel doubles the wish for its own bookkeeping
}

}  // namespace rawket
