// What packets of one conversation have in common, and what is known of the conversation.
#pragma once
#include <cstring>
#include <string>

#include "rawket/packet/json.hpp"

namespace rawket {

/// Both ends of a conversation, the smaller one first, so that both directions have the same key.
struct FlowKey {
  std::array<u8, 16> low{}, high{};   ///< addresses; IPv4 in the first four octets
  u16 low_port = 0, high_port = 0;    ///< ICMP: type and code, or the type that answers it
  u8 protocol = 0;                    ///< of IP
  bool is_v6 = false;
  bool later_fragment = false;        ///< of a datagram, but its first: without ports

  friend bool operator==(const FlowKey& a, const FlowKey& b) { return a.words() == b.words(); }
  u64 hash() const;
  IpAddress address(bool of_high) const;

 private:
  /// All that the key says, in words that are compared and hashed faster than octets.
  std::array<u64, 5> words() const {
    std::array<u64, 5> w{};
    std::memcpy(&w[0], low.data(), 16);
    std::memcpy(&w[2], high.data(), 16);
    w[4] = u64{low_port} << 32 | u64{high_port} << 16 | u64{protocol} << 2 | u64{later_fragment} << 1 | u64{is_v6};
    return w;
  }
};

/// One packet as a flow table takes it.
struct FlowPacket {
  FlowKey key;
  bool from_high = false;
  u8 flags = 0;             ///< TCP's low eight
  u32 length = 0;           ///< bytes on the wire, link header included
  u32 sequence = 0;         ///< TCP
  u32 payload = 0;          ///< TCP's, bytes
  Nanoseconds time = 0;
  u64 number = 0;           ///< from 1
};

/// The innermost conversation that a packet belongs to; nothing when it has no IP layer. A later fragment says not whose it is:
/// those of two addresses and one protocol are a conversation of their own.
std::optional<FlowPacket> flow_packet(const PacketHead& head, const Dissection& d);
/// The same into a place of the caller's, a fresh one; false where there would be nothing.
bool read_flow_packet(const PacketHead& head, const Dissection& d, FlowPacket& p);

/// The innermost TCP header that is whole; nullptr when there is none. What an error quotes was said elsewhere.
const Layer* tcp_layer(const Dissection& d);

/// What FlowKey's maps use.
struct FlowKeyHash {
  std::size_t operator()(const FlowKey& k) const { return k.hash(); }
};

/// What one end has sent.
struct FlowSide {
  u64 packets = 0, bytes = 0;
  u32 next_sequence = 0;        ///< behind the highest byte seen
  u32 retransmissions = 0;      ///< TCP segments with nothing new in them
  u8 flags = 0;                 ///< TCP flags seen, together
  bool started = false;         ///< next_sequence is known
};

struct Flow {
  FlowKey key;
  FlowSide low, high;
  Nanoseconds first = 0, last = 0;
  u64 first_packet = 0;         ///< number, from 1
  u32 round_trip_us = 0;        ///< from SYN to the ACK that ends the handshake; 0: not seen
  bool from_high = false;       ///< who sent the first packet
  bool used = false;            ///< since the table last looked for one to give up

  /// Sides by who began.
  const FlowSide& client() const { return from_high ? high : low; }
  const FlowSide& server() const { return from_high ? low : high; }
  void add(const FlowPacket& p);
};

/// "198.18.0.1:40000" or "[2001:db8::1]:53"; without a port where the protocol has none.
std::string endpoint_text(const FlowKey& key, bool high);
/// "tcp", "udp", "icmp", ...; a number when there is no word for it.
std::string flow_protocol_text(const FlowKey& key);
/// Community ID version 1 (github.com/corelight/community-id-spec).
std::string community_id(const FlowKey& key, u16 seed = 0);

}  // namespace rawket
