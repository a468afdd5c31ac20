// SCM_RIGHTS by hand: at most 80 descriptors and 1 KiB of text per message.
#include "channel.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace rawket {
namespace {

constexpr std::size_t most_descriptors = 80, most_text = 1024;

struct Head {
  char kind = 0;
  int number = 0;
};

struct alignas(cmsghdr) Control {
  char bytes[CMSG_SPACE(sizeof(int) * most_descriptors) + CMSG_SPACE(sizeof(ucred))];
};

void attach(msghdr& header, Control& control, const std::vector<Descriptor>& descriptors) {
  const std::size_t count = std::min(descriptors.size(), most_descriptors);
  if (count == 0) return;
  header.msg_control = control.bytes;
  header.msg_controllen = CMSG_SPACE(sizeof(int) * count);
  cmsghdr* item = CMSG_FIRSTHDR(&header);
  item->cmsg_level = SOL_SOCKET;
  item->cmsg_type = SCM_RIGHTS;
  item->cmsg_len = CMSG_LEN(sizeof(int) * count);
  for (std::size_t i = 0; i < count; ++i) {
    const int number = descriptors[i].number();
    std::memcpy(CMSG_DATA(item) + i * sizeof number, &number, sizeof number);
  }
}

void take_descriptors(const cmsghdr* item, std::vector<Descriptor>& descriptors) {
  const std::size_t count = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (std::size_t i = 0; i < count; ++i) {
    int number = -1;
    std::memcpy(&number, CMSG_DATA(item) + i * sizeof number, sizeof number);
    descriptors.emplace_back(number);
  }
}

void detach(msghdr& header, Message& message) {
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
    if (item->cmsg_level != SOL_SOCKET) continue;
    if (item->cmsg_type == SCM_RIGHTS) take_descriptors(item, message.descriptors);
    if (item->cmsg_type != SCM_CREDENTIALS) continue;
    ucred who{};
    std::memcpy(&who, CMSG_DATA(item), sizeof who);
    message.sender = who.pid;
  }
}

}  // namespace

Result<ChannelEnds> open_channel() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return fail_system("socketpair");
  ChannelEnds channel{Descriptor(ends[0]), Descriptor(ends[1])};
  const int on = 1;
  // The kernel translates the sender's process number, also out of another process namespace.
  if (::setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0) return fail_system("SO_PASSCRED");
  return channel;
}

void keep_only(int channel, bool standard_streams) {
  const auto mine = static_cast<unsigned>(channel), first = standard_streams ? 3u : 0u;
  if (mine > first) ::syscall(SYS_close_range, first, mine - 1, 0u);
  ::syscall(SYS_close_range, mine + 1, ~0u, 0u);
}

bool send_message(int channel, const Message& message) {
  Head head{message.kind, message.number};
  std::string text = message.text.substr(0, most_text);
  iovec parts[2] = {{&head, sizeof head}, {text.data(), text.size()}};
  Control control{};
  msghdr header{};
  header.msg_iov = parts;
  header.msg_iovlen = 2;
  attach(header, control, message.descriptors);
  ssize_t sent = 0;
  while ((sent = ::sendmsg(channel, &header, MSG_NOSIGNAL)) < 0 && errno == EINTR) {
  }
  return sent >= 0;
}

Result<Message> receive_message(int channel, int milliseconds) {
  pollfd readable{channel, POLLIN, 0};
  int ready = 0;
  while ((ready = ::poll(&readable, 1, milliseconds)) < 0 && errno == EINTR) {
  }
  if (ready == 0) return fail(Errc::timed_out, "helper process", "it does not answer");
  Head head;
  std::string text(most_text, '\0');
  iovec parts[2] = {{&head, sizeof head}, {text.data(), text.size()}};
  Control control{};
  msghdr header{};
  header.msg_iov = parts;
  header.msg_iovlen = 2;
  header.msg_control = control.bytes;
  header.msg_controllen = sizeof control.bytes;
  ssize_t got = 0;
  while ((got = ::recvmsg(channel, &header, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
  }
  Message message;
  if (got > 0) detach(header, message);
  if (got < static_cast<ssize_t>(sizeof head)) return fail(Errc::system, "helper process", "it ended unexpectedly");
  text.resize(static_cast<std::size_t>(got) - sizeof head);
  message.kind = head.kind;
  message.number = head.number;
  message.text = std::move(text);
  return message;
}

}  // namespace rawket
