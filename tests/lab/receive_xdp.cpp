// AF_XDP: the translated filter against the one that files use, and the sockets on a device that the lab made.
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>
#include <random>

#include "../../src/host/netlink.hpp"
#include "../../src/io/xdp_filter.hpp"
#include "lab_test.hpp"
#include "rawket/host/interfaces.hpp"
#include "rawket/io/merged_source.hpp"
#include "rawket/io/receivers.hpp"

namespace rawket::test {
namespace {

std::string why_no_kernel_programs() {
  const auto map = bpf::make_map(BPF_MAP_TYPE_ARRAY, 4, 1);
  return map ? std::string() : "programs cannot be loaded into the kernel: " + map.error().text();
}

/// Packets of few kinds whose bytes then change, and are cut, at random.
std::vector<Octets> packets_for_filters() {
  const Octets udp4 = {0x45, 0, 0, 40, 0, 1, 0, 0, 64, 17, 0, 0, 198, 18, 0, 1, 198, 18, 0, 2, 0, 53, 0x1f, 0x90, 0, 20, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  Octets tcp4 = udp4, options4 = udp4, fragment4 = udp4;
  tcp4[9] = 6, tcp4[33] = 0x12;
  options4[0] = 0x46;
  fragment4[7] = 1;
  const Octets udp6 = {0x60, 0, 0, 0, 0, 12, 17, 64, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 53, 0x1f, 0x90, 0, 12, 0, 0, 1, 2, 3, 4};
  const Mac a = *Mac::parse("02:00:00:00:00:01"), b = *Mac::parse("02:00:00:00:00:02");
  std::vector<Octets> all = {frame(a, b, 0x0800, udp4), frame(a, b, 0x0800, tcp4), frame(a, b, 0x0800, options4), frame(a, b, 0x0800, fragment4), frame(b, a, 0x86dd, udp6), frame(b, a, 0x0806, Octets(28, 1))};
  Octets tagged = {0, 5, 8, 0};
  tagged.insert(tagged.end(), udp4.begin(), udp4.end());
  all.push_back(frame(a, b, 0x8100, tagged));
  std::mt19937 random(7);
  for (std::size_t i = 0; i < 60; ++i) {
    Octets changed = all[i % 7];
    changed[random() % changed.size()] = static_cast<u8>(random());
    changed.resize(14 + random() % (changed.size() - 13));
    all.push_back(std::move(changed));
  }
  return all;
}

TEST(XdpFilter, says_of_each_packet_what_the_filter_for_files_says) {
  if (const std::string why = why_no_kernel_programs(); !why.empty()) GTEST_SKIP() << why;
  const char* const expressions[] = {"udp", "tcp or arp", "port 53", "ip6 and udp port 8080", "not udp", "greater 50", "less 40", "host 198.18.0.1 and not port 80", "tcp[tcpflags] & (tcp-syn|tcp-ack) != 0",
                                     "ip[0] & 0xf > 5", "udp[4:2] * 3 - 1 > 50", "ip[2:2] / 7 % 3 == 1", "ether[12:2] << 1 >= 0x1000", "(ip[0:4] >> 3) ^ 5 = 0x8a00000", "vlan 5 and udp", "vlan", "ip6[6] = 17",
                                     "ether src 02:00:00:00:00:02", "net 198.18.0.0/15 and (udp or tcp)", "portrange 50-60", "len & 1 = 0", "ether[len - 1] = 12", "ip proto 17 or ip6 proto 17", "-ip[8] + 100 > 30", "ether[ether[14] & 0xf] = 2"};
  const auto packets = packets_for_filters();
  unsigned passed = 0, refused = 0;
  for (const char* words : expressions) {
    const Filter filter = filter_of(words);
    bpf::Program program;
    program.move(BPF_REG_6, BPF_REG_1);
    const auto jumps = append_filter(program, filter.program());
    ASSERT_TRUE(jumps) << words;
    program.leave(XDP_TX);
    for (const auto jump : jumps->all) program.here(jump);
    program.leave(XDP_DROP);
    const auto loaded = program.load(BPF_PROG_TYPE_XDP);
    ASSERT_TRUE(loaded) << words << ": " << loaded.error().text();
    for (const Octets& packet : packets) {
      const auto verdict = bpf::try_xdp(loaded->number(), packet);
      ASSERT_TRUE(verdict) << verdict.error().text();
      const bool expected = filter.matches(packet, static_cast<u32>(packet.size()));
      EXPECT_EQ(*verdict, expected ? u32{XDP_TX} : u32{XDP_DROP}) << words;
      ++(expected ? passed : refused);
    }
  }
  EXPECT_GT(passed, 300u);
  EXPECT_GT(refused, 300u);
}

TEST(XdpFilter, refuses_what_only_packet_sockets_know) {
  bpf::Program program;
  const BpfInstruction asks_the_kernel[] = {{0x20, 0, 0, 0xfffff004}, {0x06, 0, 0, 1}};
  EXPECT_FALSE(append_filter(program, asks_the_kernel));
}

/// A lab of root's own, where programs can be loaded.
class ReceiveXdp : public LabTest, public testing::WithParamInterface<ReceiveEngine> {
 protected:
  void SetUp() override {
    if (const std::string why = why_no_kernel_programs(); !why.empty()) GTEST_SKIP() << why;
    auto started = Lab::start({.own_users = false});
    if (!started) GTEST_SKIP() << started.error().text();
    lab_ = std::move(*started);
  }

  static std::unique_ptr<LiveSource> open(PacketSocketOptions options, std::size_t queues = 1) {
    options.interface = "eth0";
    options.engine = GetParam();
    auto opened = open_receivers(options);
    EXPECT_TRUE(opened) << opened.error().text();
    if (!opened) return nullptr;
    EXPECT_EQ(opened->sockets.size(), queues) << opened->why;
    EXPECT_EQ(opened->sockets.front()->engine(), GetParam()) << opened->why;
    return merge(std::move(opened->sockets));
  }

  Octets numbered(u32 number, std::size_t bytes = 60) const {
    Octets payload(bytes, 7);
    std::memcpy(payload.data(), &number, sizeof number);
    return frame(lab_->hosts()[1].mac, lab_->hosts()[0].mac, experimental, payload);
  }
  static u32 number_of(Bytes packet) {
    u32 number = 0;
    std::memcpy(&number, packet.data() + 14, sizeof number);
    return number;
  }
  void send(u32 count, std::size_t bytes = 60) const {
    const auto socket = open_packets({.interface = "eth0", .receive = false});
    ASSERT_TRUE(socket);
    for (u32 i = 0; i < count; ++i) {
      const Octets f = numbered(i, bytes);
      const Bytes one(f);
      ASSERT_TRUE(socket->send(LabTestPermit::permit(), {&one, 1}));
      if (i % 50 == 49) SystemClock().sleep_until(SystemClock().now() + 2 * millisecond);  // the device's own queue is short, and what it drops nobody counts
    }
  }
};

TEST_P(ReceiveXdp, gives_each_frame_once_in_order_with_the_programs_time) {
  constexpr u32 count = 5000;
  const Event ready;
  const int receiver = start(1, [&] {
    const Filter only = filter_of("ether proto 0x88b5");
    const auto source = open({.filter = &only});
    ASSERT_TRUE(source);
    const Nanoseconds before = wall_clock();
    ready.raise();
    const auto all = collect(*source, count);
    const Nanoseconds after = wall_clock();
    for (u32 i = 0; i < all.size(); ++i) {
      ASSERT_EQ(number_of(all[i].bytes), i);
      EXPECT_EQ(all[i].info.direction, Direction::in);
      ASSERT_EQ(all[i].info.time_source, TimeSource::program);
      ASSERT_GE(all[i].info.time, i == 0 ? before - millisecond : all[i - 1].info.time);
      ASSERT_LE(all[i].info.time, after + millisecond);
    }
    EXPECT_EQ(source->counters(), (Counters{.received = count}));
  });
  on(0, [&] {
    ASSERT_TRUE(ready.wait());
    send(count);
  });
  finish(receiver);
}

TEST_P(ReceiveXdp, takes_what_passes_and_leaves_the_rest_to_the_machine) {
  const Event ready, sent;
  const int receiver = start(1, [&] {
    const Filter only = filter_of("ether proto 0x88b5");
    const auto source = open({.snapshot_length = 20, .filter = &only});
    const auto beside = open_packets({.interface = "eth0", .filter = &only});
    const int udp = ::socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in here{.sin_family = AF_INET, .sin_port = htons(4000), .sin_addr = {}, .sin_zero = {}};
    ASSERT_EQ(::bind(udp, reinterpret_cast<const sockaddr*>(&here), sizeof here), 0);
    ASSERT_TRUE(source && beside);
    ready.raise();
    ASSERT_TRUE(sent.wait());
    const auto all = collect(*source, 10);
    ASSERT_EQ(all.size(), 10u);
    EXPECT_EQ(all[0].bytes.size(), 20u);
    EXPECT_EQ(all[0].info.original_length, 74u);
    char datagram[8];
    EXPECT_EQ(::recv(udp, datagram, sizeof datagram, MSG_DONTWAIT), 2) << "what does not pass goes on to the machine";
    const auto seen = beside->next(50 * millisecond);
    ASSERT_TRUE(seen);
    EXPECT_TRUE(seen->empty()) << "what was taken is seen by nobody else";
    ::close(udp);
  });
  on(0, [&] {
    ASSERT_TRUE(ready.wait());
    send(10);
    const int udp = ::socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in there{.sin_family = AF_INET, .sin_port = htons(4000), .sin_addr = {}, .sin_zero = {}};
    std::memcpy(&there.sin_addr, lab_->hosts()[1].ipv4.octets.data(), 4);
    EXPECT_EQ(::sendto(udp, "hi", 2, 0, reinterpret_cast<const sockaddr*>(&there), sizeof there), 2);
    ::close(udp);
    timespec moment{0, 100'000'000};  // the neighbour is asked for first
    ::nanosleep(&moment, nullptr);
    sent.raise();
  });
  finish(receiver);
}

TEST_P(ReceiveXdp, counts_what_found_no_room_and_marks_the_place) {
  constexpr u32 first = 600, second = 40;
  const Event ready, sent, read, sent_again;
  const int receiver = start(1, [&] {
    const Filter only = filter_of("ether proto 0x88b5");
    const auto source = open({.buffer_bytes = 1, .filter = &only});  // the least there is: 256 frames
    ASSERT_TRUE(source);
    ready.raise();
    ASSERT_TRUE(sent.wait());
    SystemClock clock;  // what was sent last may still be on its way
    for (const Nanoseconds end = clock.now() + patience; source->counters().dropped < first - 256u && clock.now() < end;) clock.sleep_until(clock.now() + millisecond);
    EXPECT_EQ(source->counters().dropped, first - 256u);
    const auto kept = collect(*source, 256);
    for (const Received& r : kept) EXPECT_EQ(r.info.dropped_before, 0u);
    EXPECT_EQ(number_of(kept.back().bytes), 255u);
    ASSERT_TRUE(source->next(0));
    read.raise();
    ASSERT_TRUE(sent_again.wait());
    const auto later = collect(*source, second);
    ASSERT_FALSE(later.empty());
    EXPECT_EQ(later[0].info.dropped_before, first - 256u) << "right behind what was lost";
    EXPECT_EQ(later[1].info.dropped_before, 0u);
    EXPECT_EQ(source->counters(), (Counters{.received = first + second, .dropped = first - 256u}));
  });
  on(0, [&] {
    ASSERT_TRUE(ready.wait());
    send(first);
    sent.raise();
    ASSERT_TRUE(read.wait());
    send(second);
    sent_again.raise();
  });
  finish(receiver);
}

TEST_P(ReceiveXdp, gives_what_came_before_it_was_stopped_and_nothing_after) {
  const Event ready, sent, stopped, sent_again;
  const int receiver = start(1, [&] {
    const Filter only = filter_of("ether proto 0x88b5");
    const auto source = open({.filter = &only});
    ASSERT_TRUE(source);
    ready.raise();
    ASSERT_TRUE(sent.wait());
    source->stop();
    stopped.raise();
    ASSERT_TRUE(sent_again.wait());
    std::size_t got = 0;
    for (int i = 0; i < 1000 && !source->ended(); ++i) {
      const auto packets = source->next(0);
      ASSERT_TRUE(packets);
      got += packets->size();
    }
    EXPECT_EQ(got, 200u);
    EXPECT_TRUE(source->ended());
  });
  on(0, [&] {
    ASSERT_TRUE(ready.wait());
    send(200);
    sent.raise();
    ASSERT_TRUE(stopped.wait());
    send(50);
    sent_again.raise();
  });
  finish(receiver);
}

TEST_P(ReceiveXdp, ends_with_a_message_when_the_interface_is_removed) {
  on(1, [&] {
    const auto source = open({});
    ASSERT_TRUE(source);
    Netlink netlink = *Netlink::open();
    ifinfomsg which{};
    which.ifi_index = static_cast<int>(interface_named("eth0")->index);
    NetlinkRequest remove(RTM_DELLINK, NLM_F_REQUEST | NLM_F_ACK, which);
    ASSERT_TRUE(netlink.run(remove, "RTM_DELLINK"));
    std::string told;
    for (int i = 0; i < 100 && !source->ended(); ++i)
      if (const auto r = source->next(20 * millisecond); !r) told = r.error().text();
    EXPECT_NE(told.find("it was removed while it was listened to"), std::string::npos) << told;
    EXPECT_TRUE(source->ended());
  });
}

void use_two_queues() {
  const int any = ::socket(AF_INET, SOCK_DGRAM, 0);
  ethtool_channels two{};
  two.cmd = ETHTOOL_SCHANNELS, two.rx_count = 2, two.tx_count = 2;
  ifreq request{};
  std::strcpy(request.ifr_name, "eth0");
  request.ifr_data = reinterpret_cast<char*>(&two);
  const bool set = ::ioctl(any, SIOCETHTOOL, &request) == 0;
  ::close(any);
  if (!set) GTEST_SKIP() << "this device has one queue";
}

TEST_P(ReceiveXdp, hears_all_queues_of_the_device) {
  constexpr u16 flows = 64;
  const Event ready;
  on(0, use_two_queues);
  const int receiver = start(1, [&] {
    use_two_queues();
    const Filter only = filter_of("udp port 9");
    auto opened = open_receivers({.interface = "eth0", .engine = GetParam(), .filter = &only});
    ASSERT_TRUE(opened);
    ASSERT_EQ(opened->sockets.size(), 2u) << opened->why;
    const auto source = merge(std::move(opened->sockets));
    ready.raise();
    collect(*source, flows);
    EXPECT_GT(source->counters_of(0).received, 0u);
    const bool divided = GetParam() == ReceiveEngine::xdp;  // behind this driver all has one queue
    EXPECT_EQ(source->counters_of(1).received > 0, divided);
  });
  on(0, [&] {
    ASSERT_TRUE(ready.wait());
    const auto socket = open_packets({.interface = "eth0", .receive = false});
    ASSERT_TRUE(socket);
    for (u16 flow = 0; flow < flows; ++flow) {
      const Octets ip = {0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0, 0, 198, 18, 0, 1, 198, 18, 0, 2, 40, static_cast<u8>(flow), 0, 9, 0, 12, 0, 0, 1, 2, 3, 4};
      const Octets f = frame(lab_->hosts()[1].mac, lab_->hosts()[0].mac, 0x0800, ip);
      const Bytes one(f);
      ASSERT_TRUE(socket->send(LabTestPermit::permit(), {&one, 1}));
    }
  });
  finish(receiver);
}

INSTANTIATE_TEST_SUITE_P(engines, ReceiveXdp, testing::Values(ReceiveEngine::xdp, ReceiveEngine::xdp_generic), [](const auto& info) { return info.param == ReceiveEngine::xdp ? "xdp" : "generic"; });

class WithoutXdp : public LabTest {};

TEST_F(WithoutXdp, a_packet_socket_receives_and_the_reason_is_told) {
  on(0, [&] {
    const auto expect = [](PacketSocketOptions options, ReceiveEngine engine, std::string_view reason) {
      options.engine = ReceiveEngine::xdp;
      const auto opened = open_receivers(options);
      ASSERT_TRUE(opened) << opened.error().text();
      EXPECT_EQ(opened->sockets.front()->engine(), engine);
      EXPECT_NE(opened->why.find(reason), std::string::npos) << opened->why;
    };
    expect({.interface = "any"}, ReceiveEngine::ring, "on one interface");
    expect({.interface = "lo"}, ReceiveEngine::ring, "lower the MTU");
    expect({.interface = "eth0", .cooked = true}, ReceiveEngine::ring, "Ethernet frames only");
    if (!why_no_kernel_programs().empty()) expect({.interface = "eth0"}, ReceiveEngine::ring, "CAP_BPF");
  });
}

}  // namespace
}  // namespace rawket::test
