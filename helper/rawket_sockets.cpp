// rawket-sockets: opens one raw or packet socket for the program that started it, and ends.
//
// It is what gets the file capability where nobody shall use sudo:
//   chgrp netdev rawket-sockets && chmod 750 rawket-sockets && setcap cap_net_raw=ep rawket-sockets
// Whoever may run it may open such sockets; it opens nothing else, reads no file, and takes no words.
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "../src/host/channel.hpp"
#include "../src/host/socket_opener.hpp"

int main() {
  constexpr int patience = 1000;  // milliseconds
  const auto question = rawket::receive_message(STDIN_FILENO, patience);
  rawket::SocketWish wish;
  if (!question || question->text.size() != sizeof wish) return 2;
  std::memcpy(&wish, question->text.data(), sizeof wish);
  if (!rawket::may_be_wished(wish)) return 2;
  rawket::Descriptor socket(::socket(wish.domain, wish.type | SOCK_CLOEXEC, wish.protocol));
  rawket::Message answer{.kind = 's', .number = socket.open() ? 0 : errno};
  if (socket.open()) answer.descriptors.push_back(std::move(socket));
  return rawket::send_message(STDIN_FILENO, answer) ? 0 : 1;
}
