// What `ping` tells: a line or an object for each event, then what came of each host.
#pragma once
#include <unistd.h>

#include <deque>
#include <vector>

#include "host_names.hpp"
#include "live_block.hpp"
#include "options.hpp"
#include "output.hpp"
#include "rawket/base/address.hpp"
#include "rawket/inspect/live_wire.hpp"
#include "rawket/inspect/ping.hpp"

namespace rawket::cli {

struct PingHost {
  std::string name;
  IpAddress address;
  std::string found{};   ///< the name of an address that was given as such, where there is one
  std::string label() const { return name != address.text() ? name + " (" + address.text() + ")" : found.empty() ? name : found + " (" + name + ")"; }
};

class PingReport {
 public:
  PingReport(const PingCommand& options, const std::vector<PingHost>& hosts, const HostNames& names)
      : o_(options), hosts_(hosts), names_(names), json_(options.format == "json"), last_(hosts.size()), live_(!json_, STDOUT_FILENO) {}
  void event(const PingEvent& event);
  /// Counts and the last round trips of each host, on a terminal.
  void live(std::span<const PingTarget> targets, Nanoseconds now);
  void summary(std::span<const PingTarget> targets);
  int exit_code(int code) { return out_.exit_code(code); }
  bool closed() const { return out_.closed(); }

 private:
  void event_line(const PingEvent& event, TextBuffer& t) const;
  void event_json(const PingEvent& event, TextBuffer& t) const;
  void summary_text(const PingHost& host, const PingTarget& target);
  void summary_json(const PingHost& host, const PingTarget& target);

  const PingCommand& o_;
  const std::vector<PingHost>& hosts_;
  const HostNames& names_;
  bool json_;
  Output out_;
  std::vector<std::deque<Nanoseconds>> last_;  ///< round trips of each host; -1: none
  LiveBlock live_;
};


/// Milliseconds with three digits behind the point.
void append_ms(TextBuffer& t, Nanoseconds time);

/// Of the outermost IP header: who sent it, and the hop limit that is left.
struct Outer {
  std::string from;
  unsigned hop_limit = 0;
};
Outer outer_of(const Dissection& d);

}  // namespace rawket::cli
