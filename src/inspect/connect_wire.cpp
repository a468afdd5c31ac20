// What the kernel says of a connection, as a verdict on the port.
#include "rawket/inspect/connect_wire.hpp"

#include <cerrno>

namespace rawket {
namespace {

/// Nothing: nobody answered.
std::optional<SweepProbes::Match> match_of(const ConnectionEnd& end) {
  switch (end.error) {
    case 0: return SweepProbes::Match{end.index, PortVerdict::open, "connection accepted"};
    case ECONNREFUSED: return SweepProbes::Match{end.index, PortVerdict::closed, "connection refused"};
    case ECONNRESET: return SweepProbes::Match{end.index, PortVerdict::closed, "connection reset"};
    case EHOSTUNREACH:
    case ENETUNREACH: return SweepProbes::Match{end.index, PortVerdict::filtered, "unreachable"};
    case EACCES:
    case EPERM: return SweepProbes::Match{end.index, PortVerdict::filtered, "prohibited"};
    default: return std::nullopt;
  }
}

}  // namespace

void ConnectWire::send(std::span<const u64> probes, const std::function<void(u64)>& failed) {
  for (const u64 probe : probes)
    if (!connections_->begin(probe)) failed(probe);
}

Result<void> ConnectWire::listen(Nanoseconds until, const std::function<void(const Heard&)>&) {
  connections_->wait(until, [this](const ConnectionEnd& end) {
    if (const auto match = match_of(end); match && told_) told_(*match);
    return false;
  });
  return {};
}

}  // namespace rawket
