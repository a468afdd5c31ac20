// Stacks into bytes: what the compiler makes, what is computed, and what is given.
#include "rawket/wire/build.hpp"

#include "../packet_test.hpp"
#include "rawket/proto/all.hpp"

namespace rawket {
namespace {

using namespace test;

constexpr bool equal(Bytes a, Bytes b) { return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin()); }

// Made by the compiler, and judged by it.
constexpr auto syn = build(Ipv4{.id = 0x1234, .src = "198.18.0.1", .dst = "198.18.0.2"} / Tcp{.sport = 40000, .dport = 80, .seq = 1000});
static_assert(syn.size() == 40);
static_assert(internet_checksum(syn.header<Ipv4>()) == 0);
static_assert(syn.get<&Ipv4::length>() == 40 && syn.get<&Ipv4::protocol>() == 6 && syn.get<&Tcp::offset>() == 5 && syn.get<&Tcp::flags>() == Syn);
static_assert(internet_checksum(syn.header<Tcp>(), Ipv4::pseudo_header(syn.header<Ipv4>()) + 6 + 20) == 0);
constexpr u8 arp_bytes[] = {0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 198, 18, 0, 1, 0, 0, 0, 0, 0, 0, 198, 18, 0, 2};
static_assert(equal(build(Arp{.source_mac = "02:00:00:00:00:01", .source = "198.18.0.1", .target = "198.18.0.2"}).bytes(), arp_bytes));
constexpr u8 vlan_bytes[] = {0xb0, 0x64, 0x08, 0x00};
static_assert(equal(build(Vlan{.priority = 5, .dei = 1, .id = 100} / Ipv4{}).bytes().first(4), vlan_bytes));

TEST(Build, is_what_the_other_implementation_makes) {
  EXPECT_EQ(hex_of(syn), vector("tcp_syn").hex);
  EXPECT_EQ(hex_of(build(Ethernet{.dst = "02:00:00:00:00:02", .src = "02:00:00:00:00:01"} / Ipv4{.id = 0x1234, .src = "198.18.0.1", .dst = "198.18.0.2"} /
                         Udp{.sport = 5000, .dport = 5001} / "hello")),
            vector("eth_udp").hex);
}

TEST(Build, lengths_and_numbers_come_from_the_stack) {
  const auto f = build(Ethernet{} / Vlan{} / Ipv6{} / Udp{.dport = 9} / "12345");
  EXPECT_EQ(f.get<&Ethernet::type>(), 0x8100);
  EXPECT_EQ(f.get<&Vlan::type>(), 0x86dd);
  EXPECT_EQ(f.get<&Ipv6::length>(), 13);
  EXPECT_EQ(f.get<&Ipv6::next_header>(), 17);
  EXPECT_EQ(f.get<&Udp::length>(), 13);
  EXPECT_EQ(f.extent(3).offset, 58u);
  EXPECT_EQ(f.extent(4).end, f.size());
}

TEST(Build, a_given_value_beats_a_computed_one) {
  const auto f = build(Ethernet{.type = 0x1234} / Ipv4{.ihl = 6, .length = 1, .protocol = 99, .checksum = 0xdead} / Udp{.dport = 7, .length = 3, .checksum = 0xbeef} / "x");
  EXPECT_EQ(f.get<&Ethernet::type>(), 0x1234);
  EXPECT_EQ(f.get<&Ipv4::ihl>(), 6);
  EXPECT_EQ(f.get<&Ipv4::length>(), 1);
  EXPECT_EQ(f.get<&Ipv4::protocol>(), 99);
  EXPECT_EQ(f.get<&Ipv4::checksum>(), 0xdead);
  EXPECT_EQ(f.get<&Udp::length>(), 3);
  EXPECT_EQ(f.get<&Udp::checksum>(), 0xbeef);
  const auto zero = build(Ipv4{.checksum = u16{0}} / Udp{.checksum = u16{0}});
  EXPECT_EQ(zero.get<&Ipv4::checksum>(), 0) << "zero is a value too";
  EXPECT_EQ(zero.get<&Udp::checksum>(), 0);
}

TEST(Build, a_port_follows_the_protocol_that_is_stacked_on_it) {
  EXPECT_EQ((build(Ipv4{} / Udp{} / Dns{}).get<&Udp::dport>()), 53);
  EXPECT_EQ((build(Ipv4{} / Udp{} / Vxlan{} / Ethernet{}).get<&Udp::dport>()), 4789);
  EXPECT_EQ((build(Ipv4{} / Udp{.dport = 5300} / Dns{}).get<&Udp::dport>()), 5300);
}

TEST(Build, options_are_padded_to_their_unit_and_counted) {
  const auto f = build(Ipv4{.options = {IpRouterAlert{}}} / Tcp{.dport = 1, .options = {Mss{}, WindowScale{}}});
  EXPECT_EQ(f.get<&Ipv4::ihl>(), 6);
  EXPECT_EQ(f.get<&Tcp::offset>(), 7);
  EXPECT_EQ(f.size(), 24u + 28u);
  EXPECT_EQ(f.header<Tcp>()[27], 0);
  EXPECT_EQ(internet_checksum(f.header<Ipv4>()), 0);
}

TEST(Build, a_full_tail_of_options_still_fits) {
  Tcp tcp{.dport = 1};
  while (tcp.options.add(Nop{})) {}
  EXPECT_EQ(tcp.options.size, 40);
  const auto f = build(Ipv4{} / tcp);
  EXPECT_EQ(f.get<&Tcp::offset>(), 15);
  EXPECT_EQ(f.size(), 80u);
}

TEST(Build, ipv6_options_are_padded_by_options) {
  const auto f = build(Ipv6{} / HopByHop{.options = {Ipv6RouterAlert{}}} / Udp{.dport = 1});
  EXPECT_EQ(hex_of(f.header<HopByHop>()), "1100050200000100");
  EXPECT_EQ(f.get<&Ipv6::next_header>(), 0);
  EXPECT_EQ(f.get<&HopByHop::size>(), 0);
}

TEST(Build, odd_payloads_are_summed_as_if_a_zero_followed) {
  for (const auto& f : {Seen(protocol_named("ip"), [] {
         const auto b = build(Ipv4{} / Udp{.dport = 5001} / "x");
         return Octets(b.bytes().begin(), b.bytes().end());
       }())})
    EXPECT_EQ(f["udp.checksum.status"], "1");
  const auto odd = build(Ipv4{} / Tcp{.dport = 80} / "abc");
  EXPECT_EQ(internet_checksum(odd.bytes().subspan(20), Ipv4::pseudo_header(odd.header<Ipv4>()) + 6 + 23), 0);
}

TEST(Build, a_udp_checksum_that_comes_out_as_zero_is_sent_as_ffff) {
  // Given the right two bytes of payload, the sum is all ones.
  const auto zero = build(Ipv4{.src = "198.18.0.1", .dst = "198.18.0.2"} / Udp{.sport = 5000, .dport = 5001, .checksum = u16{0}} / "\0\0");
  const u16 rest = internet_checksum(zero.bytes().subspan(20), Ipv4::pseudo_header(zero.header<Ipv4>()) + 17 + 10);
  auto payload = Payload<2>{{static_cast<u8>(rest >> 8), static_cast<u8>(rest)}};
  const auto f = build(Ipv4{.src = "198.18.0.1", .dst = "198.18.0.2"} / Udp{.sport = 5000, .dport = 5001} / payload);
  EXPECT_EQ(f.get<&Udp::checksum>(), 0xffff);
  EXPECT_EQ(Seen(protocol_named("ip"), {f.bytes().begin(), f.bytes().end()})["udp.checksum.status"], "1");
}

TEST(Build, a_tcp_checksum_that_comes_out_as_zero_stays_zero) {
  const auto zero = build(Ipv4{} / Tcp{.dport = 80, .checksum = u16{0}} / "\0\0");
  const u16 rest = internet_checksum(zero.bytes().subspan(20), Ipv4::pseudo_header(zero.header<Ipv4>()) + 6 + 22);
  auto payload = Payload<2>{{static_cast<u8>(rest >> 8), static_cast<u8>(rest)}};
  EXPECT_EQ(build(Ipv4{} / Tcp{.dport = 80} / payload).get<&Tcp::checksum>(), 0);
}

TEST(Build, the_ipv6_pseudo_header_covers_addresses_length_and_the_upper_protocol) {
  const auto f = build(Ipv6{.src = "2001:db8::1", .dst = "2001:db8::2"} / Udp{.sport = 5000, .dport = 5001} / "odd");
  EXPECT_EQ(hex_of(f), vector("udp6").hex);
  const auto behind = build(Ipv6{.src = "2001:db8::1", .dst = "2001:db8::2"} / DestinationOptions{} / Icmpv6{} / Icmpv6Echo{.id = 1} / "abc");
  EXPECT_EQ(Seen(protocol_named("ipv6"), {behind.bytes().begin(), behind.bytes().end()})["icmpv6.checksum.status"], "1") << "extension headers are not in the pseudo header";
}

TEST(Build, vxlan_nests_two_sums) {
  const auto f = build(Ethernet{} / Ipv4{.src = "198.18.0.1", .dst = "198.18.0.2"} / Udp{} / Vxlan{.vni = 7} / Ethernet{} / Ipv4{.src = "192.0.2.1", .dst = "192.0.2.2"} /
                       Tcp{.dport = 8001} / "odd");
  const Seen seen(protocol_named("eth"), {f.bytes().begin(), f.bytes().end()});
  EXPECT_EQ(seen.layers(), "eth ip udp vxlan eth ip tcp data");
  EXPECT_EQ(seen["ip.checksum.status"], "[1,1]");
  EXPECT_EQ(seen["udp.checksum.status"], "1");
  EXPECT_EQ(seen["tcp.checksum.status"], "1");
}

TEST(Build, decode_is_the_inverse_of_encode) {
  auto random = random_source();
  for (int i = 0; i < 2000; ++i) {
    const Octets b = random_octets(random, 20);
    u8 again[20];
    encode(decode<Tcp>(b.data()), again);
    ASSERT_EQ(hex_of(again), hex_of(b));
    encode(decode<Ipv4>(b.data()), again);
    ASSERT_EQ(hex_of(again), hex_of(b));
  }
}

TEST(View, reads_fields_where_they_lie) {
  const View<Tcp> view(syn.header<Tcp>().data());
  EXPECT_EQ(view->dport, 80);
  EXPECT_EQ(view->flags, Syn);
  EXPECT_EQ((*view).seq, 1000u);
}

TEST(Values, an_auto_field_knows_whether_it_was_given) {
  constexpr Auto<u16> open = computed, given = u16{0};
  static_assert(!open.given && given.given && given == 0);
  static_assert(Little<u32>(0x01020304).octets[0] == 4 && u32{Little<u32>(0x01020304)} == 0x01020304);
}

}  // namespace
}  // namespace rawket
