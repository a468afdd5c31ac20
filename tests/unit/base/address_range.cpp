// Ranges, as they are written, as addresses and as prefixes.
#include "rawket/base/address_range.hpp"

#include <gtest/gtest.h>

namespace rawket::test {
namespace {

std::string prefixes(std::string_view range) {
  std::string all;
  for (const Prefix& p : AddressRange::parse(range)->prefixes()) all += (all.empty() ? "" : " ") + p.text();
  return all;
}

TEST(AddressRanges, are_read_in_three_ways_and_no_other) {
  EXPECT_EQ(AddressRange::parse("198.18.0.1-9")->last, IpAddress(Ipv4Address("198.18.0.9")));
  EXPECT_EQ(AddressRange::parse("198.18.0.1-198.18.1.9")->last, IpAddress(Ipv4Address("198.18.1.9")));
  EXPECT_EQ(AddressRange::parse("2001:db8::1-2001:db8::ff")->last, IpAddress(Ipv6Address("2001:db8::ff")));
  for (const char* other : {"", "-", "198.18.0.1", "198.18.0.1-", "198.18.0.9-1", "198.18.0.1-256", "198.18.0.1-9x", "198.18.0.1-2001:db8::1", "2001:db8::1-9x", "2001:db8::9-2001:db8::1", "a-b"})
    EXPECT_FALSE(AddressRange::parse(other)) << other;
}

TEST(AddressRanges, have_all_addresses_up_to_a_bound) {
  const auto few = AddressRange::parse("198.18.0.254-198.18.1.1")->addresses(4);
  ASSERT_TRUE(few);
  EXPECT_EQ(few->size(), 4u);
  EXPECT_EQ((*few)[2].text(), "198.18.1.0");
  EXPECT_FALSE(AddressRange::parse("198.18.0.254-198.18.1.1")->addresses(3));
  EXPECT_EQ(AddressRange::parse("255.255.255.255-255")->addresses(9)->size(), 1u);
}

TEST(AddressRanges, are_just_these_prefixes) {
  EXPECT_EQ(prefixes("198.18.0.0-198.18.0.255"), "198.18.0.0/24");
  EXPECT_EQ(prefixes("198.18.0.5-5"), "198.18.0.5/32");
  EXPECT_EQ(prefixes("198.18.0.1-6"), "198.18.0.1/32 198.18.0.2/31 198.18.0.4/31 198.18.0.6/32");
  EXPECT_EQ(prefixes("0.0.0.0-255.255.255.255"), "0.0.0.0/0");
  EXPECT_EQ(prefixes("255.255.255.254-255.255.255.255"), "255.255.255.254/31");
  EXPECT_EQ(prefixes("2001:db8::-2001:db8::ffff"), "2001:db8::/112");
}

}  // namespace
}  // namespace rawket::test
