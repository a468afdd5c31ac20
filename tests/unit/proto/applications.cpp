// What runs over UDP and TCP: time, management, the web, calls, files. Bytes worked out from the specifications.
#include "../packet_test.hpp"
#include "rawket/proto/all.hpp"
#include "rawket/wire/build.hpp"

namespace rawket {
namespace {

using namespace test;

constexpr Ipv4 ip{.id = 0x1234, .src = "198.18.0.1", .dst = "198.18.0.2"};
std::string hex_text(std::string_view text) { return hex_of(as_bytes(text)); }
Seen read_text(std::string_view protocol, std::string_view text) { return Seen(protocol_named(protocol), octets(hex_text(text))); }

TEST(NtpMessages, are_built_and_read) {
  const auto packet = build(ip / Udp{.sport = 123} / Ntp{.stratum = 2, .transmit = 0x0102030405060708});
  EXPECT_EQ(hex_of(packet).substr(56), "23020000" "00000000" "00000000" "00000000" + std::string(48, '0') + "0102030405060708");
  const Seen seen(protocol_named("ip"), octets(hex_of(packet)));
  EXPECT_EQ(seen.layers(), "ip udp ntp");
  expect_values(seen, {{"ntp.flags.vn", "4"}, {"ntp.flags.mode", "3"}, {"ntp.stratum", "2"}, {"udp.dstport", "123"}});
  EXPECT_EQ(Seen(protocol_named("ntp"), octets("16020001 00000000 00000000")).layers(), "ntp_control");
}

TEST(SnmpMessages, tell_community_and_names) {  // get 1.3.6.1.2.1.1.1.0 and 2.999, version 2c
  const Seen seen(protocol_named("snmp"), octets("302f 020101 0406 7075626c6963 a022 020105 020100 020100 3017 300c 06082b06010201010100 0500 3007 0603 883703 0500"));
  expect_values(seen, {{"snmp.version", "1"}, {"snmp.community", "public"}, {"snmp.data", "0"}, {"snmp.request_id", "5"}, {"snmp.error_status", "0"},
      {"snmp.name", "[1.3.6.1.2.1.1.1.0,2.999.3]"}});
  EXPECT_EQ(Seen(protocol_named("snmp"), octets("3084ffffffff 020101")).dissection().stop, Stop::none);
}

TEST(RadiusMessages, have_attributes) {
  const Seen seen(protocol_named("radius"), octets("0107001f 000102030405060708090a0b0c0d0e0f 0105 626f62 0406 c6120001"));
  expect_values(seen, {{"radius.code", "1"}, {"radius.id", "7"}, {"radius.length", "31"}, {"radius.User_Name", "bob"}, {"radius.NAS_IP_Address", "198.18.0.1"}, {"radius.avp.type", "[1,4]"}});
  EXPECT_EQ(hex_of(build(Radius{.code = 4, .id = 1, .options = {RadiusServiceType{1}}})), "0401001a" + std::string(32, '0') + "060600000001");
}

TEST(TftpMessages, ask_for_files_and_count_blocks) {
  const Seen ask(protocol_named("tftp"), octets("0002" + hex_text("a.bin") + "00" + hex_text("octet") + "00"));
  EXPECT_EQ(ask.layers(), "tftp tftp_request");
  expect_values(ask, {{"tftp.opcode", "2"}, {"tftp.destination_file", "a.bin"}, {"tftp.type", "octet"}});
  expect_values(Seen(protocol_named("tftp"), octets("0004 0007")), {{"tftp.opcode", "4"}, {"tftp.block", "7"}});
  expect_values(Seen(protocol_named("tftp"), octets("0005 0001 6e6f00")), {{"tftp.error.code", "1"}, {"tftp.error.message", "no"}});
  EXPECT_EQ(hex_of(build(Tftp{} / TftpError{.code = 1})), "00050001");
}

TEST(SyslogMessages, begin_with_their_priority) {
  expect_values(read_text("syslog", "<34>hello"), {{"syslog.facility", "4"}, {"syslog.level", "2"}, {"syslog.msg", "hello"}});  // RFC 3164, 4.1.1: 4 * 8 + 2
  expect_values(read_text("syslog", "<999>x"), {{"syslog.facility", "-"}, {"syslog.msg", "<999>x"}});
}

TEST(HttpMessages, tell_their_first_line_and_headers) {
  expect_values(read_text("http", "GET /a?b=c HTTP/1.1\r\nHost: example.com\r\nuser-agent:  x y \r\n\r\n"),
      {{"http.request.method", "GET"}, {"http.request.uri", "/a?b=c"}, {"http.request.version", "HTTP/1.1"}, {"http.host", "example.com"}, {"http.user_agent", "x y"}});
  expect_values(read_text("http", "HTTP/1.0 404 Not Found\nServer: s\nContent-Type: text/html\n\nServer: no"),
      {{"http.response.code", "404"}, {"http.response.phrase", "Not Found"}, {"http.server", "s"}, {"http.content_type", "text/html"}});
}

TEST(HttpMessages, follow_each_other_and_may_begin_elsewhere) {
  expect_values(read_text("http", "POST /1 HTTP/1.1\r\nContent-Length: 4\r\n\r\nabcdGET /2 HTTP/1.1\r\n\r\n"), {{"http.request.method", "[POST,GET]"}, {"http.request.uri", "[/1,/2]"}});
  expect_values(read_text("http", "Server: s\r\n\r\nbody"), {{"http.server", "s"}, {"http.request.method", "-"}});
  expect_values(read_text("http", "<html>: Host: x"), {{"http.host", "-"}});
  expect_values(read_text("http", std::string_view("GET /\0 HTTP/1.1\r\n", 17)), {{"http.request.uri", "/"}});
}

TEST(SsdpMessages, have_the_form_of_http) {
  const Seen seen(protocol_named("ip"), octets(hex_of(build(ip / Udp{.sport = 50000} / Ssdp{} / "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n"))));
  EXPECT_EQ(seen.layers(), "ip udp ssdp");
  expect_values(seen, {{"http.request.method", "M-SEARCH"}, {"http.request.uri", "*"}, {"http.host", "239.255.255.250:1900"}});
}

TEST(SipMessages, tell_method_and_call) {
  expect_values(read_text("sip", "INVITE sip:bob@example.com SIP/2.0\r\nCall-ID: 1@example.com\r\nCSeq: 1 INVITE\r\n\r\n"),
      {{"sip.Method", "INVITE"}, {"sip.r-uri", "sip:bob@example.com"}, {"sip.Call-ID", "1@example.com"}, {"sip.CSeq", "1 INVITE"}});
  expect_values(read_text("sip", "SIP/2.0 180 Ringing\r\ni: 1@example.com\r\n\r\n"), {{"sip.Status-Code", "180"}, {"sip.Call-ID", "1@example.com"}});
  EXPECT_EQ(read_text("sip", "\r\n\r\n").layers(), "data");
}

TEST(StunMessages, tell_their_attributes) {  // RFC 8489, 5 and 14.1
  const Seen seen(protocol_named("stun"), octets("0101000c 2112a442 000102030405060708090a0b 00010008 0001c350 c6120001"));
  expect_values(seen, {{"stun.type", "257"}, {"stun.length", "12"}, {"stun.att.type", "1"}, {"stun.att.port", "50000"}, {"stun.att.ipv4", "198.18.0.1"}});
  EXPECT_EQ(hex_of(build(Stun{})), "000100002112a442" + std::string(24, '0'));
  EXPECT_EQ(Seen(protocol_named("stun"), octets("40010000 2112a442 000102030405060708090a0b")).layers(), "data");
}

TEST(Media, have_headers_of_their_own_length) {
  const Seen seen(protocol_named("rtp"), octets("91080001 00000100 00000abc 00000001 bede0001 00000000 ff"));
  EXPECT_EQ(seen.layers(), "rtp data");
  expect_values(seen, {{"rtp.version", "2"}, {"rtp.p_type", "8"}, {"rtp.seq", "1"}, {"rtp.timestamp", "256"}, {"rtp.ssrc", "2748"}, {"rtp.cc", "1"}, {"rtp.ext", "1"}});
  EXPECT_EQ(seen.dissection().layers().back().length, 1u);
  expect_values(Seen(protocol_named("rtcp"), octets("80c80001 00000007")), {{"rtcp.pt", "200"}, {"rtcp.senderssrc", "7"}});
}

TEST(WebSocketFrames, are_masked_and_sized) {  // RFC 6455, 5.7: "Hello" from a client
  const Seen seen(protocol_named("websocket"), octets("818537fa213d7f9f4d5158"));
  EXPECT_EQ(seen.layers(), "websocket data");
  expect_values(seen, {{"websocket.fin", "1"}, {"websocket.opcode", "1"}, {"websocket.mask", "1"}, {"websocket.payload_length", "5"}, {"websocket.masking_key", "939139389"}});
  expect_values(Seen(protocol_named("websocket"), octets("827e0100")), {{"websocket.payload_length_ext", "256"}});
  EXPECT_EQ(hex_of(build(WebSocket{} / "Hello")), "810548656c6c6f");
}

TEST(NetbiosNames, are_written_with_two_letters_per_byte) {  // RFC 1001, 14.1: "The NetBIOS name"
  const Seen cut(protocol_named("nbns"), octets("0001 0110 0001 0000 0000 0000 20 46454547"));
  EXPECT_EQ(cut["nbns.name"], "-");
  std::string letters;
  for (char c : std::string_view("FRED            ")) letters += static_cast<char>('A' + (c >> 4 & 15)), letters += static_cast<char>('A' + (c & 15));
  expect_values(Seen(protocol_named("nbns"), octets("0001 0110 0001 0000 0000 0000 20" + hex_text(letters) + "00 0020 0001")), {{"nbns.name", "FRED<20>"}, {"nbns.type", "32"}});
}

}  // namespace
}  // namespace rawket
