// Display filters: names, operators, values that repeat, literals of every kind, and errors that point at the place.
#include "rawket/packet/display_filter.hpp"

#include "../packet_test.hpp"
#include "rawket/packet/packet.hpp"
#include "rawket/proto/all.hpp"

namespace rawket {
namespace {

using namespace test;

const Packet web = Ethernet{.dst = "02:00:00:00:00:02", .src = "02:00:00:00:00:01"} / Ipv4{.ttl = 9, .src = "198.18.0.1", .dst = "198.18.0.2"} /
                   Tcp{.sport = 40000, .dport = 80, .flags = Syn | Ack, .options = {Mss{1460}}} / "GET /index.html";
const Packet tunnel = Ethernet{} / Ipv4{.ttl = 64, .src = "198.18.0.1", .dst = "198.18.0.2"} / Udp{.sport = 5} / Vxlan{.vni = 7} / Ethernet{} /
                      Ipv4{.ttl = 3, .src = "198.19.0.1", .dst = "198.19.0.2"} / Icmp{} / IcmpEcho{.id = 1};
const Packet query = Ethernet{} / Ipv6{.src = "2001:db8::1", .dst = "2001:db8::2"} / Udp{.sport = 5353} / Dns{.id = 0x1234, .questions = 1, .options = {"example", 1}};

DisplayFilter filter(std::string_view text) {
  auto f = DisplayFilter::compile(standard_registry(), text);
  if (!f) throw std::invalid_argument(std::string(text) + ": " + f.error().text());
  return std::move(*f);
}
bool matches(const Packet& p, std::string_view text) {
  Dissection d;
  dissect(standard_registry(), p.first_protocol(), p.bytes(), d);
  return filter(text).matches({.number = 7, .time = 1'700'000'000'500'000'000, .original_length = static_cast<u32>(p.bytes().size())}, d);
}
Error error_of(std::string_view text) {
  auto f = DisplayFilter::compile(standard_registry(), text);
  Error none;
  none.what = "no error";
  return f ? none : f.error();
}

TEST(DisplayFilter, a_name_alone_asks_whether_it_is_there) {
  for (std::string_view yes : {"frame", "eth", "ip", "tcp", "tcp.flags.syn", "tcp.flags.fin", "tcp.options.mss_val", "ip.addr"}) EXPECT_TRUE(matches(web, yes)) << yes;
  for (std::string_view no : {"udp", "ipv6", "dns", "icmp", "tcp.options.wscale.shift", "vlan.id"}) EXPECT_FALSE(matches(web, no)) << no;
}

TEST(DisplayFilter, numbers_are_compared_in_every_way_and_form) {
  for (std::string_view yes : {"tcp.dstport == 80", "tcp.dstport eq 0x50", "ip.ttl < 10", "ip.ttl <= 9", "ip.ttl >= 9", "ip.ttl gt 8", "tcp.dstport != 81", "tcp.flags.syn == True", "tcp.flags.fin == false",
                               "1 < ip.ttl < 10", "80 == tcp.dstport", "ip.ttl == 011", "tcp.dstport in {22, 80, 443}", "tcp.srcport in {1..5, 39999..40001}", "tcp.dstport not in {22}", "tcp.flags & 2", "tcp.flags & 0x12 == 0x12",
                               "ip.ttl + 1 == 10", "ip.ttl * 2 > 17", "ip.len - ip.hdr_len > 20", "ip.ttl % 2 == 1", "frame.len == 73", "frame.number == 7", "frame.time_epoch > 1700000000.4", "tcp.hdr_len == 24"})
    EXPECT_TRUE(matches(web, yes)) << yes;
  for (std::string_view no : {"tcp.dstport == 81", "ip.ttl > 9", "10 < ip.ttl < 20", "tcp.dstport in {81..90}", "tcp.flags & 1", "tcp.flags & 1 == 1", "frame.time_epoch > 1700000000.6", "ip.ttl / 0 == 1"}) EXPECT_FALSE(matches(web, no)) << no;
}

TEST(DisplayFilter, addresses_have_prefixes_and_both_ends) {
  for (std::string_view yes : {"ip.addr == 198.18.0.2", "ip.src == 198.18.0.0/15", "ip.src == 0.0.0.0/0", "ip.src < 198.18.0.2", "ip.src in {198.18.0.0..198.18.0.9}", "tcp.port == 40000", "eth.addr == 02:00:00:00:00:01",
                               "eth.src == 02-00-00-00-00-01", "ip.addr != 198.18.0.3", "ip.addr !== 198.18.0.1"})
    EXPECT_TRUE(matches(web, yes)) << yes;
  for (std::string_view no : {"ip.addr != 198.18.0.2", "ip.addr === 198.18.0.1", "ip.src == 198.20.0.0/16", "ip.dst == 198.18.0.1"}) EXPECT_FALSE(matches(web, no)) << no;
  EXPECT_TRUE(matches(query, "ipv6.addr == 2001:db8::/32 && ipv6.dst == 2001:db8::2"));
}

TEST(DisplayFilter, values_that_repeat_can_be_asked_for_one_all_or_by_place) {
  for (std::string_view yes : {"ip.ttl == 64", "ip.ttl == 3", "any ip.ttl > 60", "all ip.ttl > 2", "ip.ttl#1 == 64", "ip.ttl#2 == 3", "ip.ttl#-1 == 3", "count(ip.ttl) == 2", "max(ip.ttl) == 64", "min(ip.ttl) == 3", "ip.ttl != 5"})
    EXPECT_TRUE(matches(tunnel, yes)) << yes;
  for (std::string_view no : {"all ip.ttl > 3", "ip.ttl != 3", "ip.ttl === 64", "ip.ttl#1 == 3", "ip.ttl#3"}) EXPECT_FALSE(matches(tunnel, no)) << no;
}

TEST(DisplayFilter, texts_and_bytes_are_searched_and_sliced) {
  for (std::string_view yes : {"tcp contains \"GET\"", "frame contains 47:45:54", "tcp[0:2] == 9c:40", "eth[0] == 2", "eth.src[-1:] == 01", "eth.src[0-1] == 02:00", "eth.src[0,5] == 02:01", "tcp matches \"get /[a-z]+\\\\.html\"", "ip[8:1] == 09"})
    EXPECT_TRUE(matches(web, yes)) << yes;
  for (std::string_view no : {"tcp contains \"POST\"", "eth[9999] == 0", "tcp matches r\"\\d{4}\""}) EXPECT_FALSE(matches(web, no)) << no;
  for (std::string_view yes : {"dns.qry.name == \"example\"", "dns.qry.name contains \"amp\"", "dns.qry.name matches \"^EX\"", "upper(dns.qry.name) == \"EXAMPLE\"", "len(dns.qry.name) == 7", "dns.qry.type == A", "dns.id == 0x1234"})
    EXPECT_TRUE(matches(query, yes)) << yes;
}

TEST(DisplayFilter, and_or_xor_not_and_brackets_join) {
  for (std::string_view yes : {"ip && tcp", "udp or tcp", "udp xor tcp", "!udp", "not (udp or icmp)", "udp && icmp || tcp", "tcp || udp && icmp", "!!tcp", "(ip.ttl + 1) == 10", "(tcp) and (ip.ttl == 9 or udp)"}) EXPECT_TRUE(matches(web, yes)) << yes;
  for (std::string_view no : {"ip && udp", "tcp xor ip", "!tcp", "(tcp || udp) && icmp"}) EXPECT_FALSE(matches(web, no)) << no;
}

TEST(DisplayFilter, a_field_that_is_missing_makes_its_comparison_false) {
  EXPECT_FALSE(matches(web, "udp.port == 1"));
  EXPECT_FALSE(matches(web, "udp.port != 1"));
  EXPECT_TRUE(matches(web, "!(udp.port == 1)"));
}

TEST(DisplayFilter, errors_point_at_the_word_and_name_the_nearest) {
  EXPECT_NE(error_of("ip && tcp.dstpot == 80").what.find("did you mean 'tcp.dstport'"), std::string::npos);
  EXPECT_EQ(error_of("ip && tcp.dstpot == 80").offset, 6u);
  EXPECT_EQ(error_of("ip.ttl == many").offset, 10u);
  EXPECT_EQ(error_of("ip.ttl = 1").offset, 7u);
  for (std::string_view wrong : {"", "ip &&", "(ip", "ip)", "tcp.dstport ==", "tcp.dstport in {1", "ip.src == 300.1.1.1", "ip.src == 2001:db8::1", "tcp[", "tcp[a]", "tcp[0:0] == 1", "\"x", "ip.ttl contains 1", "nothing(ip)", "upper(ip.ttl)",
                                 "ip.ttl#0", "5", "5 == 5", "udp matches \"(\"", "udp matches \"(a)\\\\1\"", "udp matches \"((a{99}){99}){99}\"", "ip.ttl[0] == 1", "ip.ttl == tcp", "len(ip.ttl, tcp) == 1"})
    EXPECT_NE(error_of(wrong).what, "no error") << wrong;
  EXPECT_NE(error_of(std::string(100'000, '(')).what, "no error");
  EXPECT_NE(error_of(std::string(5000, '!') + "ip").what, "no error");
}

TEST(DisplayFilter, explains_itself_and_its_parts) {
  const DisplayFilter f = filter("tcp.dstport == 80 && !(ip.ttl > 64)");
  EXPECT_EQ(f.explanation(), "packets where tcp.dstport (Destination port) is 80 and not (ip.ttl (Time to live: hops left) is more than 64)");
  EXPECT_EQ(filter("1 < ip.len < 90").explanation(), "packets where 1 is less than ip.len and ip.len (Bytes of header and payload) is less than 90");
  EXPECT_EQ(filter("all ip.ttl in {1..9}").explanation(), "packets where every ip.ttl (Time to live: hops left) is one of {1..9}");
  EXPECT_EQ(filter("dns.qry.name contains \"a == b\"").explanation(), "packets where dns.qry.name (Name asked for) contains \"a == b\"");
  Dissection d;
  dissect(standard_registry(), web.first_protocol(), web.bytes(), d);
  const auto pieces = f.pieces({}, d);
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[0].text, "tcp.dstport == 80");
  EXPECT_TRUE(pieces[0].matched);
  EXPECT_EQ(pieces[1].text, "ip.ttl > 64");
  EXPECT_FALSE(pieces[1].matched);
}

TEST(DisplayFilter, knows_every_name_it_lists) {
  for (const std::string& name : filter_names(standard_registry())) EXPECT_EQ(error_of(name).what, "no error") << name;
}

TEST(DisplayFilter, random_texts_do_no_harm) {
  auto random = random_source();
  const std::vector<std::string> words = {"ip", "tcp.port", "==", "!=", "(", ")", "[0:2]", "{", "}", "80", "..", "in", "&&", "!", "&", "+", "-", "len(", "#", "\"a\"", "matches", "contains", "02:00", "all", "1.2.3.4/8", ",", "'x'"};
  Dissection d;
  dissect(standard_registry(), tunnel.first_protocol(), tunnel.bytes(), d);
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (u64 n = random() % 9; n-- > 0;) text += words[random() % words.size()] + (random() % 3 != 0 ? " " : "");
    if (auto f = DisplayFilter::compile(standard_registry(), text)) f->matches({}, d), f->explanation(), f->pieces({}, d);
  }
}

}  // namespace
}  // namespace rawket
