// What a packet needs permission for, judged with interfaces made by hand.
#include "rawket/send/policy.hpp"

#include "../packet_test.hpp"
#include "rawket/packet/craft.hpp"

namespace rawket {
namespace {

using namespace test;

/// One Ethernet interface: 198.18.0.1/24 and 2001:db8::1/64.
Policy home() {
  Policy p;
  Interface eth, lo;
  eth.index = 2, eth.name = "eth0", eth.mac = Mac("02:00:00:00:00:01"), eth.hardware_type = 1, eth.mtu = 1500, eth.up = true;
  eth.addresses = {*Prefix::parse("198.18.0.1/24"), *Prefix::parse("2001:db8::1/64")};
  lo.index = 1, lo.name = "lo", lo.hardware_type = 772, lo.mtu = 65536, lo.up = lo.loopback = true;
  lo.addresses = {*Prefix::parse("127.0.0.1/8")};
  p.own = {lo, eth};
  return p;
}
/// "broadcast,forged": the needs by name.
std::string names_of(const Needs& needs) {
  std::string s;
  for (std::size_t i = 0; i < std::size(need_names); ++i)
    if (needs.has(static_cast<Need>(i))) s += (s.empty() ? "" : ",") + std::string(need_names[i]);
  return s;
}
std::string needs_of(std::string_view text, const Policy& policy = home()) {
  const auto r = Recipe::parse(standard_registry(), text);
  if (!r) throw std::invalid_argument(r.error().text());
  const Packet p = *r->make(0);
  Dissection d;
  dissect(standard_registry(), p.first_protocol(), p.bytes(), d);
  return names_of(policy.needs_of(d));
}

TEST(Policy, own_subnets_and_loopback_need_nothing) {
  EXPECT_EQ(needs_of("ip src=198.18.0.1 dst=198.18.0.2 / icmp"), "");
  EXPECT_EQ(needs_of("ipv6 src=2001:db8::1 dst=2001:db8::2 / icmpv6"), "");
  EXPECT_EQ(needs_of("ip src=127.0.0.1 dst=127.0.0.9 / icmp"), "");
  EXPECT_EQ(needs_of("ipv6 src=::1 dst=::1 / icmpv6"), "");
  EXPECT_EQ(needs_of("eth src=02:00:00:00:00:01 dst=02:00:00:00:00:02 / ip src=198.18.0.1 dst=198.18.0.2 / icmp"), "");
}

TEST(Policy, other_networks_are_public) {
  EXPECT_EQ(needs_of("ip src=198.18.0.1 dst=203.0.113.1 / icmp"), "public");
  EXPECT_EQ(needs_of("ip src=198.18.0.1 dst=198.18.1.1 / icmp"), "public") << "the next subnet";
  EXPECT_EQ(needs_of("ipv6 src=2001:db8::1 dst=2001:db8:1::1 / icmpv6"), "public");
}

TEST(Policy, a_source_that_is_not_ours_is_forged) {
  EXPECT_EQ(needs_of("ip src=198.18.0.77 dst=198.18.0.2 / icmp"), "forged") << "even a neighbour's";
  EXPECT_EQ(needs_of("ip src=0.0.0.0 dst=198.18.0.2 / icmp"), "forged");
  EXPECT_EQ(needs_of("ipv6 src=2001:db8::77 dst=2001:db8::2 / icmpv6"), "forged");
  EXPECT_EQ(needs_of("eth src=02:00:00:00:00:77 dst=02:00:00:00:00:02 / ip src=198.18.0.1 dst=198.18.0.2 / icmp"), "forged");
}

TEST(Policy, groups_are_told_by_any_of_their_addresses) {
  EXPECT_EQ(needs_of("ip src=198.18.0.1 dst=255.255.255.255 / udp dport=9"), "broadcast");
  EXPECT_EQ(needs_of("ip src=198.18.0.1 dst=198.18.0.255 / udp dport=9"), "broadcast") << "the subnet's last address";
  EXPECT_EQ(needs_of("ip src=198.18.0.1 dst=224.0.0.1 / udp dport=9"), "multicast");
  EXPECT_EQ(needs_of("ipv6 src=2001:db8::1 dst=ff02::1 / udp dport=9"), "multicast");
  EXPECT_EQ(needs_of("eth src=02:00:00:00:00:01 dst=01:00:5e:00:00:01 / ip src=198.18.0.1 dst=224.0.0.1 / udp dport=9"), "multicast");
  EXPECT_EQ(needs_of("eth src=02:00:00:00:00:01 / ip src=198.18.0.1 dst=198.18.0.2 / udp dport=9"), "broadcast") << "a frame to all with a datagram to one";
}

TEST(Policy, arp_for_another_sender_is_forged) {
  EXPECT_EQ(needs_of("eth src=02:00:00:00:00:01 dst=02:00:00:00:00:02 / arp source=198.18.0.1 source_mac=02:00:00:00:00:01 target=198.18.0.2"), "");
  EXPECT_EQ(needs_of("eth src=02:00:00:00:00:01 dst=02:00:00:00:00:02 / arp source=198.18.0.254 target=198.18.0.2"), "forged");
  EXPECT_EQ(needs_of("eth src=02:00:00:00:00:01 dst=02:00:00:00:00:02 / arp source=0.0.0.0 target=198.18.0.2"), "") << "a probe (RFC 5227)";
}

TEST(Policy, an_arp_that_names_anothers_link_address_is_forged) {
  EXPECT_EQ(needs_of("eth src=02:00:00:00:00:01 dst=02:00:00:00:00:02 / arp opcode=2 source=198.18.0.1 source_mac=02:00:00:00:00:66 target=198.18.0.2"), "forged");
}

TEST(Policy, a_tagged_frame_is_judged_by_what_it_carries) {
  EXPECT_EQ(needs_of("eth src=02:00:00:00:00:01 dst=02:00:00:00:00:02 / vlan / ip src=203.0.113.9 dst=203.0.113.1 / udp dport=9"), "forged,public");
}

TEST(Policy, a_frame_of_the_802_3_kind_to_all_is_a_broadcast_too) {
  EXPECT_NE(needs_of("ieee8023 src=02:00:00:00:00:77 / llc / zeros=40").find("broadcast"), std::string::npos);
}

TEST(Policy, knows_who_is_near_and_who_is_us) {
  const Policy p = home();
  EXPECT_TRUE(p.is_near(*IpAddress::parse("198.18.0.200")));
  EXPECT_FALSE(p.is_near(*IpAddress::parse("198.18.1.0")));
  EXPECT_TRUE(p.is_ours(*IpAddress::parse("198.18.0.1")));
  EXPECT_FALSE(p.is_ours(*IpAddress::parse("198.18.0.2")));
  EXPECT_TRUE(p.is_ours(*IpAddress::parse("127.5.5.5")));
  EXPECT_TRUE(p.is_near(*IpAddress::parse("::1")));
  Policy wide = home();
  wide.own[1].addresses.push_back(*Prefix::parse("10.0.0.1/0"));
  EXPECT_FALSE(wide.is_near(*IpAddress::parse("203.0.113.1"))) << "a prefix of no bits is not a subnet";
}

TEST(Policy, forbidden_destinations_stay_forbidden) {
  Policy p = home();
  p.forbidden = {*Prefix::parse("198.18.0.128/25")};
  const auto forbidden = [&](std::string_view text) {
    const Packet packet = *Recipe::parse(standard_registry(), text)->make(0);
    Dissection d;
    dissect(standard_registry(), packet.first_protocol(), packet.bytes(), d);
    return p.is_forbidden(d);
  };
  EXPECT_TRUE(forbidden("ip dst=198.18.0.200 / icmp"));
  EXPECT_FALSE(forbidden("ip dst=198.18.0.100 / icmp"));
}

TEST(Needs, are_a_set) {
  Needs a, b;
  EXPECT_TRUE(a.empty());
  a.add(Need::forged), a.add(Need::fast);
  b.add(Need::fast);
  EXPECT_EQ(names_of(a.without(b)), "forged");
  EXPECT_EQ(names_of(b | a), "forged,fast");
  EXPECT_TRUE(b.without(a).empty());
}

TEST(ParseNeeds, every_name_is_known_and_no_other) {
  const std::vector<std::string> all(std::begin(need_names), std::end(need_names));
  const auto needs = parse_needs(all);
  ASSERT_TRUE(needs);
  EXPECT_EQ(names_of(*needs), "broadcast,multicast,forged,public,many,fast,faulty");
  EXPECT_TRUE(parse_needs({})->empty());
  const std::vector<std::string> wrong = {"forged", "brodcast"};
  const auto bad = parse_needs(wrong);
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().text().find("did you mean 'broadcast'"), std::string::npos) << bad.error().text();
  const std::vector<std::string> evil = {"\x1b[31m"};
  EXPECT_EQ(parse_needs(evil).error().text().find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace rawket
