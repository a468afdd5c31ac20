// rawket scan on the real kernel of a lab: a host with listeners, counted.
#include <gtest/gtest.h>

#include <algorithm>

#include "json_check.hpp"
#include "tool.hpp"

namespace rawket::test {
namespace {

class ScanCommandLine : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!no_lab().empty()) GTEST_SKIP() << no_lab();
  }
  /// Scans this host itself, where somebody listens at 20 ports from 2000 on, in both families.
  static Outcome scan(const std::string& words) {
    return run_in_lab("python3 -c 'import socket, time\nall = []\nfor p in range(2000, 2020):\n  s = socket.socket(socket.AF_INET6)\n  s.bind((\"::\", p))\n  s.listen(9)\n  all.append(s)\nprint(\"ready\", flush=True)\ntime.sleep(15)' >/dev/null & p=$!; "
                      "for i in $(seq 100); do ss -ltn 2>/dev/null | grep -q :2019 && break; sleep 0.05; done; rawket scan " + words + "; code=$?; kill $p; exit $code");
  }
};

TEST_F(ScanCommandLine, finds_all_that_is_open_in_both_families) {
  for (const std::string host : {"127.0.0.1", "::1"}) {
    const Outcome o = scan(host + " -n -p 1990-2040 -o json --all");
    EXPECT_EQ(o.code, 0) << o.err;
    ASSERT_EQ(o.lines().size(), 52u) << o.out << o.err;
    const auto all = json_object(o.last_line());
    EXPECT_EQ(all.at("open"), "20") << o.last_line();
    EXPECT_EQ(all.at("closed"), "31") << o.last_line();
    EXPECT_EQ(all.at("sent"), "51");
    EXPECT_EQ(all.at("seen_leaving"), "51") << o.last_line();
    EXPECT_EQ(all.at("recall_at_least"), "100.00");
  }
}

TEST_F(ScanCommandLine, tells_closed_unanswered_and_refused_by_their_reasons) {
  const Outcome closed = run_in_lab("rawket scan -n h2 -p 22,80 --all");
  EXPECT_EQ(closed.code, 1) << "nothing is open";
  EXPECT_NE(closed.out.find("80/tcp closed: reset"), std::string::npos) << closed.out;
  const Outcome udp = run_in_lab("rawket scan -n 198.18.0.2 --udp -p 53 --all");
  EXPECT_NE(udp.out.find("53/udp closed: port unreachable"), std::string::npos) << udp.out;
  const Outcome nobody = run_in_lab("rawket scan -n 198.18.0.99 -p 80 --timeout 100ms");
  EXPECT_EQ(nobody.code, 1);
  EXPECT_NE(nobody.out.find("1 without an answer"), std::string::npos) << nobody.out;
  const Outcome away = run_shell("rawket lab run chain 1 -- rawket scan -n 198.18.1.77 -p 80 --all --timeout 4s --passes 1");
  EXPECT_NE(away.out.find("80/tcp filtered: ICMP: unreachable"), std::string::npos) << away.out << away.err;
}

TEST_F(ScanCommandLine, needs_what_its_plan_says_and_records_what_left) {
  EXPECT_EQ(run_in_lab("rawket scan h2 -p 1-65535").code, 2) << "three times as many packets as the budget";
  EXPECT_EQ(run_in_lab("rawket scan h2 -p 80 --never-to 198.18.0.0/15 -4").code, 2);
  EXPECT_EQ(run_in_lab("rawket scan h2 -p 80-22").code, 2);
  EXPECT_EQ(run_in_lab("rawket scan 198.18.0.0/8").code, 2);
  Folder folder;
  const Outcome fast = run_in_lab("rawket scan h2 -p 1-65535 --rate max --allow fast,many --record " + folder.path("left.pcapng") + "; rawket read " + folder.path("left.pcapng") + " --count");
  EXPECT_NE(fast.out.find("65535 closed"), std::string::npos) << fast.out << fast.err;
  EXPECT_GE(std::stoul(fast.last_line()), 65535u);
}

TEST_F(ScanCommandLine, tells_what_other_flags_tell) {
  const LabServer server = LabServer::on_port(80);
  for (const std::string host : {"198.18.1.2", "2001:db8:0:1::2"}) {
    const auto by = [&](const std::string& kind) {
      return run_shell("rawket lab run firewalled " + server.on("h2") + " -- rawket scan " + host +
                       " -p 22,23,25,80 --all --timeout 150ms --passes 1 -o json --by " + kind);
    };
    const auto verdict = [](const Outcome& o, int port) {
      for (const std::string& line : o.lines())
        if (line.find("\"port\":" + std::to_string(port) + ",") != line.npos) return json_object(line).at("verdict");
      return std::string("none");
    };
    const Outcome ack = by("ack");
    EXPECT_EQ(verdict(ack, 80), "\"unfiltered\"") << ack.out << ack.err;
    EXPECT_EQ(verdict(ack, 22), "\"unfiltered\"") << "whether something listens is not told";
    EXPECT_EQ(verdict(ack, 25), "\"filtered\"");
    for (const std::string kind : {"null", "fin", "xmas"}) {
      const Outcome o = by(kind);
      EXPECT_EQ(verdict(o, 22), "\"closed\"") << kind << o.out << o.err;
      EXPECT_EQ(verdict(o, 80), "\"no-answer\"") << kind << ": what listens is silent";
      EXPECT_EQ(verdict(o, 25), "\"filtered\"") << kind;
    }
  }
}

TEST_F(ScanCommandLine, asks_udp_services_what_they_answer) {
  // A server that answers only a question for the root's name servers.
  Folder f;
  const LabServer server("s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)\ns.setsockopt(41, 26, 0)\ns.bind(('::', 53))\nready()\nwhile True:\n  q, a = s.recvfrom(999)\n  if q[12:] == bytes([0, 0, 2, 0, 1]): s.sendto(q[:2] + bytes([0x81, 0x80]) + q[4:], a)");
  for (const std::string host : {"198.18.0.2", "2001:db8::2"}) {
    const Outcome o = run_shell("rawket lab run " + server.on("h2") + "-- rawket scan " + host + " -n --udp -p 53,123 --all --timeout 200ms --record " + f.path("left.pcapng") + " && rawket lint " + f.path("left.pcapng") + "; rm " + f.path("left.pcapng"));
    EXPECT_NE(o.out.find("53/udp open: a datagram came back"), std::string::npos) << o.out << o.err;
    EXPECT_NE(o.out.find("123/udp closed: port unreachable"), std::string::npos) << o.out << o.err;
    EXPECT_NE(o.err.find("0 findings"), std::string::npos) << "the questions are well made: " << o.err;
  }
}

TEST_F(ScanCommandLine, connects_without_any_right) {
  for (const std::string host : {"127.0.0.1", "::1"}) {
    const Outcome o = scan(host + " -n -p 1990-2040 -o json --all --by connect");
    EXPECT_EQ(o.code, 0) << o.err;
    ASSERT_EQ(o.lines().size(), 52u) << o.out << o.err;
    const auto all = json_object(o.last_line());
    EXPECT_EQ(all.at("open"), "20") << o.last_line();
    EXPECT_EQ(all.at("closed"), "31") << o.last_line();
    EXPECT_EQ(all.count("seen_leaving"), 0u) << "nobody saw them";
    const Outcome without = run_in_lab("setpriv --bounding-set=-net_raw --inh-caps=-net_raw rawket scan " + host + " -p 2019,2020 -n --all");
    EXPECT_NE(without.err.find("no right for raw sockets, so the kernel connects"), std::string::npos) << without.err;
    EXPECT_NE(without.out.find("2019/tcp closed: connection refused"), std::string::npos) << without.out;
  }
  const Outcome away = run_shell("rawket lab run firewalled -- rawket scan -n 198.18.1.2 -p 22,25 --all --by connect -o json");
  EXPECT_NE(away.out.find("\"port\":22,\"verdict\":\"closed\",\"reason\":\"connection refused\""), std::string::npos) << away.out << away.err;
  EXPECT_NE(away.out.find("\"port\":25,\"verdict\":\"filtered\""), std::string::npos) << away.out << away.err;
  const Outcome nobody = run_shell("rawket lab run chain 1 -- rawket scan -n 198.18.0.77 198.18.1.77 -p 80 --all --by connect --timeout 4s --passes 1 -o json");
  EXPECT_NE(nobody.out.find("\"198.18.0.77\",\"port\":80,\"verdict\":\"no-answer\""), std::string::npos) << "that this machine finds no neighbour is no answer: " << nobody.out << nobody.err;
  EXPECT_NE(nobody.out.find("\"198.18.1.77\",\"port\":80,\"verdict\":\"filtered\""), std::string::npos) << "a router said so: " << nobody.out << nobody.err;
  EXPECT_EQ(run_in_lab("rawket scan h2 -p 80 --by connect --record x.pcap; code=$?; rm -f x.pcap; exit $code").code, 2) << "these packets are the kernel's";
}

TEST_F(ScanCommandLine, goes_on_where_it_was_interrupted) {
  Folder f;
  const std::string state = f.path("state"), options = " --rate 1000 --resume " + state, words = "rawket scan h2 -4 -n -p 1-2000" + options;
  const Outcome o = run_in_lab(words + " & sleep 0.5; kill -INT $!; wait $!; echo first $?; cp " + state + " " + f.path("kept") + "; " + "rawket scan h2 -4 -n -p 1-2001" + options + "; echo other $?; " + words +
                               " -o json; stat -c 'left %s' " + state + "; head -c 300 " + f.path("kept") + " > " + state + "; " + words + "; echo cut $?");
  EXPECT_NE(o.out.find("first 6"), std::string::npos) << o.out << o.err;
  EXPECT_NE(o.err.find("the same command goes on from here"), std::string::npos) << o.err;
  EXPECT_NE(o.out.find("other 2"), std::string::npos) << "of another scan it says nothing: " << o.out << o.err;
  EXPECT_NE(o.out.find("left 0"), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("cut 2"), std::string::npos) << o.out << o.err;
  for (const std::string& line : o.lines())
    if (line.find("summary") != line.npos) {
      EXPECT_EQ(json_object(line).at("closed"), "2000") << line;
      EXPECT_LT(std::stoul(json_object(line).at("sent")), 2300u) << "few were asked twice: " << line;
    }
}

TEST_F(ScanCommandLine, takes_targets_and_ports_in_every_way_they_are_written) {
  Folder f;
  const std::string file = f.write("targets", "# two\n198.18.0.3 h2\n198.18.0.3\n"), lab = "rawket lab run lan 4 -- ", options = " -4 -n --all -p ";
  const auto count = [](const Outcome& o) { return std::count(o.out.begin(), o.out.end(), '\n') - 3; };
  EXPECT_EQ(count(run_shell(lab + "rawket scan 198.18.0.2-4" + options + "9")), 3);
  EXPECT_EQ(count(run_shell(lab + "rawket scan 2001:db8::2-2001:db8::4 -n --all -p 9 --exclude 2001:db8::3-2001:db8::3")), 2);
  EXPECT_EQ(count(run_shell(lab + "rawket scan --targets " + file + options + "9,10")), 4) << "each once";
  EXPECT_EQ(count(run_shell("echo h2 h3 | " + lab + "rawket scan --targets -" + options + "9")), 2);
  const Outcome own = run_shell(lab + "rawket scan 198.18.0.1-3" + options + "9");
  EXPECT_EQ(count(own), 2) << own.out << own.err;
  EXPECT_NE(own.err.find("198.18.0.1 is this machine's own address"), std::string::npos) << own.err;
  EXPECT_EQ(count(run_shell(lab + "prlimit --nproc=1:1 rawket scan h2 --rate max --allow fast" + options + "1-2000")), 2000) << "also where no thread may be started";
  EXPECT_EQ(count(run_shell(lab + "rawket scan h2 h3 --exclude 198.18.0.3 -6 -n --all -p 9")), 1) << "one that is left out by an address is not asked by another";
  EXPECT_EQ(count(run_shell("echo 198.18.0.2-3 h4 | " + lab + "rawket scan --targets - -n --all -p 9")), 3) << "names take the family of the numbers";
  const Outcome several = run_shell("rawket lab run chain 2 --host r1 -- rawket scan 198.18.0.1 198.18.2.2 -n -p 9");
  EXPECT_EQ(several.code, 2) << several.out << several.err;
  const Outcome some = run_shell("rawket lab run chain 2 --host r1 -- rawket scan 198.18.9.9 198.18.0.1 -n --all -p 9");
  EXPECT_EQ(some.code, 1) << some.err;
  EXPECT_EQ(count(some), 1) << some.out << some.err;
  const Outcome udp = run_shell(lab + "rawket scan 198.18.0.1 --udp -n --all -p 9");
  EXPECT_NE(udp.out.find("9/udp closed: port unreachable"), std::string::npos) << udp.out;
  const Outcome cut = run_shell(lab + "timeout --preserve-status -s INT 0.4 rawket scan h2 -n -p 1-1000 --rate 500 -o json");
  EXPECT_EQ(json_object(cut.last_line()).at("recall_at_least"), "null") << cut.out << cut.err;
  const Outcome excluded = run_shell(lab + "rawket scan h2 h3 --exclude h3,198.18.5.1-200" + options + "9");
  EXPECT_EQ(count(excluded), 1) << excluded.out;
  EXPECT_EQ(std::count(excluded.err.begin(), excluded.err.end(), '\n'), 1) << excluded.err;
  const Outcome one = run_shell(lab + "rawket scan h2 nobody.invalid" + options + "9");
  EXPECT_EQ(one.code, 1) << "one of two is not known";
  EXPECT_EQ(count(one), 1) << one.out << one.err;
  for (const std::string wrong : {"198.18.0.9-2 -p 9", "198.18.0.2-2001:db8::9 -p 9", "h2 80", "-p 9", "h2 -p no-such-service", "0.0.0.0-9.0.0.0 -p 9", "nobody.invalid -p 9"}) EXPECT_EQ(run_shell(lab + "rawket scan " + wrong).code, 2) << wrong;
  if (run_shell("grep -q '^https.*443/tcp' /etc/services").code != 0) return;
  EXPECT_NE(run_shell(lab + "rawket scan h2" + options + "HTTPS,9").out.find(" 443/tcp"), std::string::npos);
}

TEST_F(ScanCommandLine, names_the_hosts_that_are_open_unless_told_not_to) {
  const LabServer server = LabServer::on_port(80);
  const std::string lab = "rawket lab run lan 3 " + server.on("h2") + "-- rawket scan h2 h3 -p 80 ";
  for (const std::string family : {"-4 ", "-6 "}) {
    const std::string h2 = family == "-4 " ? "198.18.0.2" : "2001:db8::2";
    const Outcome text = run_shell(lab + family);
    EXPECT_NE(text.out.find(h2 + " is h2\n"), std::string::npos) << text.out << text.err;
    EXPECT_EQ(text.out.find("is h3"), std::string::npos) << "nothing is open there: " << text.out;
    EXPECT_NE(run_shell(lab + family + "-o json").out.find("{\"event\":\"name\",\"address\":\"" + h2 + "\",\"name\":\"h2\"}\n"), std::string::npos);
    EXPECT_EQ(run_shell(lab + family + "-n").out.find(" is h2"), std::string::npos);
  }
}

TEST_F(ScanCommandLine, leaves_out_what_is_excluded) {
  Folder f;
  const std::string file = f.write("exclude", "# those of the office\n198.18.0.2/32 198.18.0.6\n");
  const Outcome o = run_shell("rawket lab run lan 3 -- rawket scan 198.18.0.0/29 -p 9 --dry-run --exclude 198.18.0.3,198.18.0.4/31 --exclude-file " + file);
  EXPECT_EQ(o.lines().size(), 2u) << "nor is this machine itself among them: " << o.out << o.err;
  for (const char* gone : {"198.18.0.2 ", "198.18.0.3 ", "198.18.0.5 ", "198.18.0.6 "}) EXPECT_EQ(o.out.find(std::string("> ") + gone), std::string::npos) << gone << o.out;
  EXPECT_EQ(run_in_lab("rawket scan h2 -4 -p 9 --exclude h2").code, 2) << "nothing is left";
  EXPECT_EQ(run_in_lab("rawket scan h2 -4 -p 9 --exclude 198.18.0.0/44").code, 2) << "no prefix";
  const Outcome found = run_shell("rawket lab run lan 4 -- rawket discover -4 --exclude h3 --timeout 100ms --rate 1000");
  EXPECT_EQ(found.out.find("198.18.0.3 "), std::string::npos) << found.out << found.err;
  EXPECT_NE(found.out.find("198.18.0.4 "), std::string::npos) << found.out << found.err;
}

TEST_F(ScanCommandLine, tells_what_services_say) {
  Folder f;
  const std::string pem = f.path("h2.pem");
  if (run_shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout " + pem + " -out " + pem + ".crt -days 99 -subj /CN=common.example -addext subjectAltName=DNS:h2.example,DNS:*.example").code != 0)
    GTEST_SKIP() << "openssl is not installed";
  const LabServer server(
      "import ssl, threading\nall = []\ndef listen(port, serve):\n  s = socket.socket(socket.AF_INET6)\n  s.setsockopt(41, 26, 0)\n  s.bind(('::', port))\n  s.listen()\n  def run():\n    while True: serve(s.accept()[0])\n"
      "  threading.Thread(target=run).start()\nc = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\nc.load_cert_chain('" + pem + ".crt', '" + pem + "')\n"
      "def tls(s):\n  try: all.append(c.wrap_socket(s, server_side=True))\n  except OSError: pass\n"
      "def http(s): s.send(b'HTTP/1.0 200 OK\\r\\nServer: tiny for ' + s.recv(99)[-6:-4] + b'\\r\\n\\r\\n'), all.append(s)\n"
      "listen(443, tls)\nlisten(22, lambda s: (s.send(b'SSH-2.0-x\\x1b[31m\\r\\n'), all.append(s)))\nlisten(80, http)\nlisten(993, lambda s: (s.send(b'no TLS at all\\n'), all.append(s)))\n"
      "def silent(s): all.append(s) if s.recv(9) == b'' else s.send(b'asked')\nlisten(9100, silent)\nready()\ntime.sleep(19)\nos._exit(0)");
  for (const std::string family : {"-4", "-6"}) {
    const Outcome o = run_shell("rawket lab run " + server.on("h2") + "-- rawket scan h2 " + family + " -n -p 21-23,80,443,993,9100 --banner");
    EXPECT_EQ(o.code, 0) << o.err;
    EXPECT_NE(o.out.find("22/tcp says: SSH-2.0-x\\x1b[31m\n"), std::string::npos) << "no bytes of its own reach a terminal: " << o.out << o.err;
    EXPECT_NE(o.out.find("80/tcp says: HTTP/1.0 200 OK; Server: tiny for h2\n"), std::string::npos) << o.out << o.err;
    EXPECT_NE(o.out.find("443/tcp says: TLSv1.3, certificate of h2.example, *.example, until 20"), std::string::npos) << o.out << o.err;
    EXPECT_EQ(o.out.find("993/tcp says"), std::string::npos) << o.out;
    EXPECT_EQ(o.out.find("9100/tcp says"), std::string::npos) << "it is not asked: " << o.out;
  }
}

TEST_F(ScanCommandLine, follows_a_narrow_link) {
  const Outcome o = run_shell("rawket lab run pair rate=2Mbit queue=50 -- rawket scan h2 -4 -n -p 1-8000 --rate max --allow fast -o json");
  ASSERT_FALSE(o.lines().empty()) << o.err;
  const auto all = json_object(o.last_line());
  EXPECT_EQ(all.at("closed"), "8000") << o.out << o.err;
  EXPECT_GE(std::stoul(all.at("slowed")), 1u) << o.out << o.err;
  EXPECT_LE(std::stoul(all.at("sent")), 11000u) << "few had to be asked again: " << o.out;
}

}  // namespace
}  // namespace rawket::test
