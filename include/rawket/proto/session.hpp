// Protocols in a byte stream whose messages say how long they are: SSH's banner, BGP, MQTT, Modbus, SMB behind NetBIOS; and CoAP and NetBIOS names over UDP.
#pragma once
#include "rawket/wire/options.hpp"

namespace rawket {

/// The middle of a message that began in another packet; others may follow it.
struct BgpContinuation {
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr Name types[] = {{1, "open"}, {2, "update"}, {3, "notification"}, {4, "keepalive"}, {5, "route-refresh"}};
  static constexpr Extra extras[] = {{"type", Show::names, "Kind of a message", false, types}};
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() { return protocol<BgpContinuation>("bgp_continuation", "BGP, the middle of a message", "RFC 4271, 4.1").with_prefix("bgp").with_label("bgp"); }
};

struct Bgp {
  std::array<u8, 16> marker{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  Auto<u16> size = computed;
  u8 type = 4;

  static constexpr Name types[] = {{1, "open"}, {2, "update"}, {3, "notification"}, {4, "keepalive"}, {5, "route-refresh"}};
  static constexpr bool is_marker(Bytes b) { return b.size() >= 16 && std::all_of(b.begin(), b.begin() + 16, [](u8 x) { return x == 0xff; }); }
  using other = BgpContinuation;
  static constexpr bool is_other(Bytes b) { return b.size() < 19 || !is_marker(b); }
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr Number numbers[] = {{&tcp_port, 179}};
  static constexpr Extra extras[] = {{"bgp.type", Show::names, "Kind of a further message", false, types, true}};
  static void describe(const LayerView& v, Facts& out);
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<Bgp>("bgp", "Border gateway protocol", "RFC 4271, 4.1",
        field<&Bgp::marker>("marker", 128, "All ones", quiet),
        field<&Bgp::size>  ("length", 16, "Bytes of the message", bytes_behind(0)),
        field<&Bgp::type>  ("type", 8, "Kind of message", Values{types}, brief));
  }
};

/// The length is a number of one to four bytes; the table has its first.
struct Mqtt {
  u8 type = 12;
  u8 duplicate = 0;
  u8 quality = 0;
  u8 retain = 0;
  Auto<u8> size = computed;

  static constexpr Name types[] = {{1, "connect"}, {2, "connack"}, {3, "publish"}, {4, "puback"}, {5, "pubrec"}, {6, "pubrel"}, {7, "pubcomp"}, {8, "subscribe"}, {9, "suback"}, {10, "unsubscribe"},
                                   {11, "unsuback"}, {12, "pingreq"}, {13, "pingresp"}, {14, "disconnect"}, {15, "auth"}};
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr Number numbers[] = {{&tcp_port, 1883}};
  static constexpr Extra extras[] = {{"mqtt.msgtype", Show::names, "Kind of a further message", false, types, true}, {"topic", Show::text, "Topic of a message"}};
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() {
    return protocol<Mqtt>("mqtt", "Message queuing telemetry transport", "MQTT 3.1.1, 2.2; MQTT 5.0, 2.1",
        field<&Mqtt::type>     ("msgtype", 4, "Kind of message", Values{types}, brief),
        field<&Mqtt::duplicate>("dupflag", 1, "Sent again"),
        field<&Mqtt::quality>  ("qos", 2, "How surely it shall arrive"),
        field<&Mqtt::retain>   ("retain", 1, "The server shall keep it"),
        field<&Mqtt::size>     ("size", 8, "Bytes behind it; the high bit: more digits follow", bytes_behind(2), quiet));
  }
};

struct Coap {
  u8 version = 1;
  u8 type = 0;
  u8 token_length = 0;
  u8 code = 1;
  u16 id = 0;

  static constexpr Name types[] = {{0, "confirmable"}, {1, "non-confirmable"}, {2, "acknowledgement"}, {3, "reset"}};
  static constexpr Name codes[] = {{0, "empty"}, {1, "GET"}, {2, "POST"}, {3, "PUT"}, {4, "DELETE"}, {65, "2.01 created"}, {66, "2.02 deleted"}, {67, "2.03 valid"}, {68, "2.04 changed"}, {69, "2.05 content"},
                                   {128, "4.00 bad request"}, {129, "4.01 unauthorized"}, {132, "4.04 not found"}, {160, "5.00 internal error"}};
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr Number numbers[] = {{&udp_port, 5683}};
  static constexpr Extra extras[] = {{"opt.uri_path", Show::text, "A part of the path"}, {"token", Show::bytes, "Ties an answer to its request"}};
  static constexpr bool answers(Bytes a, Bytes q) { return a[2] == q[2] && a[3] == q[3]; }
  static void describe(const LayerView& v, Facts& out);
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<Coap>("coap", "Constrained application protocol", "RFC 7252, 3",
        field<&Coap::version>     ("version", 2, "Version, always 1", always(1)),
        field<&Coap::type>        ("type", 2, "How surely it shall arrive", Values{types}),
        field<&Coap::token_length>("token_len", 4, "Bytes of the token"),
        field<&Coap::code>        ("code", 8, "Method, or how it went", Values{codes}, brief),
        field<&Coap::id>          ("mid", 16, "Message identifier", brief));
  }
};

struct Modbus {
  u8 exception = 0;
  u8 function = 3;
  static constexpr Name functions[] = {{1, "read coils"}, {2, "read discrete inputs"}, {3, "read holding registers"}, {4, "read input registers"}, {5, "write coil"}, {6, "write register"}, {8, "diagnostics"},
                                       {15, "write coils"}, {16, "write registers"}, {22, "mask write register"}, {23, "read and write registers"}, {43, "encapsulated interface"}, {90, "UMAS"}};
  static constexpr auto layout() {
    return protocol<Modbus>("modbus", "Modbus", "Modbus Application Protocol 1.1b3, 4.1",
        field<&Modbus::exception>("exception", 1, "The request failed"),
        field<&Modbus::function> ("func_code", 7, "What is done", Values{functions}, brief));
  }
};

struct ModbusTcp {
  u16 transaction = 0;
  u16 protocol_id = 0;
  Auto<u16> size = computed;
  u8 unit = 1;
  using payload = Modbus;
  static constexpr bool is_other(Bytes b) { return b.size() < 8 || b[2] != 0 || b[3] != 0; }
  static constexpr Number numbers[] = {{&tcp_port, 502}};
  static constexpr bool answers(Bytes a, Bytes q) { return a[0] == q[0] && a[1] == q[1]; }
  static constexpr auto layout() {
    return protocol<ModbusTcp>("mbtcp", "Modbus over TCP", "Modbus Messaging on TCP/IP 1.0b, 3.1.3",
        field<&ModbusTcp::transaction>("trans_id", 16, "Ties an answer to its request"),
        field<&ModbusTcp::protocol_id>("prot_id", 16, "Zero for Modbus", always(0)),
        field<&ModbusTcp::size>       ("len", 16, "Bytes behind it", bytes_behind(6)),
        field<&ModbusTcp::unit>       ("unit_id", 8, "The device behind a gateway", brief));
  }
};

inline constexpr Space netbios_session{"netbios_session"};

/// The four bytes before each SMB message.
struct NetbiosSession {
  u8 type = 0;
  Auto<u32> size = computed;
  static constexpr Name types[] = {{0x00, "message"}, {0x81, "request"}, {0x82, "positive response"}, {0x83, "negative response"}, {0x84, "retarget"}, {0x85, "keep alive"}};
  static constexpr Number numbers[] = {{&tcp_port, 445}, {&tcp_port, 139}};
  static constexpr Number next(Bytes b) { return b.size() >= 8 && b[0] == 0 && b[5] == 'S' && b[6] == 'M' && b[7] == 'B' ? Number{&netbios_session, b[4]} : Number{}; }
  static constexpr auto layout() {
    return protocol<NetbiosSession>("nbss", "NetBIOS session service", "RFC 1002, 4.3; MS-SMB2, 2.1",
        field<&NetbiosSession::type>("type", 8, "Kind of packet", Values{types}),
        field<&NetbiosSession::size>("length", 24, "Bytes behind it", bytes_behind(4)));
  }
};

struct Smb2 {
  std::array<u8, 4> magic{0xfe, 'S', 'M', 'B'};
  Little<u16> header_size = u16{64};
  Little<u16> credit_charge = u16{1};
  Little<u32> status = u32{0};
  Little<u16> command = u16{0};
  Little<u16> credits = u16{1};
  Little<u32> flags = u32{0};
  Little<u32> next_command = u32{0};
  Little<u64> message_id = u64{0};
  Little<u32> process = u32{0};
  Little<u32> tree = u32{0};
  Little<u64> session = u64{0};
  std::array<u8, 16> signature{};

  static constexpr Name commands[] = {{0, "negotiate"}, {1, "session setup"}, {2, "logoff"}, {3, "tree connect"}, {4, "tree disconnect"}, {5, "create"}, {6, "close"}, {7, "flush"}, {8, "read"}, {9, "write"},
                                      {10, "lock"}, {11, "ioctl"}, {12, "cancel"}, {13, "echo"}, {14, "query directory"}, {15, "change notify"}, {16, "query info"}, {17, "set info"}, {18, "oplock break"}};
  static constexpr Number numbers[] = {{&netbios_session, 0xfe}};
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr Extra extras[] = {{"smb2.cmd", Show::names, "A further command", false, commands, true}};
  static constexpr bool answers(Bytes a, Bytes q) { return (a[16] & 1) != 0 && (q[16] & 1) == 0 && std::equal(a.data() + 24, a.data() + 32, q.data() + 24); }
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() {
    return protocol<Smb2>("smb2", "Server message block 2", "MS-SMB2, 2.2.1.2",
        field<&Smb2::magic>        ("protocol_id", 32, "0xfe and the letters SMB", quiet),
        field<&Smb2::header_size>  ("header_len", 16, "Bytes of the header, always 64"),
        field<&Smb2::credit_charge>("credit.charge", 16, "Credits used"),
        field<&Smb2::status>       ("nt_status", 32, "How it went", Show::hex),
        field<&Smb2::command>      ("cmd", 16, "Command", Values{commands}, brief),
        field<&Smb2::credits>      ("credits.granted", 16, "Credits asked for or granted"),
        field<&Smb2::flags>        ("flags", 32, "1 response, 2 asynchronous, 4 related, 8 signed", Show::hex),
        field<&Smb2::next_command> ("chain_offset", 32, "Where the next command begins", Show::hex),
        field<&Smb2::message_id>   ("msg_id", 64, "Ties an answer to its request", brief),
        field<&Smb2::process>      ("pid", 32, "Process", Show::hex),
        field<&Smb2::tree>         ("tid", 32, "Tree", Show::hex),
        field<&Smb2::session>      ("sesid", 64, "Session", Show::hex),
        field<&Smb2::signature>    ("signature", 128, "Signature"));
  }
};

/// An encrypted message of SMB 3.
struct Smb2Encrypted {
  std::array<u8, 4> magic{0xfd, 'S', 'M', 'B'};
  std::array<u8, 16> signature{};
  std::array<u8, 16> nonce{};
  Little<u32> original_size = u32{0};
  u16 reserved = 0;
  Little<u16> flags = u16{1};
  Little<u64> session = u64{0};

  static constexpr Number numbers[] = {{&netbios_session, 0xfd}};
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr auto layout() {
    return protocol<Smb2Encrypted>("smb2_encrypted", "Server message block 3, encrypted", "MS-SMB2, 2.2.41",
        field<&Smb2Encrypted::magic>        ("protocol_id", 32, "0xfd and the letters SMB", quiet),
        field<&Smb2Encrypted::signature>    ("header.transform.signature", 128, "Signature"),
        field<&Smb2Encrypted::nonce>        ("header.transform.nonce", 128, "Used once"),
        field<&Smb2Encrypted::original_size>("header.transform.msg_size", 32, "Bytes before encryption"),
        field<&Smb2Encrypted::reserved>     ("header.transform.reserved", 16, "Must be zero", quiet),
        field<&Smb2Encrypted::flags>        ("header.transform.flags", 16, "1: encrypted", Show::hex),
        field<&Smb2Encrypted::session>      ("sesid", 64, "Session", Show::hex, brief)).with_prefix("smb2").with_label("smb2");
  }
};

/// A compressed message of SMB 3.
struct Smb2Compressed {
  std::array<u8, 4> magic{0xfc, 'S', 'M', 'B'};
  Little<u32> original_size = u32{0};
  Little<u16> algorithm = u16{1};
  Little<u16> flags = u16{0};
  Little<u32> offset = u32{0};

  static constexpr Name algorithms[] = {{0, "none"}, {1, "LZNT1"}, {2, "LZ77"}, {3, "LZ77 and Huffman"}, {4, "Pattern_V1"}, {5, "LZ4"}};
  static constexpr Number numbers[] = {{&netbios_session, 0xfc}};
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr auto layout() {
    return protocol<Smb2Compressed>("smb2_compressed", "Server message block 3, compressed", "MS-SMB2, 2.2.42",
        field<&Smb2Compressed::magic>        ("protocol_id", 32, "0xfc and the letters SMB", quiet),
        field<&Smb2Compressed::original_size>("header.comp_transform.original_size", 32, "Bytes before compression"),
        field<&Smb2Compressed::algorithm>    ("header.comp_transform.comp_alg", 16, "How it is compressed", Values{algorithms}, brief),
        field<&Smb2Compressed::flags>        ("header.comp_transform.flags", 16, "1: chained", Show::hex),
        field<&Smb2Compressed::offset>       ("header.comp_transform.offset", 32, "Bytes before the compressed ones, or their number when chained")).with_prefix("smb2").with_label("smb2");
  }
};

/// NetBIOS names: DNS messages whose names are written with two letters per byte.
struct Nbns {
  u16 id = 0;
  u16 flags = 0x0110;
  u16 questions = 0;
  u16 answers_count = 0;
  u16 authorities = 0;
  u16 additionals = 0;
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr Number numbers[] = {{&udp_port, 137}};
  static constexpr Extra extras[] = {{"name", Show::text, "Name, and its kind in hexadecimal"}, {"type", Show::decimal, "Type of a question or record"}, {"addr", Show::ipv4, "Address"}};
  static constexpr bool answers(Bytes a, Bytes q) { return a[0] == q[0] && a[1] == q[1] && (a[2] & 0x80) != 0; }
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() {
    return protocol<Nbns>("nbns", "NetBIOS name service", "RFC 1002, 4.2",
        field<&Nbns::id>           ("id", 16, "Ties an answer to its question", Show::hex, brief),
        field<&Nbns::flags>        ("flags", 16, "Kind of message and how it went", Show::hex),
        field<&Nbns::questions>    ("count.queries", 16, "Questions"),
        field<&Nbns::answers_count>("count.answers", 16, "Answers"),
        field<&Nbns::authorities>  ("count.auth_rr", 16, "Authority records"),
        field<&Nbns::additionals>  ("count.add_rr", 16, "Additional records"));
  }
};

}  // namespace rawket
