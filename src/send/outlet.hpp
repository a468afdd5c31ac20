// How prepared packets leave: one interface over datagrams, frames and super-frames.
#pragma once
#include "prepared.hpp"
#include "rawket/io/plain_sockets.hpp"

namespace rawket {

class Outlet {
 public:
  virtual ~Outlet() = default;
  /// Sends `count` packets, going round `packets`, until `stop`. Returns how many left; an error only when none did.
  virtual Result<u64> send(SendPermit permit, const PreparedPackets& store, std::span<const Prepared> packets, u64 count, const std::atomic<bool>& stop) = 0;
  /// The bytes that the `position`th packet of the last `send` had on the wire.
  virtual Bytes as_sent(const PreparedPackets& store, std::span<const Prepared> packets, u64 position) { return store.bytes(packets[static_cast<std::size_t>(position % packets.size())]); }
  virtual u64 waits() const = 0;
};

struct OpenedOutlet {
  std::unique_ptr<Outlet> outlet;
  SendEngine engine = SendEngine::messages;
  std::string why{};  ///< not the engine that would have been chosen
};

/// The way and the engine of the plan. `store` is what live frames are taken from.
Result<OpenedOutlet> open_outlet(const Plan& plan, const PreparedPackets& store);
/// Of all fragments of a packet: another one's for each of the plan's.
constexpr u32 fragment_identification(const Prepared& p) { return static_cast<u32>((p.index + 1) * 2654435761u); }

/// ICMP echo and UDP, by sockets that take no right.
std::unique_ptr<Outlet> plain_outlet(std::shared_ptr<PlainSockets> sockets);
/// Packets of one UDP flow, joined.
Result<std::unique_ptr<Outlet>> open_super_frames(const std::string& interface);

}  // namespace rawket
