// AF_INET / AF_INET6 SOCK_RAW: datagrams of one IP protocol, with or without an own IP header.
//
// What the kernel rewrites, raw(7) and ip(7), measured in the lab's tests:
//   IPv4, kernel's header   builds all of it; fragments what exceeds the MTU.
//   IPv4, own header        always total length and checksum; identification when it is 0 without DF; source when it
//                           is 0.0.0.0. Refuses IHL < 5 or longer than the datagram (EINVAL) and more than the MTU (EMSGSIZE).
//   IPv6, kernel's header   builds all of it; fills the ICMPv6 checksum.
//   IPv6, own header        nothing.
//   Received                IPv4 with its header. IPv6 comes without: a 40-byte header is rebuilt from what the kernel tells
//                           (addresses, traffic class, flow label, hop limit). Extension headers are gone and its next
//                           header is the socket's protocol; to see the bytes as they came, read a packet socket.
//                           TCP and UDP for the own host are copies: the kernel answers as well.
#pragma once
#include <memory>

#include "rawket/base/address.hpp"
#include "rawket/io/send_permit.hpp"
#include "rawket/io/source.hpp"

namespace rawket {

struct RawSocketOptions {
  bool ipv6 = false;
  u8 protocol = 255;           ///< IP protocol number; 255 (IPPROTO_RAW) only sends
  bool own_header = false;     ///< IP_HDRINCL / IPV6_HDRINCL
  std::string interface{};     ///< bound to when not empty (SO_BINDTODEVICE)
  u32 buffer_bytes = 4u << 20;
};

struct Datagram {
  Bytes bytes;
  IpAddress destination;
};

class RawSocket : public Source {
 public:
  static Result<std::unique_ptr<RawSocket>> open(const RawSocketOptions& options);

  /// Sends datagrams (with IP header if `own_header`) in one system call per batch. Returns how many left; an error only when none did.
  virtual Result<std::size_t> send(SendPermit permit, std::span<const Datagram> datagrams) = 0;
  virtual u64 send_waits() const = 0;  ///< how often a full queue was waited for
  virtual int descriptor() const = 0;
};

}  // namespace rawket
