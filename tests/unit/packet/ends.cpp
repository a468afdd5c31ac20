// Who talks to whom: addresses of the outermost header, ports of the first transport, also quoted ones.
#include "rawket/packet/ends.hpp"

#include <gtest/gtest.h>

#include "rawket/packet/craft.hpp"

namespace rawket {
namespace {

std::optional<TransportEnds> ends_of(std::string_view words) {
  const auto recipe = Recipe::parse(standard_registry(), words);
  if (!recipe) {
    ADD_FAILURE() << recipe.error().text();
    return std::nullopt;
  }
  const Packet p = *recipe->make(0);
  Dissection d;
  dissect(standard_registry(), p.first_protocol(), p.bytes(), d);
  return transport_ends(d);
}

TEST(TransportEnds, are_ports_or_an_echos_identifier) {
  const auto tcp = ends_of("ip / tcp sport=1 dport=2"), udp = ends_of("ipv6 / udp sport=3 dport=4"), echo = ends_of("ip / icmp id=7");
  ASSERT_TRUE(tcp && udp && echo);
  EXPECT_EQ(tcp->protocol, 6);
  EXPECT_EQ(tcp->source, 1);
  EXPECT_EQ(tcp->destination, 2);
  EXPECT_EQ(udp->protocol, 17);
  EXPECT_EQ(udp->source, 3);
  EXPECT_EQ(udp->destination, 4);
  EXPECT_EQ(echo->protocol, 1);
  EXPECT_EQ(echo->source, 7);
  EXPECT_TRUE(echo->echo);
  EXPECT_FALSE(ends_of("eth / arp"));
}

TEST(TransportEnds, of_what_an_error_quotes_are_told_as_quoted) {
  const auto quoted = ends_of("ip / icmp type=3 code=3 / ip / udp sport=5 dport=6");
  ASSERT_TRUE(quoted);
  EXPECT_TRUE(quoted->quoted);
  EXPECT_EQ(quoted->destination, 6);
}

}  // namespace
}  // namespace rawket
