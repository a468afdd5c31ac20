// The routers on the way to a host, by probes whose hop limit ends at each of them.
//
// All probes of one flow look alike to whoever divides traffic among paths (addresses, ports, protocol, and for ICMP the
// checksum too): what is found is one path, not a mixture (Paris traceroute). Several flows find several paths.
#pragma once
#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "rawket/base/address.hpp"
#include "rawket/inspect/inspection.hpp"
#include "rawket/inspect/round_trips.hpp"
#include "rawket/packet/diff.hpp"
#include "rawket/packet/packet.hpp"

namespace rawket {

struct TraceOptions {
  unsigned most_hops = 30;
  unsigned flows = 1;
  unsigned rounds = 3;                   ///< probes to each hop by each flow; 0: without end
  unsigned rounds_numbered = 100;        ///< probes of later rounds look like those of the first ones again
  unsigned at_once = 16;                 ///< hops probed before it is known how far the host is
  Nanoseconds gap = millisecond;         ///< between two probes
  Nanoseconds round_gap = 300 * millisecond;  ///< routers tell only so often: once a second, after a handful, is usual
  Nanoseconds timeout = second;
};

/// Probe indices of a trace: which flow, round and hop they are.
struct TraceProbe {
  unsigned round = 0, flow = 0, hop = 1;
};
struct TraceResponder {
  IpAddress address;
  u64 answered = 0;
  RoundTrips round_trips;
  std::set<unsigned> flows;
  std::vector<u32> labels;               ///< MPLS, as the packet had them there (RFC 4950)
  std::vector<std::string> interfaces{};  ///< of the router, as it tells them: "came in by eth7 mtu 1400" (RFC 5837)
  std::vector<Difference> changes;       ///< what had been done to the probe before it came there; hop counts and checksums left out
  bool is_host = false;
  bool by_errors = false;                ///< the host's answers are ICMP errors, which it limits: not each that is missing was lost
  std::string refusal{};                 ///< of who does not lead there: "host unreachable"
};

struct TraceHop {
  unsigned hop = 0;
  u64 sent = 0, answered = 0, lost = 0;  ///< of those whose time is over
  std::vector<TraceResponder> responders;

  double loss() const { return answered + lost == 0 ? 0 : 100.0 * static_cast<double>(lost) / static_cast<double>(answered + lost); }
};

class Trace final : public Inspection {
 public:
  /// `probe(i)` is what leaves as probe i: quoted packets are compared with it. May be empty.
  Trace(const TraceOptions& options, std::function<Packet(u64)> probe);
  void heard(const Heard& answer) override;
  void failed(u64 probe) override;
  std::optional<Nanoseconds> step(Nanoseconds now, std::vector<u64>& probes) override;

  static u64 index_of(const TraceProbe& probe, const TraceOptions& options);
  static TraceProbe probe_of(u64 index, const TraceOptions& options);

  /// Hops up to the host, or to the last one that was probed.
  std::span<const TraceHop> hops() const;
  unsigned distance() const;  ///< by the longest path, of the host, or of who refuses to lead there; 0: neither is known
  bool reached() const;
  /// Of the probes that got so far, percent whose answer this hop did not send though later hops had theirs: it limits itself.
  double rate_limited(unsigned hop) const;
  /// Percent of probes lost on the way to this hop, as far as later hops show.
  double loss(unsigned hop) const;
  bool host_answers_by_errors() const;
  /// Different sequences of responders; silent hops match any.
  std::size_t paths() const;
  unsigned flows_begun() const { return std::min(begun_, options_.flows); }
  /// How sure it is, in percent, that no hop has a further responder: 100 * (1 - (k+1) (k/(k+1))^n) for k seen by n flows, the
  /// least over all hops (multipath detection's bound, for paths that are equally likely).
  double confidence() const;

 private:
  struct Out {
    Nanoseconds sent = 0;
    bool open = false;
  };
  void begin_round(Nanoseconds now);
  void extend(Nanoseconds now);
  void expire(Nanoseconds now);
  bool all_begun() const { return options_.rounds != 0 && begun_ >= options_.rounds * options_.flows; }
  TraceResponder& responder(TraceHop& hop, const IpAddress& address);
  void compare(const Heard& answer, TraceResponder& responder);

  TraceOptions options_;
  std::function<Packet(u64)> probe_;
  std::vector<TraceHop> hops_;              ///< by hop, from 1
  std::map<u64, Out> out_;
  std::deque<std::pair<Nanoseconds, u64>> due_;  ///< when, and which probe
  std::vector<unsigned> distances_;         ///< by flow; 0: not known
  Nanoseconds next_round_ = 0, slowest_ = 0, first_burst_ = 0;
  unsigned begun_ = 0;                      ///< rounds of flows
  unsigned limit_, farthest_ = 0;           ///< how far is probed; the last hop that told
  bool started_ = false;
  Dissection sent_;
};

}  // namespace rawket
