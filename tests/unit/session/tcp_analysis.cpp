// What is remarkable about a segment: sent again, early, late, windows, keep-alives, ports used again.
#include "rawket/session/tcp_analysis.hpp"

#include "conversation.hpp"

namespace rawket {
namespace {

using namespace test;

TEST(TcpFacts, tell_what_was_sent_again) {
  Conversation c;
  c.handshake();
  const auto first = c.client(100, "abc");
  EXPECT_EQ(first["tcp.stream"], "0");
  EXPECT_EQ(first["tcp.analysis.initial_rtt"], "0.002000000");
  EXPECT_EQ(first["tcp.analysis.retransmission"], "-");
  c.time += second;
  EXPECT_EQ(c.client(100, "abc")["tcp.analysis.retransmission"], "1");
  c.server(500, "", Ack, 103);
  EXPECT_EQ(c.client(100, "abc")["tcp.analysis.spurious_retransmission"], "1");
}

TEST(TcpFacts, tell_holes_and_what_comes_late) {
  Conversation c;
  c.handshake();
  EXPECT_EQ(c.client(110, "later")["tcp.analysis.lost_segment"], "1");
  EXPECT_EQ(c.client(100, "0123456789")["tcp.analysis.out_of_order"], "1");
}

TEST(TcpFacts, count_duplicate_acks_and_see_the_fast_answer) {
  Conversation c;
  c.handshake();
  c.client(100, "abc"), c.client(106, "ghi"), c.client(109, "jkl");
  c.server(500, "", Ack, 103);
  EXPECT_EQ(c.server(500, "", Ack, 103)["tcp.analysis.duplicate_ack_num"], "1");
  EXPECT_EQ(c.server(500, "", Ack, 103)["tcp.analysis.duplicate_ack_num"], "2");
  EXPECT_EQ(c.client(103, "def")["tcp.analysis.fast_retransmission"], "1");
}

TEST(TcpFacts, tell_of_windows_and_keep_alives) {
  Conversation c;
  c.handshake();
  c.client(100, "a"), c.server(500, "", Ack, 101);
  EXPECT_EQ(c.client(100, "", Ack)["tcp.analysis.keep_alive"], "1");
  EXPECT_EQ(c.server(500, "", Ack, 101)["tcp.analysis.keep_alive_ack"], "1");
  c.window = 0;
  EXPECT_EQ(c.server(500, "", Ack, 101)["tcp.analysis.zero_window"], "1");
  c.window = 1000;
  EXPECT_EQ(c.client(101, "b")["tcp.analysis.zero_window_probe"], "1");
  EXPECT_EQ(c.server(500, "", Ack, 101)["tcp.analysis.window_update"], "1");
}

TEST(TcpFacts, see_ports_used_again) {
  Conversation c;
  c.handshake();
  const auto again = c.client(5000, "", Syn, 0);
  EXPECT_EQ(again["tcp.analysis.reused_ports"], "1");
  EXPECT_EQ(again["tcp.stream"], "1");
}

TEST(TcpFacts, forget_streams_for_room_and_count_it) {
  TcpAnalysis analysis(3);
  std::vector<FactValue> facts;
  for (u16 port = 1; port <= 10; ++port) {
    const Packet p = Ipv4{.src = "198.18.0.1", .dst = "198.18.0.2"} / Tcp{.sport = port, .dport = 80};
    Dissection d;
    dissect(standard_registry(), info<Ipv4>, p.bytes(), d);
    analysis.add({.number = port}, d, facts);
  }
  EXPECT_EQ(analysis.evicted(), 7u);
}

}  // namespace
}  // namespace rawket
