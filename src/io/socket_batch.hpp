// Many datagrams per system call, in buffers that are used again: what packet and raw sockets share.
#pragma once
#include <sys/socket.h>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "rawket/base/clock.hpp"
#include "rawket/base/error.hpp"

namespace rawket {

/// Room for a batch of received packets. Each slot starts with `headroom` bytes for what is put in front later.
class ReceiveBatch {
 public:
  static constexpr unsigned slots = 64;

  ReceiveBatch(std::size_t packet_bytes, std::size_t headroom);

  /// recvmmsg(2) without waiting: how many came, 0 when none was there. An error keeps the errno.
  Result<unsigned> receive(int socket);

  /// The bytes of a received packet, and before them the headroom. Valid until the next `receive`.
  u8* start(unsigned slot) { return data_.get() + slot * stride_ + headroom_; }
  std::size_t captured(unsigned slot) const;
  std::size_t real_length(unsigned slot) const { return messages_[slot].msg_len; }
  const sockaddr_storage& sender(unsigned slot) const { return senders_[slot]; }
  /// Calls `visit(level, type, bytes)` for each ancillary datum.
  template <class Visit>
  void ancillary(unsigned slot, Visit&& visit) {
    msghdr& header = messages_[slot].msg_hdr;
    for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item))
      visit(item->cmsg_level, item->cmsg_type, Bytes(CMSG_DATA(item), item->cmsg_len - CMSG_LEN(0)));
  }

 private:
  static constexpr std::size_t control_bytes = 256;
  struct alignas(cmsghdr) Control {
    char bytes[control_bytes];
  };

  std::size_t packet_bytes_, headroom_, stride_;
  std::unique_ptr<u8[]> data_;
  std::unique_ptr<Control[]> controls_;
  std::vector<sockaddr_storage> senders_;
  std::vector<iovec> parts_;
  std::vector<mmsghdr> messages_;
};

/// The value of one ancillary datum or option, 0 when it is shorter.
template <class T>
T value_of(Bytes bytes) {
  T value{};
  if (bytes.size() >= sizeof value) __builtin_memcpy(&value, bytes.data(), sizeof value);
  return value;
}

/// SCM_TIMESTAMPNS.
Nanoseconds time_of(Bytes timespec_bytes);

/// Waits until the socket has something to read or to report. Also returns early when a signal comes.
void wait_readable(int socket, Nanoseconds wait);

/// sendmmsg(2) until all have left or one is refused. A full queue is waited for, at most 100 ms without progress; then
/// what has left is the answer, and `waits` grows. An error (its errno kept) only when none left.
Result<std::size_t> send_all(int socket, std::span<mmsghdr> messages, u64& waits);

/// Asks for a receive buffer: past rmem_max where that is allowed. Returns what was granted, in the same measure.
u32 set_receive_buffer(int socket, u32 bytes);

}  // namespace rawket
