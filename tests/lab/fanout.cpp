// Sockets that share the packets of an interface: each packet at one of them, flows together, and all in order when merged.
#include <atomic>
#include <map>
#include <thread>

#include "lab_test.hpp"
#include "rawket/io/merged_source.hpp"
#include "rawket/io/receivers.hpp"

namespace rawket::test {
namespace {

constexpr u16 flows = 40, packets_each = 25;

class FanoutTest : public LabTest {
 protected:
  /// UDP in IPv4, without anybody who checks its sums.
  Octets datagram(u16 port, u16 number) const {
    Octets ip = {0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0, 0, 198, 18, 0, 1, 198, 18, 0, 2, static_cast<u8>(port >> 8), static_cast<u8>(port), 0, 9, 0, 12, 0, 0, 0, 0, static_cast<u8>(number >> 8), static_cast<u8>(number)};
    return frame(lab_->hosts()[1].mac, lab_->hosts()[0].mac, 0x0800, ip);
  }
  void send_all() const {
    const auto socket = open_packets({.interface = "eth0", .receive = false});
    ASSERT_TRUE(socket);
    for (u16 i = 0; i < packets_each; ++i)
      for (u16 flow = 0; flow < flows; ++flow) {
        const Octets f = datagram(static_cast<u16>(10000 + flow), static_cast<u16>(i * flows + flow));
        const Bytes one(f);
        ASSERT_TRUE(socket->send(LabTestPermit::permit(), {&one, 1}));
      }
  }
  static u16 word(Bytes b, std::size_t at) { return static_cast<u16>(b[at] << 8 | b[at + 1]); }
};

TEST_F(FanoutTest, threads_receive_each_packet_once_and_a_flow_at_one_of_them) {
  const Event ready;
  const int receiver = start(1, [&] {
    const Filter only = filter_of("udp dst port 9");
    auto sockets = PacketSocket::open_fanout({.interface = "eth0", .engine = ReceiveEngine::ring, .buffer_bytes = 8u << 20, .filter = &only}, Fanout::hash, 3);
    ASSERT_TRUE(sockets) << sockets.error().text();
    std::atomic<u32> all{0};
    std::vector<std::map<u16, u32>> seen(3);
    std::vector<std::thread> threads;
    ready.raise();
    for (std::size_t i = 0; i < 3; ++i)
      threads.emplace_back([&, i] {
        SystemClock clock;
        for (const Nanoseconds end = clock.now() + patience; all < flows * packets_each && clock.now() < end;) {
          const auto packets = (*sockets)[i]->next(50 * millisecond);
          if (!packets) return;
          for (const CapturedPacket& p : *packets) ++seen[i][word(p.bytes, 34)], ++all;
        }
      });
    for (std::thread& t : threads) t.join();
    EXPECT_EQ(all, flows * packets_each);
    unsigned busy = 0;
    for (u16 flow = 0; flow < flows; ++flow) {
      unsigned members = 0;
      for (const auto& s : seen) members += s.contains(static_cast<u16>(10000 + flow)) ? 1 : 0;
      EXPECT_EQ(members, 1u) << "flow " << flow;
    }
    for (const auto& s : seen) busy += s.empty() ? 0 : 1;
    EXPECT_GE(busy, 2u) << "forty flows do not all fall to one";
  });
  on(0, [&] {
    ASSERT_TRUE(ready.wait());
    send_all();
  });
  finish(receiver);
}

TEST_F(FanoutTest, without_a_filter_everything_comes) {
  const Event ready;
  const int receiver = start(1, [&] {
    auto opened = open_receivers({.interface = "eth0", .buffer_bytes = 8u << 20}, Fanout::hash, 2);
    ASSERT_TRUE(opened) << opened.error().text();
    const auto source = merge(std::move(opened->sockets));
    ready.raise();
    u32 ours = 0;
    SystemClock clock;
    for (const Nanoseconds end = clock.now() + patience; ours < flows * packets_each && clock.now() < end;) {
      const auto packets = source->next(100 * millisecond);
      ASSERT_TRUE(packets);
      for (const CapturedPacket& p : *packets) ours += p.bytes.size() == 46 ? 1 : 0;
    }
    EXPECT_EQ(ours, flows * packets_each);
  });
  on(0, [&] {
    ASSERT_TRUE(ready.wait());
    send_all();
  });
  finish(receiver);
}

TEST_F(FanoutTest, merged_they_are_one_source_in_the_order_of_time) {
  const Event ready;
  const int receiver = start(1, [&] {
    const Filter only = filter_of("udp dst port 9");
    auto opened = open_receivers({.interface = "eth0", .engine = ReceiveEngine::ring, .buffer_bytes = 8u << 20, .filter = &only}, Fanout::hash, 3);
    ASSERT_TRUE(opened) << opened.error().text();
    const auto source = merge(std::move(opened->sockets));
    ready.raise();
    const auto all = collect(*source, flows * packets_each);
    for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(word(all[i].bytes, 44), i) << "out of order";
    EXPECT_EQ(source->interfaces().size(), 3u);
    EXPECT_EQ(source->counters().received, flows * packets_each);
    u64 sum = 0;
    for (u32 i = 0; i < 3; ++i) sum += source->counters_of(i).received;
    EXPECT_EQ(sum, flows * packets_each);
    source->stop();
    for (int i = 0; i < 100 && !source->ended(); ++i) ASSERT_TRUE(source->next(0));
    EXPECT_TRUE(source->ended());
  });
  on(0, [&] {
    ASSERT_TRUE(ready.wait());
    send_all();
  });
  finish(receiver);
}

}  // namespace
}  // namespace rawket::test
