// First with rights and without looking at packets, then the other way round.
#include <algorithm>
#include <array>

#include "../host/descriptor.hpp"
#include "../host/firewall_trace.hpp"
#include "rawket/base/text.hpp"
#include "rawket/host/privileges.hpp"
#include "rawket/inspect/answer_words.hpp"
#include "rawket/inspect/why_facts.hpp"
#include "rawket/io/packet_socket.hpp"
#include "rawket/packet/ends.hpp"
#include "rawket/packet/verify.hpp"
#include "rawket/proto/arp.hpp"
#include "rawket/proto/icmp.hpp"
#include "rawket/proto/icmpv6.hpp"
#include "rawket/proto/link.hpp"
#include "rawket/proto/tcp.hpp"
#include "rawket/proto/udp.hpp"
#include "rawket/send/asked_packets.hpp"

namespace rawket {
namespace {

constexpr Nanoseconds longest_neighbour_wait = 3300 * millisecond;  // the kernel asks three times, a second apart
constexpr Nanoseconds wait_for_rest = 500 * millisecond;
constexpr std::size_t most_looked_at = 20000;

u64 conntrack_setting(const char* name) { return parse_number(trim(read_small_file((std::string("/proc/sys/net/netfilter/nf_conntrack_") + name).c_str()))).value_or(0); }

class LiveInquiry final : public WhyInquiry {
 public:
  LiveInquiry(std::span<const ApprovedPlan> plans, const WhyProbes& probes, const WhyOptions& options,
              Sink* record) : plans_(plans), probes_(probes), options_(options), record_(record), asked_(plans.front().policy()), first_(probes.make(0)) {
    dissect(standard_registry(), first_.first_protocol(), first_.bytes(), question_);
    ends_ = transport_ends(question_).value_or(TransportEnds{});
  }

  Result<void> open() {
    for (const ApprovedPlan& plan : plans_) senders_.push_back(RAWKET_TRY(Sender::open(plan)));
    const std::string expression = "host " + probes_.question().to.text() + " or arp or icmp or icmp6";
    const auto filter = Filter::compile(expression, LinkType::linux_sll2);
    // Where filters cannot be compiled, all is heard.
    ears_ = RAWKET_TRY(PacketSocket::open({.interface = "any", .buffer_bytes = 8u << 20, .filter = filter ? &*filter : nullptr}));
    return {};
  }

  void ask(WhyFacts& facts, const std::atomic<bool>& stop) override {
    std::optional<FirewallTrace> trace = start_trace(facts);
    const NetworkCounters before = network_counters();
    facts.sent = send(0, facts);
    pause(options_.wait, stop);
    look_at_neighbour(facts);
    for (const Nanoseconds end = clock_.now() + longest_neighbour_wait; facts.sent && facts.neighbour.state == NeighbourState::incomplete && clock_.now() < end && !stop;) {
      pause(100 * millisecond, stop);
      look_at_neighbour(facts);
    }
    facts.grown = growth(before, network_counters());
    // A router that looks for the host in vain says so after three seconds.
    const bool far_away = facts.sent && facts.route->next_hop != facts.question.to;
    for (const Nanoseconds end = clock_.now() + options_.patience - options_.wait; far_away && !anything_came(facts.grown) && clock_.now() < end && !stop;) {
      pause(100 * millisecond, stop);
      facts.grown = growth(before, network_counters());
    }
    if (auto now = interfaces(); now) facts.interfaces = std::move(*now);
    facts.grown_in_all = facts.grown;
    facts.conntrack_entries = conntrack_setting("count"), facts.conntrack_most = conntrack_setting("max");
    if (trace) take_verdicts(*trace, facts);
    trace.reset();
    if (!facts.sent || stop) return;
    for (u64 i = probes_.has_control() ? 1 : 2; i < probes_.count() && !stop; ++i) {
      send(i, facts);
      clock_.sleep_until(clock_.now() + static_cast<Nanoseconds>(1e9 / std::max(plans_.front().plan().rate, 1.0)));
    }
    if (senders_.size() > 1) senders_[1]->send_one(0, record_);
    pause(std::min(wait_for_rest, options_.wait), stop);
    facts.grown_in_all = growth(before, network_counters());
  }

  void read(WhyFacts& facts) override {
    for (std::size_t looked_at = 0; looked_at < most_looked_at;) {
      const auto batch = ears_->next(0);
      if (!batch || batch->empty()) break;
      for (const CapturedPacket& p : *batch) look_at(p, facts);
      looked_at += batch->size();
    }
  }

  u64 sent() const override { return sent_; }

 private:
  std::optional<FirewallTrace> start_trace(WhyFacts& facts) {
    if (!options_.trace) return facts.why_no_trace = "it was not to be asked", std::nullopt;
    if (!privileges().has(cap_net_admin)) return facts.why_no_trace = "only CAP_NET_ADMIN may ask: sudo rawket why ...", std::nullopt;
    auto trace = FirewallTrace::start(facts.question.to, question_in_nft(false), question_in_nft(true));
    if (!trace) return facts.why_no_trace = trace.error().text(), std::nullopt;
    return std::move(*trace);
  }

  /// The question, or its answer, as a match of nft; nothing else is to be taken for it.
  std::string question_in_nft(bool answer) const {
    const WhyQuestion& q = probes_.question();
    const std::string host = std::string(q.to.is_v6 ? "ip6 " : "ip ") + (answer ? "saddr " : "daddr ") + q.to.text() + " ", ours = std::to_string(probes_.first_port());
    if (q.protocol == ProbeProtocol::icmp) {
      const std::string icmp = q.to.is_v6 ? "icmpv6" : "icmp";
      return host + icmp + " type " + (answer ? "echo-reply " : "echo-request ") + icmp + " id " + ours;
    }
    const std::string ports = std::to_string(q.port), protocol = q.protocol == ProbeProtocol::tcp ? "tcp " : "udp ";
    const std::string match = host + protocol + "sport " + (answer ? ports : ours) + " " + protocol + "dport " + (answer ? ours : ports);
    return q.protocol == ProbeProtocol::tcp && !answer ? match + " tcp flags & (syn | rst) == syn" : match;
  }

  bool send(u64 index, WhyFacts& facts) {
    asked_.ask(index, probes_.make(index), wall_clock());
    if (senders_.front()->send_one(index, record_)) return ++sent_, true;
    if (index == 0) facts.not_sent = senders_.front()->failure().value_or(Error{.code = Errc::system, .where = "sending", .what = "it did not leave", .advice = {}});
    return false;
  }

  void look_at_neighbour(WhyFacts& facts) {
    if (!facts.route->loopback) facts.neighbour = neighbour_entry(facts.route->interface, facts.route->next_hop).value_or(NeighbourEntry{});
  }

  void take_verdicts(FirewallTrace& trace, WhyFacts& facts) {
    for (const FirewallVerdict& v : trace.read())
      if (v.dropped) facts.firewall.push_back({v.family, v.table, v.chain, trace.rule_text(v), v.by_policy ? 0 : v.handle, v.outgoing});
  }

  void pause(Nanoseconds time, const std::atomic<bool>& stop) {
    for (const Nanoseconds end = clock_.now() + time; clock_.now() < end && !stop;) clock_.sleep_until(std::min(end, clock_.now() + 50 * millisecond));
  }

  static bool anything_came(const NetworkCounters& grown) {
    return std::ranges::any_of(std::initializer_list<const char*>{"Icmp.InMsgs", "Icmp6.InMsgs", "Tcp.InSegs", "Udp.InDatagrams", "Udp.NoPorts", "Udp6.InDatagrams", "Udp6.NoPorts"},
                               [&grown](const char* name) { return grown.contains(name); });
  }

  // What a packet says.

  void look_at(const CapturedPacket& p, WhyFacts& facts) {
    const auto match = asked_.hear(p);
    const Dissection& d = asked_.last();
    if (p.info.direction == Direction::out) return look_at_own(d, facts);
    WhySeen seen;
    describe(p, d, facts, seen);
    if (match) return tell(*match, d, seen, facts);
    if (is_of_neighbour(d, facts)) seen.kind = WhySeen::link_address, facts.seen.push_back(seen);
    else if (std::string words = miss(d, facts); !words.empty()) seen.kind = WhySeen::near_miss, seen.words = std::move(words), facts.seen.push_back(seen);
  }

  static void describe(const CapturedPacket& p, const Dissection& d, const WhyFacts& facts, WhySeen& seen) {
    if (const auto ends = outermost_ends(d)) seen.from = ends->source;
    seen.words = answer_words(d);
    if (const auto cooked = d.header<LinuxCooked2>()) {
      const LinuxCooked2 link = *cooked;
      constexpr u8 other_host = 3;
      seen.other_machine = link.packet_type == other_host;
      seen.mac = link.source;
      const auto i = std::ranges::find(facts.interfaces, link.interface, &Interface::index);
      if (i != facts.interfaces.end()) seen.interface = i->name;
    }
    seen.from_here = std::ranges::any_of(facts.interfaces, [&seen](const Interface& i) { return i.has(seen.from); });
    for (std::size_t i = 1; i < d.layers().size() && !is_quoted(d.layers(), i) && !p.info.checksum_not_ready; ++i) {
      const Field* checksum = d.layers()[i].protocol->checksum;
      if (checksum != nullptr && verify_checksum(d.packet, d.layers(), i, *checksum).status == ChecksumStatus::bad) seen.broken_checksum = true;
    }
  }

  void tell(const AskedPackets::Match& match, const Dissection& d, WhySeen& seen, WhyFacts& facts) const {
    const auto kind = icmp_kind(d);
    const bool is_error = match.kind == Answer::error, redirect = kind && kind->type == (kind->v6 ? 137 : 5);
    if (redirect) return;  // it was handed on all the same
    // Of a port, only UDP is told that it is not there by "port unreachable"; everything else is told so by firewalls.
    const bool no_port = is_error && kind && kind->port_unreachable(), by_host = facts.question.protocol == ProbeProtocol::udp && seen.from == facts.question.to;
    seen.refused = seen.words == "reset" || (no_port && by_host);
    seen.prohibited = is_error && kind && (kind->prohibited() || (no_port && !by_host));
    const bool is_hop = match.index >= 2 && match.index < 2 + WhyProbes::hops;
    if (match.index == 0) seen.kind = is_error && !seen.refused ? WhySeen::error : WhySeen::answer;
    else if (is_hop && is_error && kind && kind->time_exceeded()) seen.kind = WhySeen::hop, seen.number = static_cast<unsigned>(match.index - 1);
    else if (is_error && !seen.refused) return;
    else if (is_hop) seen.kind = facts.question.size == 0 ? WhySeen::again : WhySeen::small_answer;
    else if (match.index == 1) seen.kind = WhySeen::small_answer;
    else if (const unsigned size = probes_.size_of(match.index); size != 0) seen.kind = size >= facts.question.size ? WhySeen::again : WhySeen::size_passed, seen.number = size;
    else return;
    facts.seen.push_back(seen);
  }

  void look_at_own(const Dissection& d, WhyFacts& facts) const {
    const auto ends = outermost_ends(d);
    if (const auto arp = d.header<Arp>()) {
      const Arp a = *arp;
      if (facts.route && a.opcode == 1 && IpAddress(a.target) == facts.route->next_hop) ++facts.neighbour_requests;
      return;
    }
    if (const auto ns = d.header<NeighbourSolicitation>()) {
      const NeighbourSolicitation n = *ns;
      if (facts.route && IpAddress(n.target) == facts.route->next_hop) ++facts.neighbour_requests;
      return;
    }
    if (!ends || ends->destination != facts.question.to) return;
    if (answer_words(d) == "reset") {
      facts.seen.push_back({.kind = WhySeen::reset, .from = ends->source});
      return;
    }
    if (is_question(d)) facts.left = true;
  }

  /// By what its transport header begins with; the checksum of an echo, which a device may fill in, left out.
  bool is_question(const Dissection& d) const {
    const auto theirs = transport_ends(d);
    if (!theirs || theirs->quoted || theirs->protocol != ends_.protocol) return false;
    return std::ranges::equal(start_of_transport(d), start_of_transport(question_));
  }
  static std::array<u8, 8> start_of_transport(const Dissection& d) {
    std::array<u8, 8> start{};
    for (const Layer& l : d.layers()) {
      const bool icmp = l.protocol == &info<Icmp> || l.protocol == &info<Icmpv6>, udp = l.protocol == &info<Udp>;
      if (!icmp && !udp && l.protocol != &info<Tcp>) continue;
      std::ranges::copy(slice(d.packet, l.offset, start.size()), start.begin());
      if (icmp) start[2] = start[3] = 0;
      if (udp) start[6] = start[7] = 0;
      break;
    }
    return start;
  }

  static bool is_of_neighbour(const Dissection& d, const WhyFacts& facts) {
    if (!facts.route) return false;
    if (const auto arp = d.header<Arp>()) {
      const Arp a = *arp;
      return a.opcode == 2 && IpAddress(a.source) == facts.route->next_hop;
    }
    const auto na = d.header<NeighbourAdvertisement>();
    return na && IpAddress(NeighbourAdvertisement(*na).target) == facts.route->next_hop;
  }

  /// In which field a packet that looks like an answer to the question is none; empty when it does not look like one.
  std::string miss(const Dissection& d, const WhyFacts& facts) const {
    const auto ends = outermost_ends(d);
    const auto theirs = transport_ends(d);
    const TransportEnds* const ours = &ends_;
    if (!ends || !theirs || theirs->quoted || theirs->protocol != ours->protocol) return {};
    const auto other = [](const std::string& field, u64 is, u64 wanted) { return field + " " + std::to_string(is) + ", not " + std::to_string(wanted); };
    const bool from_asked = ends->source == facts.question.to;
    if (ours->echo) {
      if (!theirs->echo) return {};
      const auto kind = icmp_kind(d);
      if (!kind || kind->type != (kind->v6 ? 129 : 0)) return {};
      if (from_asked && theirs->source != ours->source) return is_reply_to_other(d) ? std::string() : other("identifier", theirs->source, ours->source);
      if (!from_asked && theirs->source == ours->source) return "it comes from " + ends->source.text() + ", not from " + facts.question.to.text();
      return {};
    }
    const bool to_us = theirs->destination == ours->source, from_port = theirs->source == ours->destination;
    if (from_asked && to_us && !from_port) return other("source port", theirs->source, ours->destination);
    if (!from_asked && to_us && from_port) return "it comes from " + ends->source.text() + ", not from " + facts.question.to.text();
    if (from_asked && to_us && from_port && d.header<Tcp>()) return "it acknowledges " + std::to_string(Tcp(*d.header<Tcp>()).ack) + ", which was not sent";
    return {};
  }

  /// Somebody else's ping: its payload is not ours.
  static bool is_reply_to_other(const Dissection& d) {
    const Bytes payload = d.payload();
    return payload.size() < usual_echo_payload || std::ranges::any_of(payload.first(usual_echo_payload), [](u8 b) { return b != probe_pad; });
  }

  std::span<const ApprovedPlan> plans_;
  const WhyProbes& probes_;
  WhyOptions options_;
  Sink* record_;
  SystemClock clock_;
  AskedPackets asked_;
  Packet first_;             ///< the question
  Dissection question_;      ///< of it
  TransportEnds ends_;
  std::vector<std::unique_ptr<Sender>> senders_;
  std::unique_ptr<PacketSocket> ears_;
  u64 sent_ = 0;
};

}  // namespace

Result<std::unique_ptr<WhyInquiry>> WhyInquiry::open(std::span<const ApprovedPlan> plans, const WhyProbes& probes, const WhyOptions& options, Sink* record) {
  if (plans.empty()) return fail(Errc::out_of_range, "why", "there is nothing to send");
  auto inquiry = std::make_unique<LiveInquiry>(plans, probes, options, record);
  RAWKET_TRY(inquiry->open());
  return inquiry;
}

}  // namespace rawket
