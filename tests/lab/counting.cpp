// What a packet socket counts, and how it lives with its device: loss, promiscuous mode, super-frames, down and gone.
#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "../../src/host/netlink.hpp"
#include "lab_test.hpp"
#include "rawket/host/interfaces.hpp"

namespace rawket::test {
namespace {

class Counting : public EngineTest {};
class Device : public EngineTest {};

void set_device_up(const char* name, bool up) {
  const Descriptor s(::socket(AF_INET, SOCK_DGRAM, 0));
  ifreq request{};
  std::string(name).copy(request.ifr_name, IFNAMSIZ - 1);
  ASSERT_EQ(::ioctl(s.number(), SIOCGIFFLAGS, &request), 0);
  request.ifr_flags = static_cast<short>(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
  ASSERT_EQ(::ioctl(s.number(), SIOCSIFFLAGS, &request), 0);
}

TEST_P(Counting, received_is_exactly_delivered_and_dropped_when_the_buffer_is_tiny) {
  constexpr std::size_t count = 500;
  const Event ready, sent;
  const int receiver = start(1, [&] {
    const Filter only = filter_of("ether proto 0x88b5");
    const auto socket = open_packets({.interface = "eth0", .buffer_bytes = 1, .filter = &only});
    ASSERT_TRUE(socket);
    ready.raise();
    ASSERT_TRUE(sent.wait());
    u64 delivered = 0, told_before = 0;
    for (auto packets = socket->next(0); packets && !packets->empty(); packets = socket->next(0)) {
      delivered += packets->size();
      for (const CapturedPacket& p : *packets) told_before += p.info.dropped_before;
    }
    const Counters c = socket->counters();
    EXPECT_EQ(c.received, count);
    EXPECT_EQ(c.received, delivered + c.filtered + c.dropped);
    EXPECT_GT(c.dropped, 0u);
    EXPECT_LE(told_before, c.dropped) << "what is lost after the last packet has no packet to be told by";
    EXPECT_EQ(socket->counters().dropped, c.dropped) << "reading the kernel's count resets it, not ours";
    ready.raise();
    ASSERT_TRUE(sent.wait());
    const auto next = collect(*socket, 1);
    ASSERT_EQ(next.size(), 1u);
    EXPECT_EQ(told_before + next[0].info.dropped_before, c.dropped);
  });
  on(0, [&] {
    const auto socket = open_packets({.interface = "eth0", .receive = false});
    ASSERT_TRUE(socket);
    const Octets one = frame(lab_->hosts()[1].mac, lab_->hosts()[0].mac, experimental, Octets(46));
    ASSERT_TRUE(ready.wait());
    EXPECT_EQ(socket->send(LabTestPermit::permit(), std::vector<Bytes>(count, Bytes(one))).value_or(0), count);
    sent.raise();
    ASSERT_TRUE(ready.wait());
    EXPECT_EQ(socket->send(LabTestPermit::permit(), std::vector<Bytes>{Bytes(one)}).value_or(0), 1u);
    sent.raise();
  });
  finish(receiver);
}

TEST_P(Device, is_promiscuous_as_long_as_the_socket_is_open) {
  on(0, [] {
    EXPECT_FALSE(interface_named("eth0").value().promiscuous);
    {
      const auto socket = open_packets({.interface = "eth0", .promiscuous = true});
      ASSERT_TRUE(socket);
      EXPECT_TRUE(interface_named("eth0").value().promiscuous);
    }
    EXPECT_FALSE(interface_named("eth0").value().promiscuous);
  });
}

TEST_P(Device, may_go_down_and_come_up_again_under_an_open_socket) {
  on(0, [&] {
    const Filter only = filter_of("ether proto 0x88b5");
    const auto socket = open_packets({.interface = "eth0", .filter = &only});
    const auto sender = open_packets({.interface = "eth0", .receive = false});
    ASSERT_TRUE(socket && sender);
    set_device_up("eth0", false);
    const auto while_down = socket->next(0);
    EXPECT_TRUE(while_down && while_down->empty());
    const Octets one = frame(lab_->hosts()[1].mac, lab_->hosts()[0].mac, experimental, Octets(46));
    const auto refused = sender->send(LabTestPermit::permit(), std::vector<Bytes>{one});
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().advice.find("ip link set eth0 up"), std::string::npos) << refused.error().text();
    set_device_up("eth0", true);
    // The link takes a moment to be usable again; until then the kernel swallows what is sent.
    SystemClock clock;
    std::size_t seen = 0;
    for (const Nanoseconds end = clock.now() + patience; seen == 0 && clock.now() < end;) {
      EXPECT_TRUE(sender->send(LabTestPermit::permit(), std::vector<Bytes>{one}));
      const auto packets = socket->next(10 * millisecond);
      ASSERT_TRUE(packets) << packets.error().text();
      seen += packets->size();
    }
    EXPECT_GT(seen, 0u);
  });
}

TEST_P(Device, that_is_removed_ends_the_source_with_a_message_of_its_own) {
  on(0, [] {
    const auto socket = open_packets({.interface = "eth0"});
    ASSERT_TRUE(socket);
    ifinfomsg header{};
    header.ifi_index = static_cast<int>(interface_named("eth0").value().index);
    NetlinkRequest removal(RTM_DELLINK, 0, header);
    ASSERT_TRUE(Netlink::open().value().run(removal, "RTM_DELLINK"));
    auto packets = socket->next(patience);
    while (packets && !packets->empty()) packets = socket->next(patience);
    ASSERT_FALSE(packets);
    EXPECT_NE(packets.error().text().find("eth0: it was removed while it was listened to"), std::string::npos) << packets.error().text();
    EXPECT_TRUE(socket->ended());
    EXPECT_TRUE(socket->next(0).value().empty());
  });
}

TEST_P(Device, that_is_down_is_said_to_be_so) {
  on(0, [] {
    set_device_up("eth0", false);
    const auto socket = PacketSocket::open({.interface = "eth0"});
    ASSERT_FALSE(socket);
    EXPECT_NE(socket.error().text().find("it is down"), std::string::npos) << socket.error().text();
  });
}

// The kernel hands the device more than the MTU at once; the capture sees it before it is cut.
TEST_P(Device, super_frames_of_tcp_are_marked) {
  constexpr u16 port = 9100;
  constexpr std::size_t volume = 400'000;
  const Event listening;
  const int server = start(1, [&] {
    const Descriptor s(::socket(AF_INET, SOCK_STREAM, 0));
    const sockaddr_in here{AF_INET, htons(port), {}, {}};
    ASSERT_EQ(::bind(s.number(), reinterpret_cast<const sockaddr*>(&here), sizeof here), 0);
    ASSERT_EQ(::listen(s.number(), 1), 0);
    listening.raise();
    const Descriptor peer(::accept(s.number(), nullptr, nullptr));
    std::vector<char> piece(65536);
    std::size_t got = 0;
    for (ssize_t n = 1; n > 0;) {
      n = ::read(peer.number(), piece.data(), piece.size());
      got += n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    EXPECT_EQ(got, volume);
  });
  on(0, [&] {
    const Filter only = filter_of("tcp dst port 9100 and greater 100");
    const auto socket = open_packets({.interface = "eth0", .filter = &only});
    ASSERT_TRUE(socket && listening.wait());
    sockaddr_in there{AF_INET, htons(port), {}, {}};
    ::inet_pton(AF_INET, "198.18.0.2", &there.sin_addr);
    Descriptor s(::socket(AF_INET, SOCK_STREAM, 0));
    ASSERT_EQ(::connect(s.number(), reinterpret_cast<const sockaddr*>(&there), sizeof there), 0);
    const std::string data(volume, 'x');
    for (std::size_t at = 0; at < volume;) {
      const ssize_t n = ::write(s.number(), data.data() + at, volume - at);
      ASSERT_GT(n, 0);
      at += static_cast<std::size_t>(n);
    }
    bool marked = false;
    for (auto packets = socket->next(second); packets && !packets->empty() && !marked; packets = socket->next(second))
      for (const CapturedPacket& p : *packets) {
        EXPECT_EQ(p.info.gso_size != 0, p.info.original_length > 1514) << p.info.original_length;
        marked = marked || p.info.gso_size != 0;
      }
    EXPECT_TRUE(marked);
  });
  finish(server);
}

INSTANTIATE_TEST_SUITE_P(Each, Device, each_engine, engine_name);
INSTANTIATE_TEST_SUITE_P(Each, Counting, each_engine, engine_name);

}  // namespace
}  // namespace rawket::test
