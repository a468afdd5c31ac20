// What packets mean together, on the command line: --reassemble, facts from other packets, --decode-as.
#include <gtest/gtest.h>

#include <fstream>

#include "json_check.hpp"
#include "tool.hpp"

namespace rawket::test {
namespace {

using Words = std::vector<std::string>;

/// Several captures as one file, in this order.
std::string joined(Folder& f, const std::vector<Words>& crafted) {
  const std::string all = f.path("joined.pcap");
  std::string bytes;
  for (const Words& words : crafted) {
    std::ifstream in(f.craft("part.pcap", words), std::ios::binary);
    const std::string part{std::istreambuf_iterator<char>(in), {}};
    bytes += bytes.empty() ? part : part.substr(24);  // one file header is enough
  }
  std::ofstream(all, std::ios::binary) << bytes;
  return all;
}
Words fragment(const std::string& offset, const std::string& flags, const std::string& payload) {
  return {"ip", "src=198.18.0.1", "dst=198.18.0.2", "id=7", "protocol=17", "flags=" + flags, "fragment=" + offset, "/", "hex=" + payload};
}
Words segment(const std::string& sequence, const std::string& text, const std::string& flags = "PA") {
  return {"ip", "src=198.18.0.1", "dst=198.18.0.2", "/", "tcp", "sport=40000", "dport=80", "seq=" + sequence, "flags=" + flags, "/", "text=" + text};
}

TEST(reassemble, shows_a_datagram_in_the_packet_that_completes_it) {
  Folder f;
  const std::string two = joined(f, {fragment("0", "1", "9c40003500120000"), fragment("1", "0", "61626364656667686970")});
  const Outcome o = run_tool({"read", two, "--reassemble", "--number"});
  EXPECT_EQ(o.code, 0) << o.err;
  ASSERT_EQ(o.lines().size(), 2u);
  EXPECT_EQ(o.line(0).find("udp"), std::string::npos) << o.out;
  EXPECT_NE(o.line(1).find("udp 40000 > 53"), std::string::npos) << o.out;
  EXPECT_NE(o.err.find("2 fragments, 1 datagrams put together"), std::string::npos) << o.err;
  EXPECT_NE(run_tool({"read", two}).line(0).find("udp 40000 > 53"), std::string::npos) << "as it is, without the option";
  EXPECT_EQ(run_tool({"read", two, "--reassemble", "-o", "fields:ip.reassembled.length"}).out, "\n18\n");
}

TEST(reassemble, shows_a_request_that_came_in_two_segments) {
  Folder f;
  const std::string file = joined(f, {segment("100", "GET /a HTT"), segment("110", "P/1.1\r\n\r\n")});
  EXPECT_EQ(run_tool({"read", file, "--reassemble", "-o", "fields:n,http.request.uri,tcp.len"}).out, "1\t\t10\n2\t/a\t19\n");
  const std::string ended = joined(f, {segment("100", "GET /a HTTP/1.1\r\n"), segment("117", "Host: b", "FA")});
  EXPECT_EQ(run_tool({"read", ended, "--reassemble", "-o", "fields:n,http.request.uri"}).out, "1\t\n2\t/a\n") << "its sender has ended: no more comes";
  const Outcome open = run_tool({"read", joined(f, {segment("100", "GET /a HTTP/1.1\r\n")}), "--reassemble"});
  EXPECT_NE(open.err.find("1 messages without an end"), std::string::npos) << open.err;
}

TEST(reassemble, leaves_alone_what_the_snapshot_length_cut) {
  Folder f;
  const std::string file = joined(f, {segment("100", "GET /a HTTP/1.1\r\nHost: example.com\r\n\r\n")});
  EXPECT_EQ(run_tool({"read", file, "-s", "70", "--reassemble", "-o", "fields:http.request.uri"}).out, "/a\n");
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
  const std::string file = joined(f, {{"ip", "src=198.18.0.1", "dst=198.18.0.2", "/", "icmp", "/", "icmp_echo", "id=7", "seq=1"},
                                      {"ip", "src=198.18.0.2", "dst=198.18.0.1", "/", "icmp", "type=0", "/", "icmp_echo", "id=7", "seq=1"}});
  EXPECT_EQ(run_tool({"read", file, "-o", "fields:n,frame.answers"}).out, "1\t\n2\t1\n");
  EXPECT_EQ(run_tool({"read", file, "-Y", "frame.answers == 1", "--count"}).out, "1\n");
  // The same facts wherever a display filter is taken.
  EXPECT_EQ(run_tool({"filter", "frame.answers", file}).out.find("1 of 2 packets match") == std::string::npos, false);
  EXPECT_NE(run_tool({"stats", file, "-Y", "frame.answers"}).err.find("1 packets"), std::string::npos);
}

TEST(columns, know_the_head_of_a_packet_under_both_names) {
  Folder f;
  const std::string file = f.craft("a.pcap", {"ip", "/", "udp", "/", "x"});
  EXPECT_EQ(run_tool({"read", file, "-o", "fields:frame.number,frame.len,frame.protocols"}).out, run_tool({"read", file, "-o", "fields:n,len,layers"}).out);
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
  EXPECT_EQ(csv.line(0), "kind,name,packets,bytes");
  EXPECT_NE(csv.out.find("\nconversation,udp 198.18.0.1:8 > 198.18.0.2:53,1,29\n"), std::string::npos) << csv.out;
  EXPECT_NE(csv.out.find("\nprotocols,raw:ip:udp,2,58\n"), std::string::npos) << csv.out;
}

}  // namespace
}  // namespace rawket::test
