// The ways of receiving, tried in the order of what was wished for.
#include "rawket/io/receivers.hpp"

#include <utility>

#include "receive_xdp.hpp"

namespace rawket {
namespace {

Result<Receivers> open_packet_sockets(const PacketSocketOptions& options, Fanout how, u32 members) {
  Receivers r;
  if (members > 1) {
    for (auto& member : RAWKET_TRY(PacketSocket::open_fanout(options, how, members))) r.sockets.push_back(std::move(member));
  } else {
    r.sockets.push_back(RAWKET_TRY(PacketSocket::open(options)));
  }
  if (const std::string& why = r.sockets.front()->why_engine(); !why.empty()) r.why = "receiving by messages, as there is no ring: " + why;
  return r;
}

}  // namespace

Result<Receivers> open_receivers(const PacketSocketOptions& options, Fanout how, u32 members) {
  if (options.engine != ReceiveEngine::xdp && options.engine != ReceiveEngine::xdp_generic) return open_packet_sockets(options, how, members);
  auto queues = open_xdp_receivers(options);
  if (queues) {
    const std::string& why = queues->front()->why_engine();
    return Receivers{std::move(*queues), why.empty() ? why : "receiving by AF_XDP: " + why};
  }
  PacketSocketOptions instead = options;
  instead.engine = ReceiveEngine::automatic;
  auto r = RAWKET_TRY(open_packet_sockets(instead, how, members));
  r.why = "receiving without AF_XDP: " + queues.error().text() + (r.why.empty() ? "" : "\n" + r.why);
  return r;
}

}  // namespace rawket
