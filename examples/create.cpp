// Step 1, create: a raw IPv4 socket with its own header, and a packet socket for whole frames.
#include <iostream>

#include "rawket/io/packet_socket.hpp"
#include "rawket/io/raw_socket.hpp"

int main() {
  auto raw = rawket::RawSocket::open({.protocol = 6, .own_header = true});
  if (!raw) {
    std::cerr << raw.error().text() << '\n';
    return 3;
  }
  auto frames = rawket::PacketSocket::open({.interface = "lo"});
  if (!frames) {
    std::cerr << frames.error().text() << '\n';
    return 3;
  }
  std::cout << "raw socket " << (*raw)->descriptor() << ", packet socket " << (*frames)->descriptor() << '\n';
}
