// The hellos of QUIC connections: a client's may come in several datagrams, and only who has seen it can open the server's.
#pragma once
#include "rawket/proto/quic.hpp"
#include "rawket/session/flow.hpp"
#include "rawket/session/recent_map.hpp"

namespace rawket {

class QuicHandshakes {
 public:
  explicit QuicHandshakes(const Registry& registry, std::size_t most_connections = 2048) : registry_(registry), connections_(most_connections) {}

  /// Takes the next packet, dissected. In the packet that completes a hello which it does not hold itself, or not for everybody to
  /// open, the hello stands in the clear then; until the next call `d` may refer to this object's bytes.
  void add(const PacketHead& head, Dissection& d);
  u64 evicted() const { return connections_.evicted(); }

 private:
  struct Side {
    QuicPieces pieces{};
    std::size_t bytes = 0;
    bool told = false;
  };
  struct Connection {
    std::vector<u8> id{};          ///< the one that the client chose for the server at first
    bool client_is_high = false;
    Side client{}, server{};
  };
  /// Opens what a datagram holds, and adds it to `side`; the datagram's own part is returned.
  QuicInitials open(Connection& connection, Bytes datagram, bool from_client);
  void show(Dissection& d, std::size_t quic, const QuicInitials& own, Bytes handshake);

  const Registry& registry_;
  RecentMap<FlowKey, Connection, FlowKeyHash> connections_;
  std::vector<u8> shown_;
};

}  // namespace rawket
