// Uses rawket::core alone: a packet made by the compiler, checked at run time.
#include <rawket/packet/packet.hpp>
#include <rawket/proto/all.hpp>

using namespace rawket;

constexpr auto syn = build(Ipv4{.src = "198.18.0.1", .dst = "198.18.0.2"} / Tcp{.dport = 80});
static_assert(internet_checksum(syn.header<Ipv4>()) == 0);

int main() {
  Packet packet = syn;
  packet.set<&Tcp::dport>(443);
  return packet == Packet(Ipv4{.src = "198.18.0.1", .dst = "198.18.0.2"} / Tcp{.dport = 443}) ? 0 : 1;
}
