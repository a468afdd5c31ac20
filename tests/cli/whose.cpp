// Packets of one command, and the processes that packets belong to.
#include <gtest/gtest.h>

#include "json_check.hpp"
#include "tool.hpp"

namespace rawket::test {
namespace {

class Whose : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!no_lab().empty()) GTEST_SKIP() << no_lab();
    folder.write("server.py", "import socket\ns = socket.socket()\ns.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\ns.bind(('127.0.0.1', 8080))\ns.listen()\nprint('ready', flush=True)\n"
                              "while True:\n    c, _ = s.accept()\n    c.recv(100)\n    c.sendall(b'hello')\n    c.close()\n");
    folder.write("client.py", "import socket, sys, time, threading\nt = socket.create_connection(('127.0.0.1', 8080))\nt.sendall(b'x')\nt.recv(9)\ntime.sleep(float(sys.argv[1]))\nt.close()\n"
                              "def late():\n    u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n    u.sendto(b'udp', ('127.0.0.1', 9))\n"
                              "thread = threading.Thread(target=late)\nthread.start()\nthread.join()\nprint(t.fileno() < 0, flush=True)\nsys.exit(3)\n");
  }
  Outcome in_lab(const std::string& script) const {
    return run_in_lab("cd " + folder.path("") + "; python3 server.py >up & server=$!; for i in $(seq 100); do grep -q ready up && break; sleep 0.05; done; " + script + "; kill $server");
  }
  Folder folder;
};

TEST_F(Whose, a_command_is_captured_with_just_its_packets_and_its_exit_code) {
  const Outcome o = in_lab("(for i in 1 2 3 4 5 6; do python3 client.py 0; done) >/dev/null & rawket capture -i lo -w run.pcapng --run -- python3 client.py 0.3; echo code $?; wait %2; "
                           "rawket read run.pcapng -o fields:tcp.srcport,tcp.dstport,udp.srcport,icmp.type");
  EXPECT_NE(o.out.find("code 3"), std::string::npos) << o.out << o.err;
  // One connection, one datagram, and the error that answers it.
  std::string client;
  unsigned tcp = 0, udp = 0;
  for (const std::string& line : o.lines()) {
    if (line.find('\t') == std::string::npos) continue;
    const std::string source = line.substr(0, line.find('\t')), rest = line.substr(line.find('\t') + 1), destination = rest.substr(0, rest.find('\t'));
    if (source.empty()) {
      ++udp;
      continue;
    }
    ++tcp;
    const std::string port = source == "8080" ? destination : source;
    if (client.empty()) client = port;
    EXPECT_EQ(port, client) << "of another process\n" << o.out;
  }
  EXPECT_GE(tcp, 7u) << o.out << o.err;
  EXPECT_EQ(udp, 2u) << o.out;
}

TEST_F(Whose, what_a_command_leaves_in_the_background_can_still_use_its_sockets) {
  const Outcome o = in_lab("rawket capture -i lo --for 5s --process --run -- sh -c '(sleep 0.6; python3 client.py 0; echo background $? >bg) & exit 4'; echo code $?; "
                          "for i in $(seq 100); do [ -s bg ] && break; sleep 0.1; done; cat bg");
  EXPECT_NE(o.out.find("code 4"), std::string::npos) << o.out << o.err;
  EXPECT_NE(o.out.find("background 3"), std::string::npos) << o.out << o.err;
}

TEST_F(Whose, commands_that_are_not_there_and_words_that_are_missing_are_told) {
  EXPECT_EQ(run_in_lab("rawket capture -i lo --run -- no-such-command").code, 2);
  const Outcome folder_run = run_in_lab("rawket capture -i lo --run -- /tmp");
  EXPECT_EQ(folder_run.code, 127);
  EXPECT_NE(folder_run.err.find("cannot be started"), std::string::npos) << folder_run.err;
  EXPECT_EQ(run_in_lab("rawket capture -i lo -w - --run -- true").code, 2);
  const Outcome o = run_in_lab("rawket capture -i lo --run");
  EXPECT_EQ(o.code, 2);
  EXPECT_NE(o.err.find("--run --"), std::string::npos) << o.err;
}

TEST_F(Whose, processes_are_told_in_text_in_json_and_in_the_file) {
  const Outcome o = in_lab("rawket capture -i lo -w p.pcapng --print -o json --process tcp 2>err >out & p=$!; for i in $(seq 100); do grep -q 'Ctrl-C' err && break; sleep 0.05; done; python3 client.py 0.5 >/dev/null; sleep 0.2; "
                           "kill -INT $p; wait $p; head -1 out; rawket read p.pcapng -o tree | grep comment: | sort | uniq -c | sort -rn | head -1");
  ASSERT_GE(o.lines().size(), 2u) << o.out << o.err;
  const auto first = json_object(o.line(0));
  EXPECT_EQ(first.at("process_name"), "\"python3\"") << o.line(0);
  EXPECT_GT(std::stoi(first.at("process")), 1);
  EXPECT_NE(o.line(1).find("comment: process python3 ("), std::string::npos) << o.out;
}

}  // namespace
}  // namespace rawket::test
