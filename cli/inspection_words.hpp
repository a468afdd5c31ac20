// The inspections' options; for command_line.cpp alone, which is where CLI11 is.
#pragma once
#include <CLI/CLI.hpp>
#include <array>
#include <functional>

#include "each_target.hpp"
#include "options.hpp"
#include "output.hpp"

namespace rawket::cli {

class InspectionWords {
 public:
  using Command = std::function<CLI::App*(const char* name, const char* what, const char* examples, std::function<int()> run)>;
  using Policy = std::function<void(CLI::App*, SendOptions&)>;
  InspectionWords(Command command, Policy add_policy) : command_(std::move(command)), add_policy_(std::move(add_policy)) {}

  void add() {
    add_ping();
    add_trace();
    add_scan();
    add_discover();
    add_pmtu();
    add_why();
  }

 private:
  void add_ping() {
    auto* c = command_("ping", "Measure round trips by ICMP, UDP, TCP, ARP or neighbour discovery",
                      "  rawket lab run -- rawket ping 198.18.0.2 -c 3\n  rawket lab run -- rawket ping h2 2001:db8::2 --tcp 80 -c 3 -o json\n"
                      "  rawket lab run -- rawket ping h2 --flood --allow fast -c 10000 -q\n", [this] { return run_ping(ping_); });
    c->add_option("hosts", ping_.hosts, "Names or addresses")->type_name("HOST")->required();
    c->add_option("-c,--count", ping_.count, "Probes to each host; without it until stopped, or until the budget is used up")->type_name("N")->check(CLI::Range(1.0, 1e12));
    c->add_option("--interval", ping_.interval, "Between two probes to a host, like 200ms; 1s without it")->type_name("TIME");
    c->add_option("--timeout", ping_.timeout, "After this time a probe is lost")->type_name("TIME");
    auto* udp = c->add_option("--udp", ping_.udp, "By UDP to this port: a refusal is an answer")->type_name("PORT")->check(CLI::Range(0, 65535));
    auto* tcp = c->add_option("--tcp", ping_.tcp, "By TCP SYN to this port: SYN-ACK or reset is an answer")->type_name("PORT")->check(CLI::Range(0, 65535))->excludes(udp);
    auto* arp = c->add_flag("--arp", ping_.arp, "By ARP, or by neighbour solicitation for IPv6: on the same link only")->excludes(udp)->excludes(tcp);
    c->add_flag("--flood", ping_.flood, "The next probe as soon as one is answered; above 1,000 a second it needs --allow fast");
    c->add_option("--size", ping_.size, "Bytes of payload, 56 without it")->type_name("N")->check(CLI::Range(0u, 65000u))->excludes(arp)->excludes(tcp);
    c->add_option("--pattern", ping_.pattern, "Hex that the payload repeats")->type_name("HEX")->excludes(arp)->excludes(tcp);
    c->add_option("--ttl", ping_.hop_limit, "Hop limit of the probes")->type_name("N")->check(CLI::Range(1, 255))->excludes(arp);
    c->add_option("--dscp", ping_.dscp, "Their DSCP")->type_name("N")->check(CLI::Range(0, 63))->excludes(arp);
    c->add_option("--fragment", ping_.plan.fragment, "Cut probes up into IP fragments of at most so many bytes, as for a narrow link")->type_name("BYTES")->check(CLI::Range(88u, 65535u))->excludes(arp);
    c->add_flag("-q,--quiet", ping_.quiet, "Only the summary");
    c->add_flag("-n", ping_.numbers, "No names of addresses");
    add_no_why(c, ping_);
    add_common(c, ping_, "text or json: one object for each event, then one for each host");
  }
  void add_trace() {
    auto* c = command_("trace", "The routers on the way to a host: one path, or with several flows the paths there are",
                      "  rawket lab run chain 4 -- rawket trace h2\n  rawket lab run chain 4 -- rawket trace h2 -4 --udp 33434 -o json\n"
                      "  rawket lab run ecmp 4 -- rawket trace h2 --flows 16 --udp 33434 --allow public\n",
                      [this] {
                        if (trace_.watch && trace_.hosts.size() > 1) return complain("trace: --watch takes one host"), int{usage};
                        return run_each(trace_, trace_.hosts, &TraceCommand::host, run_trace);
                      });
    c->add_option("hosts", trace_.hosts, "Names or addresses, one after the other")->type_name("HOST")->required();
    auto* udp = c->add_option("--udp", trace_.udp, "By UDP to this port, not by ICMP echo")->type_name("PORT")->check(CLI::Range(0, 65535));
    c->add_option("--tcp", trace_.tcp, "By TCP SYN to this port")->type_name("PORT")->check(CLI::Range(0, 65535))->excludes(udp);
    c->add_option("--flows", trace_.flows, "How many flows: each may be led along another path")->type_name("N")->check(CLI::Range(1u, 256u));
    auto* rounds = c->add_option("--rounds", trace_.rounds, "Probes to each hop by each flow, 3 without it")->type_name("N")->check(CLI::Range(1u, 1000u));
    c->add_option("--max-hops", trace_.most_hops, "No further than this, 30 without it")->type_name("N")->check(CLI::Range(1u, 255u));
    c->add_option("--timeout", trace_.timeout, "After this time a probe is lost")->type_name("TIME");
    c->add_flag("--watch", trace_.watch, "Go on until stopped, and show the table anew each second; takes one host")->excludes(rounds);
    c->add_flag("-n", trace_.numbers, "No names of addresses");
    add_no_why(c, trace_);
    add_common(c, trace_, "text or json: one object for each hop, then one for all");
  }
  void add_scan() {
    auto* c = command_("scan", "Which ports answer, by SYN or UDP: every verdict with its reason, every packet accounted for",
                      "  rawket lab run -- rawket scan h2 -p 1-1024\n  rawket lab run -- rawket scan 198.18.0.0/30 -p 22,80,443 -o json\n"
                      "  rawket lab run -- rawket scan h2 -p 1-65535 --rate max --allow fast,many\n", [this] { return run_scan(scan_); });
    c->add_option("targets", scan_.who.targets, "Names, addresses, ranges (198.18.0.1-9), prefixes (IPv4 to /16, IPv6 to /112)")->type_name("TARGET");
    c->add_option("-p,--ports", scan_.ports, "Ports, like 22,80,8000-8100,https")->type_name("PORTS");
    auto* udp = c->add_flag("--udp", scan_.udp, "By UDP, not by TCP SYN");
    c->add_option("--by", scan_.kind, "By these TCP flags: syn; ack (is it filtered?); null, fin or xmas (silence is open or filtered); or connect: by the kernel's connections, which need no right")
        ->type_name("KIND")->check(CLI::IsMember({"syn", "ack", "null", "fin", "xmas", "connect"}))->excludes(udp);
    c->add_flag("--all", scan_.all, "Tell closed and filtered ports too");
    c->add_flag("-n", scan_.numbers, "No names of addresses and services");
    c->add_option("--passes", scan_.passes, "How often a port that does not answer is asked at most")->type_name("N")->check(CLI::Range(1u, 10u));
    c->add_option("--recall", scan_.recall, "Exit with 6 when fewer percent of those that would answer can have been found")->type_name("PERCENT")->check(CLI::Range(0.0, 100.0));
    c->add_option("--timeout", scan_.timeout, "How long the last answers of a pass are waited for")->type_name("TIME");
    c->add_option("--rate", scan_.plan.rate, "Probes a second at most, or max; it is slower where that makes fewer answer")->type_name("RATE");
    c->add_option("--resume", scan_.resume, "Keep here how far it came; when it was interrupted, the same command goes on from there")->type_name("FILE");
    c->add_flag("--banner", scan_.banner, "Then connect to what is open: what it says first, what HTTP answers, whom a TLS certificate is for")->excludes(udp);
    add_target_files(c, scan_.who);
    add_common(c, scan_, "text or json: one object for each port, then one for all");
  }
  void add_discover() {
    auto* c = command_("discover", "Which hosts are there: by ARP, neighbour discovery and echo, or by listening alone",
                       "  rawket lab run lan 5 -- rawket discover\n  rawket lab run lan 5 -- rawket discover 198.18.0.0/24 -o json\n"
                       "  rawket lab run lan 3 -- rawket discover --passive --duration 5s\n", [this] { return run_discover(discover_); });
    auto* targets = c->add_option("targets", discover_.who.targets, "Names, addresses, ranges (198.18.0.1-9), prefixes (IPv4 to /16, IPv6 to /112); without any, the interfaces' own networks")->type_name("TARGET");
    auto* passive = c->add_flag("--passive", discover_.passive, "Send nothing: listen to ARP, neighbour discovery, DHCP, mDNS, LLDP and SSDP")->excludes(targets);
    c->add_option("--duration", discover_.duration, "So long; until stopped without it")->type_name("TIME")->needs(passive);
    auto* echo = c->add_flag("--echo", discover_.echo, "By ICMP echo, also on the own link")->excludes(passive);
    c->add_option("--tcp", discover_.tcp, "By TCP SYN to this port, for hosts that answer no echo: what is open and what is closed answers")
        ->type_name("PORT")->check(CLI::Range(1, 65535))->excludes(passive)->excludes(echo);
    c->add_option("--passes", discover_.passes, "How often an address that does not answer is asked at most")->type_name("N")->check(CLI::Range(1u, 10u));
    c->add_option("--timeout", discover_.timeout, "How long the last answers of a pass are waited for")->type_name("TIME");
    c->add_option("--rate", discover_.plan.rate, "Questions a second, or max")->type_name("RATE");
    c->add_flag("-n", discover_.numbers, "No names of addresses");
    for (CLI::Option* given : add_target_files(c, discover_.who)) given->excludes(passive);
    add_common(c, discover_, "text or json: one object for each host and what is new of it, then one for all");
  }
  void add_pmtu() {
    auto* c = command_("pmtu", "How long packets may be on the way to a host and back, and where a narrow link is",
                       "  rawket lab run chain 2 -- rawket pmtu h2\n  rawket lab run blackhole-mtu -- rawket pmtu h2 -4\n  rawket lab run blackhole-mtu -- rawket pmtu h2 -o json\n",
                       [this] { return run_each(pmtu_, pmtu_.hosts, &PmtuCommand::host, run_pmtu); });
    c->add_option("hosts", pmtu_.hosts, "Names or addresses, one after the other")->type_name("HOST")->required();
    c->add_option("--largest", pmtu_.largest, "Try no longer packets than this; what the interface takes without it")->type_name("BYTES")->check(CLI::Range(576u, 65535u));
    c->add_option("--port", pmtu_.port, "UDP port where nobody listens, 33434 without it: by it the way there is told from the way back")->type_name("PORT")->check(CLI::Range(1u, 65535u));
    c->add_option("--timeout", pmtu_.timeout, "How long an answer may take, 1s without it")->type_name("TIME");
    c->add_flag("-n", pmtu_.numbers, "No names of addresses");
    add_no_why(c, pmtu_);
    add_common(c, pmtu_, "text or json: one object for each hop and each message, then one for all");
  }
  void add_why() {
    auto* c = command_("why", "Why there is no answer: the cause, how it is known, and the smallest fix",
                       "  rawket lab run chain 2 -- rawket why h2\n"
                       "  rawket lab run firewalled -- rawket why h2:25 -4\n  rawket lab run blackhole-mtu -- rawket why h2 --size 1500 -o json\n",
                       [this] { return run_each(why_, why_.targets, &WhyCommand::target, run_why); });
    c->add_option("targets", why_.targets, "Names or addresses, one after the other; with :PORT by TCP, without it by ICMP echo")->type_name("HOST[:PORT]")->required();
    auto* udp = c->add_flag("--udp", why_.udp, "The port is UDP's");
    c->add_option("--size", why_.size, "Ask with an IP packet of so many bytes that is not to be cut up")->type_name("N")->check(CLI::Range(64u, 65535u))->excludes(udp);
    c->add_option("--timeout", why_.timeout, "How long to wait for the answer; without it 1s, and 3.5s where routers are on the way and nothing comes")->type_name("TIME");
    c->add_flag("--no-trace", why_.no_trace, "Do not let the kernel trace the probe through the firewall: that needs a table there for a second");
    c->add_flag("-n", why_.numbers, "No names of addresses");
    add_common(c, why_, "text or json: one object for each cause, and for each name of an address in it");
  }

  template <class Inspected, class Member> static int run_each(const Inspected& o, const std::vector<std::string>& targets, Member target, int (*run)(const Inspected&)) {
    return for_each_target(targets, o.plan.record, [&](const std::string& name) {
      Inspected one = o;
      one.*target = name;
      return run(one);
    });
  }
  static std::array<CLI::Option*, 3> add_target_files(CLI::App* c, TargetWords& who) {
    auto* file = c->add_option("--targets", who.file, "More of them, in this file, - for standard input; # begins a comment")->type_name("FILE");
    auto* exclude = c->add_option("--exclude", who.exclude, "Leave these out: names, addresses, ranges, prefixes");
    exclude->type_name("TARGET")->delimiter(',')->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    return {file, exclude, c->add_option("--exclude-file", who.exclude_file, "Leave out those in this file; # begins a comment")->type_name("FILE")};
  }
  template <class Inspected> static void add_no_why(CLI::App* c, Inspected& o) { c->add_flag("--no-why", o.no_why, "Where there is no answer, do not look for the cause (rawket why)"); }
  template <class Inspected> void add_common(CLI::App* c, Inspected& o, const char* forms) {
    auto* v4 = c->add_flag("-4", o.only_v4, "IPv4 addresses only");
    c->add_flag("-6", o.only_v6, "IPv6 addresses only")->excludes(v4);
    c->add_option("-o,--output", o.format, forms)->type_name("FORM")->check(CLI::IsMember({"text", "json"}));
    c->add_option("-i,--interface", o.plan.interface, "Interface; without it the route's")->type_name("NAME");
    add_policy_(c, o.plan);
  }

  Command command_;
  Policy add_policy_;
  PingCommand ping_;
  TraceCommand trace_;
  ScanCommand scan_;
  DiscoverCommand discover_;
  PmtuCommand pmtu_;
  WhyCommand why_;
};

}  // namespace rawket::cli
