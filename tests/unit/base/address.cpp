// Addresses from text and back: RFC 4291 forms, RFC 5952 output, prefixes, and what is refused.
#include "rawket/base/address.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <random>

namespace rawket {
namespace {

static_assert(Ipv4Address("198.18.0.1").number() == 0xc6120001);
static_assert(Ipv6Address("2001:db8::1").octets[15] == 1);
static_assert(Mac("02:00:00:00:00:01").octets[5] == 1 && !Mac("02:00:00:00:00:01").is_group());

TEST(Ipv6Text, is_the_canonical_form_of_rfc_5952) {
  constexpr std::pair<std::string_view, std::string_view> vectors[] = {
      {"2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"},  // 4.2.3: the first of equal runs
      {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},                         // 4.2.1: as much as possible
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},                  // 4.2.2: one group is not shortened
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},                           // 4.2.3: the longest run
      {"2001:DB8::AAAA", "2001:db8::aaaa"},                              // 4.3: lower case
      {"0:0:0:0:0:0:0:0", "::"},
      {"0:0:0:0:0:0:0:1", "::1"},
      {"1:0:0:0:0:0:0:0", "1::"},
      {"fe80:0:0:0:0:0:0:1", "fe80::1"},
      {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},  // 5: a mapped address keeps its IPv4 form
      {"0:0:0:0:0:ffff:c000:201", "::ffff:192.0.2.1"},
      {"1:0:0:2:0:0:3:4", "1::2:0:0:3:4"},
      {"0:0:1:0:0:0:1:0", "0:0:1::1:0"},
      {"a:b:c:d:e:f:0:0", "a:b:c:d:e:f::"},
      {"0:a:b:c:d:e:f:0", "0:a:b:c:d:e:f:0"},
  };
  for (const auto& [in, out] : vectors) {
    const auto a = Ipv6Address::parse(in);
    ASSERT_TRUE(a) << in;
    EXPECT_EQ(a->text(), out);
    EXPECT_EQ(Ipv6Address::parse(out), a);
  }
}

TEST(Ipv6Text, forms_of_rfc_4291_are_read) {
  constexpr std::pair<std::string_view, std::string_view> vectors[] = {{"ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"},
                                                                       {"2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"},
                                                                       {"FF01::101", "ff01::101"},
                                                                       {"::", "::"},
                                                                       {"::13.1.68.3", "::13.1.68.3"},
                                                                       {"::FFFF:129.144.52.38", "::ffff:129.144.52.38"},
                                                                       {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
                                                                       {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
                                                                       {"1::8", "1::8"},
                                                                       {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
                                                                       {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"}};
  for (const auto& [in, out] : vectors) {
    const auto a = Ipv6Address::parse(in);
    ASSERT_TRUE(a) << in;
    EXPECT_EQ(a->text(), out) << in;
  }
}

TEST(Ipv6Text, what_is_no_address_is_refused) {
  for (std::string_view bad : {"", ":", ":::", "1", "1:", ":1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "::1 ", " ::1", "1:2:3:4:5:6:7:8::",
                               "::1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:1.2.3.4",
                               "1.2.3.4", "::1.2.3", "::1.2.3.4.5", "::256.1.1.1", "::1.2.3.4:5", "fe80::1%eth0", "1:::2", "[::1]", "::1/64", "1:2:3:4:5:6:7:",
                               "::01.2.3.4.", "1::1.2.3.4:1"})
    EXPECT_FALSE(Ipv6Address::parse(bad)) << bad;
}

TEST(Ipv6Text, agrees_with_the_system_on_random_addresses) {
  const auto seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 20000; ++i) {
    Ipv6Address a;
    for (std::size_t g = 0; g < 8; ++g)
      if (random() % 3 != 0) a.octets[2 * g] = static_cast<u8>(random() % 2 != 0 ? random() : 0), a.octets[2 * g + 1] = static_cast<u8>(random());
    const std::string text = a.text();
    in6_addr system{};
    ASSERT_EQ(inet_pton(AF_INET6, text.c_str(), &system), 1) << text;
    ASSERT_TRUE(std::equal(a.octets.begin(), a.octets.end(), system.s6_addr)) << text;
    ASSERT_EQ(Ipv6Address::parse(text), a) << text;
    char theirs[INET6_ADDRSTRLEN];
    inet_ntop(AF_INET6, a.octets.data(), theirs, sizeof theirs);
    ASSERT_EQ(Ipv6Address::parse(theirs), a) << theirs;
    ASSERT_EQ(text, theirs);
  }
}

TEST(Ipv6Text, agrees_with_the_system_on_what_is_an_address) {
  const auto seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  constexpr std::string_view alphabet = "::::0123af..";
  for (int i = 0; i < 200000; ++i) {
    std::string text(random() % 18, ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    in6_addr system{};
    const bool valid = inet_pton(AF_INET6, text.c_str(), &system) == 1;
    const auto ours = Ipv6Address::parse(text);
    if (valid) {
      ASSERT_TRUE(ours) << text;
      ASSERT_TRUE(std::equal(ours->octets.begin(), ours->octets.end(), system.s6_addr)) << text;
    } else if (ours) {
      ASSERT_NE(text.find('.'), text.npos) << text << ": only leading zeros in the IPv4 part may differ";
    }
  }
}

TEST(Ipv4Text, four_decimal_octets_and_nothing_else) {
  EXPECT_EQ(Ipv4Address::parse("0.0.0.0"), Ipv4Address());
  EXPECT_EQ(Ipv4Address::parse("255.255.255.255")->number(), 0xffffffffu);
  EXPECT_EQ(Ipv4Address::from_number(0xc6120001).text(), "198.18.0.1");
  for (std::string_view bad : {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.1000", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.4 ", " 1.2.3.4", "1.2.3.a", "-1.2.3.4",
                               "1.2.3.4/8", "0x1.2.3.4", "1.2.3.99999999999"})
    EXPECT_FALSE(Ipv4Address::parse(bad)) << bad;
}

TEST(MacText, six_pairs_with_colons_or_dashes) {
  EXPECT_EQ(Mac::parse("aA:bB:cC:dD:eE:fF")->text(), "aa:bb:cc:dd:ee:ff");
  EXPECT_EQ(Mac::parse("02-00-00-00-00-01"), Mac("02:00:00:00:00:01"));
  EXPECT_TRUE(Mac("ff:ff:ff:ff:ff:ff").is_group());
  EXPECT_TRUE(Mac("01:00:5e:00:00:01").is_group());
  for (std::string_view bad : {"", "02:00:00:00:00", "02:00:00:00:00:01:", "02:00:00:00:00:0g", "0200.0000.0001", "020000000001", "02:00:00:00:00:1", "02 00 00 00 00 01",
                               "2:0:0:0:0:1:23:45:"}) EXPECT_FALSE(Mac::parse(bad)) << bad;
}

TEST(IpAddress, is_one_of_two_kinds) {
  const auto four = IpAddress::parse("198.18.0.1"), six = IpAddress::parse("2001:db8::1");
  ASSERT_TRUE(four && six);
  EXPECT_FALSE(four->is_v6);
  EXPECT_TRUE(six->is_v6);
  EXPECT_EQ(four->bytes().size(), 4u);
  EXPECT_EQ(six->bytes().size(), 16u);
  EXPECT_EQ(four->text(), "198.18.0.1");
  EXPECT_EQ(six->text(), "2001:db8::1");
  EXPECT_NE(*four, *six);
  EXPECT_NE(IpAddress(Ipv4Address()), IpAddress(Ipv6Address()));
  EXPECT_FALSE(IpAddress::parse("host"));
}

TEST(IpAddress, knows_loopback_and_multicast) {
  EXPECT_TRUE(IpAddress::parse("127.255.0.1")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("::1")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("::2")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("128.0.0.1")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("224.0.0.1")->is_multicast());
  EXPECT_TRUE(IpAddress::parse("239.255.255.255")->is_multicast());
  EXPECT_FALSE(IpAddress::parse("240.0.0.1")->is_multicast());
  EXPECT_FALSE(IpAddress::parse("223.255.255.255")->is_multicast());
  EXPECT_TRUE(IpAddress::parse("ff02::1")->is_multicast());
  EXPECT_FALSE(IpAddress::parse("fe80::1")->is_multicast());
}

TEST(PrefixText, counts_leading_bits) {
  const auto p = Prefix::parse("198.18.0.0/15");
  ASSERT_TRUE(p);
  EXPECT_TRUE(p->contains(*IpAddress::parse("198.18.0.1")));
  EXPECT_TRUE(p->contains(*IpAddress::parse("198.19.255.255")));
  EXPECT_FALSE(p->contains(*IpAddress::parse("198.20.0.0")));
  EXPECT_FALSE(p->contains(*IpAddress::parse("::c612:1"))) << "another family";
  EXPECT_EQ(p->text(), "198.18.0.0/15");
  EXPECT_EQ(Prefix::parse("198.18.0.1")->length, 32u);
  EXPECT_EQ(Prefix::parse("::")->length, 128u);
  EXPECT_TRUE(Prefix::parse("0.0.0.0/0")->contains(*IpAddress::parse("255.0.0.1")));
  EXPECT_TRUE(Prefix::parse("2001:db8::/33")->contains(*IpAddress::parse("2001:db8:7fff::1")));
  EXPECT_FALSE(Prefix::parse("2001:db8::/33")->contains(*IpAddress::parse("2001:db8:8000::1")));
  for (std::string_view bad : {"", "/8", "198.18.0.0/", "198.18.0.0/33", "::/129", "198.18.0.0/-1", "198.18.0.0/8 ", "198.18.0.0/1000", "198.18.0.0/8/8",
                               "x/8"}) EXPECT_FALSE(Prefix::parse(bad)) << bad;
}

}  // namespace
}  // namespace rawket
