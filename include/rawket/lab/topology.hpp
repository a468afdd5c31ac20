// What a lab looks like: hosts, routers and switches, and which of them are joined. Built in, or from a short TOML file.
//
//   hosts = ["h1", "h2"]
//   routers = ["r1", "r2"]
//   [[link]]
//   between = ["h1", "r1"]
//   [[link]]
//   between = ["r1", "r2"]
//   mtu = 1400
//   delay = "5ms"           # and jitter, loss, duplicate, reorder, corrupt, rate, queue, seed: see impairment.hpp
//   [[firewall]]
//   on = "r1"
//   rules = "table inet filter { ... }"   # nft(8)
//   [[nat]]
//   on = "r2"
//   inside = ["h1"]         # its neighbours whose addresses it hides
#pragma once
#include <span>
#include <string>
#include <vector>

#include "rawket/base/bytes.hpp"
#include "rawket/base/error.hpp"
#include "rawket/lab/impairment.hpp"

namespace rawket {

struct Topology {
  enum class Kind : u8 { host, router, switched };
  struct Node {
    std::string name;
    Kind kind = Kind::host;
  };
  struct Link {
    std::size_t a = 0, b = 0;  ///< of `nodes`
    u32 mtu = 1500;
    Impairment how{};
  };
  struct Firewall {
    std::size_t node = 0;
    std::string rules;       ///< as nft(8) reads them
  };
  /// Hides addresses: what leaves by the other links comes from the router's own address there, and nobody outside has a route inside.
  struct Nat {
    std::size_t node = 0;
    std::vector<std::size_t> inside;  ///< nodes it is joined to
  };
  std::vector<Node> nodes;     ///< hosts first, then routers, then switches
  std::vector<Link> links;
  std::vector<Firewall> firewalls{};
  std::vector<Nat> nats{};
};

inline constexpr unsigned most_lab_nodes = 64;

/// "pair", "lan 5", "chain 4" and the other built-in ones, or the path of a TOML file; behind it "delay=5ms", "loss=1%", ... for
/// each link. `unknown_name` lists what there is.
Result<Topology> topology_of(std::span<const std::string> words);
/// `name` is for errors, which tell the line.
Result<Topology> read_topology(std::string_view toml, std::string_view name);

struct BuiltInTopology {
  std::string_view words, what;
};
std::span<const BuiltInTopology> built_in_topologies();

/// A drawing in text: a chain as one line, anything else as a list of who is joined to whom.
std::string draw(const Topology& topology);

}  // namespace rawket
