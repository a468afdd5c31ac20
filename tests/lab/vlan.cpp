// 802.1Q and 802.1ad tags: taken out by the receiving kernel, put back here, and seen by filters.
#include "lab_test.hpp"

namespace rawket::test {
namespace {

class Vlan : public EngineTest {
 protected:
  Octets tagged(u16 type, u16 control, u8 fill) const {
    Octets payload = {static_cast<u8>(control >> 8), static_cast<u8>(control), static_cast<u8>(experimental >> 8),
                      static_cast<u8>(experimental & 0xff)};
    payload.resize(64, fill);
    return frame(lab_->hosts()[1].mac, lab_->hosts()[0].mac, type, payload);
  }
  Octets plain() const { return frame(lab_->hosts()[1].mac, lab_->hosts()[0].mac, experimental, Octets(60, 9)); }

  /// Sends the frames from h1 and gives what h2's socket makes of them to `check`, with the counters.
  void exchange(const std::vector<Octets>& frames, const std::string& words, std::size_t expected, LinkType link_type,
                const std::function<void(const std::vector<Received>&, const Counters&)>& check) {
    const Event ready, sent;
    const int receiver = start(1, [&] {
      const Filter filter = filter_of(words, link_type);
      const auto socket = open_packets({.interface = "eth0", .cooked = link_type == LinkType::linux_sll2, .filter = &filter});
      ASSERT_TRUE(socket);
      ready.raise();
      ASSERT_TRUE(sent.wait());
      const auto packets = collect(*socket, expected);
      EXPECT_TRUE(socket->next(0).value().empty());
      check(packets, socket->counters());
    });
    on(0, [&] {
      ASSERT_TRUE(ready.wait());
      const auto socket = open_packets({.interface = "eth0", .receive = false});
      ASSERT_TRUE(socket);
      const std::vector<Bytes> batch(frames.begin(), frames.end());
      EXPECT_EQ(socket->send(LabTestPermit::permit(), batch).value_or(0), frames.size());
      sent.raise();
    });
    finish(receiver);
  }
};

TEST_P(Vlan, a_tag_is_put_back_where_it_was_with_its_type_and_priority) {
  const std::vector<Octets> frames = {tagged(0x8100, 0xa005, 1), tagged(0x88a8, 0x0fff, 2)};
  exchange(frames, "ether src 02:00:00:00:00:01 and not ip6", 2, LinkType::ethernet, [&](const auto& packets, const Counters&) {
    for (std::size_t i = 0; i < packets.size(); ++i) {
      EXPECT_EQ(packets[i].bytes, frames[i]);
      EXPECT_TRUE(packets[i].info.vlan_restored);
      EXPECT_EQ(packets[i].info.original_length, frames[i].size());
    }
  });
}

TEST_P(Vlan, a_vlan_filter_finds_its_own_and_the_others_are_counted_as_filtered) {
  exchange({tagged(0x8100, 5, 1), tagged(0x8100, 6, 2), plain(), tagged(0x8100, 5, 3)}, "vlan 5", 2, LinkType::ethernet,
           [&](const auto& packets, const Counters& counters) {
             ASSERT_EQ(packets.size(), 2u);
             EXPECT_EQ(packets[0].bytes, tagged(0x8100, 5, 1));
             EXPECT_EQ(packets[1].bytes, tagged(0x8100, 5, 3));
             EXPECT_EQ(counters.filtered, 1u) << "the plain frame is refused by the kernel already";
             EXPECT_EQ(counters.received, 3u);
           });
}

TEST_P(Vlan, not_vlan_finds_the_plain_frame) {
  // The word order matters to libpcap: after 'vlan' it looks for types behind a tag.
  exchange({tagged(0x8100, 5, 1), plain()}, "ether proto 0x88b5 and not vlan", 1, LinkType::ethernet, [&](const auto& packets, const Counters&) {
    ASSERT_EQ(packets.size(), 1u);
    EXPECT_EQ(packets[0].bytes, plain());
    EXPECT_FALSE(packets[0].info.vlan_restored);
  });
}

TEST_P(Vlan, a_cooked_packet_keeps_its_tag_behind_the_header) {
  exchange({tagged(0x8100, 5, 1)}, "ether proto 0x88b5", 1, LinkType::linux_sll2, [&](const auto& packets, const Counters&) {
    ASSERT_EQ(packets.size(), 1u);
    const Octets& b = packets[0].bytes;
    EXPECT_EQ(Octets(b.begin(), b.begin() + 2), (Octets{0x81, 0x00}));
    EXPECT_EQ(Octets(b.begin() + 20, b.begin() + 24), (Octets{0, 5, 0x88, 0xb5}));
    EXPECT_EQ(b.size(), 20 + tagged(0x8100, 5, 1).size() - 14);
  });
}

TEST_P(Vlan, direction_and_tag_cannot_both_be_asked_of_a_live_filter) {
  on(0, [] {
    const Filter filter = filter_of("inbound and vlan 5");
    const auto socket = PacketSocket::open({.interface = "eth0", .filter = &filter});
    ASSERT_FALSE(socket);
    EXPECT_EQ(socket.error().code, Errc::unsupported);
  });
}

INSTANTIATE_TEST_SUITE_P(Each, Vlan, each_engine, engine_name);

}  // namespace
}  // namespace rawket::test
