// From facts to causes, in the order of a packet's way: rights, route, neighbour, firewall, network, and back up to the socket.
#include <cerrno>

#include <algorithm>
#include <cstring>

#include "rawket/base/text.hpp"
#include "rawket/inspect/why.hpp"

namespace rawket {
namespace {

constexpr std::string_view cause_names[] = {"answers", "no-right", "interface-down", "no-carrier", "no-address", "ipv6-disabled", "no-route", "refusing-route", "refusing-rule", "no-neighbour",
                                            "wrong-neighbour", "firewall-out", "firewall-in", "conntrack-full", "too-long", "mtu-black-hole", "reverse-path", "broken-checksum", "closed", "prohibited",
                                            "unreachable", "hop-limit", "silent-port", "silent-host", "lost", "not-delivered", "mismatch", "other-machine", "other-interface", "not-left", "unknown"};

const std::string no_rule_said_so = "no rule of nftables said so: perhaps one of iptables, or a program in the kernel";

class Diagnosing {
 public:
  explicit Diagnosing(const WhyFacts& facts) : f_(facts) {}

  WhyDiagnosis result() {
    if (!before_sending() && !sending() && !coming_back() && !on_the_way()) found(WhyCause::unknown, "nothing that is seen here explains it", way_evidence());
    if (!f_.usual_interface.empty()) by_another_interface();
    return std::move(found_);
  }

 private:
  /// What nobody heard on the interface that was named may be heard on the route's own.
  void by_another_interface() {
    constexpr WhyCause unheard[] = {WhyCause::no_neighbour, WhyCause::no_route, WhyCause::not_left, WhyCause::silent_host, WhyCause::silent_port, WhyCause::unknown};
    if (std::ranges::find(unheard, found_.cause) == std::end(unheard)) return;
    std::vector<std::string> evidence = {"this machine's route to " + to() + " leaves by " + f_.usual_interface, found_.what};
    evidence.insert(evidence.end(), found_.evidence.begin(), found_.evidence.end());
    found(WhyCause::other_interface, "it was asked by " + f_.question.interface + ", but the way to " + to() + " is by " + f_.usual_interface, std::move(evidence), {}, "leave -i " + f_.question.interface + " out");
  }
  bool found(WhyCause cause, std::string what, std::vector<std::string> evidence = {}, std::string command = {}, std::string advice = {}) {
    const bool is_command = !command.empty();
    found_ = {cause, std::move(what), std::move(evidence), is_command ? std::move(command) : std::move(advice), is_command};
    return true;
  }

  std::string to() const { return f_.question.to.text(); }
  std::string ip() const { return f_.question.to.is_v6 ? "ip -6" : "ip"; }
  std::string port() const { return (f_.question.protocol == ProbeProtocol::tcp ? "TCP port " : "UDP port ") + std::to_string(f_.question.port); }
  std::string subject() const { return f_.question.protocol == ProbeProtocol::icmp ? to() : port() + " of " + to(); }

  const WhySeen* first(WhySeen::Kind kind) const {
    const auto at = std::ranges::find(f_.seen, kind, &WhySeen::kind);
    return at == f_.seen.end() ? nullptr : &*at;
  }
  u64 grown(std::initializer_list<std::string_view> names) const {
    u64 sum = 0;
    for (const std::string_view n : names)
      if (const auto at = f_.grown.find(n); at != f_.grown.end()) sum += at->second;
    return sum;
  }

  static std::string told(const Error& e) { return "the kernel's answer: " + (e.errno_value != 0 ? std::string(std::strerror(e.errno_value)) : e.what); }

  // Before anything could leave.
  bool before_sending() {
    if (f_.no_right) return no_right();
    if (f_.question.to.is_v6 && !f_.ipv6_disabled_on.empty()) {
      const std::string setting = "net.ipv6.conf." + f_.ipv6_disabled_on + ".disable_ipv6";
      return found(WhyCause::ipv6_disabled, "IPv6 is switched off" + (f_.ipv6_disabled_on == "all" ? std::string() : " on " + f_.ipv6_disabled_on), {setting + " = 1"}, "sysctl -w " + setting + "=0");
    }
    if (f_.no_route) return no_route();
    return false;
  }

  bool no_right() {
    std::vector<std::string> evidence = {f_.no_right->where + ": " + (f_.no_right->what.empty() ? std::strerror(f_.no_right->errno_value) : f_.no_right->what)};
    evidence.insert(evidence.end(), f_.rights.begin(), f_.rights.end());
    return found(WhyCause::no_right, "this program may not open the sockets that probes need", std::move(evidence), {}, f_.no_right->advice);
  }

  bool no_route() {
    const std::string told = Diagnosing::told(*f_.no_route);
    const std::string& named = f_.question.interface;
    for (const Interface& i : f_.interfaces)
      if (i.name == named && !i.up) return found(WhyCause::interface_down, named + " is down", {told}, "ip link set " + named + " up");
    if (const Interface* down = interface_that_would_lead_there(); down != nullptr)
      return found(WhyCause::interface_down, "the interface " + down->name + ", which leads to the network of " + to() + ", is down", {down->name + " is down", told}, "ip link set " + down->name + " up");
    if (f_.entry && f_.entry->refuses()) {
      const std::string entry = f_.entry->text();
      return found(WhyCause::refusing_route, "a route refuses what is for " + to(), {ip() + " route: " + entry, told}, ip() + " route del " + entry);
    }
    if (f_.refusing_rule) {
      const std::string number = std::to_string(*f_.refusing_rule);
      return found(WhyCause::refusing_rule, "a routing rule refuses what is for " + to(), {ip() + " rule: number " + number, told}, ip() + " rule del pref " + number);
    }
    const auto usable = [](const Interface& i) { return !i.loopback && i.up; };
    if (std::ranges::none_of(f_.interfaces, usable)) {
      const auto any = std::ranges::find_if(f_.interfaces, [](const Interface& i) { return !i.loopback; });
      if (any != f_.interfaces.end()) return found(WhyCause::interface_down, "no interface is up", {any->name + " is down", told}, "ip link set " + any->name + " up");
    }
    const bool addressed = std::ranges::any_of(f_.interfaces, [&](const Interface& i) {
      return usable(i) && std::ranges::any_of(i.addresses, [&](const Prefix& p) { return p.address.is_v6 == f_.question.to.is_v6 && !p.address.is_link_local(); });
    });
    if (!addressed)
      return found(WhyCause::no_address, std::string("no interface that is up has an ") + (f_.question.to.is_v6 ? "IPv6" : "IPv4") + " address", {told}, {},
                 "give it one: " + ip() + " address add ADDRESS/LENGTH dev INTERFACE");
    if (!named.empty()) return found(WhyCause::no_route, "there is no route to " + to() + " by " + named, {told}, {}, "ask without -i, or add one: " + ip() + " route add " + to() + " via GATEWAY dev " + named);
    return found(WhyCause::no_route, "there is no route to " + to(), {told},
               f_.usual_gateway ? ip() + " route add " + to() + " via " + f_.usual_gateway->text() : std::string(), "add one: " + ip() + " route add " + to() + " via GATEWAY");
  }

  const Interface* interface_that_would_lead_there() const {
    for (const Interface& i : f_.interfaces)
      for (const Prefix& p : i.addresses)
        if (!i.up && p.contains(f_.question.to)) return &i;
    return nullptr;
  }

  /// Only of a table that is (nearly) full. Where an older entry could go for a new one (early_drop), nothing was lost.
  u64 conntrack_drops() const {
    return f_.conntrack_most != 0 && f_.conntrack_entries * 10 >= f_.conntrack_most * 9 ? grown({"conntrack.drop"}) : 0;
  }

  /// The kernel counts what it has taken up to where sockets are, of the whole machine: no growth is a proof, growth is none.
  bool surely_not_delivered() const {
    const auto none = [this](std::initializer_list<std::string_view> names) { return std::ranges::none_of(names, [this](std::string_view n) { return f_.grown_in_all.contains(n); }); };
    switch (f_.question.protocol) {
      case ProbeProtocol::icmp: return none({"Icmp.InEchoReps", "Icmp6.InEchoReplies"});
      case ProbeProtocol::tcp: return none({"Tcp.InSegs"});
      case ProbeProtocol::udp: return none({"Udp.NoPorts", "Udp6.NoPorts", "Udp.InDatagrams", "Udp6.InDatagrams", "Icmp.InDestUnreachs", "Icmp6.InDestUnreachs"});
    }
    return false;
  }

  // From the kernel's taking it to its leaving.
  bool sending() {
    for (const WhyFirewall& w : f_.firewall)
      if (w.outgoing && !f_.left) return firewall(w, WhyCause::firewall_out, "this machine's own firewall drops the question");
    if (const u64 full = conntrack_drops(); full > 0 && !f_.left)
      return found(WhyCause::conntrack_full, "the table of connections (conntrack) is full",
                 {std::to_string(f_.conntrack_entries) + " of " + std::to_string(f_.conntrack_most) + " entries", std::to_string(full) + " packets dropped for it meanwhile"},
                 "sysctl -w net.netfilter.nf_conntrack_max=" + std::to_string(f_.conntrack_most * 2));
    if (f_.not_sent) return not_sent();
    if (f_.left || !f_.sent || f_.route->loopback) return false;
    return not_left();
  }

  bool not_sent() {
    const std::string told = Diagnosing::told(*f_.not_sent);
    if (f_.not_sent->errno_value == EMSGSIZE)
      return found(WhyCause::too_long, "the packet is longer than the way takes in one piece",
                 {std::to_string(f_.question.size) + " bytes; MTU of " + name_of_out() + ": " + std::to_string(f_.out() != nullptr ? f_.out()->mtu : 0), told}, {}, "send shorter packets, or let them be cut up");
    if (f_.not_sent->errno_value == EPERM) {
      const std::string which = f_.why_no_trace.empty() ? no_rule_said_so : "which rule: " + f_.why_no_trace;
      return found(WhyCause::firewall_out, "this machine's own firewall drops the question", {told, which}, {}, "nft list ruleset shows the rules");
    }
    if (f_.not_sent->errno_value == ENETDOWN) return found(WhyCause::interface_down, name_of_out() + " is down", {told}, "ip link set " + name_of_out() + " up");
    return found(WhyCause::not_left, "the kernel did not take the question", {told}, {}, f_.not_sent->advice);
  }

  std::string name_of_out() const { return f_.out() != nullptr ? f_.out()->name : "the interface"; }

  bool not_left() {
    const Interface* out = f_.out();
    if (out != nullptr && !out->up) return found(WhyCause::interface_down, out->name + " is down", {}, "ip link set " + out->name + " up");
    if (out != nullptr && !out->carrier)
      return found(WhyCause::no_carrier, "nothing is at the other end of " + out->name + ": the cable, or the device there, is off", {out->name + " is up, but has no carrier"}, {},
                 "check the cable, and the device at its other end");
    const std::string hop = f_.route->next_hop.text();
    if (f_.neighbour.state == NeighbourState::incomplete || f_.neighbour.state == NeighbourState::failed) {
      if (const WhySeen* told = first(WhySeen::link_address); told != nullptr) return neighbour_not_taken(*told);
      const std::string question = f_.question.to.is_v6 ? "neighbour solicitation" : "ARP request";
      if (f_.neighbour_requests == 0)
        return found(WhyCause::firewall_out, "this machine's own firewall keeps it from asking for the link address of " + hop,
                   {"neighbour " + hop + ": " + std::string(neighbour_state_names[static_cast<std::size_t>(f_.neighbour.state)]), "no " + question + " left"}, {},
                   "nft list ruleset: a table of the family arp, netdev or ip6 drops it (or ARP is off: ip link show)");
      std::vector<std::string> evidence = {"neighbour " + hop + ": " + std::string(neighbour_state_names[static_cast<std::size_t>(f_.neighbour.state)])};
      evidence.push_back(std::to_string(f_.neighbour_requests) + " " + question + (f_.neighbour_requests == 1 ? "" : "s") + " left, and nobody answered");
      const bool direct = f_.route->next_hop == f_.question.to;
      return found(WhyCause::no_neighbour, direct ? hop + " is not there: nobody in its network answers for it" : "the router " + hop + " is not there: nobody in its network answers for it", std::move(evidence), {},
                 direct ? "is it switched on, and is the address right?" : "is the router on, and is the route right? " + ip() + " route get " + to());
    }
    const std::string name = name_of_out();
    return found(WhyCause::not_left, "the kernel took the question, but it never left " + name, counter_evidence({name + ".tx_dropped", name + ".tx_errors", name + ".tx_carrier"}), {},
               "a queueing discipline or a program in the kernel may drop it: tc -s qdisc show dev " + name);
  }

  bool neighbour_not_taken(const WhySeen& told) {
    const std::string came = told.from.text() + " told its link address, " + told.mac.text() + ", by " + told.interface;
    if (told.other_machine) return found(WhyCause::other_machine, "the answer's link address is not this machine's", {came + ", for another link address than its own"}, {},
                                       "the other side has a wrong neighbour entry for this machine: ip neigh, there");
    return found(WhyCause::firewall_in, "this machine's own firewall drops what tells the link address of " + f_.route->next_hop.text(), {came, "the neighbour table does not have it"},
               {}, "nft list ruleset: a table of the family arp, netdev or ip6 drops it");
  }

  std::vector<std::string> counter_evidence(const std::vector<std::string>& names) const {
    std::vector<std::string> evidence;
    for (const std::string& n : names)
      if (const u64 by = grown({n}); by > 0) evidence.push_back(n + " grew by " + std::to_string(by));
    return evidence;
  }

  bool firewall(const WhyFirewall& w, WhyCause cause, const std::string& what) {
    const std::string chain = w.family + " " + w.table + " " + w.chain;
    const std::string rule = w.rule.empty() ? "the policy of the chain " + chain : "rule '" + w.rule + "' of the chain " + chain;
    const std::string fix = w.handle != 0 ? "nft delete rule " + chain + " handle " + std::to_string(w.handle) : "nft chain " + chain + " '{ policy accept; }'";
    return found(cause, what, {"traced: " + rule + " drops it"}, fix);
  }

  // An answer was seen: did it come to where it should?
  bool coming_back() {
    const WhySeen* answer = first(WhySeen::answer);
    if (answer == nullptr) return false;
    for (const WhySeen& s : f_.seen)  // below a bridge a packet is not yet this machine's
      if (s.kind == WhySeen::answer && answer->other_machine && !s.other_machine) answer = &s;
    const std::string came = (answer->words.empty() ? "the answer" : answer->words) + " came by " + answer->interface;
    if (answer->broken_checksum)
      return found(WhyCause::broken_checksum, "the answer's checksum is wrong, so the kernel throws it away", counted(came, {"Icmp.InCsumErrors", "Tcp.InCsumErrors", "Udp.InCsumErrors",
                                                                                                                           "Icmp6.InCsumErrors", "Udp6.InCsumErrors", "Ip.InHdrErrors"}), {},
                 "something on the way, or the other side's offload, spoils it; there: ethtool -K INTERFACE tx off");
    if (answer->other_machine)
      return found(WhyCause::other_machine, "the answer's link address is not this machine's", {came + ", for another link address than its own"}, {},
                 "the other side has a wrong neighbour entry for this machine: ip neigh, there");
    for (const WhyFirewall& w : f_.firewall)
      if (!w.outgoing) return firewall(w, WhyCause::firewall_in, "this machine's own firewall drops the answer");
    const int filter = std::max(reverse_path_filter_on(answer->interface), reverse_path_filter_on("all"));
    const bool by_another_way = answer->interface != name_of_out() || filter == 2;
    if (!f_.question.to.is_v6 && filter != 0 && by_another_way && grown({"TcpExt.IPReversePathFilter"}) > 0)
      return found(WhyCause::reverse_path, "the answer came by " + answer->interface + ", where the kernel would not send to " + answer->from.text() + ": the reverse path filter drops it",
                 counted(came, {"TcpExt.IPReversePathFilter"}), "sysctl -w net.ipv4.conf." + answer->interface + ".rp_filter=" + (filter == 1 ? "2" : "0"));
    if (answer->refused)
      return found(WhyCause::closed, "nothing listens on " + subject(), {came}, {}, "start the service there, or ask for another port");
    if (conntrack_drops() > 0) return found(WhyCause::conntrack_full, "connection tracking drops the answer", counted(came, {"conntrack.drop"}),
                                                  "sysctl -w net.netfilter.nf_conntrack_max=" + std::to_string(f_.conntrack_most * 2));
    if (surely_not_delivered())
      return found(WhyCause::not_delivered, "the answer came to this machine, and was dropped before any socket could have it",
                 {came, f_.why_no_trace.empty() ? no_rule_said_so : "whether the firewall does: " + f_.why_no_trace}, {}, "nft list ruleset, and tc filter show, show what may drop it");
    std::vector<std::string> evidence = {came};
    if (first(WhySeen::reset) != nullptr) evidence.push_back("this machine's own kernel resets it: no socket of a program waits for the answer to a raw question");
    return found(WhyCause::answers, subject() + " answers", std::move(evidence));
  }

  int reverse_path_filter_on(const std::string& interface) const {
    const auto at = f_.reverse_path_filters.find(interface);
    return at == f_.reverse_path_filters.end() ? 0 : at->second;
  }

  std::vector<std::string> counted(std::string first, std::initializer_list<std::string> names) const {
    std::vector<std::string> evidence = {std::move(first)};
    for (std::string& e : counter_evidence(names)) evidence.push_back(std::move(e));
    return evidence;
  }

  // It left, and no answer was seen.
  bool on_the_way() {
    if (const WhySeen* e = first(WhySeen::error); e != nullptr) return error(*e);
    if (const WhySeen* n = first(WhySeen::link_address); n != nullptr && f_.neighbour.mac && n->mac != *f_.neighbour.mac && f_.neighbour.state == NeighbourState::permanent)
      return found(WhyCause::wrong_neighbour, "the neighbour table has a wrong link address for " + f_.route->next_hop.text(), {"set by hand: " + f_.neighbour.mac->text() + "; it says itself: " + n->mac.text()},
                 "ip neigh del " + f_.route->next_hop.text() + " dev " + name_of_out());
    if (const WhySeen* m = first(WhySeen::near_miss); m != nullptr)
      return found(WhyCause::mismatch, "something came back, but it is no answer to the question: " + m->words, {"from " + m->from.text() + " by " + m->interface}, {},
                 "the other side, or a translator on the way, has changed it");
    if (const WhySeen* again = first(WhySeen::again); again != nullptr)
      return found(WhyCause::lost, "the question or its answer was lost: asked again, " + subject() + " answers",
                 {"the same question, a moment later: " + (again->words.empty() ? std::string("answered") : again->words) + " by " + again->interface}, {},
                 "rawket ping " + to() + " -c 100 --interval 50ms measures the loss, rawket trace where it is");
    if (f_.question.size != 0 && first(WhySeen::small_answer) != nullptr) return black_hole();
    if (f_.question.protocol != ProbeProtocol::icmp && first(WhySeen::small_answer) != nullptr)
      return found(WhyCause::silent_port,
                 subject() + " is silent, but the host is there: a firewall drops it, at the host or before it" + (f_.question.protocol == ProbeProtocol::udp ? ", or the service does not answer an empty datagram" : ""),
                 way_evidence("an echo request to the same host is answered"), {}, "let it pass in the firewall of " + to() + ", or of the last router that answers");
    if (f_.route->next_hop == f_.question.to && f_.neighbour.usable() && f_.neighbour.state != NeighbourState::permanent)
      return found(WhyCause::silent_host, "the host is there, but is silent: it, or its firewall, ignores this",
                 way_evidence(std::string("it answers ") + (f_.question.to.is_v6 ? "neighbour solicitations" : "ARP") + " as " + f_.neighbour.mac->text()), {},
                 "its firewall has to let it pass; for echo requests also net.ipv4.icmp_echo_ignore_all=0, there");
    return false;
  }

  bool error(const WhySeen& e) {
    const std::string told = "'" + e.words + "' came from " + e.from.text();
    if (e.from_here && (f_.neighbour.state == NeighbourState::incomplete || f_.neighbour.state == NeighbourState::failed)) return not_left();
    if (e.refused) return found(WhyCause::closed, "nothing listens on " + subject(), {told}, {}, "start the service there, or ask for another port");
    if (e.prohibited) return found(WhyCause::prohibited, "the firewall of " + e.from.text() + " forbids it", {told}, {}, "allow it there: nft list ruleset shows the rules");
    if (e.words.starts_with("time to live") || e.words.starts_with("hop limit")) return found(WhyCause::hop_limit, "the way is longer than the hop limit, or goes in circles", {told}, {},
                                                                                            "rawket trace " + to() + " shows the way");
    if (e.words.starts_with("packet too big")) return found(WhyCause::too_long, "the packet is longer than the way takes in one piece", {told}, {},
                                                          "send shorter packets, or let them be cut up; rawket pmtu " + to() + " tells how long they may be");
    return found(WhyCause::unreachable, "a router cannot reach " + to(), {told}, {}, "the route behind " + e.from.text() + ", or the host, is missing: look there");
  }

  bool black_hole() {
    if (f_.entry && f_.entry->mtu != 0 && f_.question.size > f_.entry->mtu)
      return found(WhyCause::too_long, "the packet is longer than the route lets programs send", {"the route's MTU is " + std::to_string(f_.entry->mtu) + ", as the way takes no more"},
                 {}, "programs that follow the route send no longer packets; nothing has to be done");
    unsigned largest = 0;
    for (const WhySeen& s : f_.seen)
      if (s.kind == WhySeen::size_passed) largest = std::max(largest, s.number);
    std::vector<std::string> evidence = {"a small packet is answered, one of " + std::to_string(f_.question.size) + " bytes is not, and nobody says 'packet too big'"};
    if (largest != 0) evidence.push_back("packets of " + std::to_string(largest) + " bytes pass");
    const std::string way = f_.route->next_hop == f_.question.to ? " dev " + name_of_out() : " via " + f_.route->next_hop.text() + " dev " + name_of_out();
    return found(WhyCause::mtu_black_hole,
               "long packets vanish: a link on the way takes less than " + std::to_string(f_.question.size) + " bytes, and its router's message does not arrive (a path MTU black hole)", std::move(evidence),
               largest != 0 ? ip() + " route replace " + to() + way + " mtu lock " + std::to_string(largest) : std::string(), "let ICMP 'packet too big' pass on the way; rawket pmtu " + to() + " finds where");
  }

  std::vector<std::string> way_evidence(std::string first_line = {}) const {
    std::vector<std::string> evidence;
    if (!first_line.empty()) evidence.push_back(std::move(first_line));
    if (f_.left) evidence.push_back("the question left by " + name_of_out());
    const WhySeen* last = nullptr;
    for (const WhySeen& s : f_.seen)
      if (s.kind == WhySeen::hop && (last == nullptr || s.number > last->number)) last = &s;
    if (last != nullptr) evidence.push_back("the last router that is heard of is " + last->from.text() + ", hop " + std::to_string(last->number));
    else if (f_.route && f_.route->next_hop != f_.question.to) evidence.push_back("no router on the way is heard of");
    return evidence;
  }

  const WhyFacts& f_;
  WhyDiagnosis found_;
};

}  // namespace

std::string_view name_of(WhyCause cause) { return cause_names[static_cast<std::size_t>(cause)]; }

const Interface* WhyFacts::out() const {
  if (!route) return nullptr;
  const auto at = std::ranges::find(interfaces, route->interface, &Interface::index);
  return at == interfaces.end() ? nullptr : &*at;
}

WhyDiagnosis diagnose(const WhyFacts& facts) { return Diagnosing(facts).result(); }

}  // namespace rawket
