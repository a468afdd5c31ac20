// rawket craft: the language on the command line, and that its packets are right.
#include <gtest/gtest.h>

#include "json_check.hpp"
#include "tool.hpp"

namespace rawket::test {
namespace {

std::string hex_of(std::vector<std::string> words) {
  words.insert(words.begin(), "craft");
  words.emplace_back("--faulty");
  const Outcome o = run_tool(words);
  EXPECT_EQ(o.code, 0) << o.err;
  return o.out;
}
std::vector<std::string> column(std::vector<std::string> words, const std::string& field) {
  words.insert(words.begin(), "craft");
  words.insert(words.end(), {"--faulty", "-o", "fields:" + field});
  const Outcome o = run_tool(words);
  EXPECT_EQ(o.code, 0) << o.err;
  return o.lines();
}

TEST(craft, prints_the_bytes_as_one_line_of_hex) {
  EXPECT_EQ(hex_of({"ip", "src=198.18.0.1", "dst=198.18.0.2", "id=1", "/", "icmp", "id=1", "seq=1"}), "4500001c000100004001eeb8c6120001c61200020800f7fd00010001\n");
}

TEST(craft, takes_one_quoted_text_or_many_words) {
  const std::string words = hex_of({"ip", "dst=198.18.0.2", "ttl=3", "/", "tcp", "dport=80", "flags=S", "/", "hello"});
  EXPECT_EQ(hex_of({"ip dst=198.18.0.2 ttl=3 / tcp dport=80 flags=S / hello"}), words);
  EXPECT_EQ(hex_of({"ip dst=198.18.0.2 ttl=3 / tcp dport=80 flags=S / \"hello\""}), words);
}

TEST(craft, takes_the_call_form_that_scapy_taught) {
  EXPECT_EQ(hex_of({"IP(dst=\"198.18.0.2\",ttl=3)/TCP(dport=80,flags=\"S\")/\"hello\""}), hex_of({"ip", "dst=198.18.0.2", "ttl=3", "/", "tcp", "dport=80", "flags=S", "/", "hello"}));
  EXPECT_EQ(hex_of({"ip(dst=198.18.0.2)/udp(dport=53)"}), hex_of({"ip", "dst=198.18.0.2", "/", "udp", "dport=53"}));
}

TEST(craft, makes_the_product_of_ranges_sets_and_prefixes) {
  EXPECT_EQ(column({"ip", "/", "udp", "dport=5-7"}, "udp.dstport"), (std::vector<std::string>{"5", "6", "7"}));
  EXPECT_EQ(column({"ip", "ttl={1,2,4}", "/", "udp", "dport=9"}, "ip.ttl"), (std::vector<std::string>{"1", "2", "4"}));
  EXPECT_EQ(column({"ip", "dst=198.18.0.0/30", "/", "icmp"}, "ip.dst"), (std::vector<std::string>{"198.18.0.0", "198.18.0.1", "198.18.0.2", "198.18.0.3"}));
  EXPECT_EQ(column({"ip", "dst=198.18.0.0/30", "ttl={1,2}", "/", "udp", "dport=1-5"}, "ip.dst").size(), 4u * 2 * 5);
  EXPECT_EQ(column({"ipv6", "dst=2001:db8::/126", "/", "icmpv6"}, "ipv6.dst").size(), 4u);
}

TEST(craft, understands_sets_that_the_shell_has_expanded) {
  // bash makes three words of ttl={1,2,4}
  EXPECT_EQ(run_shell("rawket craft ip ttl={1,2,4} / udp dport=9 -o fields:ip.ttl").out, "1\n2\n4\n");
  EXPECT_EQ(run_shell("rawket craft ip dst={198.18.0.2,198.18.0.9} / udp dport=9 -o fields:ip.dst").out, "198.18.0.2\n198.18.0.9\n");
}

TEST(craft, fills_in_lengths_and_checksums) {
  const Outcome o = run_tool({"craft", "eth", "/", "ip", "/", "udp", "dport=9", "/", "text=hello", "-o", "json"});
  const JsonObject p = json_object(o.lines().at(0));
  EXPECT_EQ(p.at("ip.len"), "33");
  EXPECT_EQ(p.at("udp.length"), "13");
  EXPECT_EQ(p.at("ip.checksum.status"), "1");
  EXPECT_EQ(p.at("udp.checksum.status"), "1");
}

TEST(craft, leaves_what_was_given_and_tells_the_faults_beside_the_data) {
  const Outcome o = run_tool({"craft", "ip", "checksum=0xdead", "/", "udp", "dport=9", "-o", "json"});
  EXPECT_EQ(o.code, 0);
  EXPECT_EQ(json_object(o.lines().at(0)).at("ip.checksum"), std::to_string(0xdead));
  EXPECT_NE(o.err.find("bad-checksum"), std::string::npos) << o.err;
  EXPECT_EQ(run_tool({"craft", "ip", "checksum=0xdead", "/", "udp", "dport=9", "--faulty"}).err, "");
}

TEST(craft, takes_options_messages_and_payloads) {
  EXPECT_EQ(column({"ip", "/", "tcp", "dport=80", "mss=1460"}, "tcp.hdr_len"), (std::vector<std::string>{"24"}));
  EXPECT_EQ(column({"ip", "/", "udp", "/", "dns", "qname=example.com"}, "dns.qry.name"), (std::vector<std::string>{"example.com"}));
  EXPECT_EQ(column({"ip", "/", "icmp", "type=8", "id=7", "seq=9"}, "icmp.ident"), (std::vector<std::string>{"7"}));
  EXPECT_EQ(hex_of({"ip", "/", "hex=0001ff"}).substr(40), "0001ff\n");
  EXPECT_EQ(hex_of({"ip", "/", "zeros=3"}).substr(40), "000000\n");
  EXPECT_EQ(hex_of({"ip", "/", "text=tcp"}).substr(40), "746370\n");
}

TEST(craft, takes_wiresharks_names_as_well_as_short_ones) {
  EXPECT_EQ(hex_of({"ip", "dst=198.18.0.2", "/", "tcp", "dport=80"}), hex_of({"ip", "ip.dst=198.18.0.2", "/", "tcp", "tcp.dstport=80"}));
}

TEST(craft, writes_a_file_of_the_right_link_type) {
  Folder f;
  EXPECT_EQ(run_tool({"read", f.craft("a.pcap", {"ip", "/", "udp", "dport=9"}), "-o", "json:linktype"}).out, "{\"linktype\":101}\n");
  EXPECT_EQ(run_tool({"read", f.craft("b.pcapng", {"eth", "/", "ip", "/", "udp", "dport=9"}), "-o", "json:linktype"}).out, "{\"linktype\":1}\n");
}

TEST(craft, writes_what_explain_and_lint_find_right) {
  const std::vector<std::string> all[] = {
      {"eth", "/", "ip", "/", "tcp", "dport=80", "mss=1460"},
      {"eth", "/", "ipv6", "/", "udp", "dport=9", "/", "text=x"},
      {"eth", "/", "arp", "target=198.18.0.2"},
      {"eth", "/", "vlan", "id=5", "/", "ip", "/", "icmp"},
      {"ipv6", "/", "icmpv6"},
      {"eth", "/", "ip", "/", "udp", "/", "vxlan", "vni=7", "/", "eth", "/", "ip", "/", "udp", "dport=9"},
  };
  Folder f;
  for (const auto& words : all) {
    const Outcome o = run_tool({"lint", f.craft("a.pcap", words)});
    EXPECT_EQ(o.code, 0) << words[0] << ' ' << words[2] << ' ' << o.out;
  }
}

}  // namespace
}  // namespace rawket::test
