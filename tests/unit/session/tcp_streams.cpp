// TCP streams: order restored, doubled bytes taken once, holes told, any start, wrap-around, and bounded memory.
#include "rawket/session/tcp_streams.hpp"

#include "../packet_test.hpp"
#include "rawket/packet/packet.hpp"
#include "rawket/proto/all.hpp"

namespace rawket {
namespace {

using namespace test;

/// A conversation that is spoken into a reassembler, and what came out.
class Talk {
 public:
  explicit Talk(StreamOptions options = {}) : streams(events(), options) {}

  void client(u32 sequence, std::string_view text, TcpFlags flags = Psh | Ack) { say(Ipv4{.src = "198.18.0.1", .dst = "198.18.0.2"}, Tcp{.sport = 40000, .dport = 80, .seq = sequence, .flags = flags}, text); }
  void server(u32 sequence, std::string_view text, TcpFlags flags = Psh | Ack) { say(Ipv4{.src = "198.18.0.2", .dst = "198.18.0.1"}, Tcp{.sport = 80, .dport = 40000, .seq = sequence, .flags = flags}, text); }
  void say(const Ipv4& ip, const Tcp& tcp, std::string_view text, std::size_t cut = 0) {
    Packet head = ip / tcp;
    std::vector<u8> bytes(head.bytes().begin(), head.bytes().end());
    bytes.insert(bytes.end(), text.begin(), text.end());
    bytes[2] = static_cast<u8>(bytes.size() >> 8), bytes[3] = static_cast<u8>(bytes.size());
    const u32 size = static_cast<u32>(bytes.size());
    bytes.resize(bytes.size() - cut);
    Dissection d;
    dissect(standard_registry(), info<Ipv4>, bytes, d, size);
    streams.add({.number = ++number, .time = static_cast<Nanoseconds>(number), .original_length = size}, d);
  }
  StreamEvents events() {
    StreamEvents e;
    e.data = [this](const Stream& s, bool from_client, u64 offset, Bytes b) {
      const u64 known = (from_client ? said : answered).size() + (from_client ? s.client() : s.server()).missing;
      EXPECT_TRUE(!checks_offsets || offset == known) << "offsets have no gaps but those that were told";
      (from_client ? said : answered) += as_text(b);
    };
    e.missing = [this](const Stream&, bool, u64 offset, u64 bytes) { holes += std::to_string(offset) + "+" + std::to_string(bytes) + " "; };
    e.ended = [this](const Stream& s) { ended.push_back(s); };
    return e;
  }

  TcpStreams streams;
  std::string said, answered, holes;
  std::vector<Stream> ended;
  u64 number = 0;
  bool checks_offsets = true;
};

TEST(TcpStreams, gives_what_both_sides_said) {
  Talk t;
  t.client(99, "", Syn), t.server(499, "", Syn | Ack), t.client(100, "GET "), t.server(500, "200 "), t.client(104, "/"), t.server(504, "OK", Fin | Ack), t.client(105, "", Fin | Ack);
  t.streams.finish();
  EXPECT_EQ(t.said, "GET /");
  EXPECT_EQ(t.answered, "200 OK");
  ASSERT_EQ(t.ended.size(), 1u);
  EXPECT_EQ(endpoint_text(t.ended[0].key, t.ended[0].client_is_high), "198.18.0.1:40000");
  EXPECT_TRUE(t.ended[0].client().fin && t.ended[0].server().fin && t.ended[0].client().syn);
}

TEST(TcpStreams, the_one_who_answers_a_syn_is_the_server_also_when_the_syn_was_not_seen) {
  Talk t;
  t.server(499, "", Syn | Ack), t.client(100, "x");
  t.streams.finish();
  EXPECT_EQ(t.said, "x");
}

TEST(TcpStreams, restores_order) {
  Talk t;
  t.client(99, "", Syn), t.client(108, "three"), t.client(104, "two "), t.client(100, "one ");
  EXPECT_EQ(t.said, "one two three");
  t.streams.finish();
  EXPECT_EQ(t.ended[0].client().out_of_order, 2u);
  EXPECT_EQ(t.holes, "");
}

TEST(TcpStreams, takes_the_first_of_doubled_bytes) {
  Talk t;
  t.client(99, "", Syn), t.client(100, "abcd"), t.client(100, "ABCD"), t.client(102, "CDef"), t.client(110, "klm"), t.client(108, "IJKLMNop"), t.client(106, "gh");
  EXPECT_EQ(t.said, "abcdefghIJklmNop");
  t.client(115, "x"), t.client(116, "y");
  EXPECT_EQ(t.said, "abcdefghIJklmNopy") << "a keep-alive repeats the last byte";
}

TEST(TcpStreams, tells_holes) {
  Talk t;
  t.client(99, "", Syn), t.client(100, "ab"), t.client(107, "hi"), t.client(104, "e");
  EXPECT_EQ(t.said, "ab");
  t.streams.finish();
  EXPECT_EQ(t.said, "abehi");
  EXPECT_EQ(t.holes, "2+2 5+2 ");
  EXPECT_EQ(t.ended[0].client().missing, 4u);
}

TEST(TcpStreams, starts_in_the_middle_and_counts_what_lies_before) {
  Talk t;
  t.client(1000, "later"), t.client(997, "xyzlate"), t.client(1005, "!");
  t.streams.finish();
  EXPECT_EQ(t.said, "later!");
  EXPECT_EQ(t.ended[0].client().before_start, 3u);
}

TEST(TcpStreams, numbers_wrap_around) {
  Talk t;
  t.client(0xfffffffd, "", Syn), t.client(0xfffffffe, "ab"), t.client(2, "ef"), t.client(0, "cd");
  EXPECT_EQ(t.said, "abcdef");
}

TEST(TcpStreams, what_the_snapshot_length_cut_is_a_hole) {
  Talk t;
  t.client(99, "", Syn);
  t.say(Ipv4{.src = "198.18.0.1", .dst = "198.18.0.2"}, Tcp{.sport = 40000, .dport = 80, .seq = 100, .flags = Ack}, "0123456789", 6);
  t.client(110, "next");
  EXPECT_EQ(t.said, "0123next");
  EXPECT_EQ(t.holes, "4+6 ");
}

TEST(TcpStreams, a_new_syn_on_the_same_ports_is_a_new_stream) {
  Talk t;
  t.client(99, "", Syn), t.client(100, "a"), t.client(99, "", Syn);
  EXPECT_EQ(t.streams.streams(), 1u) << "the same SYN again";
  t.client(5000, "", Syn);
  EXPECT_EQ(t.streams.streams(), 2u);
  EXPECT_EQ(t.ended.size(), 1u);
}

TEST(TcpStreams, every_order_of_segments_gives_the_same_text) {
  auto random = random_source();
  for (int round = 0; round < 200; ++round) {
    std::string text;
    for (u64 n = 1 + random() % 200; n-- > 0;) text += static_cast<char>('a' + random() % 26);
    std::vector<std::pair<u32, u32>> parts;
    for (u32 at = 0; at < text.size();) {
      const u32 n = std::min<u32>(1 + static_cast<u32>(random() % 20), static_cast<u32>(text.size()) - at);
      parts.emplace_back(at, n);
      if (random() % 3 == 0) parts.emplace_back(at - std::min<u32>(at, static_cast<u32>(random() % 9)), n);
      at += n;
    }
    std::shuffle(parts.begin(), parts.end(), random);
    Talk t;
    const u32 base = static_cast<u32>(random());
    t.client(base - 1, "", Syn);
    for (const auto& [at, n] : parts) t.client(base + at, std::string_view(text).substr(at, n));
    t.streams.finish();
    ASSERT_EQ(t.said, text);
    ASSERT_EQ(t.holes, "");
  }
}

TEST(TcpStreams, memory_is_bounded_and_what_is_given_up_is_told) {
  Talk t({.most_streams = 10, .most_waiting = 1000, .most_waiting_of_side = 300});
  for (u16 port = 1; port <= 50; ++port) t.say(Ipv4{.src = "198.18.0.1", .dst = "198.18.0.2"}, Tcp{.sport = port, .dport = 80, .seq = 1, .flags = Syn}, "");
  EXPECT_EQ(t.streams.evicted(), 40u);
  EXPECT_EQ(t.ended.size(), 40u);
  Talk holes({.most_waiting_of_side = 300});
  holes.client(99, "", Syn);
  for (u32 i = 1; i <= 40; ++i) holes.client(100 + 10 * i, "0123456789");
  EXPECT_EQ(holes.holes, "0+10 ") << "the first ten bytes are taken for lost when 300 wait";
  EXPECT_EQ(holes.said.size(), 400u);
}

TEST(TcpStreams, random_segments_do_no_harm) {
  auto random = random_source();
  Talk t({.most_streams = 3, .most_waiting = 2000, .most_waiting_of_side = 500});
  t.checks_offsets = false;
  const std::string text(100, 'x');
  for (int i = 0; i < 20000; ++i) {
    const u32 sequence = random() % 3 == 0 ? static_cast<u32>(random()) : 1000 + static_cast<u32>(random() % 500);
    t.say(Ipv4{.src = "198.18.0.1", .dst = "198.18.0.2"}, Tcp{.sport = static_cast<u16>(random() % 5), .dport = 80, .seq = sequence, .flags = static_cast<TcpFlags>(random() % 32)}, std::string_view(text).substr(0, random() % 100), random() % 10);
    t.said.clear(), t.answered.clear();
    t.ended.clear(), t.holes.clear();
  }
  t.streams.finish();
}

}  // namespace
}  // namespace rawket
