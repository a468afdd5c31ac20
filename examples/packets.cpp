// Packets without any socket: at compile time, by value, edited in place. Needs rawket::core alone.
#include <iostream>

#include "rawket/packet/packet.hpp"
#include "rawket/packet/text.hpp"
#include "rawket/proto/all.hpp"
using namespace rawket;

// Made and checked by the compiler; its bytes lie in .rodata.
constexpr auto syn = build(Ethernet{.dst = "02:00:00:00:00:02", .src = "02:00:00:00:00:01"} / Ipv4{.ttl = 3, .src = "198.18.0.1", .dst = "198.18.0.2"} /
                           Tcp{.dport = 80, .flags = Syn, .options = {Mss{1460}, WindowScale{7}}} / "hi");
static_assert(internet_checksum(syn.header<Ipv4>()) == 0);

Packet question(std::string_view name) { return Ipv4{.src = "198.18.0.1", .dst = "198.18.0.2"} / Udp{} / Dns{.id = 1, .questions = 1, .options = {name, 1}}; }

int main() {
  Packet packet = syn;
  packet.set<&Tcp::dport>(443);  // the checksum follows (RFC 1624)
  std::cout << "port " << *packet.get<&Tcp::dport>() << ", " << packet.size() << " bytes\n";

  const Packet dns = question("example.com");
  Dissection layers;
  dissect(standard_registry(), dns.first_protocol(), dns.bytes(), layers);
  TextPrinter printer({.time = TimeFormat::none});
  TextBuffer line;
  printer.line({.original_length = static_cast<u32>(dns.size())}, layers, line);
  std::cout << line.view();

  const auto wrong = build(Ipv4{.checksum = 0xdead} / Udp{.dport = 9});  // given beats computed
  std::cout << "checksum " << std::hex << wrong.get<&Ipv4::checksum>() << '\n';
}
