// `rawket-sockets` is started for each socket, has the other end of a channel as its standard input, and ends at once.
#include "socket_opener.hpp"

#include <linux/if_packet.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "channel.hpp"
#include "rawket/host/facts.hpp"
#include "rawket/host/privileges.hpp"

namespace rawket {
namespace {

constexpr int helper_patience = 2000;  // milliseconds

int keeper = -1;  // the channel to a process that has the right

bool may_be_wished(const SocketWish& w) {
  if (w.domain == AF_PACKET) return (w.type == SOCK_RAW || w.type == SOCK_DGRAM) && w.protocol == 0;
  if (w.domain == AF_XDP) return w.type == SOCK_RAW && w.protocol == 0;
  return (w.domain == AF_INET || w.domain == AF_INET6) && w.type == SOCK_RAW && w.protocol >= 0 && w.protocol <= 255;
}

/// The error's number is the kernel's.
Result<Descriptor> ask_at(int channel, const SocketWish& wish) {
  send_message(channel, {'s', 0, std::string(reinterpret_cast<const char*>(&wish), sizeof wish)});
  Message answer = RAWKET_TRY(receive_message(channel, helper_patience));
  if (answer.descriptors.empty()) return fail_system("socket", answer.number);
  return std::move(answer.descriptors.front());
}

Result<Descriptor> ask_helper(const std::string& helper, const SocketWish& wish) {
  ChannelEnds ends = RAWKET_TRY(open_channel());
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends.there.number(), STDIN_FILENO);
  std::string name = helper;
  char* words[] = {name.data(), nullptr};
  char* nothing[] = {nullptr};
  int process = 0;
  const int problem = ::posix_spawn(&process, helper.c_str(), &actions, nullptr, words, nothing);
  ::posix_spawn_file_actions_destroy(&actions);
  if (problem != 0) return fail_system(helper, problem);
  ends.there.reset();
  auto answer = ask_at(ends.here.number(), wish);
  while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (!answer && answer.error().errno_value != 0) return fail_system(helper, answer.error().errno_value, "sudo setcap cap_net_raw=ep '" + helper + "'");
  return answer;
}

}  // namespace

void ask_for_sockets_at(int channel) { keeper = channel; }

bool answer_wish(int channel, const Message& question) {
  SocketWish wish;
  if (question.text.size() != sizeof wish) return false;
  std::memcpy(&wish, question.text.data(), sizeof wish);
  if (!may_be_wished(wish)) return false;
  Descriptor socket(::socket(wish.domain, wish.type | SOCK_CLOEXEC, wish.protocol));
  Message answer{.kind = 's', .number = socket.open() ? 0 : errno};
  if (socket.open()) answer.descriptors.push_back(std::move(socket));
  return send_message(channel, answer);
}

Result<Descriptor> open_socket(const SocketWish& wish, std::string_view name) {
  Descriptor socket(::socket(wish.domain, wish.type | SOCK_CLOEXEC, wish.protocol));
  if (socket.open()) return socket;
  const int why = errno;
  if (why != EPERM && why != EACCES) return fail_system(name, why, why == EAFNOSUPPORT ? "this kernel has no such socket: use another --engine" : "");
  if (keeper >= 0)
    if (auto given = ask_at(keeper, wish)) return given;
  if (const std::string helper = socket_helper(); !helper.empty())
    if (auto given = ask_helper(helper, wish)) return given;
  return fail_system(name, why, advice_for_net_raw());
}

}  // namespace rawket
