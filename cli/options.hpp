// What each command was told, as plain data: filled by the command line, used by one function per command.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "rawket/base/bytes.hpp"

namespace rawket::cli {

enum Exit : int { ok = 0, negative = 1, usage = 2, no_permission = 3, io_error = 4, malformed_input = 5, packets_lost = 6 };

/// How packets are shown; shared by all commands that show some.
struct ShowOptions {
  std::string format = "text";   ///< text, tree, json, csv, fields, hex, c; the middle three may be followed by ":names"
  std::string color = "auto";    ///< auto, always, never
  std::string time = "local";    ///< local, utc, epoch, delta, none
  bool link_layer = false;       ///< -e
  bool hexdump = false;          ///< -X
  bool numbers = false;          ///< --number
  std::string display_filter;    ///< -Y of those that read or capture; empty: everything
  std::vector<std::string> decode_as;  ///< "udp.port=9999,vxlan"
  bool reassemble = false;       ///< of those that read or capture
  std::string overlap = "left";  ///< who is right where fragments overlap: left, first, last, drop
};

struct ReadOptions {
  std::vector<std::string> words;  ///< file, then filter words
  std::string file;                ///< -r
  std::string write;               ///< -w
  u64 count_limit = 0;             ///< -c, 0: all
  u32 snapshot_length = 0;         ///< -s, 0: as captured
  bool count_only = false;         ///< --count
  ShowOptions show;
};

struct FilterOptions {
  std::string expression;
  std::string file;                ///< empty: only explain
  std::string format = "text";     ///< text, json
  bool names = false;              ///< list what an expression may name
};

struct FlowsOptions {
  std::vector<std::string> words;  ///< file, then filter words
  std::string interface;           ///< -i: live instead of a file
  std::string duration;            ///< --for
  std::vector<std::string> decode_as;
  std::string display_filter;
  std::string format = "text";     ///< text, json, csv
  std::string sort = "bytes";      ///< bytes, packets, first, duration, retransmissions
  u64 top = 0;                     ///< 0: all
  u64 most_flows = 1'000'000;
};

struct StreamsOptions {
  std::vector<std::string> words;  ///< file, then filter words
  std::vector<std::string> decode_as;
  std::string display_filter;
  std::string format = "text";     ///< text, json, csv
  std::optional<u64> follow;       ///< --follow: the stream's number
  std::string as = "text";         ///< text, hex, raw
  std::string side = "both";       ///< both, client, server
  std::string save;                ///< --save: a directory
};

struct StatsOptions {
  std::vector<std::string> words;  ///< file, then filter words
  std::string interface;           ///< -i: live instead of a file
  std::string duration;            ///< --for
  std::vector<std::string> decode_as;
  std::string display_filter;
  std::string format = "text";     ///< text, json
  u64 top = 10;                    ///< hosts
};

struct DiffOptions {
  std::string first, second;       ///< each a capture file, or bytes
  std::string link = "auto";
  std::string format = "text";     ///< text, json
};

struct CaptureOptions {
  std::vector<std::string> filter;
  std::vector<std::string> interfaces;  ///< empty: one is chosen
  std::string write;
  double file_megabytes = 0;       ///< -C: a new file from this size on; 0: any size
  std::string file_time;           ///< -G: a new file after this time
  u64 file_packets = 0;            ///< a new file after so many packets
  u64 keep_files = 0;              ///< -W: only the newest stay; 0: all
  std::string pre_trigger;         ///< remember so much time instead of writing
  std::string trigger;             ///< a display filter; what it lets through starts the writing
  u32 pre_trigger_mib = 256;
  std::string statistics = "text"; ///< text, json: the form of the summary
  std::string statistics_every;
  std::string netns;               ///< a name or a process id
  bool split = false;              ///< --split-gso: as on the wire
  bool process = false;            ///< --process: whose packets they are
  bool run_wanted = false;         ///< --run
  std::vector<std::string> run;    ///< its command, behind --
  u64 count_limit = 0;
  u32 snapshot_length = 262144;
  u32 buffer_mib = 64;
  std::string engine = "auto";     ///< of receive_engine_names
  std::string fanout;              ///< of fanout_names, with ":N"
  std::string duration;            ///< empty: until stopped
  bool promiscuous = true;
  bool cooked = false;
  bool fail_on_drop = false;
  bool print = false;              ///< also show packets when writing
  ShowOptions show;
};

struct CraftOptions {
  std::vector<std::string> words;
  std::string write;
  bool bad = false;                ///< no complaint about faults
  ShowOptions show;
};

struct ExplainOptions {
  std::vector<std::string> words;  ///< hex, base64, a file, or "-"
  std::string link = "auto";       ///< the first protocol's name
  ShowOptions show;
};

struct LintOptions {
  std::vector<std::string> words;
  std::string link = "auto";
  std::string fix;                 ///< --fix OUT
  std::string format = "text";     ///< text or json
};

struct SendOptions {
  std::vector<std::string> words;
  std::string file;                ///< -r: packets of a capture instead of words
  std::string interface;
  std::string record;
  std::string rate;                ///< "1000", "10k", "50Mbit", "max"; empty: the policy's, or the capture's own times
  std::string engine = "auto";     ///< of send_engine_names
  std::string ramp;                ///< a time
  double speed = 1;                ///< replay: of the capture's own times
  std::vector<std::string> rewrite;  ///< replay: "ip.dst=198.18.0.2"
  u64 repeat = 1;                  ///< each packet so many times
  std::vector<std::string> granted;  ///< the same, by the command itself: not worth telling
  std::vector<std::string> allow;  ///< broadcast, multicast, forged, public, many, fast, faulty
  std::string policy;              ///< a file; empty: /etc/rawket/policy.toml, if there is one
  std::vector<std::string> only_to, never_to;  ///< prefixes
  u64 budget = 0;                  ///< packets; 0: the policy's
  std::string hours;
  bool watch = true;               ///< stop fast sending on signs of harm
  bool dry_run = false;
  u32 fragment = 0;                ///< bytes of the longest fragment; 0: packets leave whole
  bool connect = false;            ///< by the kernel's connections: the packets only say where to
  // ask only
  std::string timeout = "1s";
  u32 retries = 1;
  ShowOptions show;
};

struct PingCommand {
  std::vector<std::string> hosts;
  std::string interval;            ///< empty: 1s, or none when flooding
  std::string timeout = "1s";
  u64 count = 0;
  int udp = -1, tcp = -1;          ///< ports; -1: not by this
  bool arp = false;                ///< ARP or neighbour discovery
  bool flood = false, quiet = false, only_v4 = false, only_v6 = false;
  u32 size = 56;                   ///< bytes of payload
  std::string pattern;             ///< hex
  bool no_why = false;             ///< do not ask why there was no answer
  int hop_limit = 0, dscp = -1;
  bool numbers = false;            ///< no names of addresses
  std::string format = "text";     ///< text or json
  SendOptions plan;                ///< interface, record, policy
};

struct TraceCommand {
  std::vector<std::string> hosts;  ///< one after the other, as `host`
  std::string host;
  int udp = -1, tcp = -1;          ///< ports; -1: by ICMP echo
  unsigned most_hops = 30, flows = 1, rounds = 3;
  std::string timeout = "1s";
  bool only_v4 = false, only_v6 = false;
  bool watch = false;              ///< rounds without end, the table anew each second
  bool no_why = false;             ///< do not ask why there was no answer
  bool numbers = false;            ///< no names of addresses
  std::string format = "text";     ///< text or json
  SendOptions plan;                ///< interface, record, policy
};

/// Whom a command is about.
struct TargetWords {
  std::vector<std::string> targets;  ///< names, addresses, prefixes, ranges
  std::string file;                ///< more of them
  std::vector<std::string> exclude;  ///< those that are left out
  std::string exclude_file;

  bool none() const { return targets.empty() && file.empty(); }
};

struct DiscoverCommand {
  TargetWords who;                 ///< none: the interfaces' own networks
  bool passive = false;            ///< listen only
  bool echo = false;               ///< by echo on the own link too
  int tcp = -1;                    ///< by TCP SYN to this port; -1: not
  std::string duration;            ///< of listening; empty: until stopped
  unsigned passes = 2;
  std::string timeout = "500ms";
  bool only_v4 = false, only_v6 = false;
  bool numbers = false;            ///< no names of addresses
  std::string format = "text";     ///< text or json
  SendOptions plan;                ///< interface, rate, record, policy
};

struct PmtuCommand {
  std::vector<std::string> hosts;  ///< one after the other, as `host`
  std::string host;
  unsigned largest = 0;            ///< bytes; 0: what the interface takes
  unsigned port = 33434;           ///< of the datagrams, where nobody listens
  bool no_why = false;             ///< do not ask why there was no answer
  std::string timeout = "1s";
  bool only_v4 = false, only_v6 = false;
  bool numbers = false;            ///< no names of addresses
  std::string format = "text";     ///< text or json
  SendOptions plan;                ///< interface, record, policy
};

struct WhyCommand {
  std::vector<std::string> targets{};  ///< one after the other, as `target`
  std::string target;              ///< host, or host:port
  bool udp = false;                ///< the port is UDP's
  u32 size = 0;                    ///< bytes of a packet that is not to be cut up; 0: a small one
  std::string timeout{};           ///< empty: 1s, more where routers are on the way
  bool no_trace = false;           ///< leave the firewall alone
  bool only_v4 = false, only_v6 = false;
  std::string format = "text";     ///< text or json
  bool numbers = false;            ///< no names of addresses
  SendOptions plan;                ///< interface, record, policy
};

struct ScanCommand {
  TargetWords who;
  std::string ports = "1-1024";
  bool udp = false;
  std::string kind;                ///< syn, ack, null, fin, xmas, connect; empty: syn, or connect without the right for it
  bool banner = false;             ///< ask what is open what it is
  std::string resume;              ///< file for what an interrupted scan leaves behind
  bool all = false;                ///< tell closed and filtered ports too
  bool numbers = false;            ///< no names of addresses and services
  unsigned passes = 3;
  double recall = 99;              ///< percent; less makes exit code 6
  std::string timeout = "500ms";
  bool only_v4 = false, only_v6 = false;
  std::string format = "text";     ///< text or json
  SendOptions plan;                ///< interface, rate, record, policy
};

struct FieldsOptions {
  std::vector<std::string> words;
  std::string format = "text";
};

struct LabOptions {
  unsigned hosts = 2;
  std::string host;                ///< where the command runs: a name or a number; empty: the first
  std::vector<std::string> on;     ///< "HOST: COMMAND", before the command
  bool real_root = false;          ///< without a user namespace
  std::vector<std::string> words;  ///< the topology; of `run` without "--" the command
  std::vector<std::string> command;
  std::string write = "demo.pcapng";
  std::string color = "auto";
};

struct FactsOptions {
  std::string format = "text";
  std::vector<std::string> words;
};

int run_read(const ReadOptions& options);
int run_flows(const FlowsOptions& options);
int run_streams(const StreamsOptions& options);
int run_stats(const StatsOptions& options);
int run_diff(const DiffOptions& options);
int run_filter(const FilterOptions& options);
int run_capture(const CaptureOptions& options);
int run_craft(const CraftOptions& options);
int run_explain(const ExplainOptions& options);
int run_lint(const LintOptions& options);
int run_send(const SendOptions& options);
int run_replay(const SendOptions& options);
int run_ping(const PingCommand& options);
int run_trace(const TraceCommand& options);
int run_scan(const ScanCommand& options);
int run_discover(const DiscoverCommand& options);
int run_pmtu(const PmtuCommand& options);
int run_why(const WhyCommand& options);
int run_ask(const SendOptions& options);
int run_doctor(const FactsOptions& options);
int run_iface(const FactsOptions& options);
int run_fields(const FieldsOptions& options);
int run_sandbox_trial();
int run_lab(const LabOptions& options);
int run_lab_list();
int run_lab_show(const LabOptions& options);
int run_lab_shell(const LabOptions& options);
int run_demo(const LabOptions& options);

/// Parses the arguments and runs the command. The exit code of the process.
int run_command_line(int argc, char** argv);

}  // namespace rawket::cli
