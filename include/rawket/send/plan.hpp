// A plan says what will be sent: how many packets, where, how fast, by which socket, and what about it is unusual.
// Only an approved plan can be sent; approval is a policy's.
#pragma once
#include <functional>

#include "rawket/base/clock.hpp"
#include "rawket/io/frame_sender.hpp"
#include "rawket/packet/craft.hpp"
#include "rawket/packet/lint.hpp"
#include "rawket/send/policy.hpp"

namespace rawket {

/// Packets to send, made one by one: `make(i)` for i below `count`.
struct Supply {
  u64 count = 0;
  bool fixed = false;   ///< packet i is the same whenever it is made
  std::function<Result<Packet>(u64)> make{};
  std::function<Nanoseconds(u64)> offset{};  ///< when packet i was seen, from the first; empty: nobody knows

  /// From the first packet to when the first of the next round is due: one gap behind the last (a second, where there is only one).
  Nanoseconds round() const;
};

/// How packets leave this machine.
enum class Way : u8 {
  raw_socket,     ///< an IP datagram with its own header; the kernel routes it (IP_HDRINCL, IPV6_HDRINCL)
  packet_socket,  ///< a whole frame on one interface; the kernel changes nothing
  connections,    ///< for each packet, a SYN, the kernel makes a connection of its own: `Connections` sends it, no `Sender`
};

struct PlanOptions {
  std::string interface{};   ///< empty: the route's
  double rate = 0;           ///< packets a second; 0: the policy's for these destinations, or the capture's own times
  double bit_rate = 0;       ///< bits of frames a second instead; 0: none
  double speed = 1;          ///< of the capture's own times
  bool unlimited = false;    ///< as fast as the engine can
  u64 repeat = 1;
  u32 retries = 0;           ///< of questions: how often each may be asked again; they count like packets
  SendEngine engine = SendEngine::automatic;
  Nanoseconds ramp = 0;      ///< from nothing to the rate
  bool watch = true;         ///< fast plans end on signs of harm
  u32 fragment = 0;          ///< IP packets leave cut up into fragments of at most so many bytes; 0: whole
  bool connect = false;      ///< the packets only say where the kernel shall connect to
};

struct Plan {
  /// Who is asked now and then whether the network is still well.
  struct Watched {
    IpAddress next_hop, own;
    Mac mac{}, own_mac{};
  };

  Supply supply;
  Way way = Way::raw_socket;
  std::string why;                ///< why this way
  Interface interface;
  bool bound = false;             ///< to that interface, which was named: it is not the route's to choose
  bool ipv6 = false;              ///< raw socket of which family
  u64 count = 0;                  ///< packets, repeats included
  double rate = 0;                ///< packets a second; of a bit rate or of the capture's times: at most
  double bit_rate = 0;
  double speed = 0;               ///< above 0: by the capture's own times
  SendEngine engine = SendEngine::automatic;
  Nanoseconds ramp = 0;
  u32 fragment = 0;               ///< bytes of the longest fragment; 0: packets leave whole
  std::optional<Watched> watched{};  ///< the next hop of fast plans, where it is known
  std::string first_destination, last_destination;
  Needs needs;
  bool away = false;              ///< some destination is outside our subnets, and the rate fits that
  u64 forbidden = 0;              ///< packets to where the policy lets nothing be sent
  std::string first_forbidden;    ///< the first such destination
  u64 faulty = 0;                 ///< of the packets looked at
  std::vector<Fault> faults;      ///< of the first packet that has errors
  std::size_t smallest = 0, largest = 0;  ///< bytes of the shortest and the longest packet
  u64 looked_at = 0;              ///< how many packets were judged before; each is judged again when it leaves

  bool in_bits() const { return bit_rate > 0; }
  bool timed() const { return speed > 0; }
  bool unlimited() const;
  u64 repeat() const { return supply.count == 0 ? 0 : count / supply.count; }
  std::string pace() const;  ///< ", 1000 a second at most, about 3 s"
  /// What people read before they say yes, several lines.
  std::string text(const Policy& policy) const;
};

/// Completes a recipe by what the route tells (source, link addresses) and by fresh identifiers and source ports where
/// none were given, and judges the packets.
Result<Plan> make_plan(Recipe recipe, const PlanOptions& options, const Policy& policy);
/// For packets that are complete already: frames of an interface's kind, or IP datagrams.
Result<Plan> make_plan(Supply supply, const PlanOptions& options, const Policy& policy);

/// A plan that a policy said yes to. There is no other way to make one.
class ApprovedPlan {
 public:
  const Plan& plan() const { return plan_; }
  const Policy& policy() const { return policy_; }

 private:
  friend Result<ApprovedPlan> approve(Plan plan, const Policy& policy);
  ApprovedPlan(Plan plan, Policy policy) : plan_(std::move(plan)), policy_(std::move(policy)) {}
  Plan plan_;
  Policy policy_;
};

/// `refused` names each missing permission and the flag that gives it.
Result<ApprovedPlan> approve(Plan plan, const Policy& policy);

}  // namespace rawket
