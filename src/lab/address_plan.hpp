// From a topology to names, addresses and routes: everything that building it needs to know.
#pragma once
#include <vector>

#include "rawket/lab/lab.hpp"
#include "rawket/lab/topology.hpp"

namespace rawket {

/// One way to a subnet: through which interface, and by whom.
struct LabHop {
  std::string interface;
  Ipv4Address ipv4;
  Ipv6Address ipv6;
};
struct LabRoute {
  unsigned subnet = 0;
  std::vector<LabHop> hops;  ///< several of equal cost
};

struct LabPlan {
  std::vector<LabHost> hosts;                 ///< all nodes but switches, in the topology's order
  std::vector<std::vector<LabRoute>> routes;  ///< of each
  /// A wire: both ends are interfaces of hosts, or one is a switch's port (`switched` is its node then).
  struct Wire {
    std::size_t host = 0, interface = 0;
    std::size_t other_host = 0, other_interface = 0;
    std::size_t switched = 0;
    bool to_switch = false;
    Impairment how;
  };
  std::vector<Wire> wires;
  struct Rules {
    std::size_t host = 0;
    std::string nft;
  };
  std::vector<Rules> rules;
  std::vector<std::string> switches;
};

struct LabSubnet {
  explicit LabSubnet(unsigned number);
  Ipv4Address ipv4 = "198.18.0.0";
  Ipv6Address ipv6 = "2001:db8::";
};

/// Subnet s is 198.18.s.0/24 and 2001:db8:0:s::/64; a switch and all at it are one subnet.
Result<LabPlan> plan_addresses(const Topology& topology);

}  // namespace rawket
