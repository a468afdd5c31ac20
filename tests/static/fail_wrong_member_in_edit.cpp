// Editing a layer that the packet does not have.
// expect: the packet has no such layer
#include "rawket/proto/all.hpp"
#include "rawket/wire/build.hpp"

constexpr auto packet = rawket::build(rawket::Ipv4{} / rawket::Udp{.dport = 9});
static_assert(packet.get<&rawket::Tcp::dport>() == 9);
