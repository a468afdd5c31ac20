// What a wrong command line gets: the right exit code, one clear message that names the word, nothing on standard output.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "tool.hpp"

namespace rawket::test {
namespace {

struct Wrong {
  std::vector<std::string> arguments;
  int code;
  std::string named;  ///< has to be in the message
};

const std::string good_ip = "4500001c000100004001ef92c6120001c61200020800f6fd00010001";

const Wrong wrong_lines[] = {
    // commands and options
    {{"raed"}, 2, "read"},
    {{"frobnicate"}, 2, "frobnicate"},
    {{"read", "--cout", "x.pcap"}, 2, "count"},
    {{"read", "x.pcap", "-c"}, 2, "--limit"},
    {{"scan", "-p22", "h2", "--open"}, 2, "there is no option '--open'"},
    {{"read", "x.pcap", "-Y", "tcp.dstpot == 80"}, 2, "tcp.dstport"},
    {{"filter"}, 2, "which filter"},
    {{"flows"}, 2, "of which file"},
    {{"streams"}, 2, "of which file"},
    {{"stats"}, 2, "of which file"},
    {{"diff", "45"}, 2, "second"},
    {{"diff", "-", "-"}, 2, "cannot be both"},
    {{"diff", "xyz", "45"}, 2, "no hex digit"},
    {{"stats", "/no/such/file"}, 4, "No such file"},
    {{"stats", "-i", "no-such-interface"}, 2, "no-such-interface"},
    {{"streams", "x", "--follow", "-1"}, 2, "-1"},
    {{"streams", "x", "--as", "html"}, 2, "html"},
    {{"flows", "/no/such/file"}, 4, "No such file"},
    {{"flows", "x", "--sort", "size"}, 2, "size"},
    {{"flows", "x", "-Y", "tcp.nothing"}, 2, "tcp.nothing"},
    {{"filter", "ip.src == 1.2.3"}, 2, "not an IPv4 address"},
    {{"filter", "ip", "/no/such/file"}, 4, "No such file"},
    {{"read", "x.pcap", "-c", "many"}, 2, "many"},
    {{"read", "x.pcap", "-c", "-5"}, 2, "-5"},
    {{"read", "x.pcap", "-s", "x"}, 2, "x"},
    {{"craft", "--outptu", "json"}, 2, "output"},
    {{"lab"}, 2, "lab"},
    {{"lab", "runn"}, 2, "runn"},
    {{"lab", "run"}, 2, "command"},
    {{"lab", "run", "--hosts", "0", "--", "true"}, 2, "hosts"},
    {{"lab", "run", "--hosts", "65", "--", "true"}, 2, "65"},
    {{"lab", "run", "--hosts", "two", "--", "true"}, 2, "two"},
    {{"lab", "run", "--host", "3", "--", "true"}, 2, "2 hosts"},
    {{"doctor", "-o", "xml"}, 2, "xml"},
    {{"iface", "-o", "yaml"}, 2, "yaml"},
    {{"iface", "nosuch0"}, 2, "nosuch0"},
    {{"fields", "tpc"}, 2, "tcp"},
    {{"fields", "-o", "pdf"}, 2, "pdf"},
    {{"fields", "no.such.field"}, 2, "no.such.field"},
    // files
    {{"read"}, 2, "which file"},
    {{"read", "/no/such/file.pcap"}, 4, "/no/such/file.pcap"},
    {{"read", "/"}, 4, "/"},
    {{"read", "/dev/null"}, 5, "/dev/null"},
    {{"read", "/etc/passwd"}, 5, "/etc/passwd"},
    {{"lint", "/no/such/file.pcap"}, 2, "/no/such/file.pcap"},
    {{"explain", "/no/such/file.pcap"}, 2, "/no/such/file.pcap"},
    {{"craft", "ip", "-w", "/no/such/folder/x.pcap"}, 4, "/no/such/folder"},
    {{"lint", good_ip, "-o", "tree"}, 2, "tree"},
    {{"lint", good_ip, "--fix"}, 2, "fix"},
    {{"lint", good_ip, "--fix", "/no/such/folder/x.pcap", "-o", "json"}, 4, "/no/such/folder"},
    {{"explain", "/"}, 2, "/"},
    {{"read", "GOOD", "-w", "/"}, 4, "/"},
    {{"read", "-r"}, 2, "read"},
    {{"send", "-r", "GOOD", "--dry-run"}, 2, "-i"},
    {{"send", "ip", "dst=127.0.0.1", "/", "icmp", "--repeat", "0"}, 2, "repeat"},
    {{"doctor", "-x"}, 2, "-x"},
    {{"lab", "demo", "-w", "/no/such/folder/demo.pcapng"}, 4, "/no/such/folder"},
    // forms of output
    {{"craft", "ip", "-o", "jsno"}, 2, "json"},
    {{"craft", "ip", "-o", "text:ip.src"}, 2, "field names"},
    {{"craft", "ip", "-o", "json:ip.scr"}, 2, "ip.src"},
    {{"craft", "ip", "-o", "csv:"}, 2, "field"},
    {{"craft", "ip", "-o", "csv:tcp.dprot"}, 2, "tcp.d"},
    {{"craft", "ip", "--time", "noon"}, 2, "noon"},
    {{"craft", "ip", "--color", "mauve"}, 2, "mauve"},
    // the craft language
    {{"craft"}, 2, "words"},
    {{"craft", "tpc"}, 2, "tcp"},
    {{"craft", "/"}, 2, "layer"},
    {{"craft", "ip", "/"}, 2, "layer"},
    {{"craft", "ip", "/", "/", "tcp"}, 2, "layer"},
    {{"craft", "tcp", "dprot=80"}, 2, "dport"},
    {{"craft", "tcp", "dport=80000"}, 2, "65535"},
    {{"craft", "tcp", "dport=http"}, 2, "http"},
    {{"craft", "tcp", "dport"}, 2, "value"},
    {{"craft", "tcp", "flags=XYZ"}, 2, "XYZ"},
    {{"craft", "ip", "dst=1.2.3.400"}, 2, "1.2.3.400"},
    {{"craft", "ip", "dst=example"}, 2, "example"},
    {{"craft", "ipv6", "dst=1.2.3.4"}, 2, "1.2.3.4"},
    {{"craft", "eth", "dst=02:00:00:00:00"}, 2, "02:00:00:00:00"},
    {{"craft", "ip", "ihl=21"}, 2, "multiple of 4"},
    {{"craft", "ip", "dst=10.0.0.0/8"}, 2, "10.0.0.0/8"},
    {{"craft", "ip", "id=1-65535", "/", "tcp", "dport=1-65535"}, 2, "product"},
    {{"craft", "tcp", "mss=1,2"}, 2, "mss"},
    {{"craft", "tcp", "timestamps=1"}, 2, "timestamps"},
    {{"craft", "ip", "/", "hex=abc"}, 2, "abc"},
    {{"craft", "ip", "/", "zeros=100000"}, 2, "zeros"},
    {{"craft", "ip(dst=1.2.3.4"}, 2, "')'"},
    {{"craft", "ip / \"open"}, 2, "quote"},
    {{"craft", "udp", "/", "dns", "qname=a..b"}, 2, "a..b"},
    // bytes
    {{"explain"}, 2, "words"},
    {{"explain", "xyz"}, 2, "hex"},
    {{"explain", "450"}, 2, "pairs"},
    {{"explain", good_ip, "--link", "ehternet"}, 2, "ehternet"},
    {{"lint"}, 2, "words"},
    {{"lint", "zz"}, 2, "hex"},
    // filters
    {{"read", "GOOD", "tcp port eighty"}, 2, "eighty"},
    {{"read", "GOOD", "tcp and"}, 2, "syntax"},
    {{"read", "GOOD", "(tcp"}, 2, "syntax"},
    {{"read", "GOOD", "inbound"}, 2, "inbound"},
    // sending
    {{"send"}, 2, "what"},
    {{"ask"}, 2, "what"},
    {{"send", "ip", "dst=127.0.0.1", "/", "icmp", "--allow", "everything"}, 2, "everything"},
    {{"send", "ip", "dst=127.0.0.1", "/", "icmp", "--rate", "-1"}, 2, "rate"},
    {{"send", "ip", "dst=127.0.0.1", "/", "icmp", "--rate", "fast"}, 2, "fast"},
    {{"send", "tcp", "dport=80", "--dry-run"}, 2, "ip dst="},
    {{"send", "eth", "--dry-run"}, 2, "-i"},
    {{"send", "ip", "dst=127.0.0.1", "/", "icmp", "-i", "nosuch0", "--dry-run"}, 2, "nosuch0"},
    {{"send", "-r", "/no/such/file.pcap", "--dry-run"}, 4, "/no/such/file.pcap"},
    {{"ask", "ip", "dst=127.0.0.1", "/", "icmp", "--timeout", "soon"}, 2, "soon"},
    {{"ask", "ip", "dst=127.0.0.1", "/", "icmp", "--retry", "1000"}, 2, "1000"},
    // receiving
    {{"capture", "-i", "nosuch0"}, 2, "nosuch0"},
    {{"capture", "-i", "lo", "--for", "later"}, 2, "later"},
    {{"capture", "-i", "lo", "-B", "0"}, 2, "0"},
    {{"capture", "-i", "lo", "-s", "0"}, 2, "0"},
    {{"capture", "-i", "lo", "-c", "few"}, 2, "few"},
    {{"capture", "-i", "lo", "--for", "-1s"}, 2, "-1s"},
    {{"capture", "-i", "lo", "tcp prot 80"}, 2, "syntax"},
    {{"capture", "-i", "lo", "-o", "pdf"}, 2, "pdf"},
    {{"capture", "-i", "lo", "-w", "/no/such/folder/x.pcap"}, 4, "/no/such/folder"},
    {{"capture", "-I", "lo"}, 2, "-I"},
};

class WrongCommandLine : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongCommandLine, gets_one_clear_message_and_the_right_exit_code) {
  Folder folder;
  Wrong wrong = GetParam();
  const std::string capture = folder.path("good.pcap");
  ASSERT_EQ(run_tool({"craft", "eth", "/", "ip", "/", "tcp", "-w", capture}).code, 0);
  std::ranges::replace(wrong.arguments, std::string("GOOD"), capture);
  const Outcome o = run_tool(wrong.arguments);
  if (o.code == 3 && wrong.code == 4 && ::geteuid() != 0) GTEST_SKIP() << "the file is opened behind the socket, which needs a right: " << o.err;
  EXPECT_EQ(o.code, wrong.code) << o.err;
  EXPECT_TRUE(o.err.starts_with("rawket: ")) << o.err;
  EXPECT_NE(o.err.find(wrong.named), std::string::npos) << "the message does not name '" << wrong.named << "': " << o.err;
  EXPECT_LE(std::ranges::count(o.err, '\n'), 6) << o.err;
  EXPECT_EQ(o.out, "");
}

std::string name_of(const ::testing::TestParamInfo<Wrong>& info) {
  std::string name = std::to_string(info.index);
  for (const std::string& a : info.param.arguments) name += "_" + a.substr(0, 24);
  std::ranges::replace_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(All, WrongCommandLine, ::testing::ValuesIn(wrong_lines), name_of);

}  // namespace
}  // namespace rawket::test
