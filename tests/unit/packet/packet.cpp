// Packets by value: copied, moved, returned, edited by member and by name, with their checksums always right.
#include "rawket/packet/packet.hpp"

#include "../packet_test.hpp"
#include "rawket/packet/fill.hpp"
#include "rawket/proto/all.hpp"

namespace rawket {
namespace {

using namespace test;

constexpr Ipv4 ip{.src = "198.18.0.1", .dst = "198.18.0.2"};
Packet made(u16 port) { return ip / Tcp{.dport = port} / "hello"; }
Packet read(std::string_view name) { return Packet::from_bytes(standard_registry(), protocol_named(vector(name).first), octets(vector(name).hex)); }

TEST(Packet, is_a_value) {
  Packet a = made(80);
  Packet b = a;
  EXPECT_EQ(a, b);
  EXPECT_TRUE(b.set<&Tcp::dport>(81));
  EXPECT_NE(a, b) << "a copy does not follow";
  EXPECT_EQ(a.get<&Tcp::dport>(), 80);
  const Packet c = std::move(b);
  EXPECT_EQ(c.get<&Tcp::dport>(), 81);
  EXPECT_EQ(c, made(81)) << "edited is the same as made";
  a = c;
  EXPECT_EQ(a.get<&Tcp::dport>(), 81);
  EXPECT_EQ(&a.first_protocol(), &info<Ipv4>);
}

TEST(Packet, may_be_empty) {
  Packet p;
  EXPECT_EQ(p.size(), 0u);
  EXPECT_EQ(p.first_protocol().name, "data");
  EXPECT_FALSE(p.get<&Ipv4::ttl>());
  EXPECT_FALSE(p.set<&Ipv4::ttl>(1));
  EXPECT_FALSE(p.set("ip.ttl", "1"));
}

TEST(Packet, made_and_read_have_the_same_layers) {
  const Packet a = made(5001), b = Packet::from_bytes(standard_registry(), info<Ipv4>, a.bytes());
  ASSERT_EQ(a.layers().size(), b.layers().size());
  for (std::size_t i = 0; i < a.layers().size(); ++i) {
    EXPECT_EQ(a.layers()[i].protocol, b.layers()[i].protocol);
    EXPECT_EQ(a.layers()[i].offset, b.layers()[i].offset);
    EXPECT_EQ(a.layers()[i].length, b.layers()[i].length);
    EXPECT_EQ(a.layers()[i].end, b.layers()[i].end);
  }
}

TEST(Packet, absent_and_cut_layers_have_no_fields) {
  Packet p = Packet::from_bytes(standard_registry(), info<Ipv4>, made(80).bytes().first(30));
  EXPECT_TRUE(p.get<&Ipv4::ttl>());
  EXPECT_FALSE(p.get<&Tcp::dport>());
  EXPECT_FALSE(p.set<&Tcp::dport>(1));
  EXPECT_FALSE(p.get<&Udp::dport>());
}

TEST(Packet, fields_are_written_by_name_member_or_short_name) {
  Packet p = made(80);
  EXPECT_TRUE(p.set("ip.ttl", "7"));
  EXPECT_TRUE(p.set("tcp.dstport", "443"));
  EXPECT_TRUE(p.set("tcp.dport", "8080"));
  EXPECT_TRUE(p.set("tcp.flags", "SA"));
  EXPECT_TRUE(p.set("ip.dst", "198.18.0.9"));
  EXPECT_TRUE(p.set("ip.flags.df", "1"));
  EXPECT_EQ(p, Packet((Ipv4{.flags = 2, .ttl = 7, .src = "198.18.0.1", .dst = "198.18.0.9"} / Tcp{.dport = 8080, .flags = Syn | Ack} / "hello")));
}

TEST(Packet, a_wrong_name_or_value_is_an_error_and_changes_nothing) {
  Packet p = made(80);
  const auto name = p.set("tcp.dstprt", "1"), layer = p.set("udp.dstport", "1"), value = p.set("ip.ttl", "256"), status = p.set("tcp.checksum.status", "1");
  ASSERT_FALSE(name || layer || value || status);
  EXPECT_EQ(name.error().code, Errc::unknown_name);
  EXPECT_NE(name.error().what.find("did you mean 'tcp.dstport'"), std::string::npos) << name.error().text();
  EXPECT_EQ(value.error().code, Errc::out_of_range);
  EXPECT_NE(value.error().text().find("255"), std::string::npos) << value.error().text();
  EXPECT_EQ(p, made(80));
}

TEST(Packet, an_address_of_an_outer_packet_is_not_in_the_sums_of_an_inner_one) {
  Packet p = read("gre_key");
  EXPECT_TRUE(p.set<&Ipv4::src>("203.0.113.1"));
  const Seen seen(p.first_protocol(), {p.bytes().begin(), p.bytes().end()});
  EXPECT_EQ(seen["ip.checksum.status"], "[1,1]");
  Packet nested = Ipv4{.src = "198.18.0.1", .dst = "198.18.0.2"} / Udp{} / Vxlan{} / Ethernet{} / Ipv4{} / Udp{.dport = 5001} / "odd";
  EXPECT_TRUE(nested.set<&Ipv4::src>("203.0.113.1"));
  const Seen inner(nested.first_protocol(), {nested.bytes().begin(), nested.bytes().end()});
  EXPECT_EQ(inner["udp.checksum.status"], "[1,1]");
}

/// Every writable field of every vector, with random values: the checksum statuses stay what they were.
TEST(Packet, any_field_may_be_written_and_every_checksum_stays_right) {
  auto random = random_source();
  for (const Vector& v : vectors) {
    const Seen before(v);
    std::string statuses;
    for (const char* name : {"ip.checksum.status", "tcp.checksum.status", "udp.checksum.status", "icmp.checksum.status", "icmpv6.checksum.status"}) statuses += before[name];
    if (v.name == "v6_rh") continue;
    Packet p = read(v.name);
    const std::vector<Layer> layers(p.layers().begin(), p.layers().end());
    std::size_t quoting = layers.size();
    for (std::size_t i = 0; i < layers.size(); ++i)
      if (layers[i].protocol->quotes) quoting = std::min(quoting, i);
    for (int round = 0; round < 40; ++round) {
      const Layer& l = layers[random() % layers.size()];
      if (l.protocol->fields.empty() || static_cast<std::size_t>(&l - layers.data()) > quoting) continue;
      const Field& f = l.protocol->fields[random() % l.protocol->fields.size()];
      if (f.is_status || !(f.show == Show::decimal || f.show == Show::hex || f.show == Show::ipv4 || f.show == Show::mac) || f.opaque || f.name.ends_with(".mf")) continue;
      if (f.rule.kind != Rule::given || f.name == "type" || f.name == "flags" || f.name == "code" || f.scale != 1 || f.name.find("more") != f.name.npos) continue;
      if (p.layers()[static_cast<std::size_t>(&l - layers.data())].protocol != l.protocol) continue;
      const bool first_of_its_kind = std::ranges::find(layers, l.protocol, &Layer::protocol)->offset == l.offset;
      if (!first_of_its_kind || f.name.starts_with("dsap") || f.name.starts_with("control") || l.protocol->name == "gre" || l.protocol->name == "mpls") continue;
      const u64 number = random() & detail::ones(f.width);
      const std::string value = f.show == Show::ipv4 ? Ipv4Address::from_number(static_cast<u32>(random())).text() : f.show == Show::mac ? "02:00:00:00:00:77" : std::to_string(number);
      Packet changed = p;
      ASSERT_TRUE(changed.set(f.full_name(), value)) << v.name << " " << f.full_name() << " = " << value;
      const Seen after(changed.first_protocol(), {changed.bytes().begin(), changed.bytes().end()});
      if (after.layers() != before.layers()) continue;  // a port or type that leads elsewhere
      std::string now;
      for (const char* name : {"ip.checksum.status", "tcp.checksum.status", "udp.checksum.status", "icmp.checksum.status", "icmpv6.checksum.status"}) now += after[name];
      ASSERT_EQ(now, statuses) << v.name << " after " << f.full_name() << " = " << value;
    }
  }
}

TEST(Packet, knows_the_link_type_it_begins_with) {
  EXPECT_EQ(link_type_of(info<Ethernet>), 1);
  EXPECT_EQ(link_type_of(info<Ipv4>), 101);
  EXPECT_EQ(link_type_of(info<Ipv6>), 101);
  EXPECT_EQ(link_type_of(info<LinuxCooked2>), 276);
  EXPECT_EQ(&link_protocol(standard_registry(), 1), &info<Ethernet>);
  EXPECT_EQ(&link_protocol(standard_registry(), 60000), &data);
}

TEST(Fill, only_fields_that_were_left_open_are_filled) {
  Packet p = Ipv4{} / Udp{.dport = 9} / "x";
  Octets b(p.bytes().begin(), p.bytes().end());
  b[2] = b[3] = 0, b[10] = b[11] = 0;
  std::vector<Layer> layers(p.layers().begin(), p.layers().end());
  fill_computed(b, layers);
  EXPECT_EQ(b[3], 0) << "no layer asked for it";
  layers[0].autos = ~u64{};
  fill_computed(b, layers);
  EXPECT_EQ(hex_of(b), hex_of(p));
}

}  // namespace
}  // namespace rawket
