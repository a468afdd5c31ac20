// What the firewall does with some packets: nftables' own tracing, switched on for them alone, and off again by the kernel
// when this program ends, however it ends.
#pragma once
#include <vector>

#include "descriptor.hpp"
#include "firewall.hpp"
#include "rawket/base/address.hpp"

namespace rawket {

/// A chain's word on a packet.
struct FirewallVerdict {
  bool dropped = false;
  bool by_policy = false;      ///< no rule matched: the chain's policy
  std::string family, table, chain;
  u64 handle = 0;              ///< of the rule; 0 when by policy
  u32 packet = 0;              ///< the kernel's number of the packet, to tell several apart
  bool outgoing = false;       ///< of a packet to the host that was asked about
};

class FirewallTrace {
 public:
  /// Traces packets to and from `host`, and ICMP errors. Needs CAP_NET_ADMIN.
  static Result<FirewallTrace> start(const IpAddress& host);
  /// What was said since the start or the last call.
  std::vector<FirewallVerdict> read();
  /// The rule as nft shows it; empty when it cannot be found (any more).
  std::string rule_text(const FirewallVerdict& verdict);

 private:
  FirewallTrace(Firewall firewall, Descriptor events, const IpAddress& host) : firewall_(std::move(firewall)), events_(std::move(events)), host_(host) {}

  Firewall firewall_;
  Descriptor events_;
  IpAddress host_;
};

}  // namespace rawket
