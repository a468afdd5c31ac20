// Packet sockets over a veth pair and over loopback.
#include "rawket/io/packet_socket.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "lab_test.hpp"

namespace rawket::test {
namespace {

class PacketSocketLive : public EngineTest {};

void send_udp(const char* to, u16 port, const std::string& text) {
  const IpAddress address = IpAddress::parse(to).value();
  const int s = ::socket(address.is_v6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
  sockaddr_in v4{AF_INET, htons(port), {}, {}};
  sockaddr_in6 v6{AF_INET6, htons(port), 0, {}, 0};
  ::inet_pton(address.is_v6 ? AF_INET6 : AF_INET, to, address.is_v6 ? static_cast<void*>(&v6.sin6_addr) : &v4.sin_addr);
  const auto* where = address.is_v6 ? reinterpret_cast<const sockaddr*>(&v6) : reinterpret_cast<const sockaddr*>(&v4);
  EXPECT_EQ(::sendto(s, text.data(), text.size(), 0, where, address.is_v6 ? sizeof v6 : sizeof v4), static_cast<ssize_t>(text.size()));
  ::close(s);
}

TEST_P(PacketSocketLive, frames_arrive_as_they_were_sent) {
  const Event ready;
  const auto sent = frame(lab_->hosts()[1].mac, lab_->hosts()[0].mac, experimental, Octets(100, 0x5a));
  const int receiver = start(1, [&] {
    const Filter only = filter_of("ether proto 0x88b5");
    const auto socket = open_packets({.interface = "eth0", .filter = &only});
    ASSERT_TRUE(socket);
    ready.raise();
    for (const Received& p : collect(*socket, 200)) {
      EXPECT_EQ(p.bytes, sent);
      EXPECT_EQ(p.info.original_length, sent.size());
      EXPECT_EQ(p.info.direction, Direction::in);
      EXPECT_EQ(p.info.link_type, LinkType::ethernet);
      EXPECT_GT(p.info.time, 1'000'000'000 * second);
    }
    EXPECT_EQ(socket->counters().received, 200u);
  });
  on(0, [&] {
    ASSERT_TRUE(ready.wait());
    const auto socket = open_packets({.interface = "eth0", .receive = false});
    ASSERT_TRUE(socket);
    const std::vector<Bytes> batch(200, Bytes(sent));
    EXPECT_EQ(socket->send(LabTestPermit::permit(), batch).value_or(0), 200u);
    EXPECT_TRUE(socket->ended());
  });
  finish(receiver);
}

TEST_P(PacketSocketLive, datagrams_of_both_ip_versions_are_seen_leaving_without_their_checksum_and_arriving) {
  const Event ready;
  const auto watch = [&](Direction direction) {
    const Filter only = filter_of("udp port 9000");
    const auto socket = open_packets({.interface = "eth0", .filter = &only});
    ASSERT_TRUE(socket);
    if (direction == Direction::in) ready.raise();
    if (direction == Direction::out) {
      ASSERT_TRUE(ready.wait());
      send_udp("198.18.0.2", 9000, "four");
      send_udp("2001:db8::2", 9000, "six");
    }
    const auto packets = collect(*socket, 2);
    ASSERT_EQ(packets.size(), 2u);
    EXPECT_EQ(packets[0].bytes[14] >> 4, 4);
    EXPECT_EQ(packets[1].bytes[14] >> 4, 6);
    for (const Received& p : packets) {
      EXPECT_EQ(p.info.direction, direction);
      EXPECT_TRUE(p.info.checksum_not_ready || direction == Direction::in);
    }
  };
  const int receiver = start(1, [&] { watch(Direction::in); });
  on(0, [&] { watch(Direction::out); });
  finish(receiver);
}

TEST_P(PacketSocketLive, a_frame_on_loopback_is_seen_once) {
  on(0, [&] {
    const Filter only = filter_of("udp port 9001");
    const auto one = open_packets({.interface = "lo", .filter = &only});
    const Filter cooked = filter_of("udp port 9001", LinkType::linux_sll2);
    const auto any = open_packets({.interface = "any", .filter = &cooked});
    ASSERT_TRUE(one && any);
    for (int i = 0; i < 3; ++i) send_udp("127.0.0.1", 9001, "around");
    send_udp("::1", 9001, "around");
    for (PacketSocket* socket : {one.get(), any.get()}) {
      collect(*socket, 4);
      EXPECT_TRUE(socket->next(0).value().empty());
      EXPECT_EQ(socket->counters().received, 4u);
    }
  });
}

TEST_P(PacketSocketLive, a_snapshot_length_cuts_and_the_whole_length_is_told) {
  on(0, [&] {
    const Filter only = filter_of("udp port 9002");
    const auto socket = open_packets({.interface = "lo", .snapshot_length = 50, .filter = &only});
    ASSERT_TRUE(socket);
    send_udp("127.0.0.1", 9002, std::string(1000, 'x'));
    const auto packets = collect(*socket, 1);
    ASSERT_EQ(packets.size(), 1u);
    EXPECT_EQ(packets[0].bytes.size(), 50u);
    EXPECT_EQ(packets[0].info.original_length, 14u + 20 + 8 + 1000);
  });
}

TEST_P(PacketSocketLive, a_cooked_packet_has_a_header_made_from_what_the_kernel_tells) {
  on(0, [&] {
    const Filter only = filter_of("udp port 9003 and ip", LinkType::linux_sll2);
    const auto socket = open_packets({.interface = "eth0", .cooked = true, .filter = &only});
    ASSERT_TRUE(socket);
    send_udp("198.18.0.2", 9004, "not this");
    send_udp("2001:db8::2", 9003, "nor this");
    send_udp("198.18.0.2", 9003, "this");
    const auto packets = collect(*socket, 1);
    ASSERT_EQ(packets.size(), 1u);
    const Octets& b = packets[0].bytes;
    EXPECT_EQ(packets[0].info.link_type, LinkType::linux_sll2);
    ASSERT_EQ(b.size(), 20u + 20 + 8 + 4);
    EXPECT_EQ(Octets(b.begin(), b.begin() + 4), (Octets{0x08, 0x00, 0, 0}));
    EXPECT_EQ(Octets(b.begin() + 8, b.begin() + 12), (Octets{0, 1, 4, 6})) << "Ethernet, outgoing, 6 octets of address";
    EXPECT_EQ(Mac({b[12], b[13], b[14], b[15], b[16], b[17]}), lab_->hosts()[0].mac);
    EXPECT_EQ(b[20], 0x45);
    EXPECT_EQ(packets[0].info.original_length, b.size());
    EXPECT_EQ(socket->counters().received, 1u);
    EXPECT_FALSE(socket->send(LabTestPermit::permit(), std::vector<Bytes>{Bytes(b)}));
  });
}

TEST_P(PacketSocketLive, what_cannot_be_sent_is_refused_with_the_reason) {
  on(0, [&] {
    const auto socket = open_packets({.interface = "eth0", .receive = false});
    ASSERT_TRUE(socket);
    const Octets good = frame(lab_->hosts()[1].mac, lab_->hosts()[0].mac, experimental, Octets(46));
    const Octets huge = frame(lab_->hosts()[1].mac, lab_->hosts()[0].mac, experimental, Octets(1501));
    const auto first = socket->send(LabTestPermit::permit(), std::vector<Bytes>{huge, good});
    ASSERT_FALSE(first);
    EXPECT_NE(first.error().text().find("1515 bytes is longer than the device takes (MTU 1500)"), std::string::npos) << first.error().text();
    EXPECT_EQ(socket->send(LabTestPermit::permit(), std::vector<Bytes>{good, huge, good}).value_or(0), 1u) << "what stands before the bad one leaves";
    const Octets tiny(10);
    const auto runt = socket->send(LabTestPermit::permit(), std::vector<Bytes>{tiny});
    ASSERT_FALSE(runt);
    EXPECT_NE(runt.error().text().find("shorter than the link header"), std::string::npos) << runt.error().text();
  });
}

TEST_P(PacketSocketLive, a_socket_does_not_see_what_it_sent_itself_and_others_do) {
  on(0, [&] {
    const Filter only = filter_of("ether proto 0x88b5");
    const auto self = open_packets({.interface = "eth0", .filter = &only}), other = open_packets({.interface = "eth0", .filter = &only});
    ASSERT_TRUE(self && other);
    const Octets one = frame(lab_->hosts()[1].mac, lab_->hosts()[0].mac, experimental, Octets(46));
    EXPECT_TRUE(self->send(LabTestPermit::permit(), std::vector<Bytes>{one}));
    collect(*other, 1);
    EXPECT_TRUE(self->next(0).value().empty());
  });
}

TEST_P(PacketSocketLive, a_wrong_name_is_told_with_the_nearest_right_one) {
  on(0, [] {
    const auto socket = PacketSocket::open({.interface = "eth1"});
    ASSERT_FALSE(socket);
    EXPECT_EQ(socket.error().code, Errc::unknown_name);
    EXPECT_NE(socket.error().text().find("did you mean 'eth0'?"), std::string::npos) << socket.error().text();
  });
}

INSTANTIATE_TEST_SUITE_P(Each, PacketSocketLive, each_engine, engine_name);

}  // namespace
}  // namespace rawket::test
