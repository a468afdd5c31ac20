// Messages and datagrams that came in pieces, shown in the packet that completes them.
#include "rawket/session/reassembler.hpp"

#include "conversation.hpp"

namespace rawket {
namespace {

using namespace test;

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

TEST(Reassembly, waits_for_the_end_of_a_stream_where_nothing_else_tells_the_end) {
  Conversation c;
  c.handshake();
  EXPECT_EQ(c.server(500, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nab")["http.response.code"], "-");
  EXPECT_EQ(c.server(547, "cd")["http.response.code"], "-");
  EXPECT_EQ(c.server(549, "", Fin | Ack)["http.response.code"], "200");
}

TEST(Reassembly, does_not_wait_where_a_tunnel_was_opened) {
  Conversation c({}, 3128);
  c.handshake();
  c.client(100, "CONNECT example.com:443 HTTP/1.0\r\n\r\n");
  EXPECT_EQ(c.server(500, "HTTP/1.0 200 Connection established\r\n\r\n")["http.response.code"], "200");
}

TEST(Reassembly, waits_for_the_rest_of_a_first_word) {
  Conversation c;
  c.handshake();
  EXPECT_EQ(c.client(100, "GET /a HTTP/1.1\r\n\r\nGE")["http.request.uri"], "/a");
  EXPECT_EQ(c.client(121, "T /b HTTP/1.1\r\n\r\n")["http.request.uri"], "/b");
  EXPECT_EQ(c.server(500, "HT")["http.response.code"], "-");
  EXPECT_EQ(c.server(502, "TP/1.1 204 None\r\n\r\n")["http.response.code"], "204");
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

}  // namespace
}  // namespace rawket
