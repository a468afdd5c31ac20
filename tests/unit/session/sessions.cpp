// Packets as their receivers understand them: messages that came in pieces, and what is remarkable about segments.
#include "rawket/session/sessions.hpp"

#include <set>

#include "../packet_test.hpp"
#include "rawket/packet/columns.hpp"
#include "rawket/packet/display_filter.hpp"
#include "rawket/packet/packet.hpp"
#include "rawket/proto/all.hpp"

namespace rawket {
namespace {

using namespace test;

/// A conversation; each packet is shown as JSON, as `read -o json --reassemble` does.
class Conversation {
 public:
  explicit Conversation(ReassemblyOptions how = {}, u16 port = 80) : sessions(standard_registry(), {.reassembly = true, .facts = true, .how = how}), port_(port) {}

  JsonObject client(u32 sequence, std::string_view text, TcpFlags flags = Psh | Ack, u32 ack = 500) { return say(true, sequence, ack, text, flags); }
  JsonObject server(u32 sequence, std::string_view text, TcpFlags flags = Psh | Ack, u32 ack = 100) { return say(false, sequence, ack, text, flags); }
  JsonObject show(const Packet& p) {
    kept.emplace_back(p.bytes().begin(), p.bytes().end());
    dissect(standard_registry(), p.first_protocol(), kept.back(), d);
    PacketHead head{.number = kept.size(), .time = time += millisecond, .original_length = static_cast<u32>(p.size()), .link_type = 101};
    sessions.add(head, d);
    JsonPrinter printer;
    TextBuffer t;
    printer.print(head, d, t);
    JsonObject o(t.view());
    EXPECT_EQ(o.error(), "") << t.view();
    return o;
  }
  void handshake() { client(99, "", Syn, 0), server(499, "", Syn | Ack), client(100, "", Ack); }

  Sessions sessions;
  std::vector<std::vector<u8>> kept;
  Nanoseconds time = 0;
  u16 window = 1000;

 private:
  JsonObject say(bool from_client, u32 sequence, u32 ack, std::string_view text, TcpFlags flags) {
    constexpr Ipv4Address here = "198.18.0.1", there = "198.18.0.2";
    const Ipv4 ip{.src = from_client ? here : there, .dst = from_client ? there : here};
    const u16 high = 40000;
    return show(carrying(ip / Tcp{.sport = from_client ? high : port_, .dport = from_client ? port_ : high, .seq = sequence, .ack = ack, .flags = flags, .window = window}, as_bytes(text)));
  }
  Dissection d;
  u16 port_;
};

TEST(Reassembly, shows_a_request_in_the_segment_that_completes_it) {
  Conversation c;
  c.handshake();
  EXPECT_EQ(c.client(100, "GET /a HTTP/1.1\r\nHo")["http.request.uri"], "-");
  const auto whole = c.client(119, "st: example.com\r\n\r\n");
  EXPECT_EQ(whole["http.request.uri"], "/a");
  EXPECT_EQ(whole["http.host"], "example.com");
  EXPECT_EQ(whole["tcp.reassembled.length"], "38");
  EXPECT_EQ(whole["tcp.checksum.status"], "2") << "the bytes shown are not those of this segment";
}

TEST(Reassembly, waits_for_segments_that_come_late) {
  Conversation c;
  c.handshake();
  EXPECT_EQ(c.client(119, "st: example.com\r\n\r\n")["http.host"], "-");
  EXPECT_EQ(c.client(100, "GET /a HTTP/1.1\r\nHo")["http.host"], "example.com");
  EXPECT_EQ(c.client(100, "GET /a HTTP/1.1\r\nHo")["http.request.uri"], "-") << "what came before is not said twice";
}

TEST(Reassembly, leaves_whole_messages_as_they_are) {
  Conversation c;
  c.handshake();
  const auto o = c.client(100, "GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(o["http.request.uri"], "/");
  EXPECT_EQ(o["tcp.reassembled.length"], "-");
  EXPECT_EQ(o["tcp.checksum.status"], "1");
}

TEST(Reassembly, waits_for_content_and_chunks) {
  Conversation c;
  c.handshake();
  EXPECT_EQ(c.server(500, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")["http.response.code"], "-");
  EXPECT_EQ(c.server(540, "cde")["http.response.code"], "200");
  EXPECT_EQ(c.server(543, "HTTP/1.1 201 Made\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")["http.response.code"], "-");
  EXPECT_EQ(c.server(600, "0\r\n\r\n")["http.response.code"], "201");
}

TEST(Reassembly, knows_protocols_on_other_ports_by_what_they_say) {
  Conversation c({}, 9999);
  c.handshake();
  EXPECT_EQ(c.client(100, "GET /elsewhere HTTP/1.1\r\n\r\n")["http.request.uri"], "/elsewhere");
  EXPECT_EQ(c.client(127, "no method at all")["http.request.uri"], "-");
}

TEST(Reassembly, gives_up_messages_that_are_too_long) {
  Conversation c({.longest_message = 100});
  c.handshake();
  const std::string text = "GET /" + std::string(50, 'a');
  EXPECT_EQ(c.client(100, text)["http.request.uri"], "-");
  c.client(155, std::string(60, 'b'));
  EXPECT_NE(c.sessions.told().find("1 messages given up"), std::string::npos) << c.sessions.told();
}

TEST(Reassembly, ends_an_answer_without_content_where_the_next_begins) {
  Conversation c;
  c.handshake();
  EXPECT_EQ(c.server(500, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")["http.response.code"], "-");
  EXPECT_EQ(c.server(541, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")["http.response.code"], "[200,404]");
}

TEST(Reassembly, leaves_segments_of_unknown_protocols_as_they_are) {
  Conversation c({}, 9);
  c.handshake();
  const auto o = c.client(100, "hello");
  EXPECT_EQ(o["tcp.len"], "5");
  EXPECT_EQ(o["tcp.checksum.status"], "1");
}

TEST(Reassembly, gives_up_the_oldest_for_room) {
  Conversation c({.most_bytes = 1000}, 80);
  c.handshake();
  c.client(100, "GET /" + std::string(600, 'a'));
  for (u32 i = 0; i < 2; ++i) c.server(500 + i * 600, "HTTP/1.1 200 OK\r\n" + std::string(583, 'b'));
  EXPECT_NE(c.sessions.told().find("messages given up"), std::string::npos) << c.sessions.told();
}

TEST(TlsRecords, of_a_hello_that_never_ends_are_read_once) {
  Octets packet;
  for (int i = 0; i < 2000; ++i)
    for (int x : {0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0xff, 0xff, 0xff, 0xff}) packet.push_back(static_cast<u8>(x));
  Dissection d;
  dissect(standard_registry(), info<Tls>, packet, d);
  JsonPrinter printer;
  TextBuffer t;
  printer.print({}, d, t);
  EXPECT_LT(t.size(), 20 * packet.size());
}

TEST(FlowKeys, cannot_be_made_to_fall_into_one_place) {
  std::set<u64> seen;
  for (u64 n = 0; n < 1000; ++n) {
    FlowKey k{.is_v6 = true};
    const u64 second = [n] {  // what forced a state without a secret
      const unsigned __int128 m = static_cast<unsigned __int128>(0x9e3779b97f4a7c15u ^ n) * 0xd6e8feb86659fd93u;
      return static_cast<u64>(m) ^ static_cast<u64>(m >> 64);
    }();
    std::memcpy(k.low.data(), &n, 8), std::memcpy(k.low.data() + 8, &second, 8);
    seen.insert(k.hash());
  }
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(Reassembly, joins_a_datagram_first_and_then_its_segment) {
  Conversation c;
  c.handshake();
  const Packet whole = Ipv4{.id = 9, .src = "198.18.0.1", .dst = "198.18.0.2"} / Tcp{.sport = 40000, .dport = 80, .seq = 100, .flags = Psh | Ack} / "GET / HTTP/1.1\r\n\r\n";
  const auto piece = [&whole](std::size_t from, std::size_t size, bool more) -> Packet {
    return carrying(Ipv4{.id = 9, .flags = static_cast<u8>(more), .fragment = static_cast<u16>(from / 8), .protocol = u8{6}, .src = "198.18.0.1", .dst = "198.18.0.2"}, whole.bytes().subspan(20 + from, size));
  };
  const auto first = c.show(piece(0, 24, true));
  EXPECT_EQ(first["tcp.srcport"], "-") << "a piece is shown as data";
  const auto last = c.show(piece(24, whole.size() - 44, false));
  EXPECT_EQ(last["http.request.uri"], "/");
  EXPECT_EQ(last["ip.reassembled.length"], std::to_string(whole.size() - 20));
}

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

TEST(TcpFacts, are_names_for_filters_and_columns) {
  auto filter = DisplayFilter::compile(standard_registry(), "tcp.analysis.retransmission && tcp.stream == 3");
  ASSERT_TRUE(filter);
  EXPECT_TRUE(filter->needs_facts());
  EXPECT_FALSE(DisplayFilter::compile(standard_registry(), "tcp.port == 3")->needs_facts());
  const Packet p = Ipv4{} / Tcp{};
  Dissection d;
  dissect(standard_registry(), info<Ipv4>, p.bytes(), d);
  const std::array facts{FactValue{SessionFact::stream, 3}, FactValue{SessionFact::retransmission, 1}};
  EXPECT_TRUE(filter->matches({.facts = facts}, d));
  EXPECT_FALSE(filter->matches({.facts = std::span(facts).first(1)}, d));
  const std::array<std::string_view, 2> names{"tcp.stream", "tcp.analysis.retransmission"};
  auto columns = ColumnPrinter::create(standard_registry(), names, ColumnFormat::csv);
  ASSERT_TRUE(columns && columns->needs_facts());
  TextBuffer t;
  columns->print({.facts = facts}, d, t);
  EXPECT_EQ(t.view(), "3,1\n");
}

}  // namespace
}  // namespace rawket
