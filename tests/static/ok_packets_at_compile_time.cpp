// A packet that the compiler makes, checks and edits.
#include "rawket/proto/all.hpp"
#include "rawket/wire/build.hpp"

using namespace rawket;

constexpr auto frame = build(Ethernet{.dst = "02:00:00:00:00:02"} / Ipv4{.ttl = 3, .dst = "198.18.0.2"} / Udp{.dport = 9} / "odd");
static_assert(frame.size() == 14 + 20 + 8 + 3);
static_assert(internet_checksum(frame.header<Ipv4>()) == 0);
static_assert(frame.get<&Udp::length>() == 11);
