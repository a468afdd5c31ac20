// What a capture consists of: protocols, sizes, hosts, and how much came when. Memory is bounded whatever comes.
#pragma once
#include <memory>
#include <unordered_map>
#include <vector>

#include "rawket/packet/json.hpp"

namespace rawket {

struct Amount {
  u64 packets = 0, bytes = 0;
  void add(u64 size) { ++packets, bytes += size; }
};

/// Packets and bytes by the way their layers stack: eth, eth/ip, eth/ip/tcp, ...
struct ProtocolNode {
  std::string_view name;   ///< the protocol's label
  Amount amount;
  std::vector<std::unique_ptr<ProtocolNode>> inner;
};

/// Packets and bytes in equal steps of time. Steps grow when there are too many of them.
class TimeSeries {
 public:
  static constexpr std::size_t most_steps = 512;
  void add(Nanoseconds time, u64 size);
  std::span<const Amount> steps() const { return steps_; }
  Nanoseconds start() const { return start_; }   ///< of the first step
  Nanoseconds step() const { return step_; }

 private:
  void widen();
  std::vector<Amount> steps_;
  Nanoseconds start_ = 0, step_ = millisecond;
};

struct Endpoint {
  IpAddress address;
  Amount sent, received;
};

class Statistics {
 public:
  static constexpr std::size_t most_nodes = 4096, most_endpoints = 100'000;
  static constexpr u32 size_limits[] = {63, 127, 255, 511, 1023, 1518, 9018, 0xffffffff};   ///< the last size of each class

  void add(const PacketHead& head, const Dissection& d);

  const Amount& all() const { return all_; }
  const ProtocolNode& protocols() const { return root_; }
  std::span<const Amount> sizes() const { return sizes_; }
  const TimeSeries& times() const { return times_; }
  Nanoseconds first() const { return first_; }
  Nanoseconds last() const { return last_; }
  u64 cut() const { return cut_; }               ///< packets of which less was captured than was sent
  u64 malformed() const { return malformed_; }
  std::vector<Endpoint> endpoints() const;       ///< by the outermost IP layer, those with most bytes first
  u64 unlisted() const { return unlisted_; }     ///< packets of hosts, and of stacks, that found no room

 private:
  void add_protocols(const Dissection& d, u64 size);
  void add_endpoints(const Dissection& d, u64 size);
  Endpoint* endpoint(const IpAddress& a);

  Amount all_;
  ProtocolNode root_;
  std::size_t nodes_ = 0;
  std::array<Amount, std::size(size_limits)> sizes_{};
  TimeSeries times_;
  std::unordered_map<std::string, Endpoint> endpoints_;   ///< by the address's octets
  Nanoseconds first_ = 0, last_ = 0;
  u64 cut_ = 0, malformed_ = 0, unlisted_ = 0;
};

}  // namespace rawket
