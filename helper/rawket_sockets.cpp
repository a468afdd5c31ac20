// rawket-sockets: opens one raw, packet or AF_XDP socket for the program that started it, and ends.
//
// It is what gets the file capability where nobody shall use sudo:
//   chgrp netdev rawket-sockets && chmod 750 rawket-sockets && setcap cap_net_raw=ep rawket-sockets
// Whoever may run it may open such sockets; it opens nothing else, reads no file, and takes no words.
#include <unistd.h>

#include "../src/host/channel.hpp"
#include "../src/host/socket_opener.hpp"

int main() {
  constexpr int patience = 1000;  // milliseconds
  const auto question = rawket::receive_message(STDIN_FILENO, patience);
  return question && rawket::answer_wish(STDIN_FILENO, *question) ? 0 : 2;
}
