// Step 2, rights: open with CAP_NET_RAW, then give up everything; the open socket still works.
#include <iostream>

#include "rawket/host/privileges.hpp"
#include "rawket/io/packet_socket.hpp"

int main() {
  if (!rawket::privileges().has(rawket::cap_net_raw)) {
    std::cerr << rawket::advice_for_net_raw() << '\n';
    return 3;
  }
  auto socket = rawket::PacketSocket::open({.interface = "lo"});
  if (auto dropped = rawket::drop_privileges(); !socket || !dropped) {
    std::cerr << "no socket, or no way to give up rights\n";
    return 3;
  }
  std::cout << "effective capabilities now: " << rawket::privileges().effective << '\n';
}
