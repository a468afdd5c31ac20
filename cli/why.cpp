// rawket why: one question, what stands in its way, and the smallest fix.
#include <algorithm>

#include "confining.hpp"
#include "host_names.hpp"
#include "live_block.hpp"
#include "planning.hpp"
#include "rawket/base/text.hpp"
#include "rawket/host/facts.hpp"
#include "rawket/host/names.hpp"
#include "rawket/host/privileges.hpp"
#include "rawket/inspect/host_probes.hpp"
#include "rawket/inspect/why_facts.hpp"
#include "stopping.hpp"
#include "target_list.hpp"

namespace rawket::cli {
namespace {

/// "h2", "h2:80", "2001:db8::2", "[2001:db8::2]:80". False when the port is none.
bool split_target(const std::string& target, std::string& host, std::optional<u16>& port) {
  host = target;
  const std::size_t colon = target.rfind(':');
  const bool bracketed = target.starts_with('[');
  if (bracketed ? target.find(']') == target.npos : colon == target.npos || target.find(':') != colon) return !bracketed;
  if (bracketed) host = target.substr(1, target.find(']') - 1);
  else host = target.substr(0, colon);
  if (bracketed && target.ends_with(']')) return true;
  const auto number = parse_number(target.substr(colon + 1));
  if (!number || *number == 0 || *number > 65535) return false;
  port = static_cast<u16>(*number);
  return true;
}

/// And not of a longer one that begins or ends like it.
bool speaks_of(std::string_view words, const IpAddress& address) {
  const std::string text = address.text();
  const auto is_part = [](char c) { return c == '.' || c == ':' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  for (std::size_t at = words.find(text); at != words.npos; at = words.find(text, at + 1)) {
    const std::size_t end = at + text.size();
    if ((at == 0 || !is_part(words[at - 1])) && (end == words.size() || !is_part(words[end]))) return true;
  }
  return false;
}

class WhyReport {
 public:
  /// While rights are there: names are found by another process.
  WhyReport(const WhyCommand& options, std::string target) : json_(options.format == "json"), target_(std::move(target)), names_(!options.numbers) {}

  void tell(const WhyDiagnosis& d, const WhyFacts& facts) {
    find_names(d, facts);
    json_ ? object(d, facts.question.to, out_.text()) : lines(d, out_.text());
    names_.tell(out_.text(), json_, "  ");
    out_.flush(true);
  }
  int exit_code(int code) { return out_.exit_code(code); }

 private:
  /// Of the routers and hosts that the diagnosis speaks of.
  void find_names(const WhyDiagnosis& d, const WhyFacts& facts) {
    std::string words = d.what;
    for (const std::string& e : d.evidence) words += ' ' + e;
    for (const WhySeen& s : facts.seen)
      if (speaks_of(words, s.from)) names_.about(s.from);
    if (facts.route && speaks_of(words, facts.route->next_hop)) names_.about(facts.route->next_hop);
    names_.wait();
  }
  static void lines(const WhyDiagnosis& d, TextBuffer& t) {
    t.clean(d.what), t.append('\n');
    for (const std::string& e : d.evidence) t.append("  because: "), t.clean(e), t.append('\n');
    if (!d.fix.empty()) t.append(d.fix_is_command ? "  fix: " : "  to do: "), t.clean(d.fix), t.append('\n');
  }
  void object(const WhyDiagnosis& d, const IpAddress& address, TextBuffer& t) const {
    t.append("{\"event\":\"diagnosis\",\"target\":\""), t.json_escaped(target_), t.append("\",\"address\":\""), t.append(address.text()), t.append('"');
    t.append(",\"cause\":\""), t.append(name_of(d.cause)), t.append("\",\"what\":\""), t.json_escaped(d.what), t.append("\",\"evidence\":[");
    for (const std::string& e : d.evidence) t.append(&e == d.evidence.data() ? "\"" : ",\""), t.json_escaped(e), t.append('"');
    t.append(']');
    if (!d.fix.empty()) t.append(d.fix_is_command ? ",\"fix\":\"" : ",\"advice\":\""), t.json_escaped(d.fix), t.append('"');
    t.append("}\n");
  }

  bool json_;
  std::string target_;
  HostNames names_;
  Output out_;
};

/// From a target to facts; sends when there is a way.
class Asking {
 public:
  explicit Asking(const WhyCommand& options) : o_(options), live_(options.format == "text", STDERR_FILENO) {}

  std::expected<WhyFacts, int> facts(const WhyQuestion& question) {
    WhyFacts facts = local_facts(question);
    if (!facts.route) return facts;
    probes_.emplace(facts);
    if (auto r = make_plans(facts); !r) return std::unexpected(r.error());
    auto inquiry = WhyInquiry::open(plans_, *probes_, {.wait = wait, .patience = o_.timeout.empty() ? WhyOptions().patience : wait, .trace = !o_.no_trace}, record_.get());
    if (!inquiry && inquiry.error().code == Errc::no_permission) return facts.no_right = inquiry.error(), facts.rights = why_no_raw_sockets(), facts;
    if (!inquiry) return std::unexpected(complain_and_exit(inquiry.error()));
    stop_on_signals();
    tell_asking(question);
    (*inquiry)->ask(facts, stop_requested);
    live_.clear();
    if (auto closed = confine(); !closed) return std::unexpected(complain_and_exit(closed.error()));
    (*inquiry)->read(facts);
    if (stop_requested) return complain("why: interrupted, before it was known"), std::unexpected<int>(negative);
    sent_ = (*inquiry)->sent();
    return facts;
  }

  /// Seconds may go by: on a terminal it is seen what for.
  void tell_asking(const WhyQuestion& question) {
    live_.show(SystemClock().now(), [&](TextBuffer& t) {
      t.append("asking "), t.append(question.to.text());
      if (question.port != 0) t.append(question.protocol == ProbeProtocol::udp ? " by UDP, port " : " by TCP, port "), t.decimal(question.port);
      t.append(", this machine's firewall and the routers on the way ...\n");
    });
  }
  int close(int code) { return close_record(record_.get(), sent_, code); }

  Nanoseconds wait = second;

 private:
  std::expected<void, int> make_plans(const WhyFacts& facts) {
    const WhyProbes& probes = *probes_;
    SendOptions options = o_.plan;
    options.rate = "1000";  // they are so few that a policy lets them go far at this pace
    if (auto r = make(options, {.count = probes.count(), .make = [&probes](u64 i) { return Result<Packet>(probes.make(i)); }}); !r) return r;
    const auto neighbour = neighbour_entry(facts.route->interface, facts.route->next_hop);
    if (!neighbour || neighbour->state != NeighbourState::permanent || facts.out() == nullptr) return {};
    // Set by hand: it is asked what it says itself.
    const IpAddress& hop = facts.route->next_hop;
    own_word_.emplace(hop.is_v6 ? HostQuestion::solicitation : HostQuestion::arp, std::vector<IpAddress>{hop}, *facts.out(), facts.route->source, u16{0}, u32{0});
    options.interface = facts.out()->name;
    options.granted = {"broadcast", "multicast"};
    options.record.clear();
    return make(options, {.count = 1, .make = [this](u64 i) { return Result<Packet>(own_word_->make(i)); }});
  }

  std::expected<void, int> make(const SendOptions& options, Supply supply) {
    auto ready = ready_to_send(options, "why", std::move(supply));
    if (!ready) return std::unexpected(ready.error());
    if (ready->record != nullptr) record_ = std::move(ready->record);
    plans_.push_back(std::move(ready->plan));
    return {};
  }

  const WhyCommand& o_;
  LiveBlock live_;
  std::optional<WhyProbes> probes_;
  std::optional<HostProbes> own_word_;
  std::vector<ApprovedPlan> plans_;
  std::unique_ptr<Sink> record_;
  u64 sent_ = 0;
};

}  // namespace

int run_why(const WhyCommand& options) {
  std::string host;
  std::optional<u16> port;
  if (!split_target(options.target, host, port)) return complain("why: a port is 1 to 65535, like h2:80 or [2001:db8::2]:80"), int{usage};
  if (options.udp && !port) return complain("why: --udp needs a port\n  rawket why " + clean_text(host) + ":53 --udp"), int{usage};
  if (options.size != 0 && port) return complain("why: --size asks by ICMP echo: leave the port out"), int{usage};
  Asking asking(options);
  if (!read_time("--timeout", options.timeout, asking.wait)) return usage;
  if (const std::string& name = options.plan.interface; !name.empty())
    if (const auto named = interface_named(name); !named) return complain_and_exit(named.error());
  WhyReport report(options, options.target);
  const auto found = addresses_of(host, family_of(options.only_v4, options.only_v6));
  if (!found) return complain_and_exit(found.error());
  if (found->size() > 1 && options.format == "text") complain(clean_text(host) + " is asked as " + found->front().text() + "; it has other addresses too: -4 and -6 choose, or name one");
  const ProbeProtocol protocol = !port ? ProbeProtocol::icmp : options.udp ? ProbeProtocol::udp : ProbeProtocol::tcp;
  const WhyQuestion question{.to = found->front(), .protocol = protocol, .port = port.value_or(0), .size = options.size, .interface = options.plan.interface};
  const auto facts = asking.facts(question);
  if (!facts) return facts.error();
  const WhyDiagnosis found_out = diagnose(*facts);
  report.tell(found_out, *facts);
  return asking.close(report.exit_code(found_out.cause == WhyCause::answers ? ok : found_out.cause == WhyCause::no_right ? no_permission : negative));
}

}  // namespace rawket::cli
