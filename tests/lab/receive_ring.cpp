// What only a ring has: stopping with nothing left behind, and losses in their place.
#include <numeric>

#include "lab_test.hpp"

namespace rawket::test {
namespace {

class Ring : public EngineTest {
 protected:
  /// `count` frames from h1 to h2, as many as the kernel takes at once.
  void send(std::size_t count, const Octets& sent) const {
    const auto socket = open_packets({.interface = "eth0", .receive = false});
    ASSERT_TRUE(socket);
    const std::vector<Bytes> batch(std::min<std::size_t>(count, 1000), Bytes(sent));
    for (std::size_t left = count; left > 0;) {
      const auto now = socket->send(LabTestPermit::permit(), std::span(batch).first(std::min(left, batch.size())));
      ASSERT_TRUE(now) << now.error().text();
      left -= *now;
    }
  }
  Octets numbered() const { return frame(lab_->hosts()[1].mac, lab_->hosts()[0].mac, experimental, Octets(60, 7)); }
};

TEST_P(Ring, gives_what_came_before_it_was_stopped_and_nothing_after) {
  const Event ready, sent, stopped, sent_again;
  const int receiver = start(1, [&] {
    const Filter only = filter_of("ether proto 0x88b5");
    const auto socket = open_packets({.interface = "eth0", .filter = &only});
    ASSERT_TRUE(socket);
    EXPECT_EQ(socket->engine(), GetParam());
    ready.raise();
    ASSERT_TRUE(sent.wait());
    socket->stop();
    stopped.raise();
    ASSERT_TRUE(sent_again.wait());
    std::size_t got = 0;
    for (int i = 0; i < 1000 && !socket->ended(); ++i) {
      const auto packets = socket->next(0);
      ASSERT_TRUE(packets);
      got += packets->size();
    }
    EXPECT_EQ(got, 500u);
    EXPECT_TRUE(socket->ended());
    EXPECT_EQ(socket->counters().received, 500u);
  });
  on(0, [&] {
    ASSERT_TRUE(ready.wait());
    send(500, numbered());
    sent.raise();
    ASSERT_TRUE(stopped.wait());
    send(100, numbered());
    sent_again.raise();
  });
  finish(receiver);
}

TEST_P(Ring, counts_each_packet_that_found_no_room_and_tells_where) {
  constexpr std::size_t first = 20'000, second = 50;
  const Event ready, sent, read, sent_again;
  const int receiver = start(1, [&] {
    const Filter only = filter_of("ether proto 0x88b5");
    const auto socket = open_packets({.interface = "eth0", .buffer_bytes = 1u << 18, .filter = &only});
    ASSERT_TRUE(socket);
    ready.raise();
    ASSERT_TRUE(sent.wait());
    std::size_t got = 0;
    u64 told = 0;
    const auto take = [&](std::span<const CapturedPacket> packets) {
      for (const CapturedPacket& p : packets) ++got, told += p.info.dropped_before;
    };
    for (auto packets = socket->next(100 * millisecond); packets && !packets->empty(); packets = socket->next(100 * millisecond)) take(*packets);
    EXPECT_LT(got, first);
    read.raise();
    ASSERT_TRUE(sent_again.wait());
    socket->stop();
    for (int i = 0; i < 1000 && !socket->ended(); ++i) take(socket->next(0).value());
    const Counters c = socket->counters();
    EXPECT_EQ(c.received, first + second);
    EXPECT_EQ(c.dropped, first + second - got);
    EXPECT_EQ(told, c.dropped) << "the gap is told by the packet behind it";
  });
  on(0, [&] {
    ASSERT_TRUE(ready.wait());
    send(first, numbered());
    sent.raise();
    ASSERT_TRUE(read.wait());
    send(second, numbered());
    sent_again.raise();
  });
  finish(receiver);
}

TEST_P(Ring, is_as_small_as_the_kernel_lets_it_and_what_is_chosen_is_told) {
  on(0, [] {
    const auto small = PacketSocket::open({.interface = "eth0", .engine = ReceiveEngine::ring, .buffer_bytes = 1u << 10});
    ASSERT_TRUE(small);
    EXPECT_EQ((*small)->engine(), ReceiveEngine::ring);
    const auto socket = PacketSocket::open({.interface = "eth0", .engine = ReceiveEngine::automatic});
    ASSERT_TRUE(socket);
    EXPECT_EQ((*socket)->engine() == ReceiveEngine::ring, (*socket)->why_engine().empty());
  });
}

INSTANTIATE_TEST_SUITE_P(Each, Ring, each_engine, engine_name);

}  // namespace
}  // namespace rawket::test
