// The helper is started for each socket, has the other end of a channel as its standard input, and ends at once.
#include "socket_opener.hpp"

#include <linux/if_packet.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "channel.hpp"
#include "rawket/host/facts.hpp"
#include "rawket/host/privileges.hpp"

namespace rawket {
namespace {

constexpr int helper_patience = 2000;  // milliseconds

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
  send_message(ends.here.number(), {'s', 0, std::string(reinterpret_cast<const char*>(&wish), sizeof wish)});
  auto answer = receive_message(ends.here.number(), helper_patience);
  while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (!answer) return Failure{answer.error()};
  if (answer->descriptors.empty()) return fail_system(helper, answer->number, "sudo setcap cap_net_raw=ep '" + helper + "'");
  return std::move(answer->descriptors.front());
}

}  // namespace

bool may_be_wished(const SocketWish& w) {
  if (w.domain == AF_PACKET) return (w.type == SOCK_RAW || w.type == SOCK_DGRAM) && w.protocol == 0;
  return (w.domain == AF_INET || w.domain == AF_INET6) && w.type == SOCK_RAW && w.protocol >= 0 && w.protocol <= 255;
}

Result<Descriptor> open_socket(const SocketWish& wish, std::string_view name) {
  Descriptor socket(::socket(wish.domain, wish.type | SOCK_CLOEXEC, wish.protocol));
  if (socket.open()) return socket;
  const int why = errno;
  if (why != EPERM && why != EACCES) return fail_system(name, why);
  if (const std::string helper = socket_helper(); !helper.empty())
    if (auto given = ask_helper(helper, wish)) return given;
  return fail_system(name, why, advice_for_net_raw());
}

}  // namespace rawket
