// Answers find their questions, and questions are forgotten for room.
#include "rawket/session/questions.hpp"

#include "conversation.hpp"

namespace rawket {
namespace {

using namespace test;

TEST(Answers, name_their_questions) {
  Conversation c;
  EXPECT_EQ(c.client(99, "", Syn, 0)["answers"], "-");
  const auto opened = c.server(499, "", Syn | Ack);
  EXPECT_EQ(opened["answers"], "1");
  EXPECT_EQ(opened["round_trip"], "0.001000000");
  constexpr Ipv4Address here = "198.18.0.1", there = "198.18.0.2";
  c.show(Ipv4{.src = here, .dst = there} / Icmp{.type = 8} / IcmpEcho{.id = 1, .seq = 5});
  EXPECT_EQ(c.show(Ipv4{.src = there, .dst = here} / Icmp{.type = 0} / IcmpEcho{.id = 1, .seq = 6})["answers"], "-");
  EXPECT_EQ(c.show(Ipv4{.src = there, .dst = here} / Icmp{.type = 0} / IcmpEcho{.id = 1, .seq = 5})["answers"], "3");
  c.show(Ipv4{.src = here, .dst = there} / Udp{.sport = 40000, .dport = 53} / Dns{.id = 9});
  EXPECT_EQ(c.show(Ipv4{.src = there, .dst = here} / Udp{.sport = 53, .dport = 40000} / Dns{.id = 9, .flags = 0x8180})["answers"], "6");
  EXPECT_EQ(c.show(Ipv4{.src = here, .dst = there} / Udp{.sport = 40000, .dport = 53} / Dns{.id = 9, .flags = 0x8180})["answers"], "-") << "who asks does not answer himself";
  c.show(Ipv4{.src = "0.0.0.0", .dst = "255.255.255.255"} / Udp{.sport = 68, .dport = 67} / Dhcp{.id = 77});
  EXPECT_EQ(c.show(Ipv4{.src = there, .dst = here} / Udp{.sport = 67, .dport = 68} / Dhcp{.operation = 2, .id = 77})["answers"], "9");
}

TEST(Answers, forget_questions_for_room_and_count_it) {
  Questions questions(2);
  for (u16 id = 0; id < 5; ++id) {
    const Packet p = Ipv4{.src = "198.18.0.1", .dst = "198.18.0.2"} / Icmp{.type = 8} / IcmpEcho{.id = id};
    Dissection d;
    dissect(standard_registry(), info<Ipv4>, p.bytes(), d);
    questions.add({.number = id}, d);
  }
  EXPECT_EQ(questions.evicted(), 3u);
}

}  // namespace
}  // namespace rawket
