// Why there was no answer: what is known of this machine and of a probe's way, and the cause that explains it.
//
// Facts are gathered by `why_facts.hpp`; here they are only judged, so that a test can make up any machine.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rawket/base/address.hpp"
#include "rawket/base/error.hpp"
#include "rawket/host/interfaces.hpp"
#include "rawket/host/network_counters.hpp"
#include "rawket/host/route_table.hpp"
#include "rawket/inspect/probe_packet.hpp"

namespace rawket {

struct WhyQuestion {
  IpAddress to;
  ProbeProtocol protocol = ProbeProtocol::icmp;
  u16 port = 0;
  u32 size = 0;             ///< bytes of the IP packet that must not be cut up; 0: a small one
  std::string interface{};  ///< by which it is to leave; empty: the route's
};

/// One of the own firewall's words on the question or its answer.
struct WhyFirewall {
  std::string family, table, chain, rule;  ///< the rule as nft shows it; empty when it was the chain's policy
  u64 handle = 0;
  bool outgoing = false;
};

/// A packet that came, or that went by, while an answer was waited for.
struct WhySeen {
  enum Kind : u8 {
    answer,       ///< to the question
    error,        ///< an ICMP error about it
    near_miss,    ///< from whom was asked, of the same protocol, but not an answer: `words` tell which field is another
    small_answer,  ///< to the small probe beside a long one, or to the echo request beside a port
    again,        ///< to the same question, asked once more
    hop,          ///< a router's "time exceeded", to a probe with the hop limit `number`
    size_passed,  ///< answered with the packet length `number`
    link_address,  ///< an ARP reply or neighbour advertisement of the next hop: `mac`
    reset,        ///< of this machine's own kernel, to an answer that no socket waits for
  } kind = answer;
  IpAddress from{};
  std::string words{};      ///< "port unreachable", "SYN-ACK", "identifier 7, not 8"
  unsigned number = 0;
  Mac mac{};
  std::string interface{};  ///< by which it came
  bool broken_checksum = false;
  bool prohibited = false;  ///< of an error: somebody forbids it
  bool refused = false;     ///< a reset, or port unreachable from the host itself: nothing listens there
  bool from_here = false;   ///< made by this machine
  bool other_machine = false;  ///< its link address is not this machine's
};

struct WhyFacts {
  WhyQuestion question;
  std::optional<Error> no_right;         ///< sockets could not be opened
  std::vector<std::string> rights{};     ///< what this process lacks for them, and what it may do without
  std::vector<Interface> interfaces;
  std::optional<Route> route;
  std::optional<Error> no_route;
  std::string usual_interface{};         ///< by which the route would leave, where another one was named
  std::optional<RouteEntry> entry;       ///< what the table has
  std::optional<IpAddress> usual_gateway;  ///< of most other routes
  std::optional<u32> refusing_rule;
  std::string ipv6_disabled_on;          ///< the interface that leads there, or "all"; empty: it is not
  NeighbourEntry neighbour;              ///< of the next hop, after the question
  bool sent = false;                     ///< the kernel took it
  std::optional<Error> not_sent;
  bool left = false;                     ///< a packet socket saw it leave
  std::vector<WhySeen> seen;
  unsigned neighbour_requests = 0;       ///< ARP requests or solicitations for the next hop that left
  std::vector<WhyFirewall> firewall;
  std::string why_no_trace;              ///< the firewall could not be asked
  NetworkCounters grown;                 ///< counters, from before the question to after the wait
  NetworkCounters grown_in_all;          ///< to the end of all probes: an answer may be late
  std::map<std::string, int> reverse_path_filters;  ///< by interface, also "all": 0 off, 1 strict, 2 loose
  u64 conntrack_entries = 0, conntrack_most = 0;

  const Interface* out() const;          ///< by which the route leaves; null when there is none
};

enum class WhyCause : u8 {
  answers, no_right, interface_down, no_carrier, no_address, ipv6_disabled, no_route, refusing_route, refusing_rule, no_neighbour, wrong_neighbour, firewall_out, firewall_in,
  conntrack_full, too_long, mtu_black_hole, reverse_path, broken_checksum, closed, prohibited, unreachable, hop_limit, silent_port, silent_host, lost, not_delivered, mismatch, other_machine, other_interface,
  not_left, unknown,
};
/// "no-route", as JSON tells it.
std::string_view name_of(WhyCause cause);

struct WhyDiagnosis {
  WhyCause cause = WhyCause::unknown;
  std::string what;                      ///< one sentence
  std::vector<std::string> evidence;
  std::string fix;                       ///< a command for a shell where there is one, else what to do; empty: nothing is known
  bool fix_is_command = false;
};

/// The first cause on a packet's way that explains the facts; `unknown` rather than a guess.
WhyDiagnosis diagnose(const WhyFacts& facts);

}  // namespace rawket
