// Rootless networks: hosts in their own namespaces that no packet can leave, gone with the process that made them.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rawket/base/address.hpp"
#include "rawket/base/error.hpp"
#include "rawket/lab/topology.hpp"

namespace rawket {

struct LabInterface {
  std::string name;        ///< "eth0", "eth1", ...
  Ipv4Address ipv4;        ///< 198.18.S.N/24 in subnet S
  Ipv6Address ipv6;        ///< 2001:db8:0:S::N/64
  Mac mac;                 ///< 02:00:00:00:SS:NN
  u32 mtu = 1500;
  unsigned subnet = 0;
};

/// One host of a lab: a network namespace with `lo`, `eth0` and, of routers, more.
struct LabHost {
  std::string name{};      ///< "h1", "h2", ..., "r1"
  Ipv4Address ipv4{};      ///< of eth0, as are the next two
  Ipv6Address ipv6{};
  Mac mac{};
  bool router = false;
  std::vector<LabInterface> interfaces{};
};

struct LabOptions {
  unsigned hosts = 2;      ///< 1 to 64; two are joined by a veth pair, more by a bridge; not asked when there is a topology
  std::optional<Topology> topology{};
  /// False, for root only: without a user namespace, so that what runs there may load programs into the kernel (AF_XDP, live
  /// frames). Packets have no way out all the same; but it is root that runs there.
  bool own_users = true;
};

/// The namespaces live as long as this object, at most as long as the process that made it: also after SIGKILL nothing is
/// left. What is spawned belongs to the lab's own first process, not to the caller: it is waited for by `wait` only.
/// Not for use by several threads at once.
class Lab {
 public:
  virtual ~Lab() = default;
  static Result<std::unique_ptr<Lab>> start(const LabOptions& options);

  virtual std::span<const LabHost> hosts() const = 0;  ///< routers too, switches not
  /// Runs a command on a host (its namespaces entered; stdin, stdout, stderr, directory and process group inherited), with
  /// RAWKET_LAB=1 and RAWKET_LAB_HOST in its environment, the host's name as hostname, and h1, h2, ... in /etc/hosts.
  /// Returns the process id as the caller sees it. A missing command is `unknown_name`.
  virtual Result<int> spawn(unsigned host, const std::vector<std::string>& command) = 0;
  /// Runs a function on a host, in a copy of the calling process as it is now; its exit code is what the function returns.
  virtual Result<int> spawn(unsigned host, int (*function)(void*), void* argument) = 0;
  /// Waits for a spawned process: its exit code, or 128 + signal.
  virtual Result<int> wait(int process) = 0;
};

/// The hosts and routers that a topology will have, with their addresses.
Result<std::vector<LabHost>> hosts_of(const Topology& topology);

/// Why a lab cannot be started here, with the exact fix; empty when it can.
std::string why_no_lab();

}  // namespace rawket
