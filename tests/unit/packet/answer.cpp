// Which packet answers which: every kind of answer, and near misses.
#include "rawket/packet/answer.hpp"

#include "../packet_test.hpp"
#include "rawket/packet/craft.hpp"

namespace rawket {
namespace {

using namespace test;

struct Parsed {
  explicit Parsed(std::string_view text) {
    const auto r = Recipe::parse(standard_registry(), text);
    if (!r) throw std::invalid_argument(r.error().text());
    const Packet p = *r->make(0);
    bytes.assign(p.bytes().begin(), p.bytes().end());
    dissect(standard_registry(), r->first_protocol(), bytes, d);
  }
  Octets bytes;
  Dissection d;
};
Answer answered(std::string_view answer, std::string_view question) { return answers(Parsed(answer).d, Parsed(question).d); }
Answer answered_by_vector(std::string_view answer, std::string_view question) { return answers(Seen(answer).dissection(), Seen(question).dissection()); }

TEST(Answers, echo_is_answered_by_its_reply) {
  EXPECT_EQ(answered_by_vector("icmp_reply", "icmp_echo"), Answer::yes);
  EXPECT_EQ(answered_by_vector("icmp_echo", "icmp_echo"), Answer::no) << "a question is no answer";
  const std::string q = "ip src=198.18.0.1 dst=198.18.0.2 / icmp type=8 id=1 seq=2";
  EXPECT_EQ(answered("ip src=198.18.0.2 dst=198.18.0.1 / icmp type=0 id=1 seq=2", q), Answer::yes);
  EXPECT_EQ(answered("ip src=198.18.0.2 dst=198.18.0.1 / icmp type=0 id=1 seq=3", q), Answer::no);
  EXPECT_EQ(answered("ip src=198.18.0.2 dst=198.18.0.1 / icmp type=0 id=2 seq=2", q), Answer::no);
  EXPECT_EQ(answered("ip src=198.18.0.3 dst=198.18.0.1 / icmp type=0 id=1 seq=2", q), Answer::no) << "somebody else";
  EXPECT_EQ(answered("ip src=198.18.0.2 dst=198.18.0.1 / icmp type=14 id=1 seq=2", q), Answer::no);
}

TEST(Answers, extension_headers_may_be_on_one_way_only) {
  const std::string q = "ipv6 src=2001:db8::1 dst=2001:db8::2 / icmpv6 / icmpv6_echo id=1 seq=2 / hello";
  EXPECT_EQ(answered("ipv6 src=2001:db8::2 dst=2001:db8::1 / ipv6.fraghdr more=1 id=7 / icmpv6 type=129 / icmpv6_echo id=1 seq=2 / hello", q), Answer::yes);
  EXPECT_EQ(answered("ipv6 src=2001:db8::2 dst=2001:db8::1 / ipv6.fraghdr more=1 id=7 / icmpv6 type=129 / icmpv6_echo id=1 seq=3 / hello", q), Answer::no);
  EXPECT_EQ(answered("ipv6 src=2001:db8::2 dst=2001:db8::1 / ipv6.fraghdr more=1 id=7", q), Answer::no);
}

TEST(Answers, a_syn_is_answered_by_syn_ack_or_reset) {
  EXPECT_EQ(answered_by_vector("tcp_synack", "tcp_syn"), Answer::yes);
  EXPECT_EQ(answered_by_vector("tcp_rst", "tcp_syn"), Answer::yes);
  EXPECT_EQ(answered_by_vector("tcp_synack_bad", "tcp_syn"), Answer::no) << "it acknowledges something else";
  EXPECT_EQ(answered_by_vector("tcp_syn", "tcp_syn"), Answer::no);
  const std::string q = "ip src=198.18.0.1 dst=198.18.0.2 / tcp sport=40000 dport=80 seq=1000 flags=S";
  EXPECT_EQ(answered("ip src=198.18.0.2 dst=198.18.0.1 / tcp sport=80 dport=40001 ack=1001 flags=SA", q), Answer::no);
  EXPECT_EQ(answered("ip src=198.18.0.2 dst=198.18.0.1 / tcp sport=81 dport=40000 ack=1001 flags=SA", q), Answer::no);
  EXPECT_EQ(answered("ip src=198.18.0.2 dst=198.18.0.1 / udp sport=80 dport=40000", q), Answer::no);
}

TEST(Answers, a_datagram_is_answered_by_the_other_port) {
  const std::string q = "ip src=198.18.0.1 dst=198.18.0.2 / udp sport=40000 dport=5001 / 'hi'";
  EXPECT_EQ(answered("ip src=198.18.0.2 dst=198.18.0.1 / udp sport=5001 dport=40000 / 'anything'", q), Answer::yes);
  EXPECT_EQ(answered("ip src=198.18.0.2 dst=198.18.0.1 / udp sport=5001 dport=40000", q), Answer::yes);
  EXPECT_EQ(answered("ip src=198.18.0.2 dst=198.18.0.1 / udp sport=5002 dport=40000", q), Answer::no);
}

TEST(Answers, an_icmp_error_is_about_the_packet_that_it_quotes) {
  const std::string q = "ip id=4660 ttl=1 src=198.18.0.1 dst=203.0.113.7 / udp sport=40000 dport=33434 / 'probe'";
  for (std::string_view name : {"icmp_ttl", "icmp_unreach", "icmp_toobig", "icmp_param"}) EXPECT_EQ(answers(Seen(name).dissection(), Parsed(q).d), Answer::error) << name;
  EXPECT_EQ(answers(Seen("icmp_ttl").dissection(), Parsed("ip src=198.18.0.1 dst=203.0.113.7 / udp sport=40001 dport=33434").d), Answer::no);
  EXPECT_EQ(answers(Seen("icmp_ttl").dissection(), Parsed("ip src=198.18.0.1 dst=203.0.113.8 / udp sport=40000 dport=33434").d), Answer::no);
  EXPECT_EQ(answers(Seen("icmp_ttl").dissection(), Parsed("ip src=198.18.0.1 dst=203.0.113.7 / tcp sport=40000 dport=33434").d), Answer::no);
  EXPECT_EQ(answers(Seen("v6_ttl").dissection(), Parsed("ipv6 src=2001:db8::1 dst=2001:db8::2 / udp sport=40000 dport=33434 / 'probe'").d), Answer::error);
  EXPECT_EQ(answers(Seen("v6_ttl").dissection(), Parsed("ipv6 src=2001:db8::1 dst=2001:db8::3 / udp sport=40000 dport=33434 / 'probe'").d), Answer::no);
}

TEST(Answers, a_quoted_echo_is_told_by_its_identifier) {
  const std::string head = "ip src=198.18.0.254 dst=198.18.0.1 / icmp type=11 / icmp_error / ip src=198.18.0.1 dst=203.0.113.7 ttl=1 / icmp type=8 ";
  const std::string q = "ip src=198.18.0.1 dst=203.0.113.7 ttl=1 / icmp type=8 id=7 seq=9 / zeros=8";
  EXPECT_EQ(answered(head + "id=7 seq=9", q), Answer::error);
  EXPECT_EQ(answered(head + "id=7 seq=10", q), Answer::no);
  EXPECT_EQ(answered(head + "id=8 seq=9", q), Answer::no);
}

TEST(Answers, a_question_to_the_dns_is_answered_by_its_number) {
  EXPECT_EQ(answered_by_vector("dns_a", "dns_q"), Answer::yes);
  EXPECT_EQ(answered_by_vector("dns_q", "dns_q"), Answer::no);
  const std::string q = "ip src=198.18.0.1 dst=198.18.0.2 / udp sport=40000 dport=53 / dns id=7 qname=a.b";
  EXPECT_EQ(answered("ip src=198.18.0.2 dst=198.18.0.1 / udp sport=53 dport=40000 / dns id=7 flags=0x8180 qname=a.b", q), Answer::yes);
  EXPECT_EQ(answered("ip src=198.18.0.2 dst=198.18.0.1 / udp sport=53 dport=40000 / dns id=8 flags=0x8180 qname=a.b", q), Answer::no);
  EXPECT_EQ(answered("ip src=198.18.0.2 dst=198.18.0.1 / udp sport=53 dport=40000 / dns id=7 qname=a.b", q), Answer::no) << "a question with the same number";
}

TEST(Answers, a_request_for_an_address_is_answered_by_its_owner) {
  EXPECT_EQ(answered_by_vector("arp_rep", "arp_req"), Answer::yes);
  EXPECT_EQ(answered_by_vector("arp_req", "arp_req"), Answer::no);
  EXPECT_EQ(answered("eth / arp opcode=2 source=198.18.0.3 target=198.18.0.1", "eth / arp opcode=1 source=198.18.0.1 target=198.18.0.2"), Answer::no);
}

TEST(Answers, a_neighbour_is_advertised_for_its_own_address) {
  EXPECT_EQ(answered_by_vector("na", "ns"), Answer::yes);
  EXPECT_EQ(answered_by_vector("na_other", "ns"), Answer::no);
  EXPECT_EQ(answered_by_vector("ra", "rs"), Answer::yes);
  EXPECT_EQ(answered_by_vector("ra", "ns"), Answer::no);
}

TEST(Answers, link_headers_do_not_matter) {
  EXPECT_EQ(answers(Parsed("ip src=198.18.0.2 dst=198.18.0.1 / udp sport=9 dport=7").d, Parsed("eth / vlan / ip src=198.18.0.1 dst=198.18.0.2 / udp sport=7 dport=9").d),
            Answer::yes);
}

TEST(Answers, packets_of_nothing_answer_nothing) {
  const Seen nothing(protocol_named("ip"), {}), junk(protocol_named("eth"), octets("0102"));
  EXPECT_EQ(answers(nothing.dissection(), Seen("icmp_echo").dissection()), Answer::no);
  EXPECT_EQ(answers(Seen("icmp_reply").dissection(), nothing.dissection()), Answer::no);
  EXPECT_EQ(answers(junk.dissection(), junk.dissection()), Answer::no);
}

TEST(Answers, cut_packets_do_no_harm) {
  for (const Vector& v : vectors)
    for (const Vector& q : {vector("icmp_echo"), vector("tcp_syn"), vector("dns_q"), vector("arp_req"), vector("ns")}) {
      const Octets whole = octets(v.hex);
      const Seen question(q);
      for (std::size_t size = 0; size < whole.size(); size += 3) {
        Octets part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        Dissection d;
        dissect(standard_registry(), protocol_named(v.first), part, d);
        answers(d, question.dissection());
        answers(question.dissection(), d);
      }
    }
}

}  // namespace
}  // namespace rawket
