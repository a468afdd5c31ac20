// What `trace` tells: a table of hops, or an object for each.
#pragma once
#include "host_names.hpp"
#include "options.hpp"
#include "output.hpp"
#include "ping_report.hpp"
#include "rawket/inspect/trace.hpp"

namespace rawket::cli {

/// Several flows are told apart by ports: ICMP has none that all routers look at.
inline bool is_by_udp(const TraceCommand& o) { return o.udp >= 0 || (o.flows > 1 && o.tcp < 0); }
inline constexpr int usual_port = 33434;  ///< of traceroute

class TraceReport {
 public:
  TraceReport(const TraceCommand& options, PingHost host, const HostNames& names) : o_(options), host_(std::move(host)), names_(names) {}
  /// Asks for the names of all that answered.
  void find_names(const Trace& trace) const;
  /// `ended`: what is not known yet will not be.
  void table(const Trace& trace, TextBuffer& t, bool ended = true) const;
  void json(const Trace& trace, TextBuffer& t) const;

 private:
  void hop_line(const Trace& trace, const TraceHop& hop, TextBuffer& t) const;
  void hop_json(const Trace& trace, const TraceHop& hop, TextBuffer& t) const;

  const TraceCommand& o_;
  PingHost host_;
  const HostNames& names_;
};

}  // namespace rawket::cli
