// How prepared packets leave: one interface over datagrams, frames and super-frames.
#pragma once
#include <functional>

#include "prepared.hpp"
#include "rawket/io/plain_sockets.hpp"

namespace rawket {

/// Of a packet that did not leave: where it was among those that were to, and why.
using Stayed = std::function<void(std::size_t position, const Error& why)>;

class Outlet {
 public:
  virtual ~Outlet() = default;
  /// Sends `count` packets, going round `packets`, until `stop`. Returns how many left; an error only when none did.
  virtual Result<u64> send(SendPermit permit, const PreparedPackets& store, std::span<const Prepared> packets, u64 count, const std::atomic<bool>& stop) = 0;
  /// Sends each of `packets` once, past those that do not leave.
  virtual void send_each(SendPermit permit, const PreparedPackets& store, std::span<const Prepared> packets, const Stayed& stayed);
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
Result<OpenedOutlet> open_outlet(const Plan& plan, const PreparedPackets& store, SendOrder order);
/// Of all fragments of a packet: another one's for each of the plan's.
constexpr u32 fragment_identification(const Prepared& p) { return static_cast<u32>((p.index + 1) * 2654435761u); }

/// What is said of a packet that a full queue kept back for too long.
Error queue_stayed_full();

/// Two outlets of one kind: for packets whose order does not matter, each sends a half, in a thread of its own.
std::unique_ptr<Outlet> two_hands(std::unique_ptr<Outlet> one, std::unique_ptr<Outlet> other);
/// ICMP echo and UDP, by sockets that take no right.
std::unique_ptr<Outlet> plain_outlet(std::shared_ptr<PlainSockets> sockets);
/// Packets of one UDP flow, joined.
Result<std::unique_ptr<Outlet>> open_super_frames(const std::string& interface);

}  // namespace rawket
