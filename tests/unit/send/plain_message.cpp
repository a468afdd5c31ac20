// What plain sockets can send, read from packets; and what they cannot.
#include "rawket/send/plain_message.hpp"

#include <gtest/gtest.h>

#include "rawket/packet/craft.hpp"

namespace rawket::test {
namespace {

std::optional<PlainPacket> plain(std::string_view words, Packet& kept) {
  kept = *Recipe::parse(standard_registry(), words)->make(0);
  return plain_packet(kept.bytes());
}

TEST(PlainMessage, is_what_the_headers_say) {
  Packet kept;
  const auto echo = plain("ip src=198.18.0.1 dst=198.18.0.2 ttl=7 tos=184 / icmp / icmp_echo id=515 seq=3 / hi", kept);
  ASSERT_TRUE(echo);
  EXPECT_EQ(echo->by, (PlainKey{.ipv6 = false, .icmp = true, .number = 515}));
  EXPECT_EQ(echo->message.to.text(), "198.18.0.2");
  EXPECT_EQ(echo->message.hop_limit, 7);
  EXPECT_EQ(echo->message.traffic_class, 184);
  EXPECT_EQ(echo->message.bytes.size(), 10u) << "the whole message";
  const auto datagram = plain("ipv6 src=2001:db8::1 dst=2001:db8::2 hop_limit=9 / udp sport=4000 dport=53 / hello", kept);
  ASSERT_TRUE(datagram);
  EXPECT_EQ(datagram->by, (PlainKey{.ipv6 = true, .icmp = false, .number = 4000}));
  EXPECT_EQ(datagram->message.port, 53);
  EXPECT_EQ(datagram->message.hop_limit, 9);
  EXPECT_EQ(std::string(datagram->message.bytes.begin(), datagram->message.bytes.end()), "hello") << "what is inside";
}

TEST(PlainMessage, is_nothing_of_other_packets) {
  Packet kept;
  EXPECT_FALSE(plain("ip dst=198.18.0.2 / tcp dport=80 flags=S", kept));
  EXPECT_FALSE(plain("ip dst=198.18.0.2 / icmp type=0 / icmp_echo id=1", kept)) << "an answer";
  EXPECT_FALSE(plain("eth / ip dst=198.18.0.2 / udp dport=80", kept));
  EXPECT_FALSE(plain("ip dst=198.18.0.2 ihl=24 / udp dport=80", kept)) << "options would be lost";
  const Packet whole = *Recipe::parse(standard_registry(), "ip dst=198.18.0.2 / udp dport=80 / hi")->make(0);
  for (std::size_t n = 0; n < 28; ++n) EXPECT_FALSE(plain_packet(whole.bytes().first(n))) << n;
}

}  // namespace
}  // namespace rawket::test
