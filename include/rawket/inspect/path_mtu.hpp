// How long packets may be on the way to a host and back, and where the narrow link is, told or not.
//
// Echoes that may not be cut up measure both directions together; datagrams to a closed port, whose answer is short, the way
// there alone; long packets whose hop limit ends on the way show behind which router they vanish. RFC 1191, RFC 8201, RFC 2923.
#pragma once
#include <map>
#include <string_view>

#include "rawket/base/address.hpp"
#include "rawket/inspect/inspection.hpp"

namespace rawket {

/// MTUs that links and tunnels have (RFC 1191, 7.1, and the tunnels of today).
inline constexpr unsigned usual_mtus[] = {68, 296, 508, 576, 1006, 1280, 1300, 1340, 1360, 1380, 1400, 1420, 1440, 1450, 1460, 1472, 1476, 1480, 1492, 1500, 4352, 9000};

struct PathMtuProbe {
  enum Kind : u8 { echo, datagram } kind = echo;
  unsigned size = 0;          ///< bytes of the IP packet
  unsigned hop_limit = 64;
};

struct PathMtuOptions {
  unsigned largest = 1500;    ///< bytes: the MTU of the interface
  unsigned smallest = 576;    ///< what is taken for granted; 1280 with IPv6
  unsigned most_hops = 30;
  unsigned tries = 3;         ///< so often a length has to stay without an answer until it counts as too long
  Nanoseconds timeout = second;  ///< until the round trip is known, and never more
};

struct PathMtuHop {
  unsigned number = 0;        ///< from 1
  IpAddress from{};
  bool host = false;          ///< it is who was asked for
  bool long_passes = false;   ///< a packet one byte longer than the path takes came so far
  bool asked = false;         ///< it was tried
};

struct PathMtuResult {
  bool reached = false;
  unsigned up = 0;            ///< bytes that get there
  unsigned down = 0;          ///< bytes that come back; with `down_at_least` perhaps more
  bool together = false;      ///< the host answers echoes only: `up` and `down` are what both directions take
  bool down_at_least = false;
  bool exact = true;          ///< false: the probes were used up before the last byte was found; `up` passes, a little more may
  unsigned pieces = 0;        ///< above 0: long answers come back cut up, in pieces of so many bytes (of IPv4 up to 7 fewer than the way takes); `down` is that
  struct Told {
    IpAddress from{};
    unsigned mtu = 0;
  };
  std::vector<Told> told;     ///< who said "packet too big"
  bool black_hole = false;    ///< something is narrower than the interface, and nobody said so
  std::vector<PathMtuHop> hops;  ///< those that were heard of, when something is narrow on the way there
  unsigned last_passed = 0, first_failed = 0;  ///< hops between which the narrow link is; `first_failed` 0: not found
};

class PathMtu final : public Inspection {
 public:
  explicit PathMtu(const PathMtuOptions& options);
  void heard(const Heard& answer) override;
  std::optional<Nanoseconds> step(Nanoseconds now, std::vector<u64>& probes) override;
  /// What probe i is; valid from when `step` named it. Before, a usual one.
  PathMtuProbe probe(u64 index) const { return index < probes_.size() ? probes_[static_cast<std::size_t>(index)].probe : PathMtuProbe{.size = options_.smallest}; }
  const PathMtuResult& result() const { return result_; }
  /// Where it is, for somebody who watches.
  struct Progress {
    std::string_view doing;
    unsigned passes = 0, fails = 0;  ///< bytes that are known to come through, and not to; 0: not known
    std::size_t asked = 0;           ///< probes
  };
  Progress progress() const;
  static constexpr u64 most_probes = 100;  ///< as many as a policy lets go far away at once

 private:
  enum class Phase : u8 { reach, search, there, hops, done };
  enum class Heard_ : u8 { nothing, answer, too_big, exceeded };
  struct Asked {
    PathMtuProbe probe;
    Heard_ heard = Heard_::nothing;
    IpAddress from{};
    unsigned mtu = 0;
  };
  /// What is known of the lengths of one kind.
  struct Bounds {
    unsigned passes = 0, fails = 0;       ///< `fails`: the shortest that does; 0: none yet
    std::map<unsigned, unsigned> silent;  ///< lengths, and how often they stayed without an answer
    std::optional<unsigned> told;         ///< the MTU of the last "packet too big"
    bool usual_tried = false;
    bool found() const { return fails != 0 && passes + 1 >= fails; }
  };
  void ask(PathMtuProbe::Kind kind, unsigned size, unsigned hop_limit = 64);
  bool all_heard() const;
  void learn(PathMtuProbe::Kind kind, Bounds& bounds);
  bool search_on(PathMtuProbe::Kind kind, Bounds& bounds, unsigned at_once, u64 most);
  void decide();
  void after_reaching();
  void go_there();
  void after_there();
  void look_for_hops();
  void ask_hops();
  void after_hops();

  PathMtuOptions options_;
  PathMtuResult result_;
  Phase phase_ = Phase::reach;
  std::vector<Asked> probes_;
  std::size_t batch_ = 0;                 ///< where the current one begins
  unsigned round_ = 0, hop_rounds_ = 0;
  bool batch_open_ = false;
  Nanoseconds batch_sent_ = 0;
  Nanoseconds round_trip_ = 0;            ///< 0: not known
  Bounds echoes_, datagrams_;
};

}  // namespace rawket
