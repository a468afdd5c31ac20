// Hosts as their packets tell of them.
#include "rawket/inspect/host_table.hpp"

#include <gtest/gtest.h>

#include "rawket/packet/craft.hpp"

namespace rawket::test {
namespace {

class Hosts : public ::testing::Test {
 protected:
  /// What a packet made of these words told that was new.
  std::vector<const KnownHost*> hear(const std::string& words, std::string_view link = {}) {
    const auto recipe = Recipe::parse(standard_registry(), std::string_view(words));
    EXPECT_TRUE(recipe) << words;
    packet_ = recipe->make(0).value_or(Packet());
    dissect(standard_registry(), packet_.first_protocol(), packet_.bytes(), d_);
    return table_.observe(d_, ++time_, link);
  }
  HostTable table_ = *HostTable::create();

 private:
  Packet packet_;
  Dissection d_;
  Nanoseconds time_ = 0;
};

const std::string from_2 = "eth src=02:00:00:00:00:02 dst=02:00:00:00:00:01 / ", from_3 = "eth src=02:00:00:00:00:03 dst=02:00:00:00:00:01 / ";

TEST_F(Hosts, are_learned_from_arp_once_and_twice_when_two_claim_an_address) {
  const std::string reply = "arp opcode=2 source=198.18.0.5 target=198.18.0.1 source_mac=";
  ASSERT_EQ(hear(from_2 + reply + "02:00:00:00:00:02").size(), 1u);
  EXPECT_TRUE(hear(from_2 + reply + "02:00:00:00:00:02").empty()) << "nothing new";
  const auto again = hear(from_3 + reply + "02:00:00:00:00:03");
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0]->macs.size(), 2u);
  EXPECT_TRUE(hear("eth / arp opcode=1 source=0.0.0.0 target=198.18.0.7").empty()) << "who has no address yet is nobody";
}

TEST_F(Hosts, are_learned_from_neighbour_discovery_and_echoes) {
  ASSERT_EQ(hear(from_2 + "ipv6 src=fe80::2 dst=ff02::1:ff00:1 hop_limit=255 / icmpv6 type=135 target=fe80::1").size(), 1u);
  const auto told = hear(from_2 + "ipv6 src=fe80::2 dst=fe80::1 hop_limit=255 / icmpv6 type=136 target=2001:db8::2");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]->address.text(), "2001:db8::2");
  EXPECT_TRUE(hear(from_2 + "ip src=198.18.0.2 dst=198.18.0.1 / icmp type=8 / icmp_echo").empty()) << "a question tells that somebody asks, no more";
  const auto far = hear(from_2 + "ip src=198.18.9.9 dst=198.18.0.1 / icmp type=0 / icmp_echo");
  ASSERT_EQ(far.size(), 1u);
  EXPECT_TRUE(far[0]->macs.empty()) << "the link address is a router's";
  table_.is_near({{*Prefix::parse("198.18.0.0/24"), "eth0"}});
  const auto near = hear(from_2 + "ip src=198.18.0.2 dst=198.18.0.1 / icmp type=0 / icmp_echo");
  ASSERT_EQ(near.size(), 1u);
  EXPECT_EQ(near[0]->macs.size(), 1u);
}

TEST_F(Hosts, tell_their_names_by_mdns_and_are_shown_clean) {
  const auto told = hear(from_3 + "ip src=198.18.0.3 dst=224.0.0.251 ttl=255 / udp sport=5353 dport=5353 / hex=0000840000000001000000000570726e7472056c6f63616c0000010001000000780004c6120003");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]->name, "prntr.local");
  EXPECT_EQ(told[0]->address.text(), "198.18.0.3");
  const auto evil = hear(from_3 + "ip src=198.18.0.4 dst=224.0.0.251 ttl=255 / udp sport=5353 dport=5353 / hex=000084000000000100000000051b5b33316d056c6f63616c0000010001000000780004c6120004");
  ASSERT_EQ(evil.size(), 1u);
  EXPECT_EQ(evil[0]->name.find('\x1b'), std::string::npos) << evil[0]->name;
}

TEST_F(Hosts, come_in_the_order_of_their_addresses) {
  for (const std::string last : {"9", "10", "2"}) hear(from_2 + "arp opcode=2 source_mac=02:00:00:00:00:02 target=198.18.0.1 source=198.18.0." + last);
  std::string all;
  for (const KnownHost* h : table_.hosts()) all += h->address.text() + ' ';
  EXPECT_EQ(all, "198.18.0.2 198.18.0.9 198.18.0.10 ");
}

TEST_F(Hosts, may_have_the_same_link_local_address_on_other_links) {
  table_.is_near({{*Prefix::parse("fe80::1/64"), "eth0"}});
  const std::string reply = "ipv6 src=fe80::1 dst=fe80::9 / icmpv6 type=129 / icmpv6_echo id=1 seq=1";
  const auto other = hear(from_2 + reply, "eth1");
  ASSERT_EQ(other.size(), 1u);
  EXPECT_FALSE(other[0]->is_duplicate()) << "this machine has it on eth0";
  EXPECT_EQ(other[0]->link, "eth1");
  const auto same = hear(from_3 + reply, "eth0");
  ASSERT_EQ(same.size(), 1u);
  EXPECT_TRUE(same[0]->ours);
  EXPECT_EQ(table_.hosts().size(), 2u);
}

}  // namespace
}  // namespace rawket::test
