// base, wire and proto are enough to build, read and edit packets: nothing has to be linked.
#include "rawket/proto/all.hpp"
#include "rawket/wire/build.hpp"

int main() {
  using namespace rawket;
  auto f = build(Ethernet{} / Ipv4{.src = "198.18.0.1", .dst = "198.18.0.2"} / Udp{.dport = 5001} / "hello");
  f.set<&Ipv4::ttl>(3);
  const View<Udp> udp(f.header<Udp>().data());
  return internet_checksum(f.header<Ipv4>()) == 0 && udp->dport == 5001 && decode<Ipv4>(f.header<Ipv4>().data()).ttl == 3 ? 0 : 1;
}
