// Frame::set: after any edit the checksums are those of a packet built anew.
#include "../packet_test.hpp"
#include "rawket/proto/all.hpp"
#include "rawket/wire/build.hpp"

namespace rawket {
namespace {

using namespace test;

constexpr auto patched = [] {
  auto f = build(Ipv4{.src = "198.18.0.1", .dst = "198.18.0.2"} / Tcp{.dport = 80} / "hi");
  f.set<&Ipv4::ttl>(3).set<&Tcp::dport>(443).set<&Ipv4::dst>("198.18.0.9");
  return f;
}();
static_assert(internet_checksum(patched.header<Ipv4>()) == 0);
static_assert(patched.get<&Tcp::dport>() == 443 && patched.get<&Ipv4::ttl>() == 3 && patched.get<&Ipv4::dst>() == Ipv4Address("198.18.0.9"));

TEST(Edit, one_edit_gives_the_packet_that_would_have_been_built) {
  auto f = build(Ipv4{.ttl = 64} / Udp{.dport = 53} / "payload");
  f.set<&Ipv4::ttl>(7);
  EXPECT_EQ(hex_of(f), hex_of(build(Ipv4{.ttl = 7} / Udp{.dport = 53} / "payload")));
  f.set<&Udp::sport>(1);
  EXPECT_EQ(hex_of(f), hex_of(build(Ipv4{.ttl = 7} / Udp{.sport = 1, .dport = 53} / "payload")));
  f.set<&Ipv4::src>("192.0.2.77");
  EXPECT_EQ(hex_of(f), hex_of(build(Ipv4{.ttl = 7, .src = "192.0.2.77"} / Udp{.sport = 1, .dport = 53} / "payload")));
}

TEST(Edit, ipv4_and_tcp_stay_right_over_many_random_edits) {
  auto random = random_source();
  Ipv4 ip{.src = "198.18.0.1", .dst = "198.18.0.2"};
  Tcp tcp{.dport = 80, .options = {Mss{}, Timestamps{1, 2}}};
  auto f = build(ip / tcp / "odd");
  for (int i = 0; i < 3000; ++i) {
    const u32 r = static_cast<u32>(random());
    switch (random() % 9) {
      case 0: ip.ttl = static_cast<u8>(r), f.set<&Ipv4::ttl>(ip.ttl); break;
      case 1: ip.tos = static_cast<u8>(r), f.set<&Ipv4::tos>(ip.tos); break;
      case 2: ip.id = static_cast<u16>(r), f.set<&Ipv4::id>(ip.id); break;
      case 3: ip.flags = r & 7, f.set<&Ipv4::flags>(ip.flags); break;
      case 4: ip.src = Ipv4Address::from_number(r), f.set<&Ipv4::src>(ip.src); break;
      case 5: tcp.seq = r, f.set<&Tcp::seq>(r); break;
      case 6: tcp.sport = static_cast<u16>(r), f.set<&Tcp::sport>(tcp.sport); break;
      case 7: tcp.flags = static_cast<TcpFlags>(r & 0x1ff), f.set<&Tcp::flags>(tcp.flags); break;
      default: ip.dst = Ipv4Address::from_number(r), f.set<&Ipv4::dst>(ip.dst); break;
    }
    ASSERT_EQ(hex_of(f), hex_of(build(ip / tcp / "odd"))) << "after edit " << i;
  }
}

TEST(Edit, several_fields_at_once_are_as_one_after_the_other) {
  auto random = random_source();
  Ipv4 ip{.src = "198.18.0.1", .dst = "198.18.0.2"};
  Tcp tcp{.dport = 80};
  auto f = build(Ethernet{} / ip / tcp / "odd");
  for (int i = 0; i < 2000; ++i) {
    const u32 r = static_cast<u32>(random());
    ip.ttl = static_cast<u8>(r), ip.tos = static_cast<u8>(r >> 8), ip.id = static_cast<u16>(r >> 16), ip.src = Ipv4Address::from_number(~r);
    tcp.seq = r * 3, tcp.sport = static_cast<u16>(r >> 5), tcp.flags = static_cast<TcpFlags>(r >> 9 & 0x1ff);
    f.set<&Ipv4::tos, &Tcp::seq, &Ipv4::ttl, &Ipv4::src, &Tcp::flags, &Tcp::sport, &Ipv4::id>(ip.tos, r * 3, ip.ttl, ip.src, tcp.flags, tcp.sport, ip.id);
    ASSERT_EQ(hex_of(f), hex_of(build(Ethernet{}, ip, tcp, Payload<3>{{'o', 'd', 'd'}}))) << "after edit " << i;
  }
}

TEST(Edit, a_checksum_given_among_several_fields_stays_as_given) {
  auto f = build(Ipv4{.src = "198.18.0.1"} / Udp{.dport = 1} / "x");
  f.set<&Udp::checksum, &Udp::dport, &Ipv4::ttl>(0x1234, 2, 9);
  EXPECT_EQ(f.get<&Udp::checksum>(), 0x1234);
  EXPECT_EQ(internet_checksum(f.header<Ipv4>()), 0);
}

TEST(Edit, a_nested_packet_keeps_its_inner_and_outer_sums) {
  auto random = random_source();
  Ipv4 outer{.src = "198.18.0.1", .dst = "198.18.0.2"};
  Udp udp{.sport = 50000};
  Vxlan vxlan{.vni = 1};
  Ipv6 inner{.src = "2001:db8::1", .dst = "2001:db8::2"};
  Icmpv6Echo echo{.id = 1};
  const auto make = [&] { return build(Ethernet{} / outer / udp / vxlan / Ethernet{} / inner / Icmpv6{} / echo / "abc"); };
  auto f = make();
  for (int i = 0; i < 2000; ++i) {
    const u32 r = static_cast<u32>(random());
    switch (random() % 6) {
      case 0: outer.src = Ipv4Address::from_number(r), f.set<&Ipv4::src>(outer.src); break;
      case 1: udp.sport = static_cast<u16>(0xc000 | r), f.set<&Udp::sport>(udp.sport); break;  // no service of a lower port may claim the payload
      case 2: vxlan.vni = r & 0xffffff, f.set<&Vxlan::vni>(vxlan.vni); break;
      case 3: inner.dst.octets[r % 16] = static_cast<u8>(r >> 8), f.set<&Ipv6::dst>(inner.dst); break;
      case 4: inner.hop_limit = static_cast<u8>(r), f.set<&Ipv6::hop_limit>(inner.hop_limit); break;
      default: echo.seq = static_cast<u16>(r), f.set<&Icmpv6Echo::seq>(echo.seq); break;
    }
    const Seen seen(protocol_named("eth"), {f.bytes().begin(), f.bytes().end()});
    ASSERT_EQ(seen["ip.checksum.status"] + seen["udp.checksum.status"] + seen["icmpv6.checksum.status"], "111") << "after edit " << i;
    const auto anew = make();
    Octets a(f.bytes().begin(), f.bytes().end()), b(anew.bytes().begin(), anew.bytes().end());
    ASSERT_EQ(hex_of(a), hex_of(b)) << "after edit " << i;
  }
}

TEST(Edit, a_wrong_checksum_given_on_purpose_stays_as_wrong_as_it_was) {
  auto f = build(Ipv4{.checksum = 0xdead} / Udp{.dport = 1});
  f.set<&Ipv4::ttl>(64);
  EXPECT_EQ(f.get<&Ipv4::checksum>(), 0xdead) << "the same value again changes nothing";
  f.set<&Ipv4::checksum>(0x1234);
  EXPECT_EQ(f.get<&Ipv4::checksum>(), 0x1234);
}

TEST(Edit, a_udp_packet_without_checksum_stays_without) {
  auto f = build(Ipv4{} / Udp{.dport = 1, .checksum = u16{0}} / "x");
  f.set<&Udp::sport>(7);
  f.set<&Ipv4::src>("192.0.2.1");
  EXPECT_EQ(f.get<&Udp::checksum>(), 0);
  EXPECT_EQ(internet_checksum(f.header<Ipv4>()), 0);
}

TEST(Edit, all_numbers_of_a_field_give_what_building_gives) {
  auto f = build(Ipv4{} / Udp{.dport = 5001} / "ab");
  for (u32 id = 0; id < 65536; id += 1) {
    f.set<&Udp::sport>(static_cast<u16>(id));
    if (id % 97 != 0 && f.get<&Udp::checksum>() != 0xffff && f.get<&Udp::checksum>() != 0) continue;
    ASSERT_EQ(hex_of(f), hex_of(build(Ipv4{} / Udp{.sport = static_cast<u16>(id), .dport = 5001} / "ab"))) << id;
  }
}

}  // namespace
}  // namespace rawket
