// The same work done by other libraries and by hand. All return a number that depends on every packet.
#pragma once
#include <memory>
#include <string>

#include "rawket/base/bytes.hpp"

namespace rawket::bench {

/// What a packet is built from.
struct Given {
  u8 src_mac[6], dst_mac[6];
  u32 src = 0, dst = 0, seq = 0;
  u16 id = 0, sport = 0;
};

/// libtins 4.0 of Debian 12.
namespace tins {
u64 decode_tcp(Bytes frame);    ///< addresses, ports and flags of Ethernet/IPv4/TCP
u64 decode_mixed(Bytes frame);  ///< ports of whatever carries TCP or UDP
u64 decode_file(const std::string& path);  ///< all layers that it knows of all packets; how many there were
u64 build(const Given& values);
u16 checksum(Bytes bytes);

/// Its StreamFollower; counts the bytes that both sides said.
class Streams {
 public:
  Streams();
  ~Streams();
  void add(Bytes frame);
  u64 bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};
}  // namespace tins

/// Loops written for this one purpose: what can be had at best.
namespace by_hand {
u64 decode_tcp(Bytes frame);
void build(const Given& values, u8* frame);
void patch(const Given& values, u8* frame);       ///< id, destination, source port and sequence number, with their checksums
void patch_port(u16 port, u8* frame);              ///< of a frame that is there already
u16 checksum(Bytes bytes);
}  // namespace by_hand

}  // namespace rawket::bench
