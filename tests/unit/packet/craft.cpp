// The craft language: words, values, products, payloads, Scapy's form, and errors that name the right word.
#include "rawket/packet/craft.hpp"

#include "../packet_test.hpp"
#include "rawket/proto/all.hpp"

namespace rawket {
namespace {

using namespace test;

Recipe recipe(std::string_view text) {
  auto r = Recipe::parse(standard_registry(), text);
  if (!r) throw std::invalid_argument(std::string(text) + ": " + r.error().text());
  return *r;
}
Packet crafted(std::string_view text, u64 i = 0) {
  auto p = recipe(text).make(i);
  if (!p) throw std::invalid_argument(std::string(text) + ": " + p.error().text());
  return *p;
}
std::string error_of(std::string_view text) {
  const auto r = Recipe::parse(standard_registry(), text);
  if (!r) return r.error().text();
  const auto p = r->make(0);
  return p ? "no error" : p.error().text();
}
std::string layers_of(const Packet& p) {
  std::string s;
  for (const Layer& l : p.layers()) s += (s.empty() ? "" : " ") + std::string(l.protocol->name);
  return s;
}

TEST(Craft, a_text_makes_the_packet_that_the_stack_makes) {
  EXPECT_EQ(crafted("ip src=198.18.0.1 dst=198.18.0.2 ttl=3 / tcp dport=80 flags=S mss=1460 wscale=7 / \"hi\""),
            Packet((Ipv4{.ttl = 3, .src = "198.18.0.1", .dst = "198.18.0.2"} / Tcp{.dport = 80, .flags = Syn, .options = {Mss{1460}, WindowScale{7}}} / "hi")));
  EXPECT_EQ(crafted("eth dst=02:00:00:00:00:02 / vlan id=7 / ip / udp dport=5001"), Packet((Ethernet{.dst = "02:00:00:00:00:02"} / Vlan{.id = 7} / Ipv4{} / Udp{.dport = 5001})));
}

TEST(Craft, names_are_wiresharks_or_the_members) {
  EXPECT_EQ(crafted("ip / tcp dport=80"), crafted("ip / tcp dstport=80"));
  EXPECT_EQ(crafted("ip / tcp dport=80"), crafted("ip / tcp tcp.dstport=80"));
  EXPECT_EQ(crafted("ip tos=4 / udp dport=9"), crafted("ip dsfield=4 / udp dport=9"));
  EXPECT_EQ(crafted("ip flags.df=1 / udp dport=9"), crafted("ip flags=2 / udp dport=9")) << "a part of a field";
  EXPECT_EQ(crafted("IP / UDP dport=9"), crafted("ip / udp dport=9"));
}

TEST(Craft, values_are_numbers_names_letters_and_addresses) {
  EXPECT_EQ(crafted("ip id=0x1234 / icmp").get<&Ipv4::id>(), 0x1234);
  EXPECT_EQ(crafted("ip proto=udp").get<&Ipv4::protocol>(), 17);
  EXPECT_EQ(crafted("ip / tcp flags=SA").get<&Tcp::flags>(), Syn | Ack);
  EXPECT_EQ(crafted("ip / tcp flags=-").get<&Tcp::flags>(), TcpFlags::none);
  EXPECT_EQ(crafted("eth dst=broadcast").get<&Ethernet::dst>(), Mac("ff:ff:ff:ff:ff:ff"));
  EXPECT_EQ(crafted("ipv6 dst=2001:db8::5").get<&Ipv6::dst>(), Ipv6Address("2001:db8::5"));
  EXPECT_EQ(crafted("ip hdr_len=24").get<&Ipv4::ihl>(), 6) << "scaled: bytes are said, words are stored";
}

TEST(Craft, a_given_value_beats_a_computed_one) {
  const Packet p = crafted("ip checksum=0xdead len=7 / udp dport=9 checksum=0 length=3");
  EXPECT_EQ(p.get<&Ipv4::checksum>(), 0xdead);
  EXPECT_EQ(p.get<&Ipv4::length>(), 7);
  EXPECT_EQ(p.get<&Udp::checksum>(), 0);
  EXPECT_EQ(p.get<&Udp::length>(), 3);
}

TEST(Craft, a_range_makes_one_packet_per_value) {
  const Recipe r = recipe("ip / tcp dport=1-1024");
  ASSERT_EQ(r.count(), 1024u);
  EXPECT_EQ(r.make(0)->get<&Tcp::dport>(), 1);
  EXPECT_EQ(r.make(1023)->get<&Tcp::dport>(), 1024);
}

TEST(Craft, a_set_and_a_prefix_make_one_packet_per_value) {
  const Recipe set = recipe("ip ttl={1,2,4-6} / icmp");
  ASSERT_EQ(set.count(), 5u);
  EXPECT_EQ(set.make(3)->get<&Ipv4::ttl>(), 5);
  const Recipe prefix = recipe("ip dst=198.18.0.4/30 / icmp");
  ASSERT_EQ(prefix.count(), 4u);
  EXPECT_EQ(prefix.make(3)->get<&Ipv4::dst>(), Ipv4Address("198.18.0.7"));
  EXPECT_EQ(recipe("ipv6 dst=2001:db8::/120 / icmpv6").make(255)->get<&Ipv6::dst>(), Ipv6Address("2001:db8::ff"));
}

TEST(Craft, all_sets_together_make_their_product_and_no_packet_twice) {
  const Recipe r = recipe("ip dst={198.18.0.1,198.18.0.2} ttl={1,2,3} / tcp dport=80-83");
  ASSERT_EQ(r.count(), 24u);
  std::map<std::string, int> seen;
  for (u64 i = 0; i < r.count(); ++i) ++seen[hex_of(r.make(i)->bytes())];
  EXPECT_EQ(seen.size(), 24u);
}

TEST(Craft, the_last_set_varies_fastest) {
  const Recipe r = recipe("ip ttl={1,2} / udp dport={7,9}");
  EXPECT_EQ(r.make(0)->get<&Udp::dport>(), 7);
  EXPECT_EQ(r.make(1)->get<&Udp::dport>(), 9);
  EXPECT_EQ(r.make(1)->get<&Ipv4::ttl>(), 1);
  EXPECT_EQ(r.make(2)->get<&Ipv4::ttl>(), 2);
}

TEST(Craft, a_list_needs_no_braces_where_commas_mean_nothing_else) {
  EXPECT_EQ(recipe("tcp dport=80,443").count(), 2u);
  EXPECT_EQ(recipe("ip dst=198.18.0.1,198.18.0.9").count(), 2u);
  EXPECT_EQ(crafted("tcp flags=SYN,ack"), crafted("tcp flags=SA"));
  EXPECT_EQ(crafted("tcp flags=psh|rst"), crafted("tcp flags=PR"));
}

TEST(Craft, addresses_have_ranges) {
  const Recipe r = recipe("ip dst=198.18.0.254-198.18.1.1");
  ASSERT_EQ(r.count(), 4u);
  EXPECT_EQ(r.make(2)->get<&Ipv4::dst>(), Ipv4Address("198.18.1.0"));
  EXPECT_EQ(recipe("ip dst=198.18.0.1-9").count(), 9u);
  EXPECT_EQ(recipe("ipv6 dst=2001:db8::fffe-2001:db8::1:1").count(), 4u);
  EXPECT_NE(error_of("ip dst=198.18.0.9-198.18.0.1").find("ends before it begins"), std::string::npos);
  EXPECT_NE(error_of("ipv6 dst=::-ffff::").find("stands for more than"), std::string::npos);
}

TEST(Craft, words_may_have_slashes_between_protocols) {
  const std::string words[] = {"ip/tcp", "dport=80", "/udp", "/", "a/b"};
  EXPECT_EQ(layers_of(*Recipe::parse(standard_registry(), words)->make(0)), "ip tcp udp data");
  const std::string spaces[] = {"ip", "dst", "=", "198.18.0.1"};
  EXPECT_NE(Recipe::parse(standard_registry(), spaces).error().text().find("without spaces"), std::string::npos);
}

TEST(Craft, too_many_packets_are_refused_before_they_are_made) {
  EXPECT_NE(error_of("ip dst=10.0.0.0/8 / icmp").find("more than"), std::string::npos);
  EXPECT_NE(error_of("ip dst=198.18.0.0/16 / tcp dport=1-65535").find("more than"), std::string::npos);
  EXPECT_NE(error_of("ip / tcp seq=0-4294967295").find("more than"), std::string::npos);
  EXPECT_NE(error_of("ipv6 dst=2001:db8::/64 / icmpv6").find("more than"), std::string::npos);
}

TEST(Craft, payloads_have_several_forms) {
  const Packet plain = crafted("ip / udp dport=9 / \"a b\"");
  EXPECT_EQ(hex_of(plain.bytes().subspan(28)), "612062");
  EXPECT_EQ(crafted("ip / udp dport=9 / 'a b'"), plain);
  EXPECT_EQ(crafted("ip / udp dport=9 / hex=612062"), plain);
  EXPECT_EQ(crafted("ip / udp dport=9 / text=\"a b\""), plain);
  EXPECT_EQ(crafted("ip / udp dport=9 / zeros=3").bytes().subspan(28).size(), 3u);
  EXPECT_EQ(hex_of(crafted("ip / udp dport=9 / \"say \\\"x\\\"\"").bytes().subspan(28)), hex_of(as_bytes("say \"x\"")));
  EXPECT_EQ(hex_of(crafted("ip / udp dport=9 / hello").bytes().subspan(28)), hex_of(as_bytes("hello"))) << "a bare last word that is near no protocol";
}

TEST(Craft, bytes_are_written_as_in_c) {
  EXPECT_EQ(crafted("udp / 0xdeadBEEF"), crafted("udp / hex=deadbeef"));
  EXPECT_NE(error_of("udp / 0xdea").find("not pairs of hex digits"), std::string::npos);
}

TEST(Craft, words_come_as_a_shell_gives_them) {
  const std::vector<std::string> words = {"ip", "ttl=3", "/", "udp", "dport=9", "/", "text=a b"};
  const auto r = Recipe::parse(standard_registry(), words);
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(*r->make(0), crafted("ip ttl=3 / udp dport=9 / 'a b'"));
  const std::vector<std::string> one = {"ip ttl=3 / udp dport=9 / 'a b'"};
  EXPECT_EQ(*Recipe::parse(standard_registry(), one)->make(0), crafted("ip ttl=3 / udp dport=9 / 'a b'"));
}

TEST(Craft, scapys_form_is_read_too) {
  EXPECT_EQ(crafted("IP(dst='198.18.0.2', ttl=3)/TCP(dport=80, flags='S')/'hi'"), crafted("ip dst=198.18.0.2 ttl=3 / tcp dport=80 flags=S / 'hi'"));
  EXPECT_EQ(crafted("ip()/udp(dport=9)"), crafted("ip / udp dport=9"));
  EXPECT_EQ(recipe("ip(dst=198.18.0.0/30)/tcp(dport={80,443})").count(), 8u);
}

TEST(Craft, fields_of_a_message_need_no_name_for_it) {
  EXPECT_EQ(layers_of(crafted("ip / icmp")), "ip icmp icmp_echo");
  EXPECT_EQ(crafted("ip / icmp type=8 id=1 seq=2"), Packet((Ipv4{} / Icmp{.type = 8} / IcmpEcho{.id = 1, .seq = 2})));
  EXPECT_EQ(crafted("ip / icmp type=0 id=1").get<&Icmp::type>(), 0);
  EXPECT_EQ(layers_of(crafted("ip / icmp type=5 gateway=198.18.0.9 / ip / udp dport=9")), "ip icmp icmp_redirect ip udp");
  EXPECT_EQ(layers_of(crafted("ip / icmp / icmp_error / ip / udp dport=9")), "ip icmp icmp_error ip udp") << "a message that is named takes the place of the implied one";
  EXPECT_EQ(crafted("ip / icmp / icmp_error / ip").get<&Icmp::type>(), 3);
  EXPECT_EQ(layers_of(crafted("ipv6 / icmpv6 type=135 target=fe80::2 source_link=02:00:00:00:00:01")), "ipv6 icmpv6 nd_ns");
  EXPECT_EQ(layers_of(crafted("ip / icmp type=13")), "ip icmp icmp_timestamp");
  EXPECT_EQ(crafted("ip / icmp type='echo reply'").get<&Icmp::type>(), 0);
}

TEST(Craft, options_are_words_with_their_values) {
  EXPECT_EQ(crafted("ip / tcp dport=80 mss=1400 nop sack_ok timestamps=5,6"), Packet((Ipv4{} / Tcp{.dport = 80, .options = {Mss{1400}, Nop{}, SackPermitted{},
      Timestamps{5, 6}}})));
  const Packet sack = crafted("ip / tcp dport=80 sack=1,2,3,4");
  EXPECT_EQ(hex_of(sack.bytes().subspan(40)), "051200000001000000020000000300000004" "0000");
  EXPECT_EQ(crafted("ip router_alert / icmp").get<&Ipv4::ihl>(), 6);
  EXPECT_EQ(crafted("ipv6 hop_limit=1 / ipv6.hopopts ipv6_router_alert / udp dport=9"), Packet((Ipv6{.hop_limit = 1} / HopByHop{.options = {Ipv6RouterAlert{}}} /
                                                                                                Udp{.dport = 9})));
  EXPECT_EQ(crafted("ip / tcp dport=80 mss").bytes().size(), 44u) << "the default value";
}

TEST(Craft, options_that_do_not_fit_are_refused) {
  std::string many = "ip / tcp dport=80";
  for (int i = 0; i < 5; ++i) many += " timestamps=1,2";
  EXPECT_NE(error_of(many).find("60"), std::string::npos) << error_of(many);
  EXPECT_NE(error_of("ip / tcp timestamps=1").find("2 values"), std::string::npos);
  EXPECT_NE(error_of("ip / tcp sack=1,2,3").find("values"), std::string::npos);
  EXPECT_NE(error_of("ip / tcp sack_ok=1").find("takes 0"), std::string::npos);
  EXPECT_NE(error_of("ip / tcp mss=70000").find("65535"), std::string::npos);
}

TEST(Craft, dns_takes_a_question) {
  EXPECT_EQ(crafted("ip / udp / dns id=7 qname=www.example.com qtype=AAAA"), Packet((Ipv4{} / Udp{} / Dns{.id = 7, .questions = 1, .options = {"www.example.com", 28}})));
  EXPECT_EQ(recipe("ip / udp / dns qname={a.example,b.example}").count(), 2u);
  EXPECT_NE(error_of("ip / udp / dns qname=a..b"), "no error");
  EXPECT_NE(error_of("ip / udp / dns qname=a.b qtype=NOPE"), "no error");
}

TEST(Craft, an_error_names_the_word_and_the_nearest_right_one) {
  EXPECT_NE(error_of("ip / tcp dprot=80").find("tcp has no field 'dprot'; did you mean 'dport'?"), std::string::npos) << error_of("ip / tcp dprot=80");
  EXPECT_NE(error_of("ip / tpc dport=80").find("there is no protocol 'tpc'; did you mean 'tcp'?"), std::string::npos) << error_of("ip / tpc dport=80");
  EXPECT_NE(error_of("ip tt=3 / udp").find("did you mean 'ttl'"), std::string::npos) << error_of("ip tt=3 / udp");
  EXPECT_NE(error_of("ip ttl=256").find("255"), std::string::npos) << error_of("ip ttl=256");
  EXPECT_NE(error_of("ip dst=198.18.0.256").find("'198.18.0.256' is not"), std::string::npos) << error_of("ip dst=198.18.0.256");
  EXPECT_NE(error_of("ip ttl").find("needs a value"), std::string::npos);
  EXPECT_NE(error_of("ip / tcp checksum.status=1"), "no error");
}

TEST(Craft, what_cannot_be_read_is_an_error_and_never_a_packet) {
  for (std::string_view bad : {"", " ", "/", "ip /", "/ ip", "ip / / tcp", "ip ttl=", "ip =3", "ip / tcp flags=Z", "ip dst=", "ip dst=198.18.0.0/33", "ip / udp dport={",
                               "ip / udp dport={}", "ip / 'open", "ip(", "ip(dst=198.18.0.1", "ip / hex=123",
                               "ip / hex=zz", "ip / zeros=65536", "ip / zeros=x", "ip / \"a\" b=1", "ip / udp dport=5-3", "ip ttl=1-300", "ip proto=nonsense",
                               "eth dst=02:00", "ip / udp dport=-1", "ip / udp sport=1 sport"})
    EXPECT_NE(error_of(bad), "no error") << bad;
}

TEST(Craft, errors_show_no_control_bytes) {
  const std::string e = error_of("ip / tcp \x1b[31mx=1");
  EXPECT_EQ(e.find('\x1b'), std::string::npos) << e;
}

TEST(Craft, what_the_text_leaves_open_can_be_supplied) {
  Recipe r = recipe("ip dst=198.18.0.2 / tcp dport=80");
  EXPECT_TRUE(r.given("ip", "dst"));
  EXPECT_FALSE(r.given("ip", "src"));
  EXPECT_FALSE(r.given("udp", "dport"));
  EXPECT_TRUE(r.supply("ip", "src", "198.18.0.1"));
  EXPECT_TRUE(r.supply("ip", "dst", "198.18.0.77"));
  EXPECT_FALSE(r.supply("udp", "sport", "1"));
  EXPECT_FALSE(r.supply("ip", "nonsense", "1"));
  r.prepend(info<Ethernet>);
  EXPECT_EQ(&r.first_protocol(), &info<Ethernet>);
  const Packet p = *r.make(0);
  EXPECT_EQ(p.get<&Ipv4::dst>(), Ipv4Address("198.18.0.2")) << "given beats supplied";
  EXPECT_EQ(p.get<&Ipv4::src>(), Ipv4Address("198.18.0.1"));
  EXPECT_EQ(p.get<&Ethernet::type>(), 0x0800);
}

TEST(Craft, a_packet_larger_than_any_link_carries_is_refused) {
  EXPECT_EQ(error_of("ip / udp dport=9 / zeros=65000"), "no error");
  EXPECT_NE(error_of("ip / udp dport=9 / zeros=65535 / zeros=65535"), "no error");
}

TEST(Craft, random_texts_do_no_harm) {
  auto random = random_source();
  const std::string_view words[] = {"ip", "tcp", "/", "udp", "dport=", "dst=", "198.18.0.0/30", "{1,2}", "1-9", "'", "\"", "(", ")", ",", "icmp", "flags=S", "mss", "=",
                                    "hex=", "00", "dns", "qname=", "a.b", "{", "}", " ", "\\", "eth", "ipv6"};
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (u64 k = random() % 12; k > 0; --k) text += std::string(words[random() % std::size(words)]) + (random() % 2 != 0 ? " " : "");
    const auto r = Recipe::parse(standard_registry(), text);
    if (r && r->count() < 100000) {
      const auto p = r->make(random() % r->count());
      if (p) { ASSERT_LE(p->size(), 70000u); }
    }
  }
}

}  // namespace
}  // namespace rawket
