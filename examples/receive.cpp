// Step 3, receive: packets of an interface, explained, with nothing lost in silence.
#include <iostream>

#include "rawket/host/privileges.hpp"
#include "rawket/io/packet_socket.hpp"
#include "rawket/packet/text.hpp"
#include "rawket/proto/all.hpp"

int main(int argc, char** argv) {
  auto socket = rawket::PacketSocket::open({.interface = argc > 1 ? argv[1] : "lo"});
  if (!socket) {
    std::cerr << socket.error().text() << '\n';
    return 3;
  }
  if (auto dropped = rawket::drop_privileges(); !dropped) return 3;
  rawket::TextPrinter printer({.time = rawket::TimeFormat::none});
  rawket::Dissection packet;
  for (int i = 0; i < 10; ++i) {
    const auto batch = (*socket)->next(200 * rawket::millisecond);
    if (!batch) return 4;
    for (const rawket::CapturedPacket& p : *batch) {
      rawket::dissect(rawket::standard_registry(), rawket::info<rawket::Ethernet>, p.bytes, packet);
      rawket::TextBuffer line;
      printer.line({.original_length = p.info.original_length}, packet, line);
      std::cout << line.view();
      if (const auto tcp = packet.header<rawket::Tcp>()) std::cout << "  to port " << tcp->dport << '\n';
    }
  }
  const rawket::Counters c = (*socket)->counters();
  std::cout << c.received << " received, " << c.dropped << " dropped\n";
}
