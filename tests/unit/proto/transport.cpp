// TCP with its options, UDP.
#include "../packet_test.hpp"
#include "rawket/proto/all.hpp"
#include "rawket/wire/build.hpp"

namespace rawket {
namespace {

using namespace test;

constexpr Ipv4 ip{.id = 0x1234, .src = "198.18.0.1", .dst = "198.18.0.2"};

TEST(TcpSegments, have_the_options_of_a_usual_syn) {
  const Seen seen("tcp_opts");
  EXPECT_EQ(seen.layers(), "ip tcp");
  expect_values(seen, {{"tcp.srcport", "40000"}, {"tcp.dstport", "80"}, {"tcp.seq", "16909060"}, {"tcp.ack", "0"}, {"tcp.hdr_len", "40"}, {"tcp.flags", "2"},
      {"tcp.window_size_value", "64240"},
                       {"tcp.checksum", "7273"}, {"tcp.checksum.status", "1"}, {"tcp.urgent_pointer", "0"}, {"tcp.option_kind", "[2,4,8,1,3]"},
                           {"tcp.options.mss_val", "1460"}, {"tcp.options.timestamp.tsval", "1000"},
                       {"tcp.options.timestamp.tsecr", "0"}, {"tcp.options.wscale.shift", "7"}, {"tcp.len", "0"}});
  EXPECT_EQ(hex_of(build(ip / Tcp{.sport = 40000, .dport = 80, .seq = 0x01020304, .options = {Mss{1460}, SackPermitted{}, Timestamps{1000, 0}, Nop{},
      WindowScale{7}}})), vector("tcp_opts").hex);
}

TEST(TcpSegments, repeat_the_blocks_of_a_selective_acknowledgement) {
  const Seen seen("tcp_sack");
  expect_values(seen, {{"tcp.option_kind", "[1,1,5]"}, {"tcp.options.sack_le", "[300,500]"}, {"tcp.options.sack_re", "[400,600]"}, {"tcp.flags", "16"}, {"tcp.ack", "200"}});
}

TEST(TcpSegments, carry_a_signature_and_a_user_timeout) {
  const Seen seen("tcp_md5");
  expect_values(seen, {{"tcp.option_kind", "[19,28,0]"}, {"tcp.options.md5.digest", "000102030405060708090a0b0c0d0e0f"}, {"tcp.options.user_to_val", "32773"},
      {"tcp.len", "4"}, {"tcp.flags", "24"}, {"tcp.checksum.status", "1"}});
  std::array<u8, 16> digest;
  for (std::size_t i = 0; i < 16; ++i) digest[i] = static_cast<u8>(i);
  EXPECT_EQ(hex_of(build(ip / Tcp{.sport = 40000, .dport = 179, .seq = 100, .ack = 200, .flags = Psh | Ack, .window = 500, .options = {Md5Signature{digest},
      UserTimeout{0x8005}}} / "data")), vector("tcp_md5").hex);
}

TEST(TcpSegments, have_each_control_bit_at_its_place) {
  const char* names[] = {"fin", "syn", "reset", "push", "ack", "urg", "ece", "cwr", "ae"};
  for (unsigned bit = 0; bit < 9; ++bit) {
    const auto f = build(Tcp{.dport = 80, .flags = static_cast<TcpFlags>(1u << bit)});
    const Seen seen(protocol_named("tcp"), {f.bytes().begin(), f.bytes().end()});
    for (unsigned other = 0; other < 9; ++other) {
      const Field* part = standard_registry().field_named(std::string("tcp.flags.") + names[other]);
      ASSERT_NE(part, nullptr) << names[other];
      EXPECT_EQ(part->read(f.bytes().data()), other == bit ? 1u : 0u) << names[other];
    }
    EXPECT_EQ(seen["tcp.flags"], std::to_string(1u << bit));
  }
}

TEST(TcpSegments, with_a_data_offset_below_five_are_malformed) {
  const Seen seen(protocol_named("tcp"), octets("9c40 0050 00000001 00000000 4002 ffff 0000 0000"));
  EXPECT_EQ(seen.dissection().stop, Stop::malformed);
  EXPECT_EQ(seen["malformed"], "1");
  EXPECT_EQ(seen["tcp.srcport"], "40000") << "what could be read is told";
}

TEST(UdpDatagrams, over_ipv6_are_summed_with_an_odd_length) {
  const Seen seen("udp6");
  EXPECT_EQ(seen.layers(), "ipv6 udp data");
  expect_values(seen, {{"udp.srcport", "5000"}, {"udp.dstport", "5001"}, {"udp.length", "11"}, {"udp.checksum", "43501"}, {"udp.checksum.status", "1"}});
}

TEST(UdpDatagrams, without_a_checksum_say_so) {
  Octets b = octets(vector("eth_udp").hex);
  b[40] = b[41] = 0;
  const Seen seen(protocol_named("eth"), b);
  EXPECT_EQ(seen["udp.checksum.status"], "3");
  EXPECT_EQ(seen.fault_codes(), "");
}

TEST(UdpDatagrams, end_where_their_length_says) {
  const Seen seen(protocol_named("udp"), octets("1388 1389 000a 0000 6869 ffff"));
  EXPECT_EQ(hex_of(seen.dissection().payload()), "6869");
}

TEST(UdpDatagrams, belong_to_the_service_with_the_lower_port) {
  EXPECT_EQ(Seen(protocol_named("udp"), octets("14e9 0035 0014 0000 000000000000000000000000")).layers(), "udp dns");
  EXPECT_EQ(Seen(protocol_named("udp"), octets("ffff 12b5 0010 0000 0800000000000100")).layers(), "udp vxlan");
}

}  // namespace
}  // namespace rawket
