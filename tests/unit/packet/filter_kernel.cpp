// What the kernel refuses for a display filter never matches it: over real packets, other protocols, and packets made at random.
#include <gtest/gtest.h>

#include "../packet_test.hpp"
#include "rawket/packet/display_filter.hpp"
#include "rawket/packet/packet.hpp"
#include "rawket/io/filter.hpp"
#include "rawket/proto/all.hpp"

namespace rawket {
namespace {

using namespace test;

constexpr std::string_view filters[] = {
    "tcp.dstport == 80",           "tcp.port != 80",          "!(tcp.port == 80)",         "tcp.srcport in {22,80,1000..2000}", "ip.src == 198.18.0.0/16",     "ip.addr == 198.18.0.1", "ip.addr != 198.18.0.1",
    "!(ip.addr == 198.18.0.0/24)", "tcp.flags.syn == 1",      "tcp.flags == 0x12",         "ip.ttl < 64 && tcp.dstport == 80",  "ip.ttl > 64 || udp",          "not udp",               "udp.port == 53",
    "ipv6.hlim == 64",             "ipv6 && tcp.port == 443", "tcp.seq > 1000000000 && ip", "ip.flags.df == 1",                 "tcp.window_size_value >= 100", "icmp || tcp.flags.reset == 1"};

/// Plain TCP, and what stands between it and other things: options, extension headers, fragments, tags, tunnels, cut ends.
std::vector<Octets> packets(std::mt19937_64& random) {
  std::vector<Octets> all;
  const auto add = [&all](const Packet& p) { all.emplace_back(p.bytes().begin(), p.bytes().end()); };
  constexpr u16 ports[] = {22, 53, 80, 443, 1500};
  constexpr Ipv4Address hosts[] = {"198.18.0.1", "198.18.1.2", "198.19.0.1"};
  for (int i = 0; i < 400; ++i) {
    const Tcp tcp{.sport = ports[random() % 5], .dport = ports[random() % 5], .seq = static_cast<u32>(random()), .flags = static_cast<TcpFlags>(random() & 0x3f), .window = static_cast<u16>(random() % 200)};
    const Ipv4 ip{.flags = static_cast<u8>(random() % 3), .fragment = static_cast<u16>(random() % 8 == 0 ? 5 : 0), .ttl = static_cast<u8>(60 + random() % 8), .src = hosts[random() % 3], .dst = hosts[random() % 3]};
    const Ipv6 six{.hop_limit = static_cast<u8>(60 + random() % 8), .src = "2001:db8::1", .dst = "2001:db8::2"};
    switch (random() % 8) {
      case 0: add(Ethernet{} / six / tcp / "text"); break;
      case 1: add(Ethernet{} / six / HopByHop{} / tcp / "text"); break;
      case 2: add(Ethernet{} / Vlan{.id = 7} / ip / tcp / "text"); break;
      case 3: add(Ethernet{} / ip / Udp{.sport = ports[random() % 5], .dport = ports[random() % 5]} / "text"); break;
      case 4: add(Ethernet{} / ip / Gre{} / Ipv4{.src = hosts[random() % 3]} / tcp / "text"); break;
      default: add(Ethernet{} / ip / tcp / "text");
    }
    if (random() % 4 == 0) all.back().resize(random() % all.back().size());
    if (random() % 4 == 0 && !all.back().empty()) all.back()[random() % all.back().size()] ^= static_cast<u8>(1 << random() % 8);
  }
  return all;
}

TEST(KernelPart, refuses_nothing_that_matches) {
  auto random = random_source();
  const auto all = packets(random);
  std::size_t refused = 0;
  for (std::string_view text : filters) {
    const auto filter = DisplayFilter::compile(standard_registry(), text);
    ASSERT_TRUE(filter) << text;
    const std::string part = filter->kernel_part();
    ASSERT_NE(part, "") << text;
    const auto program = Filter::compile(part, LinkType::ethernet);
    ASSERT_TRUE(program) << part << ": " << program.error().text();
    for (const Octets& p : all) {
      Dissection d;
      const u32 size = static_cast<u32>(p.size());
      dissect(standard_registry(), info<Ethernet>, p, d, size);
      const bool lets_through = program->matches(p, size);
      EXPECT_TRUE(lets_through || !filter->matches({.original_length = size}, d)) << text << "\n" << part << "\n" << hex_of(p);
      refused += !lets_through;
    }
  }
  EXPECT_GT(refused, all.size()) << "it is of some use";
}

TEST(KernelPart, is_empty_where_the_kernel_can_be_of_no_help) {
  for (const char* text : {"dns.qry.name contains \"a\"", "tcp", "frame.number > 3", "tcp.port == 80 || http", "tcp.analysis.retransmission && tcp.port == 80", "vlan"}) {
    const auto filter = DisplayFilter::compile(standard_registry(), text);
    ASSERT_TRUE(filter) << text;
    EXPECT_EQ(filter->kernel_part(), "") << text;
  }
}

}  // namespace
}  // namespace rawket
