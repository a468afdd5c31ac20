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
  bool outgoing = false;       ///< of a packet to the host that was asked about
};

class FirewallTrace {
 public:
  /// Traces what matches, in nft's words: on its way out, and on its way in. `host` is who is asked. Needs CAP_NET_ADMIN.
  static Result<FirewallTrace> start(const IpAddress& host, const std::string& question, const std::string& answer);
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
