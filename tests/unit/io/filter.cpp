// Capture filters: libpcap's words and libpcap's verdicts, for any link type.
#include "rawket/io/filter.hpp"

#include <gtest/gtest.h>

namespace rawket {
namespace {

using Octets = std::vector<u8>;

Octets udp_packet() { return {0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 198, 18, 0, 1, 198, 18, 0, 2, 0x1f, 0x90, 0, 53, 0, 8, 0, 0}; }

Octets behind(Octets header, const Octets& payload) {
  header.insert(header.end(), payload.begin(), payload.end());
  return header;
}

Octets ethernet_udp() { return behind({2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0}, udp_packet()); }
Octets tagged_udp() { return behind({2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x81, 0, 0, 5, 8, 0}, udp_packet()); }

bool accepts(const std::string& words, const Octets& packet, LinkType link_type = LinkType::ethernet) {
  const auto filter = Filter::compile(words, link_type);
  EXPECT_TRUE(filter) << filter.error().text();
  return filter && filter->matches(packet, static_cast<u32>(packet.size()));
}

TEST(Filter, an_empty_expression_accepts_everything) {
  EXPECT_TRUE(accepts("", ethernet_udp()));
  EXPECT_TRUE(accepts(" \t", {}));
  EXPECT_TRUE(Filter::compile("", LinkType::ethernet)->program().empty());
}

TEST(Filter, words_select_packets) {
  EXPECT_TRUE(accepts("udp port 53 and src 198.18.0.1", ethernet_udp()));
  EXPECT_FALSE(accepts("tcp", ethernet_udp()));
  EXPECT_FALSE(accepts("dst net 198.19.0.0/16", ethernet_udp()));
}

TEST(Filter, each_link_type_has_its_own_offsets) {
  EXPECT_TRUE(accepts("udp dst port 53", udp_packet(), LinkType::raw));
  EXPECT_TRUE(accepts("udp dst port 53", udp_packet(), LinkType::ipv4));
  EXPECT_TRUE(accepts("udp dst port 53", behind({2, 0, 0, 0}, udp_packet()), LinkType::null));
  EXPECT_TRUE(accepts("udp dst port 53", behind({0, 0, 0, 2}, udp_packet()), LinkType::loop));
  EXPECT_TRUE(accepts("udp dst port 53", behind({0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0}, udp_packet()), LinkType::linux_sll));
  EXPECT_TRUE(accepts("udp dst port 53", behind({8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0}, udp_packet()), LinkType::linux_sll2));
  EXPECT_TRUE(accepts("ip6", Octets{0x60, 0, 0, 0, 0, 0, 59, 64}, LinkType::ipv6));
}

TEST(Filter, a_tag_is_found_in_the_frame) {
  EXPECT_TRUE(accepts("vlan 5 and udp", tagged_udp()));
  EXPECT_FALSE(accepts("vlan 6", tagged_udp()));
  EXPECT_FALSE(accepts("vlan", ethernet_udp()));
}

TEST(Filter, length_words_look_at_the_original_length) {
  const auto filter = Filter::compile("greater 1000", LinkType::ethernet);
  ASSERT_TRUE(filter);
  EXPECT_TRUE(filter->matches(ethernet_udp(), 1000));
  EXPECT_FALSE(filter->matches(ethernet_udp(), 999));
}

TEST(Filter, a_cut_packet_does_not_match_what_it_lacks) {
  const auto filter = Filter::compile("udp port 53", LinkType::ethernet);
  ASSERT_TRUE(filter);
  const Octets whole = ethernet_udp();
  for (std::size_t size = 0; size <= whole.size(); ++size)
    EXPECT_EQ(filter->matches(Bytes(whole).first(size), static_cast<u32>(whole.size())), size >= 38) << size;
}

TEST(Filter, an_invalid_expression_is_malformed_in_libpcaps_words) {
  for (const char* words : {"tcp port", "port 70000", "ether host", "and and", "((tcp)"}) {
    const auto filter = Filter::compile(words, LinkType::ethernet);
    ASSERT_FALSE(filter) << words;
    EXPECT_EQ(filter.error().code, Errc::malformed);
    EXPECT_FALSE(filter.error().what.empty());
  }
}

TEST(Filter, an_unknown_link_type_never_crashes) {
  for (u32 type = 0; type < 400; ++type) {
    const auto filter = Filter::compile("tcp port 80 and vlan", static_cast<LinkType>(type));
    if (filter) filter->matches(ethernet_udp(), 42);
  }
}

TEST(Filter, tells_what_it_looks_at) {
  const auto plain = Filter::compile("tcp", LinkType::ethernet), vlan = Filter::compile("vlan 5", LinkType::ethernet);
  const auto folded = Filter::compile("ether proto 0x88b5 and not vlan", LinkType::ethernet),
             inbound = Filter::compile("inbound", LinkType::ethernet);
  ASSERT_TRUE(plain && vlan && folded && inbound);
  EXPECT_FALSE(plain->looks_at_vlan_tag());
  EXPECT_TRUE(vlan->looks_at_vlan_tag());
  EXPECT_TRUE(folded->looks_at_vlan_tag()) << "although the optimizer took the question away";
  EXPECT_FALSE(plain->needs_kernel());
  EXPECT_TRUE(inbound->needs_kernel());
}

}  // namespace
}  // namespace rawket
