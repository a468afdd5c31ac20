// The command line: names, options, help and examples. Nothing here does any work.
#include <CLI/CLI.hpp>
#include <functional>

#include "inspection_words.hpp"
#include "options.hpp"
#include "output.hpp"
#include "rawket/base/text.hpp"

namespace rawket::cli {
namespace {

/// All commands with their options, and which function runs.
class CommandLine {
 public:
  CommandLine() {
    app_.require_subcommand(0, 1);
    app_.set_version_flag("--version", std::string("rawket ") + RAWKET_VERSION);
    app_.footer("Try:\n  rawket lab demo                                     everything, in a network of its own, without root\n"
                "  rawket read capture.pcapng                          packets, one line each\n"
                "  rawket craft ip dst=198.18.0.2 / tcp dport=80 -o tree\n"
                "  rawket COMMAND --help\n"
                "Exit codes: 0 done, 1 a negative answer, 2 usage, 3 no permission, 4 input or output, 5 malformed or cut input, 6 packets lost.");
    add_read();
    add_capture();
    add_craft();
    add_explain();
    add_lint();
    add_send();
    add_replay();
    add_ask();
    inspections_.add();
    add_facts();
    add_filter();
    add_flows();
    add_streams();
    add_stats();
    add_diff();
    add_fields();
    add_lab();
    add_hidden();
  }

  int run(int argc, char** argv) {
    // "rawket help read" is "rawket read --help".
    std::vector<char*> words(argv, argv + argc);
    char help_option[] = "--help";
    if (argc > 1 && std::string_view(argv[1]) == "help") {
      words.erase(words.begin() + 1);
      words.push_back(help_option);
    }
    take_command_to_run(words);
    try {
      app_.parse(static_cast<int>(words.size()), words.data());
    } catch (const CLI::CallForHelp&) {
      return print(help());
    } catch (const CLI::CallForVersion&) {
      return print(app_.version() + "\n");
    } catch (const CLI::ParseError& e) {
      return wrong(e, argc, argv);
    }
    if (!run_) return print(app_.help());
    return run_();
  }

 private:
  inline static const CLI::Range many{1.0, 1e12};
  /// What stands behind "lab run ... --" and "--run --" are not our words.
  void take_command_to_run(std::vector<char*>& words) {
    const auto text = [](const char* w) { return std::string_view(w); };
    const auto behind = std::ranges::find(words, std::string_view("--"), text);
    if (behind == words.end() || behind - words.begin() < 2) return;
    const bool lab = text(words[1]) == "lab", run = std::find_if(words.begin(), behind, [&](const char* w) { return text(w) == "--run"; }) != behind;
    if (!lab && !run) return;
    (lab ? lab_.command : capture_.run).assign(behind + 1, words.end());
    words.erase(behind, words.end());
  }
  CLI::App* command(const char* name, const char* what, const char* examples, std::function<int()> run) {
    CLI::App* c = app_.add_subcommand(name, what);
    c->footer(std::string("Examples:\n") + examples);
    c->callback([this, run = std::move(run)] {
      if (!run_) run_ = run;
    });
    return c;
  }
  void add_show(CLI::App* c, ShowOptions& s) {
    c->add_option("-o,--output", s.format, "text, tree, json, csv, fields, hex or c; json:, csv: and fields: take field names")->type_name("FORM");
    c->add_option("--color", s.color, "auto, always or never")->type_name("WHEN");
    c->add_option("--time", s.time, "local, utc, epoch, delta or none")->type_name("FORM");
    add_decode_as(c, s.decode_as);
    c->add_flag("-e", s.link_layer, "Also show the link layer");
    c->add_flag("-X,--hexdump", s.hexdump, "Also show the bytes");
    c->add_flag("--number", s.numbers, "Number the packets");
    c->add_flag("-n", ignored_, "Accepted for tcpdump's sake: names are never looked up");
    c->add_flag_callback("-v,--verbose", [&s] { s.format = s.format == "text" ? "tree" : s.format; }, "The same as -o tree");
  }

  /// One value each time, and as many times as wanted.
  static void repeated(CLI::Option* o) { o->expected(1)->allow_extra_args(false)->take_all(); }
  static void add_decode_as(CLI::App* c, std::vector<std::string>& bindings) {
    repeated(c->add_option("--decode-as", bindings, "Take what follows a number for another protocol: udp.port=9999,vxlan; may be given several times")->type_name("FIELD=N,PROTOCOL"));
  }
  static void add_sessions(CLI::App* c, ShowOptions& s) {
    add_display_filter(c, s.display_filter);
    c->add_flag("--reassemble", s.reassemble, "Put IP fragments together, and messages of TCP streams; shown in the packet that completes them");
    c->add_option("--overlap", s.overlap, "With --reassemble: which of two fragments is right about a byte: left (begins further left), first, last, or drop (none)")->type_name("POLICY");
  }
  static void add_display_filter(CLI::App* c, std::string& expression) {
    c->add_option("-Y,--display-filter", expression, "Only packets that match, in Wireshark's words: 'tcp.dstport == 80 && ip.ttl < 10'")->type_name("EXPR");
  }

  void add_read() {
    auto* c = command("read", "Show, filter, count or rewrite a capture file (pcap, pcapng, also compressed)",
                      "  rawket read capture.pcapng\n  rawket read capture.pcap 'tcp port 80' -o tree\n  rawket read capture.pcap -o csv:ip.src,tcp.dstport\n"
                      "  rawket read capture.pcap.gz --count udp\n  zcat capture.gz | rawket read - -o json | jq .\n", [this] { return run_read(read_); });
    c->add_option("words", read_.words, "The file, then a capture filter (pcap-filter(7)); - is standard input")->type_name("FILE [FILTER...]");
    c->add_option("-r,--read", read_.file, "The file")->type_name("FILE");
    c->add_option("-w,--write", read_.write, "Write the packets to a file instead of showing them")->type_name("FILE");
    c->add_option("-c,--limit", read_.count_limit, "Stop after this many matching packets")->type_name("N")->check(CLI::NonNegativeNumber);
    c->add_option("-s,--snaplen", read_.snapshot_length, "Use at most this many bytes of each packet")->type_name("N")->check(CLI::NonNegativeNumber);
    c->add_flag("--count", read_.count_only, "Only print how many packets match");
    add_show(c, read_.show);
    add_sessions(c, read_.show);
  }
  void add_filter() {
    auto* c = command("filter", "Explain a display filter, and count what each part of it matches in a file",
                      "  rawket filter 'tcp.flags.syn == 1 && !(ip.src == 198.18.0.0/15)'\n  rawket filter 'dns.qry.name contains \"example\"' capture.pcapng\n"
                      "  rawket filter --names | grep ^tcp\n", [this] { return run_filter(filter_); });
    c->add_option("expression", filter_.expression, "The filter, in Wireshark's words")->type_name("EXPR");
    c->add_option("file", filter_.file, "A capture to count in; - is standard input")->type_name("FILE");
    c->add_flag("--names", filter_.names, "List every name that a filter may use");
    c->add_option("-o,--output", filter_.format, "text or json")->type_name("FORM")->check(CLI::IsMember({"text", "json"}));
  }
  void add_flows() {
    auto* c = command("flows", "List conversations: who talked to whom, how much, how fast, from a file or live",
                      "  rawket flows capture.pcapng\n  rawket flows capture.pcapng tcp port 443 --sort retransmissions --top 10\n  rawket flows capture.pcapng -o json | jq .community_id\n"
                      "  rawket lab run -- rawket flows -i eth0 --for 5s\n", [this] { return run_flows(flows_); });
    c->add_option("words", flows_.words, "The file (- is standard input), then a capture filter; with -i only the filter")->type_name("FILE [FILTER...]");
    c->add_option("-i,--interface", flows_.interface, "Listen on this interface until Ctrl-C, then list")->type_name("NAME");
    c->add_option("--for", flows_.duration, "With -i: stop after this time, like 10s")->type_name("TIME");
    c->add_option("-o,--output", flows_.format, "text, json (one object a line) or csv")->type_name("FORM")->check(CLI::IsMember({"text", "json", "csv"}));
    c->add_option("--sort", flows_.sort, "bytes, packets, first, duration or retransmissions")->type_name("BY")->check(CLI::IsMember({"bytes", "packets", "first", "duration", "retransmissions"}));
    c->add_option("--top", flows_.top, "Only the first N of them")->type_name("N")->check(CLI::NonNegativeNumber);
    c->add_option("--most", flows_.most_flows, "Keep at most N flows (about 160 bytes each); others are given up, counted and listed first")->type_name("N")->check(CLI::PositiveNumber);
    add_display_filter(c, flows_.display_filter);
    add_decode_as(c, flows_.decode_as);
  }
  void add_streams() {
    auto* c = command("streams", "List TCP streams, follow one, or save what both ends said",
                      "  rawket streams capture.pcapng\n  rawket streams capture.pcapng --follow 0\n  rawket streams capture.pcapng --follow 3 --as hex --side server\n"
                      "  rawket streams capture.pcapng tcp port 80 --save streams\n", [this] { return run_streams(streams_); });
    c->add_option("words", streams_.words, "The file (- is standard input), then a capture filter")->type_name("FILE [FILTER...]");
    c->add_option("-f,--follow", streams_.follow, "Show what was said in this stream")->type_name("N")->check(CLI::NonNegativeNumber);
    c->add_option("--as", streams_.as, "With --follow: text, hex or raw")->type_name("FORM")->check(CLI::IsMember({"text", "hex", "raw"}));
    c->add_option("--side", streams_.side, "With --follow: both, client or server")->type_name("SIDE")->check(CLI::IsMember({"both", "client", "server"}));
    c->add_option("--save", streams_.save, "Write each side of each stream to a file in this directory")->type_name("DIR");
    c->add_option("-o,--output", streams_.format, "text, json (one object a line) or csv")->type_name("FORM")->check(CLI::IsMember({"text", "json", "csv"}));
    add_display_filter(c, streams_.display_filter);
    add_decode_as(c, streams_.decode_as);
  }
  void add_stats() {
    auto* c = command("stats", "What a capture consists of: protocols, sizes, hosts, and its course as a plot",
                      "  rawket stats capture.pcapng\n  rawket stats capture.pcapng -Y 'ip.addr == 198.18.0.0/15' --top 20\n  rawket stats capture.pcapng -o json | jq '.tree[]'\n"
                      "  rawket lab run -- rawket stats -i eth0 --for 5s\n", [this] { return run_stats(stats_); });
    c->add_option("words", stats_.words, "The file (- is standard input), then a capture filter; with -i only the filter")->type_name("FILE [FILTER...]");
    c->add_option("-i,--interface", stats_.interface, "Listen on this interface until Ctrl-C")->type_name("NAME");
    c->add_option("--for", stats_.duration, "With -i: stop after this time, like 10s")->type_name("TIME");
    c->add_option("--top", stats_.top, "How many hosts to list")->type_name("N")->check(CLI::NonNegativeNumber);
    c->add_option("-o,--output", stats_.format, "text, json (one object) or csv (one table)")->type_name("FORM")->check(CLI::IsMember({"text", "json", "csv"}));
    add_display_filter(c, stats_.display_filter);
    add_decode_as(c, stats_.decode_as);
  }
  void add_diff() {
    auto* c = command("diff", "What happened on the way: two packets, or two captures of the same traffic, compared by fields",
                      "  rawket diff sent.pcapng received.pcapng\n  rawket diff sent.pcapng received.pcapng -o json | jq 'select(.differences[]?.kind == \"suspicious\")'\n"
                      "  rawket diff \"$(rawket craft ip ttl=64 / udp dport=9)\" \"$(rawket craft ip ttl=61 / udp dport=9)\"\n", [this] { return run_diff(diff_); });
    c->add_option("first", diff_.first, "A capture file, hex or base64; - is standard input")->type_name("A")->required();
    c->add_option("second", diff_.second, "The same, later on the way")->type_name("B")->required();
    c->add_option("-o,--output", diff_.format, "text, or json (one object for each pair that differs)")->type_name("FORM")->check(CLI::IsMember({"text", "json"}));
    c->add_option("--link", diff_.link, "First protocol of bytes, as in rawket fields; auto looks")->type_name("NAME");
  }
  void add_capture() {
    auto* c = command("capture", "Receive packets from an interface, live",
                      "  rawket capture -i eth0\n  rawket capture -i eth0 'tcp port 443' -c 10 -o tree\n  rawket capture -i any -w all.pcapng --for 10s\n"
                      "  rawket capture -i eth0 -w ring.pcapng.zst -C 100 -W 20\n  rawket capture -i eth0 -w event.pcapng --pre-trigger 30s --trigger 'tcp.flags.reset == 1'\n"
                      "  rawket lab run -- rawket capture -i eth0 -c 5\n  rawket capture -i any -w curl.pcapng --run -- curl example.com\n", [this] { return run_capture(capture_); });
    c->add_option("filter", capture_.filter, "Capture filter in pcap-filter(7) words")->type_name("FILTER");
    repeated(c->add_option("-i,--interface", capture_.interfaces, "Interface, or any; several may be given. Without it the one of the default route, else the first that is up")->type_name("NAME"));
    c->add_option("--netns", capture_.netns, "In the network namespace of this name (ip netns) or process id")->type_name("NAME|PID");
    c->add_option("-w,--write", capture_.write, "Write packets to a file: .pcap or .pcapng, compressed with .gz, .zst or .lz4 behind it; - for standard output")->type_name("FILE");
    c->add_option("-C,--file-size", capture_.file_megabytes, "Begin a new file at this size; files are numbered, or named by %-letters of strftime(3)")->type_name("MB")->check(CLI::Range(0.001, 1e9));
    c->add_option("-G,--file-time", capture_.file_time, "Begin a new file after this time, like 60 or 5m")->type_name("TIME");
    c->add_option("--file-packets", capture_.file_packets, "Begin a new file after this many packets")->type_name("N")->check(CLI::PositiveNumber);
    c->add_option("-W,--keep-files", capture_.keep_files, "Keep only the newest N files")->type_name("N")->check(CLI::PositiveNumber);
    c->add_option("--pre-trigger", capture_.pre_trigger, "Remember the packets of this time, and write them, and all that follow, on SIGUSR2 or --trigger")->type_name("TIME");
    c->add_option("--trigger", capture_.trigger, "The first packet that this display filter matches triggers the writing")->type_name("EXPR");
    c->add_option("--pre-trigger-memory", capture_.pre_trigger_mib, "Memory for what is remembered, in MiB")->type_name("MIB")->check(CLI::Range(1u, 65536u));
    c->add_option("--stats", capture_.statistics, "Form of the summary and of what SIGUSR1 asks for: text or json")->type_name("FORM")->check(CLI::IsMember({"text", "json"}));
    c->add_option("--stats-every", capture_.statistics_every, "Tell the counts so far every so often, like 1s")->type_name("TIME");
    c->add_option("-c,--limit", capture_.count_limit, "Stop after this many packets")->type_name("N")->check(CLI::NonNegativeNumber);
    c->add_option("-s,--snaplen", capture_.snapshot_length, "Keep at most this many bytes of each packet")->type_name("N")->check(CLI::Range(1u, 262144u));
    c->add_option("-B,--buffer", capture_.buffer_mib, "Kernel buffer in MiB")->type_name("MIB")->check(CLI::Range(1u, 1024u));
    c->add_option("--engine", capture_.engine, "ring (blocks shared with the kernel, up to 10 ms later), messages (each packet at once), xdp (AF_XDP: takes what passes the filter from this machine), "
                    "xdp-generic (the same behind the driver), or auto: the ring where there is one")
        ->type_name("NAME")->check(CLI::IsMember({"auto", "ring", "messages", "xdp", "xdp-generic"}));
    c->add_option("--fanout", capture_.fanout, "Divide the packets among N rings by flow (hash, ebpf) or processor (cpu), and merge them by time")->type_name("hash|cpu|ebpf[:N]");
    c->add_option("--for", capture_.duration, "Stop after this time, like 10s or 500ms")->type_name("TIME");
    c->add_flag("--split-gso", capture_.split, "Write the frames that leave by the wire: super-frames cut to pieces, checksums filled in; needs the ring");
    c->add_flag("--process", capture_.process, "Tell the local process of each packet: in text, JSON, and as a comment in pcapng; other users' processes need root");
    c->add_flag("--run", capture_.run_wanted, "Run the command behind -- and capture just its packets, until it ends: capture -i any --run -- curl example.com");
    c->add_flag("-p,!--promiscuous", capture_.promiscuous, "Do not make the interface promiscuous")->default_val(true);
    c->add_flag("--cooked", capture_.cooked, "Without the link header");
    c->add_flag("--print", capture_.print, "Show packets although they are written");
    c->add_flag("--fail-on-drop", capture_.fail_on_drop, "Exit with 6 when packets were lost");
    add_show(c, capture_.show);
    add_sessions(c, capture_.show);
  }
  void add_craft() {
    auto* c = command("craft", "Make packets from words and show their bytes",
                      "  rawket craft ip dst=198.18.0.2 ttl=3 / tcp dport=80 flags=S mss=1460 / hello\n  rawket craft ip dst=198.18.0.0/30 / icmp -o text\n"
                      "  rawket craft 'ip(dst=198.18.0.2)/udp(dport=53)/\"x\"' -o c\n  rawket craft eth / ip / udp / dns qname=example.com -w query.pcap\n", [this] { return run_craft(craft_); });
    c->add_option("words", craft_.words, "Layers with / between them")->type_name("WORDS")->required();
    c->add_option("-w,--write", craft_.write, "Write a capture file")->type_name("FILE");
    c->add_flag("--faulty", craft_.bad, "Say nothing about faults");
    craft_.show.format = "hex";
    add_show(c, craft_.show);
  }
  void add_explain() {
    auto* c = command("explain", "Explain bytes: hex in any common form, a hex dump, base64, or a capture file",
                      "  rawket explain 4500001c000100004001f9b6c6120001c6120002080034760bb80001\n  tcpdump -xx -c 1 | rawket explain -\n  rawket explain capture.pcapng\n", [this] { return run_explain(explain_); });
    c->add_option("words", explain_.words, "Hex, base64, a file, or - for standard input")->type_name("BYTES|FILE|-")->required();
    c->add_option("--link", explain_.link, "What the bytes begin with: eth, ip, ipv6, arp, tcp, ...; auto guesses Ethernet or IP and says which")->type_name("PROTOCOL");
    explain_.show.format = "tree";
    add_show(c, explain_.show);
  }
  void add_lint() {
    auto* c = command("lint", "Find faults in packets, with the clause and the repair",
                      "  rawket lint capture.pcapng\n  rawket lint capture.pcap --fix fixed.pcap -o json\n"
                      "  rawket lint 450000280000400040060000c0a80101c0a801020014005000000000000000000050022000 3f8b0000\n", [this] { return run_lint(lint_); });
    c->add_option("words", lint_.words, "A capture file, hex, or - for standard input")->type_name("FILE|BYTES|-")->required();
    c->add_option("--link", lint_.link, "What given bytes begin with; auto guesses Ethernet or IP")->type_name("PROTOCOL");
    c->add_option("--fix", lint_.fix, "Write repaired packets to a capture file")->type_name("FILE");
    c->add_option("-o,--output", lint_.format, "text or json")->type_name("FORM")->check(CLI::IsMember({"text", "json"}));
  }
  void add_plan(CLI::App* c, SendOptions& s) {
    c->add_option("words", s.words, "Layers with / between them, as for craft")->type_name("WORDS");
    add_sending(c, s);
  }
  void add_sending(CLI::App* c, SendOptions& s) {
    c->add_option("-i,--interface", s.interface, "Interface; without it the route's")->type_name("NAME");
    c->add_option("--rate", s.rate, "Packets a second (1000, 10k), bits of frames a second (50Mbit), or max")->type_name("RATE");
    c->add_option("--ramp", s.ramp, "From nothing to the rate within this time, like 5s")->type_name("TIME");
    c->add_option("--engine", s.engine, "How frames leave: messages, ring, xdp, super-frames, live-frames; auto: messages, or xdp above 400,000 a second")
        ->type_name("NAME")->check(CLI::IsMember({"auto", "messages", "ring", "xdp", "super-frames", "live-frames"}));
    add_policy(c, s);
    c->add_flag("!--no-watch", s.watch, "Do not stop fast sending when the next hop falls silent, slows down, or errors pour in");
    add_show(c, s.show);
  }
  void add_policy(CLI::App* c, SendOptions& s) {
    c->add_option("--allow", s.allow, "Permit what the plan says needs it: broadcast, multicast, forged, public, many, fast, faulty")->type_name("WHAT")->delimiter(',');
    c->add_option("--policy", s.policy, "A policy in TOML: allow, to, never, rate, public_rate, budget, hours; without it /etc/rawket/policy.toml")->type_name("FILE");
    repeated(c->add_option("--only-to", s.only_to, "Send nothing to other destinations; may be given several times")->type_name("PREFIX"));
    repeated(c->add_option("--never-to", s.never_to, "Send nothing to these, whatever is allowed; may be given several times")->type_name("PREFIX"));
    c->add_option("--budget", s.budget, "More packets need --allow many")->type_name("N")->check(many);
    c->add_option("--hours", s.hours, "Send only in this part of the day, in local time: 22:00-06:00")->type_name("FROM-TO");
    c->add_option("--record", s.record, "Keep all that was sent in a capture file")->type_name("FILE");
    c->add_flag("--dry-run", s.dry_run, "Show the plan and the bytes, send nothing");
  }
  void add_send() {
    auto* c = command("send", "Send packets, by a plan that is linted and limited",
                      "  rawket send ip dst=198.18.0.2 / icmp --dry-run\n  rawket lab run -- rawket send ip dst=198.18.0.2 / udp dport=9 / hello\n"
                      "  rawket lab run -- rawket send eth dst=broadcast / arp target=198.18.0.2 -i eth0 --allow broadcast\n", [this] { return run_send(send_); });
    c->add_option("-r,--read", send_.file, "Send the packets of a capture file instead")->type_name("FILE");
    c->add_option("--repeat", send_.repeat, "Send each packet this many times")->type_name("N")->check(CLI::PositiveNumber);
    add_plan(c, send_);
  }
  void add_replay() {
    auto* c = command("replay", "Send the packets of a capture again, at their own times, by a plan that is linted and limited",
                      "  rawket replay capture.pcapng -i eth0 --dry-run\n  rawket lab run -- rawket replay capture.pcapng -i eth0 --speed 2 --allow forged,fast\n"
                      "  rawket lab run -- rawket replay capture.pcapng -i eth0 --rate 10Mbit --loop 3 --rewrite ip.dst=198.18.0.2 --allow fast\n", [this] { return run_replay(replay_); });
    c->add_option("file", replay_.file, "The capture; - is standard input")->type_name("FILE")->required();
    c->add_option("--speed", replay_.speed, "Of the capture's own times: 2 is twice as fast")->type_name("X")->check(CLI::Range(1e-6, 1e9));
    c->add_option("--loop", replay_.repeat, "Send all of it this many times")->type_name("N")->check(CLI::PositiveNumber);
    repeated(c->add_option("--rewrite", replay_.rewrite, "Change a field of each packet that has it, with its checksums; may be given several times")->type_name("FIELD=VALUE"));
    add_sending(c, replay_);
  }
  void add_ask() {
    auto* c = command("ask", "Send packets and match their answers",
                      "  rawket lab run -- rawket ask ip dst=198.18.0.2 / icmp\n  rawket lab run -- rawket ask ip dst=198.18.0.2 / tcp dport=20-25 flags=S\n", [this] { return run_ask(ask_); });
    c->add_option("--timeout", ask_.timeout, "How long to wait for answers")->type_name("TIME");
    c->add_option("--retry", ask_.retries, "How often to ask again")->type_name("N")->check(CLI::Range(0u, 100u));
    add_plan(c, ask_);
  }
  void add_facts() {
    auto* d = command("doctor", "Check rights, kernel and interfaces, and say what will work",
                      "  rawket doctor\n  rawket doctor -o json\n", [this] { return run_doctor(doctor_); });
    d->add_option("-o,--output", doctor_.format, "text or json")->type_name("FORM")->check(CLI::IsMember({"text", "json"}));
    auto* i = command("iface", "List interfaces, addresses, and what distorts captures on them",
                      "  rawket iface\n  rawket iface eth0 -o json\n", [this] { return run_iface(iface_); });
    i->add_option("names", iface_.words, "Only these interfaces")->type_name("NAME");
    i->add_option("-o,--output", iface_.format, "text or json")->type_name("FORM")->check(CLI::IsMember({"text", "json"}));
  }
  void add_fields() {
    auto* c = command("fields", "List protocols and fields, or draw one protocol's header",
                      "  rawket fields\n  rawket fields tcp\n  rawket fields tcp.flags\n  rawket fields -o json\n", [this] { return run_fields(fields_); });
    c->add_option("words", fields_.words, "A protocol, a field, or a part of a name")->type_name("NAME");
    c->add_option("-o,--output", fields_.format, "text, json or md")->type_name("FORM")->check(CLI::IsMember({"text", "json", "md"}));
  }
  void add_lab() {
    CLI::App* lab = app_.add_subcommand("lab", "A network of your own: hosts in namespaces, without root, that no packet can leave");
    lab->require_subcommand(1);
    lab->footer("Examples:\n  rawket lab demo\n  rawket lab run -- rawket ask ip dst=198.18.0.2 / icmp\n  rawket lab run --hosts 5 -- ip address\n");
    auto add = [&](const char* name, const char* what, std::function<int()> run) {
      CLI::App* c = lab->add_subcommand(name, what);
      c->callback([this, run = std::move(run)] {
        if (!run_) run_ = run;
      });
      return c;
    };
    auto* demo = add("demo", "The four steps of raw sockets, live: create, rights, receive, send", [this] { return run_demo(lab_); });
    demo->add_option("-w,--write", lab_.write, "Where the packets of the demo are kept")->type_name("FILE")->capture_default_str();
    demo->add_option("--color", lab_.color, "auto, always or never")->type_name("WHEN");
    demo->footer("Example:\n  rawket lab demo -w demo.pcapng\n");
    auto* run = add("run", "Run a command on a host of a lab (h1, unless --host says otherwise)", [this] { return run_lab(lab_); });
    run->footer("Examples:\n  rawket lab run -- rawket ask ip dst=198.18.0.2 / icmp\n  rawket lab run --hosts 3 --host 2 -- ip -brief address\n  rawket lab run chain 4 -- rawket trace h2\n");
    auto* shell = add("shell", "A shell on a host of a lab", [this] { return run_lab_shell(lab_); });
    shell->footer("Examples:\n  rawket lab shell\n  rawket lab shell ecmp 4 --host in\n");
    for (CLI::App* c : {run, shell}) {
      c->add_option("--hosts", lab_.hosts, "How many hosts at one switch, where no topology is named")->type_name("N")->check(CLI::Range(1u, 64u));
      c->add_option("--host", lab_.host, "Where it runs: a name or a number")->type_name("HOST");
      repeated(c->add_option("--on", lab_.on, "'HOST: COMMAND' is run there first, through a shell; with & at its end it goes on. May be given several times")->type_name("TEXT"));
      c->add_flag("--real-root", lab_.real_root, "For root: without a user namespace, so that programs can be loaded into the kernel (--engine xdp, live-frames)");
      c->add_option("topology", lab_.words, "See lab list; or a TOML file. What stands behind -- is the command")->type_name("TOPOLOGY");
    }
    add("list", "The topologies there are", [] { return run_lab_list(); });
    auto* show = add("show", "Draw a topology, with its addresses", [this] { return run_lab_show(lab_); });
    show->add_option("topology", lab_.words, "See lab list; or a TOML file")->type_name("TOPOLOGY");
    show->footer("Examples:\n  rawket lab show chain 4\n  rawket lab show my.toml\n");
  }

  void add_hidden() {
    command("sandbox-trial", "Try what must be refused once a capture runs", "  rawket sandbox-trial\n", [] { return run_sandbox_trial(); })->group("");
  }

  std::string help() const {
    for (const CLI::App* c : app_.get_subcommands()) {
      for (const CLI::App* inner : c->get_subcommands()) return inner->help("rawket lab");
      return c->help("rawket");
    }
    return app_.help();
  }
  static int print(const std::string& text) {
    Output out;
    out.text().append(text);
    return out.exit_code(ok);
  }
  static std::vector<std::string_view> command_names(const CLI::App& app) {
    std::vector<std::string_view> names;
    for (const CLI::App* c : app.get_subcommands([](const CLI::App* a) { return !a->get_group().empty(); })) names.push_back(c->get_name());
    return names;
  }
  /// One clear message, naming the nearest right word.
  int wrong(const CLI::ParseError& e, int argc, char** argv) const {
    const auto used = app_.get_subcommands();
    const CLI::App& parent = used.empty() ? app_ : *used.front();
    const int depth = used.empty() ? 1 : 2;
    const std::vector<std::string_view> names = command_names(parent);
    if (!names.empty() && parent.get_subcommands().empty() && argc > depth && argv[depth][0] != '-') {
      const std::string word = clean_text(argv[depth]);
      complain("there is no command '" + word + "'" + did_you_mean(word, names) + "\n  rawket " + (used.empty() ? "" : "lab ") + "--help lists the commands");
      return usage;
    }
    const std::string name = used.empty() ? "" : used.front()->get_name();
    std::string text = clean_text(e.what());
    if (e.get_name() == "ExtrasError" || text.find("not expected") != std::string::npos) {
      for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (!word.starts_with('-') || word == "-" || word == "--" || used.empty()) continue;
        const std::string bare(word.substr(0, word.find('=')));
        const bool glued = bare.size() > 2 && bare[1] != '-' && used.front()->get_option_no_throw(bare.substr(0, 2)) != nullptr;  // -p22
        if (glued || used.front()->get_option_no_throw(bare) != nullptr) continue;
        std::vector<std::string_view> options;
        for (const CLI::Option* o : used.front()->get_options())
          for (const std::string& l : o->get_lnames()) options.push_back(l);
        const std::string_view near = nearest(std::string_view(bare).substr(bare.find_first_not_of('-') == std::string::npos ? 0 : bare.find_first_not_of('-')), options);
        text = "there is no option '" + clean_text(bare) + "'" + (near.empty() ? "" : "; did you mean '--" + std::string(near) + "'?");
        break;
      }
    }
    complain((name.empty() ? "" : name + ": ") + text + "\n  rawket " + (name.empty() ? "" : name + " ") + "--help shows examples");
    return usage;
  }

  CLI::App app_{"rawket: raw sockets made right. Create, receive, explain, build and send packets, with care.", "rawket"};
  std::function<int()> run_;
  bool ignored_ = false;
  ReadOptions read_;
  CaptureOptions capture_;
  FilterOptions filter_;
  FlowsOptions flows_;
  StreamsOptions streams_;
  StatsOptions stats_;
  DiffOptions diff_;
  CraftOptions craft_;
  ExplainOptions explain_;
  LintOptions lint_;
  SendOptions send_, replay_, ask_;
  InspectionWords inspections_{[this](const char* name, const char* what, const char* examples, std::function<int()> run) { return command(name, what, examples, std::move(run)); },
                               [this](CLI::App* c, SendOptions& plan) { add_policy(c, plan); }};
  FactsOptions doctor_, iface_;
  FieldsOptions fields_;
  LabOptions lab_;
};

}  // namespace

int run_command_line(int argc, char** argv) {
  CommandLine commands;
  return commands.run(argc, argv);
}

}  // namespace rawket::cli
