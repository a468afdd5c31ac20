// DNS: questions, every kind of record, compression, hostile pointers, multicast, over TCP.
#include "../packet_test.hpp"
#include "rawket/proto/all.hpp"
#include "rawket/wire/build.hpp"

namespace rawket {
namespace {

using namespace test;

constexpr Ipv4 ip{.id = 0x1234, .src = "198.18.0.1", .dst = "198.18.0.2"};

TEST(DnsMessages, ask) {
  const Seen seen("dns_q");
  EXPECT_EQ(seen.layers(), "ip udp dns");
  expect_values(seen, {{"dns.id", "43981"}, {"dns.flags", "256"}, {"dns.flags.response", "0"}, {"dns.flags.recdesired", "1"}, {"dns.count.queries", "1"},
      {"dns.qry.name", "www.example.com"}, {"dns.qry.type", "28"}, {"dns.qry.class", "1"}});
  EXPECT_EQ(hex_of(build(ip / Udp{.sport = 40000} / Dns{.id = 0xabcd, .questions = 1, .options = {"www.example.com", 28}})), vector("dns_q").hex);
}

TEST(DnsMessages, answer_with_compressed_names_and_every_kind_of_record) {
  const Seen seen("dns_a");
  EXPECT_EQ(seen.layers(), "ip udp dns");
  expect_values(seen, {{"dns.flags.response", "1"}, {"dns.flags.recavail", "1"}, {"dns.flags.rcode", "0"}, {"dns.count.answers", "8"}, {"dns.count.add_rr", "1"},
      {"dns.qry.name", "www.example.com"}, {"dns.qry.type", "255"},
                       {"dns.cname", "web.example.com"}, {"dns.a", "192.0.2.1"}, {"dns.aaaa", "2001:db8::1"}, {"dns.mx.mail_exchange", "mail.example.com"},
                           {"dns.txt", "[v=spf,all]"}, {"dns.srv.target", "web.example.com"},
                       {"dns.srv.owner", "_http._tcp.example.com"}, {"dns.ptr.domain_name", "host.example.com"}, {"dns.ns", "ns.example.com"},
                           {"dns.resp.type", "[5,1,28,15,16,33,12,2,41]"},
                       {"dns.resp.ttl", "[300,300,300,300,300,300,300,300]"}, {"udp.checksum.status", "1"}});
  EXPECT_TRUE(seen["dns.resp.name"].starts_with("[www.example.com,web.example.com,www.example.com,example.com,")) << seen["dns.resp.name"];
}

TEST(DnsMessages, with_pointers_that_loop_or_go_forward_tell_no_name) {
  for (std::string_view name : {"dns_loop", "dns_forward"}) {
    const Seen seen(name);
    EXPECT_EQ(seen.layers(), "ip udp dns");
    EXPECT_EQ(seen["dns.qry.name"], "-") << name;
    EXPECT_EQ(seen["dns.count.queries"], "1");
  }
}

TEST(DnsMessages, with_two_pointers_at_each_other_end) {
  const Seen seen(protocol_named("dns"), octets("0001 0100 0002 0000 0000 0000 016103c010 c00c c00e 0001 0001"));
  EXPECT_EQ(seen["dns.count.queries"], "2");
}

TEST(DnsMessages, that_claim_thousands_of_records_read_what_is_there) {
  const Seen seen(protocol_named("dns"), octets("0001 8180 ffff ffff ffff ffff 016100 0001 0001"));
  EXPECT_EQ(seen["dns.qry.name"], "a");
  EXPECT_EQ(seen["dns.count.answers"], "65535");
}

TEST(DnsMessages, names_cannot_end_a_line_or_move_a_cursor) {
  const Seen seen(protocol_named("dns"), octets("0001 0100 0001 0000 0000 0000 05 1b5b410a00 00 0001 0001"));
  EXPECT_EQ(seen["dns.qry.name"].find('\x1b'), std::string::npos);
  EXPECT_NE(seen["dns.qry.name"], "-");
}

TEST(DnsMessages, the_root_is_a_dot) {
  expect_values(Seen(protocol_named("dns"), octets("0001 0100 0001 0000 0000 0000 00 0002 0001")), {{"dns.qry.name", "."}, {"dns.qry.type", "2"}});
}

TEST(MulticastDns, has_the_same_form_on_its_own_port) {
  const Seen seen("mdns");
  EXPECT_EQ(seen.layers(), "ip udp mdns");
  expect_values(seen, {{"layers", "[ip,udp,mdns]"}, {"dns.qry.name", "_http._tcp.local"}, {"dns.qry.type", "12"}, {"dns.qry.class", "1"}});
}

TEST(DnsOverTcpMessages, stand_behind_their_length) {
  const Seen seen("dns_tcp");
  EXPECT_EQ(seen.layers(), "ip tcp dns_tcp dns");
  expect_values(seen, {{"dns.length", "29"}, {"dns.qry.name", "example.com"}, {"dns.id", "4660"}, {"tcp.len", "31"}});
  EXPECT_EQ(hex_of(build(ip / Tcp{.sport = 40000, .seq = 1, .ack = 1, .flags = Psh | Ack, .window = 500} / DnsOverTcp{} / Dns{.id = 0x1234, .questions = 1,
      .options = {"example.com", 1}})), vector("dns_tcp").hex);
}

TEST(DnsOverTcpMessages, follow_each_other) {
  const std::string one = "001d" "1234 0100 0001 0000 0000 0000" "07 6578616d706c65 03 636f6d 00 0001 0001", two = "001d" "5678 0100 0001 0000 0000 0000" "07 6578616d706c65 03 6e6574 00 0001 0001";
  const auto tcp_with = [](const std::string& hex) { return octets("5000 0035 00000001 00000001 5018 01f4 0000 0000" + hex); };
  const Seen seen(info<Tcp>, tcp_with(one + two));
  EXPECT_EQ(seen.layers(), "tcp dns_tcp dns dns_tcp dns");
  expect_values(seen, {{"dns.id", "[4660,22136]"}, {"dns.qry.name", "[example.com,example.net]"}});
  EXPECT_EQ(Seen(info<Tcp>, tcp_with(one + "00")).layers(), "tcp dns_tcp dns dns_tcp") << "a length that is cut";
  std::string many;
  for (int i = 0; i < 100; ++i) many += one;
  EXPECT_EQ(Seen(info<Tcp>, tcp_with(many)).dissection().layers().size(), Dissection::max_layers);
}

TEST(DnsBody, refuses_names_that_cannot_be) {
  DnsBody b;
  EXPECT_TRUE(b.question("a.b.", 1));
  EXPECT_EQ(hex_of(b.view()), "01610162000001" "0001");
  EXPECT_FALSE(b.question(std::string(64, 'a') + ".com", 1));
  EXPECT_FALSE(b.question(std::string(254, 'a'), 1));
  EXPECT_FALSE(b.question("a..b", 1));
  EXPECT_FALSE(b.question(".a", 1));
  EXPECT_EQ(b.size, 9) << "unchanged";
  EXPECT_TRUE(b.question(std::string(63, 'a') + ".com", 1));
  EXPECT_TRUE(b.question(".", 2));
}

}  // namespace
}  // namespace rawket
