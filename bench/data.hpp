// The packets that benchmarks work on, made by rawket itself, and the files they lie in.
#pragma once
#include <string>
#include <vector>

#include "rawket/packet/packet.hpp"

namespace rawket::bench {

/// 64 different Ethernet/IPv4/TCP frames of 54 bytes.
std::vector<Packet> tcp_packets();
/// TCP in a VLAN, TCP and UDP over IPv6, UDP, and DNS over both, by turns.
std::vector<Packet> mixed_packets();
/// Frames of exactly 64 bytes, each of a flow of its own: TCP data and SYN with options, UDP, DNS queries, some over IPv6,
/// from 1,000 hosts to 1,000 others.
std::vector<Packet> small_packets(u32 flows);

/// A directory of its own under /tmp that goes when this does.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

/// Writes `count` packets of 100,000 flows by turns, a millisecond apart. False, with a message, when that fails.
bool write_capture(const std::string& path, u64 count);

}  // namespace rawket::bench
