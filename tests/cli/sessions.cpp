// What packets mean together, on the command line: --reassemble, facts from other packets, --decode-as.
#include <gtest/gtest.h>

#include "json_check.hpp"
#include "tool.hpp"

namespace rawket::test {
namespace {

using Words = std::vector<std::string>;

TEST(reassemble, shows_a_datagram_in_the_packet_that_completes_it) {
  Folder f;
  const std::string file = f.craft("a.pcap", {"ip", "src=198.18.0.1", "dst=198.18.0.2", "id=7", "protocol=17", "flags=1", "fragment=0", "/", "hex=9c40003500180000616263646566676869"});
  // A fragment alone is shown as data, and told to be alone.
  const Outcome alone = run_tool({"read", file, "--reassemble"});
  EXPECT_EQ(alone.code, 0) << alone.err;
  EXPECT_EQ(alone.out.find("udp"), std::string::npos) << alone.out;
  EXPECT_NE(alone.err.find("1 datagrams never complete"), std::string::npos) << alone.err;
  EXPECT_NE(run_tool({"read", file}).out.find("udp 40000 > 53"), std::string::npos) << "as it is, without the option";
}

TEST(reassemble, shows_a_request_that_came_in_two_segments) {
  Folder f;
  const std::string file = f.craft("a.pcap", {"ip", "src=198.18.0.1", "dst=198.18.0.2", "/", "tcp", "sport=40000", "dport=80", "seq={100,116}", "flags=PA", "/", "text=GET / HTTP/1.1\r\n"});
  // The second segment says the same line again, which is a header field of no use: the request stays open.
  EXPECT_EQ(run_tool({"read", file, "--reassemble", "-Y", "http.request.method", "--count"}).out, "0\n");
  EXPECT_EQ(run_tool({"read", file, "-Y", "http.request.method", "--count"}).out, "2\n");
}

TEST(reassemble, knows_its_policies_and_what_it_cannot_do) {
  Folder f;
  const std::string file = f.craft("a.pcap", {"ip", "/", "udp"});
  for (const char* policy : {"left", "first", "last", "drop"}) EXPECT_EQ(run_tool({"read", file, "--reassemble", "--overlap", policy}).code, 0) << policy;
  const Outcome wrong = run_tool({"read", file, "--reassemble", "--overlap", "rigth"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_NE(wrong.err.find("none of left, first, last, drop"), std::string::npos) << wrong.err;
  const Outcome written = run_tool({"read", file, "--reassemble", "-w", f.path("b.pcap")});
  EXPECT_EQ(written.code, 2);
  EXPECT_NE(written.err.find("leave out -w"), std::string::npos) << written.err;
}

TEST(facts, are_told_in_trees_filters_and_columns) {
  Folder f;
  const std::string file = f.craft("a.pcap", {"ip", "src=198.18.0.1", "dst=198.18.0.2", "/", "tcp", "sport=40000", "dport=9", "seq={100,120,100}", "flags=PA", "/", "text=hello"});
  const Outcome tree = run_tool({"read", file, "-o", "tree"});
  EXPECT_NE(tree.out.find("tcp.analysis.lost_segment"), std::string::npos) << tree.out;
  EXPECT_EQ(run_tool({"read", file, "-Y", "tcp.analysis.lost_segment", "--count"}).out, "1\n");
  EXPECT_EQ(run_tool({"read", file, "-Y", "tcp.analysis.retransmission || tcp.analysis.out_of_order", "--count"}).out, "1\n");
  EXPECT_EQ(run_tool({"read", file, "-o", "fields:tcp.stream,tcp.analysis.lost_segment"}).out, "0\t\n0\t1\n0\t\n");
}

TEST(facts, find_the_question_of_an_answer) {
  Folder f;
  const std::string asked = f.craft("a.pcap", {"ip", "src=198.18.0.1", "dst=198.18.0.2", "/", "udp", "sport=40000", "dport=53", "/", "dns", "id=7", "qname=example.com"});
  const Outcome tree = run_tool({"read", asked, "-o", "tree"});
  EXPECT_EQ(tree.out.find("frame.answers"), std::string::npos) << "nothing was asked before";
  EXPECT_EQ(run_tool({"read", asked, "-Y", "frame.answers == 1", "--count"}).out, "0\n");
}

TEST(decode_as, takes_other_ports_for_a_protocol) {
  Folder f;
  const std::string file = f.craft("a.pcap", {"ip", "/", "udp", "sport=40000", "dport=9999", "/", "hex=0007010000010000000000000478797a7a0000010001"});
  EXPECT_EQ(run_tool({"read", file, "-Y", "dns", "--count"}).out, "0\n");
  const Outcome o = run_tool({"read", file, "--decode-as", "udp.port=9999,dns", "-o", "tree"});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_NE(o.out.find("dns.qry.name"), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("not as its ports say"), std::string::npos) << o.out;
  EXPECT_NE(run_tool({"stats", file, "--decode-as", "udp.port=9999,dns"}).out.find("dns"), std::string::npos);
  EXPECT_EQ(run_tool({"read", file, "--decode-as", "ip.proto=17,gre", "-Y", "gre", "--count"}).out, "1\n");
}

TEST(decode_as, tells_what_is_wrong_with_a_binding) {
  Folder f;
  const std::string file = f.craft("a.pcap", {"ip", "/", "udp"});
  for (const auto& [binding, message] : std::vector<std::pair<std::string, std::string>>{{"udp.port=9999", "no FIELD=NUMBER,PROTOCOL"}, {"udp.length=9,dns", "no protocol is chosen by 'udp.length'"},
                                                                                         {"udp.port=x,dns", "'x' is no number"}, {"udp.port=9,dsn", "did you mean 'dns'"}, {"", "no FIELD=NUMBER"}}) {
    const Outcome o = run_tool({"read", file, "--decode-as", binding});
    EXPECT_EQ(o.code, 2) << binding;
    EXPECT_EQ(o.out, "") << binding;
    EXPECT_NE(o.err.find(message), std::string::npos) << o.err;
  }
}

TEST(stats, tells_conversations_and_gives_one_table) {
  Folder f;
  const std::string file = f.craft("a.pcap", {"ip", "src=198.18.0.1", "dst=198.18.0.2", "/", "udp", "sport={7,8}", "dport=53", "/", "x"});
  EXPECT_NE(run_tool({"stats", file}).out.find("udp 198.18.0.1:7 > 198.18.0.2:53"), std::string::npos);
  const Outcome csv = run_tool({"stats", file, "-o", "csv"});
  EXPECT_EQ(csv.lines()[0], "kind,name,packets,bytes");
  EXPECT_NE(csv.out.find("\nconversation,udp 198.18.0.1:8 > 198.18.0.2:53,1,29\n"), std::string::npos) << csv.out;
  EXPECT_NE(csv.out.find("\nprotocols,raw:ip:udp,2,58\n"), std::string::npos) << csv.out;
}

}  // namespace
}  // namespace rawket::test
