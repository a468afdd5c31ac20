// The article's four steps, live: create, rights, receive, send.
#include "demo_steps.hpp"

#include <csignal>

#include "output.hpp"
#include "rawket/host/privileges.hpp"
#include "rawket/io/packet_socket.hpp"
#include "rawket/io/raw_socket.hpp"
#include "rawket/packet/text.hpp"
#include "rawket/proto/ethernet.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/tcp.hpp"
#include "rawket/proto/udp.hpp"
#include "rawket/send/ask.hpp"
#include "stopping.hpp"

namespace rawket::cli {
namespace {

constexpr std::string_view article_hex =
    "4500002800004000" "40060000c0a80101c0a80102" "0014005000000000" "0000000000500220" "003f8b0000";

class Demo {
 public:
  explicit Demo(const DemoContext& context) : context_(context), text_({.time = TimeFormat::none, .color = context.color}) {}

  int run() {
    const Result<void> done = steps();
    out_.flush(true);
    return done ? ok : complain_and_exit(done.error());
  }

 private:
  struct Question {
    std::string what, words;
    std::optional<ApprovedPlan> plan{};
    std::optional<Asker> asker{};
  };

  Result<void> steps() {
    policy_ = RAWKET_TRY(default_policy());
    policy_.permitted.add(Need::faulty);
    if (auto r = create(); !r) return r;
    if (auto r = rights(); !r) return r;
    if (auto r = receive(); !r) return r;
    article();
    for (Question& q : questions_)
      if (auto r = ask(q); !r) return r;
    return finish();
  }

  void heading(std::string_view text) {
    out_.text().append('\n');
    if (context_.color) out_.text().append("\x1b[1;36m");
    out_.text().append(text);
    if (context_.color) out_.text().append("\x1b[0m");
    out_.text().append('\n');
  }
  void say(std::string_view text) { out_.text().append(text), out_.text().append('\n'), out_.flush(true); }
  void show(const Protocol& first, Bytes bytes, std::string_view indent, bool checksum_not_ready = false) {
    dissect(standard_registry(), first, bytes, dissection_);
    out_.text().append(indent);
    text_.line({.original_length = static_cast<u32>(bytes.size()), .checksum_not_ready = checksum_not_ready}, dissection_, out_.text());
  }

  // -- 1: every socket is opened before the rights are given up
  Result<void> create() {
    heading("1. Create");
    raw_ = RAWKET_TRY(RawSocket::open({.protocol = 6, .own_header = true, .interface = {}}));
    say("  socket(AF_INET, SOCK_RAW, IPPROTO_TCP) + IP_HDRINCL: TCP datagrams, and we write the IP header ourselves.\n"
        "  Without IP_HDRINCL the kernel would put a second IP header before the article's bytes.");
    ears_ = RAWKET_TRY(PacketSocket::open({.interface = "eth0"}));
    tap_ = RAWKET_TRY(PacketSocket::open({.interface = "eth0"}));
    say("  socket(AF_PACKET, SOCK_RAW): whole frames of eth0, in both directions, with the kernel's time stamps.");
    const std::string h2 = context_.hosts[1].ipv4.text(), h2v6 = context_.hosts[1].ipv6.text();
    questions_.push_back({"The repaired SYN, sent to h2, port 80, where a server listens:", "ip flags=2 dst=" + h2 + " / tcp sport=20 dport=80 flags=S window=8192"});
    questions_.push_back({"The same to port 81, where nobody listens:", "ip flags=2 dst=" + h2 + " / tcp sport=20 dport=81 flags=S window=8192"});
    questions_.push_back({"ICMP echo, IPv4 and IPv6:", "ip dst=" + h2 + " / icmp / text=ping"});
    questions_.push_back({"", "ipv6 dst=" + h2v6 + " / icmpv6 / text=ping"});
    questions_.push_back({"The article's SYN with its wrong checksum:", "ip flags=2 dst=" + h2 + " / tcp sport=20 dport=80 flags=S window=8192 checksum=0x8b3f"});
    for (Question& q : questions_) {
      const PlanOptions options{.interface = {}};
      auto recipe = RAWKET_TRY(Recipe::parse(standard_registry(), std::string_view(q.words)));
      auto plan = RAWKET_TRY(make_plan(std::move(recipe), options, policy_));
      q.plan = RAWKET_TRY(approve(std::move(plan), policy_));
      q.asker = RAWKET_TRY(Asker::open(*q.plan));
    }
    return {};
  }

  Result<void> rights() {
    heading("2. Rights");
    say("  Opening them needs CAP_NET_RAW and nothing else; here it counts only inside the lab.");
    if (auto r = drop_privileges(); !r) return r;
    const Privileges p = privileges();
    TextBuffer line;
    line.append("  Now all sockets are open, and everything is given up: effective capabilities 0x"), line.hex(p.effective, 1);
    line.append(p.no_new_privileges ? ", no_new_privs set. Only now is a packet looked at." : ".");
    say(line.view());
    return {};
  }

  Result<void> receive() {
    heading("3. Receive");
    say("  What h2 sends, one line each:");
    SystemClock clock;
    const Nanoseconds end = clock.now() + 2 * second;
    std::vector<u8> explained;
    bool offloaded = false;
    for (int shown = 0; shown < 4 && clock.now() < end;) {
      const auto batch = RAWKET_TRY(ears_->next(200 * millisecond));
      for (const CapturedPacket& p : batch) {
        if (p.info.direction == Direction::out || shown >= 4) continue;
        show(info<Ethernet>, p.bytes, "  ", p.info.checksum_not_ready);
        if (dissection_.find<Udp>() != nullptr) explained.assign(p.bytes.begin(), p.bytes.end()), offloaded = p.info.checksum_not_ready;
        ++shown;
      }
    }
    if (explained.empty()) return {};
    say("  The last datagram explained:");
    dissect(standard_registry(), info<Ethernet>, explained, dissection_);
    text_.tree({.original_length = static_cast<u32>(explained.size()), .checksum_not_ready = offloaded}, dissection_, out_.text());
    return {};
  }

  // -- 4: what the article sent, and what it should have been
  void article() {
    heading("4. Send");
    std::vector<u8> bytes;
    for (std::size_t i = 0; i + 1 < article_hex.size(); i += 2) bytes.push_back(static_cast<u8>(std::stoi(std::string(article_hex.substr(i, 2)), nullptr, 16)));
    say("  The article's 41 bytes, linted:");
    const LintContext context{.original_length = static_cast<u32>(bytes.size())};
    dissect(standard_registry(), info<Ipv4>, bytes, dissection_);
    for (const Fault& f : lint(dissection_, context)) {
      out_.text().append("  ");
      append_finding_text(out_.text(), 1, f);
      out_.text().append('\n');
    }
    const Repaired r = repair(standard_registry(), info<Ipv4>, bytes, context);
    say("  Repaired, " + std::to_string(r.bytes.size()) + " bytes:");
    out_.text().append("  "), out_.text().hex(r.bytes), out_.text().append('\n');
    show(info<Ipv4>, r.bytes, "  ");
    say("  The lab has other addresses, so it is sent with those.");

  }

  Result<void> ask(Question& q) {
    if (!q.what.empty()) out_.text().append('\n'), say(q.what);
    const Packet packet = RAWKET_TRY(q.plan->plan().supply.make(0));
    show(packet.first_protocol(), packet.bytes(), "  > ");
    SystemClock clock;
    const auto report = RAWKET_TRY(q.asker->ask(*q.plan, {.timeout = 500 * millisecond, .retries = 0}, clock, nullptr, stop_requested, {}));
    for (const Answered& a : report.answered) {
      show(link_protocol(standard_registry(), static_cast<u16>(a.info.link_type)), a.bytes, "  < ", a.info.checksum_not_ready);
      out_.text().append("    "), out_.text().append(meaning()), out_.text().append(", after "), out_.text().decimal(static_cast<u64>(std::max<Nanoseconds>(a.round_trip, 0) / 1000)), out_.text().append(" us\n");
    }
    if (report.answered.empty()) say("  no answer, and none can come: h2's kernel drops a segment with a wrong checksum in silence");
    return {};
  }
  /// What the answer in `dissection_` says.
  std::string_view meaning() const {
    const auto t = dissection_.header<Tcp>();
    if (!t) return "the echo came back";
    if ((t->flags & Rst) != none) return "reset: nobody listens there";
    return "SYN-ACK: the port is open (our kernel, which knows of no connection, resets it)";
  }

  Result<void> finish() {
    while (true) {
      const auto batch = RAWKET_TRY(tap_->next(0));
      if (batch.empty()) break;
      for (const CapturedPacket& p : batch)
        if (auto r = context_.record->write(p); !r) return r;
    }
    if (auto r = context_.record->close(tap_->counters()); !r) return r;
    heading("Try next");
    const std::string h2 = context_.hosts[1].ipv4.text();
    say("  rawket read " + context_.record_name + "\n  rawket read " + context_.record_name + " 'tcp' -o tree\n"
        "  rawket lab run -- rawket ask ip dst=" + h2 + " / icmp\n  rawket craft ip dst=" + h2 + " / udp dport=53 / dns qname=example.com -o tree\n  rawket fields tcp");
    return {};
  }

  const DemoContext& context_;
  TextPrinter text_;
  Output out_;
  Dissection dissection_;
  Policy policy_;
  std::unique_ptr<RawSocket> raw_;
  std::unique_ptr<PacketSocket> ears_, tap_;
  std::vector<Question> questions_;
};

}  // namespace

int demo_on_host(void* argument) {
  stop_on_signals();
  return Demo(*static_cast<const DemoContext*>(argument)).run();
}

}  // namespace rawket::cli
