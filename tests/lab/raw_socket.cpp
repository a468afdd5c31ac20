// Raw sockets, and what the kernel changes of own headers: the table in raw_socket.hpp, measured.
#include "rawket/io/raw_socket.hpp"

#include "lab_test.hpp"

namespace rawket::test {
namespace {

constexpr u8 test_protocol = 253;  // RFC 3692: for experiments

class RawSocketLive : public LabTest {
 protected:
  static std::unique_ptr<RawSocket> open_raw(const RawSocketOptions& options) {
    auto socket = RawSocket::open(options);
    EXPECT_TRUE(socket) << socket.error().text();
    return socket ? std::move(*socket) : nullptr;
  }

  /// Sends one datagram with its own header on h1 and hands what leaves there, without the link header, to `check`.
  void watch_leaving(bool ipv6, const Octets& datagram, const std::function<void(const Octets&)>& check) {
    on(0, [&] {
      const Filter only = filter_of(ipv6 ? "ip6 proto 253" : "ip proto 253");
      const auto wire = open_packets({.interface = "eth0", .filter = &only});
      const auto raw = open_raw({.ipv6 = ipv6, .own_header = true});
      ASSERT_TRUE(wire && raw);
      const IpAddress to = ipv6 ? IpAddress(lab_->hosts()[1].ipv6) : IpAddress(lab_->hosts()[1].ipv4);
      const auto sent = raw->send(LabTestPermit::permit(), std::vector<Datagram>{{datagram, to}});
      ASSERT_TRUE(sent) << sent.error().text();
      const auto packets = collect(*wire, 1);
      ASSERT_EQ(packets.size(), 1u);
      check(Octets(packets[0].bytes.begin() + 14, packets[0].bytes.end()));
    });
  }
};

Octets ipv4_datagram() {
  return {0x46, 0xb8, 0x77, 0x77, 0x12, 0x34, 0x00, 0x00, 9, test_protocol, 0xde, 0xad, 198, 18, 0,
          99,   198,  18,   0,    2,    1,    1,    1,    0, 'd',           'a',  't',  'a'};
}

u16 word(const Octets& b, std::size_t at) { return static_cast<u16>(b[at] << 8 | b[at + 1]); }

u32 ones_sum(const Octets& b, std::size_t size) {
  u32 sum = 0;
  for (std::size_t i = 0; i < size; i += 2) sum += word(b, i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

TEST_F(RawSocketLive, of_an_own_ipv4_header_only_total_length_and_checksum_are_rewritten) {
  watch_leaving(false, ipv4_datagram(), [](const Octets& seen) {
    Octets expected = ipv4_datagram();
    ASSERT_EQ(seen.size(), expected.size());
    EXPECT_EQ(word(seen, 2), expected.size());
    EXPECT_EQ(ones_sum(seen, 24), 0xffffu);
    for (const std::size_t i : {2u, 3u, 10u, 11u}) expected[i] = seen[i];
    EXPECT_EQ(seen, expected);
  });
}

TEST_F(RawSocketLive, a_zero_identification_without_df_is_filled_in) {
  Octets datagram = ipv4_datagram();
  datagram[4] = datagram[5] = 0;
  watch_leaving(false, datagram, [](const Octets& seen) { EXPECT_NE(word(seen, 4), 0); });
}

TEST_F(RawSocketLive, a_zero_identification_with_df_stays) {
  Octets datagram = ipv4_datagram();
  datagram[4] = datagram[5] = 0;
  datagram[6] = 0x40;
  watch_leaving(false, datagram, [](const Octets& seen) { EXPECT_EQ(word(seen, 4), 0); });
}

TEST_F(RawSocketLive, a_zero_ipv4_source_becomes_the_interfaces_address) {
  Octets datagram = ipv4_datagram();
  for (std::size_t i = 12; i < 16; ++i) datagram[i] = 0;
  watch_leaving(false, datagram, [](const Octets& seen) { EXPECT_EQ(Octets(seen.begin() + 12, seen.begin() + 16), (Octets{198, 18, 0, 1})); });
}

TEST_F(RawSocketLive, an_own_ipv6_header_leaves_untouched_however_wrong) {
  Octets datagram = {0x6a, 0xbc, 0xde, 0xf1, 0x12, 0x34, test_protocol, 0};
  for (u8 i = 0; i < 16; ++i) datagram.push_back(static_cast<u8>(0x20 + i));
  const auto& to = lab_ ? lab_->hosts()[1].ipv6.octets : std::array<u8, 16>{};
  datagram.insert(datagram.end(), to.begin(), to.end());
  datagram.insert(datagram.end(), {'d', 'a', 't', 'a'});
  watch_leaving(true, datagram, [&](const Octets& seen) { EXPECT_EQ(seen, datagram); });
}

TEST_F(RawSocketLive, impossible_ipv4_headers_are_refused_with_the_reason) {
  on(0, [&] {
    const auto raw = open_raw({.own_header = true});
    ASSERT_TRUE(raw);
    const IpAddress to = lab_->hosts()[1].ipv4;
    Octets short_header = ipv4_datagram(), long_header = ipv4_datagram();
    short_header[0] = 0x44;
    long_header[0] = 0x4f;
    for (const Octets& datagram : {short_header, long_header}) {
      const auto sent = raw->send(LabTestPermit::permit(), std::vector<Datagram>{{datagram, to}});
      ASSERT_FALSE(sent);
      EXPECT_NE(sent.error().what.find("IHL"), std::string::npos) << sent.error().text();
    }
    Octets large = ipv4_datagram();
    large.resize(1501);
    const auto sent = raw->send(LabTestPermit::permit(), std::vector<Datagram>{{large, to}});
    ASSERT_FALSE(sent);
    EXPECT_NE(sent.error().what.find("exceeds the MTU"), std::string::npos) << sent.error().text();
    EXPECT_FALSE(raw->send(LabTestPermit::permit(), std::vector<Datagram>{{large, lab_->hosts()[1].ipv6}})) << "an address of the other version";
  });
}

TEST_F(RawSocketLive, ipv4_is_received_with_its_header) {
  const Event ready;
  const int receiver = start(1, [&] {
    const auto raw = open_raw({.protocol = test_protocol});
    ASSERT_TRUE(raw);
    ready.raise();
    const auto packets = collect(*raw, 1);
    ASSERT_EQ(packets.size(), 1u);
    EXPECT_EQ(packets[0].info.link_type, LinkType::ipv4);
    EXPECT_EQ(packets[0].bytes[0], 0x45);
    EXPECT_EQ(word(packets[0].bytes, 2), 26);
    EXPECT_EQ(Octets(packets[0].bytes.begin() + 20, packets[0].bytes.end()), Octets(6, 'x'));
    EXPECT_EQ(raw->counters().received, 1u);
  });
  on(0, [&] {
    ASSERT_TRUE(ready.wait());
    const auto raw = open_raw({.protocol = test_protocol});
    ASSERT_TRUE(raw);
    const Octets payload(6, 'x');
    EXPECT_EQ(raw->send(LabTestPermit::permit(), std::vector<Datagram>{{payload, lab_->hosts()[1].ipv4}}).value_or(0), 1u);
  });
  finish(receiver);
}

TEST_F(RawSocketLive, a_received_ipv6_header_is_rebuilt_from_what_the_kernel_tells) {
  const Event ready;
  Octets datagram = {0x6b, 0x80, 0x12, 0x34, 0, 4, test_protocol, 77};
  for (const LabHost& host : lab_ ? lab_->hosts() : std::span<const LabHost>{})
    datagram.insert(datagram.end(), host.ipv6.octets.begin(), host.ipv6.octets.end());
  datagram.insert(datagram.end(), {'d', 'a', 't', 'a'});
  const int receiver = start(1, [&] {
    const auto raw = open_raw({.ipv6 = true, .protocol = test_protocol});
    ASSERT_TRUE(raw);
    ready.raise();
    const auto packets = collect(*raw, 1);
    ASSERT_EQ(packets.size(), 1u);
    EXPECT_EQ(packets[0].info.link_type, LinkType::ipv6);
    EXPECT_EQ(packets[0].bytes, datagram);
  });
  on(0, [&] {
    ASSERT_TRUE(ready.wait());
    const auto raw = open_raw({.ipv6 = true, .own_header = true, .interface = "eth0"});
    ASSERT_TRUE(raw);
    EXPECT_EQ(raw->send(LabTestPermit::permit(), std::vector<Datagram>{{datagram, lab_->hosts()[1].ipv6}}).value_or(0), 1u);
  });
  finish(receiver);
}

}  // namespace
}  // namespace rawket::test
