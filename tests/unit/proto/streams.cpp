// Messages in byte streams: TLS, BGP, MQTT, Modbus, SMB, SSH; and CoAP. Bytes worked out from the specifications.
#include "../packet_test.hpp"
#include "rawket/proto/all.hpp"
#include "rawket/wire/build.hpp"

namespace rawket {
namespace {

using namespace test;

constexpr Ipv4 ip{.id = 0x1234, .src = "198.18.0.1", .dst = "198.18.0.2"};
std::string zeros(std::size_t bytes) { return std::string(2 * bytes, '0'); }
std::string sized(unsigned length_bytes, std::string body) {
  std::erase(body, ' ');
  TextBuffer t;
  t.hex(body.size() / 2, 2 * length_bytes);
  return std::string(t.view()) + body;
}
/// RFC 8446, 4.1.2: version, random, session, suites, compression, extensions.
std::string client_hello() {
  const std::string name = "0000" + sized(2, sized(2, "00" + sized(2, "6578616d706c652e636f6d"))), alpn = "0010" + sized(2, sized(2, "026832" "08687474702f312e31")),
                    versions = "002b" + sized(2, sized(1, "03040303"));
  return "01" + sized(3, "0303" + zeros(32) + "00" + sized(2, "1301c02f") + "0100" + sized(2, name + alpn + versions));
}

TEST(TlsRecords, tell_what_a_client_offers) {
  const Seen seen(protocol_named("tls"), octets("160301" + sized(2, client_hello())));
  expect_values(seen, {{"tls.record.content_type", "22"}, {"tls.record.version", "769"}, {"tls.handshake.type", "1"}, {"tls.handshake.version", "771"}, {"tls.handshake.ciphersuite", "[4865,49199]"},
      {"tls.handshake.extension.type", "[0,16,43]"}, {"tls.handshake.extensions_server_name", "example.com"}, {"tls.handshake.extensions_alpn_str", "[h2,http/1.1]"},
      {"tls.handshake.extensions.supported_version", "[772,771]"}});
}

TEST(TlsRecords, tell_what_a_server_chose_and_end_where_encryption_begins) {
  const std::string hello = "02" + sized(3, "0303" + zeros(32) + "00" "1301" "00" + sized(2, "002b00020304"));
  const Seen seen(protocol_named("tls"), octets("160303" + sized(2, hello) + "140303000101" "160303000800000000aabbccdd" "1703030002abcd"));
  expect_values(seen, {{"tls.record.content_type", "[22,20,22]"}, {"tls.record.opaque_type", "23"}, {"tls.handshake.type", "2"}, {"tls.handshake.ciphersuite", "4865"}, {"tls.handshake.extensions.supported_version", "772"}});
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

TEST(TlsRecords, tell_alerts_and_keep_what_is_no_record) {
  expect_values(Seen(protocol_named("tls"), octets("1503030002 0228")), {{"tls.alert_message.level", "2"}, {"tls.alert_message.desc", "40"}});
  EXPECT_EQ(Seen(protocol_named("tls"), octets("0011223344556677")).layers(), "tls_continuation");
  const Seen old(protocol_named("tls"), octets("802e 01 0301 0003 0000 0010 00002f" + zeros(16)));
  EXPECT_EQ(old.layers(), "ssl2");
  expect_values(old, {{"layers", "[tls]"}, {"tls.handshake.version", "769"}, {"tls.record.version", "2"}});
}

TEST(TlsRecords, count_their_bytes_when_built) {
  EXPECT_EQ(hex_of(build(Tls{.type = 23} / "abc")), "1703030003616263");
  const Seen seen(protocol_named("ip"), octets(hex_of(build(ip / Tcp{.sport = 40000, .seq = 1, .ack = 1, .flags = Psh | Ack} / Tls{.type = 21} / "\x01"))));
  EXPECT_EQ(seen.layers(), "ip tcp tls");
  EXPECT_EQ(seen["tcp.dstport"], "443");
}

TEST(BgpMessages, follow_each_other) {
  const std::string ones(32, 'f'), keepalive = ones + "001304";
  EXPECT_EQ(hex_of(build(Bgp{})), keepalive);
  expect_values(Seen(protocol_named("bgp"), octets(keepalive + ones + "00170200000000" + keepalive)), {{"bgp.type", "[4,2,4]"}, {"bgp.length", "19"}});
  const Seen middle(protocol_named("bgp"), octets("0102" + keepalive));
  EXPECT_EQ(middle.layers(), "bgp_continuation");
  EXPECT_EQ(middle["bgp.type"], "4");
}

TEST(MqttMessages, follow_each_other) {  // MQTT 3.1.1, 3.3 and 3.12
  const Seen seen(protocol_named("mqtt"), octets("32080003 612f62 0001 78 c000"));
  expect_values(seen, {{"mqtt.msgtype", "[3,12]"}, {"mqtt.qos", "1"}, {"mqtt.topic", "a/b"}});
  EXPECT_EQ(hex_of(build(Mqtt{})), "c000");
  EXPECT_EQ(Seen(protocol_named("mqtt"), octets("30ffffffffff")).dissection().stop, Stop::none);
}

TEST(CoapMessages, have_paths_in_pieces) {  // RFC 7252, figure 16: GET /temperature
  const Seen seen(protocol_named("coap"), octets("40017d34 bb74656d7065726174757265"));
  expect_values(seen, {{"coap.code", "1"}, {"coap.mid", "32052"}, {"coap.opt.uri_path", "temperature"}});
  EXPECT_EQ(hex_of(build(Coap{.id = 0x7d34})), "40017d34");
}

TEST(ModbusMessages, have_a_header_on_tcp) {
  const Seen seen(protocol_named("mbtcp"), octets("0001 0000 0006 11 03 006b 0003"));
  EXPECT_EQ(seen.layers(), "mbtcp modbus data");
  expect_values(seen, {{"mbtcp.trans_id", "1"}, {"mbtcp.len", "6"}, {"mbtcp.unit_id", "17"}, {"modbus.func_code", "3"}});
  expect_values(Seen(protocol_named("mbtcp"), octets("0001 0000 0003 11 83 02")), {{"modbus.func_code", "3"}, {"modbus.exception", "1"}});
  EXPECT_EQ(hex_of(build(ModbusTcp{.transaction = 1} / Modbus{.function = 3} / "abcd")), "0001" "0000" "0006" "01" "03" "61626364");
}

TEST(SmbMessages, stand_behind_netbios_and_are_chained) {  // MS-SMB2, 2.2.1.2
  const std::string echo = "fe534d42 4000 0100 00000000 0d00 0100 00000000 ", rest = " 0200000000000000 00000000 00000000 0000000000000000" + zeros(16);
  const Seen seen(protocol_named("nbss"), octets("00000088 " + echo + "48000000" + rest + "0400000000000000" + echo + "00000000" + rest + "04000000"));
  EXPECT_EQ(seen.layers(), "nbss smb2");
  expect_values(seen, {{"nbss.length", "136"}, {"smb2.cmd", "[13,13]"}, {"smb2.msg_id", "2"}});
  EXPECT_EQ(hex_of(build(NetbiosSession{} / Smb2{})).substr(0, 16), "00000040" "fe534d42");
  EXPECT_EQ(Seen(protocol_named("nbss"), octets("00000034 fd534d42" + zeros(48))).layers(), "nbss smb2_encrypted");
}

/// A packet of SSH's (RFC 4253, 6): length, padding, payload.
std::string ssh_packet(std::string payload) {
  std::erase(payload, ' ');
  std::size_t padding = 8 - (5 + payload.size() / 2) % 8;
  if (padding < 4) padding += 8;
  TextBuffer size_of_padding;
  size_of_padding.hex(padding, 2);
  return sized(4, std::string(size_of_padding.view()) + payload + zeros(padding));
}
std::string key_exchange_init() {
  std::string lists;
  for (std::string_view names : {"curve25519-sha256", "ssh-ed25519", "aes128-ctr", "aes256-ctr", "hmac-sha2-256", "hmac-sha1", "none", "zlib", "", ""}) lists += sized(4, hex_of(as_bytes(names)));
  return ssh_packet("14" + zeros(16) + lists + "00" + zeros(4));
}

TEST(SshMessages, are_a_line_and_what_is_not_encrypted) {
  expect_values(Seen(protocol_named("ssh"), octets("5353482d322e302d61 0d0a 0000")), {{"ssh.protocol", "SSH-2.0-a"}});
  EXPECT_EQ(Seen(protocol_named("ssh"), octets("0000000c0a15"))["ssh.protocol"], "-");
  const Seen seen(protocol_named("ssh"), octets("5353482d322e302d61 0d0a" + key_exchange_init() + ssh_packet("15") + "8a7be4d1c09f33215577"));
  expect_values(seen, {{"ssh.protocol", "SSH-2.0-a"}, {"ssh.message_code", "[20,21]"}, {"ssh.kex_algorithms", "-"}});
}

TEST(SshMessages, give_each_side_its_fingerprint) {
  const auto tcp = [](const char* ports, const std::string& payload) { return octets(ports + std::string("00000001 00000001 5018 01f4 0000 0000") + payload); };
  expect_values(Seen(info<Tcp>, tcp("9c40 0016", key_exchange_init())), {{"ssh.kex.hassh", "e97d07603350d1111ec2b64bf25413c9"}, {"ssh.kex.hasshserver", "-"}});
  expect_values(Seen(info<Tcp>, tcp("0016 9c40", key_exchange_init())), {{"ssh.kex.hassh", "-"}, {"ssh.kex.hasshserver", "1d28bf246fed683b2556414dbd13cd28"}});
}

TEST(SshMessages, have_a_size_as_soon_as_it_is_told) {
  const auto size = [](std::string_view hex) { return Ssh::message(octets(std::string(hex))); };
  EXPECT_EQ(size("5353482d322e302d61"), 0u) << "the line has no end yet";
  EXPECT_EQ(size("53"), 0u);
  EXPECT_EQ(size("5353482d322e302d610d0a00"), 11u);
  const auto whole = octets(key_exchange_init());
  EXPECT_EQ(Ssh::message(whole), whole.size());
  EXPECT_EQ(Ssh::message(Bytes(whole).first(100)), 0u);
  EXPECT_EQ(size("8a7be4d1c09f33215577"), 10u) << "encrypted: as it comes";
}

}  // namespace
}  // namespace rawket
