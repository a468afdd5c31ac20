// TLS records, and what handshakes and alerts say before encryption begins.
#pragma once
#include "rawket/wire/options.hpp"

namespace rawket {

/// The hello of SSL 2, with which old clients also began later versions.
struct Ssl2Hello {
  u16 size = 0x8009;
  u8 type = 1;
  u16 version = 2;
  u16 suites_size = 0;
  u16 session_size = 0;
  u16 challenge_size = 0;

  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr Extra extras[] = {{"record.version", Show::hex, "Version of the record: 2"}};
  static void describe(const LayerView& v, Facts& out) { out.number(0, 2, v.layer().offset, 2); }
  static constexpr auto layout() {
    return protocol<Ssl2Hello>("ssl2", "SSL 2 client hello", "RFC 5246, E.2",
        field<&Ssl2Hello::size>          ("record.length", 16, "A bit that is set, and the bytes behind it", Show::hex),
        field<&Ssl2Hello::type>          ("handshake.type", 8, "Kind of message: client hello", brief),
        field<&Ssl2Hello::version>       ("handshake.version", 16, "Version offered", Show::hex),
        field<&Ssl2Hello::suites_size>   ("handshake.cipher_spec_len", 16, "Bytes of the suites"),
        field<&Ssl2Hello::session_size>  ("handshake.session_id_length", 16, "Bytes of the session"),
        field<&Ssl2Hello::challenge_size>("handshake.challenge_length", 16, "Bytes of the challenge")).with_prefix("tls").with_label("tls");
  }
};

/// The middle of a record that began in another packet.
struct TlsContinuation {
  using other = Ssl2Hello;
  static constexpr bool is_other(Bytes b) {
    return b.size() >= 11 && (b[0] & 0x80) != 0 && b[2] == 1 && (load<24, 16>(b.data()) == 2 || b[3] == 3) && load<40, 16>(b.data()) % 3 == 0 && load<1, 15>(b.data()) >= 9;
  }
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr auto layout() { return protocol<TlsContinuation>("tls_continuation", "TLS, the middle of a record", "RFC 8446, 5.1").with_prefix("tls").with_label("tls"); }
};

struct Tls {
  u8 type = 22;
  u16 version = 0x0303;
  Auto<u16> size = computed;

  static constexpr Name types[] = {{20, "change cipher spec"}, {21, "alert"}, {22, "handshake"}, {23, "application data"}, {24, "heartbeat"}};
  static constexpr Name versions[] = {{0x0300, "SSL 3.0"}, {0x0301, "TLS 1.0"}, {0x0302, "TLS 1.1"}, {0x0303, "TLS 1.2"}, {0x0304, "TLS 1.3"}};
  static constexpr Name handshakes[] = {{0, "hello request"}, {1, "client hello"}, {2, "server hello"}, {4, "new session ticket"}, {5, "end of early data"}, {8, "encrypted extensions"}, {11, "certificate"},
                                        {12, "server key exchange"}, {13, "certificate request"}, {14, "server hello done"}, {15, "certificate verify"}, {16, "client key exchange"}, {20, "finished"},
                                        {22, "certificate status"}, {24, "key update"}};
  static constexpr Name alert_levels[] = {{1, "warning"}, {2, "fatal"}};
  static constexpr Name alerts[] = {{0, "close notify"}, {10, "unexpected message"}, {20, "bad record MAC"}, {22, "record overflow"}, {40, "handshake failure"}, {42, "bad certificate"},
                                    {43, "unsupported certificate"}, {44, "certificate revoked"}, {45, "certificate expired"}, {46, "certificate unknown"}, {47, "illegal parameter"}, {48, "unknown CA"},
                                    {49, "access denied"}, {50, "decode error"}, {51, "decrypt error"}, {70, "protocol version"}, {71, "insufficient security"}, {80, "internal error"},
                                    {86, "inappropriate fallback"}, {90, "user canceled"}, {109, "missing extension"}, {110, "unsupported extension"}, {112, "unrecognized name"}, {116, "certificate required"},
                                    {120, "no application protocol"}};
  static constexpr Name suites[] = {{0x1301, "TLS_AES_128_GCM_SHA256"}, {0x1302, "TLS_AES_256_GCM_SHA384"}, {0x1303, "TLS_CHACHA20_POLY1305_SHA256"}, {0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
                                    {0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"}, {0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}, {0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
                                    {0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"}, {0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"}, {0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256"},
                                    {0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384"}, {0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"}, {0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA"}, {0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"}};
  static constexpr Name extension_types[] = {{0, "server_name"}, {1, "max_fragment_length"}, {5, "status_request"}, {10, "supported_groups"}, {11, "ec_point_formats"}, {13, "signature_algorithms"},
                                             {16, "alpn"}, {18, "signed_certificate_timestamp"}, {21, "padding"}, {22, "encrypt_then_mac"}, {23, "extended_main_secret"}, {27, "compress_certificate"},
                                             {35, "session_ticket"}, {41, "pre_shared_key"}, {42, "early_data"}, {43, "supported_versions"}, {44, "cookie"}, {45, "psk_key_exchange_modes"},
                                             {49, "post_handshake_auth"}, {50, "signature_algorithms_cert"}, {51, "key_share"}, {0xff01, "renegotiation_info"}};

  using other = TlsContinuation;
  static constexpr bool is_record(Bytes b) { return b.size() >= 5 && b[0] >= 20 && b[0] <= 24 && b[1] == 3 && b[2] <= 4; }
  static constexpr bool is_other(Bytes b) { return !is_record(b); }
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr Number numbers[] = {{&tcp_port, 443}, {&tcp_port, 465}, {&tcp_port, 563}, {&tcp_port, 636}, {&tcp_port, 853}, {&tcp_port, 989}, {&tcp_port, 990}, {&tcp_port, 992},
                                       {&tcp_port, 993}, {&tcp_port, 994}, {&tcp_port, 995}, {&tcp_port, 5061}, {&tcp_port, 8883}};
  /// The facts of hellos, which QUIC carries too.
  static constexpr Extra hello_extras[] = {{"tls.handshake.version", Show::hex, "Version of a hello", false, versions, true},
                                           {"tls.handshake.ciphersuite", Show::hex, "Suite offered or chosen", false, suites, true},
                                           {"tls.handshake.extension.type", Show::names, "Kind of an extension", false, extension_types, true},
                                           {"tls.handshake.extensions_server_name", Show::text, "Host that is meant", false, {}, true},
                                           {"tls.handshake.extensions_alpn_str", Show::text, "Protocol offered or chosen", false, {}, true},
                                           {"tls.handshake.extensions.supported_version", Show::hex, "Version offered or chosen", false, versions, true},
                                           {"tls.handshake.ja3", Show::text, "JA3, a fingerprint of the client", false, {}, true},
                                           {"tls.handshake.ja3_full", Show::text, "What JA3 is the digest of", true, {}, true},
                                           {"tls.handshake.ja3s", Show::text, "JA3S, a fingerprint of the server", false, {}, true},
                                           {"tls.handshake.ja4", Show::text, "JA4, a fingerprint of the client", false, {}, true}};
  static constexpr Extra record_extras[] = {{"tls.record.content_type", Show::names, "Kind of a further record", false, types, true},
                                            {"tls.record.version", Show::hex, "Version of a further record", false, versions, true},
                                            {"handshake.type", Show::names, "Kind of handshake message", false, handshakes}};
  static constexpr Extra alert_extras[] = {{"alert_message.level", Show::names, "How grave it is", false, alert_levels},
                                           {"alert_message.desc", Show::names, "What went wrong", false, alerts},
                                           {"record.opaque_type", Show::names, "What an encrypted record of TLS 1.3 claims to be", false, types}};
  static constexpr auto extras = joined(record_extras, hello_extras, alert_extras);
  static u32 message(Bytes stream);
  /// A client hello, or a server's.
  static constexpr bool begins(Bytes b) {
    return b.size() >= 11 && b[0] == 22 && b[1] == 3 && b[2] <= 3 && (b[5] == 1 || b[5] == 2) && b[6] == 0 && load<8, 24>(b.data() + 5) >= 38 && b[9] == 3 && b[10] <= 4;
  }
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() {
    return protocol<Tls>("tls", "Transport layer security", "RFC 8446, 5.1; RFC 5246, 6.2",
        field<&Tls::type>   ("record.content_type", 8, "Kind of record", Values{types}, brief),
        field<&Tls::version>("record.version", 16, "Version, 0x0303 also for TLS 1.3", Show::hex, Values{versions}),
        field<&Tls::size>   ("record.length", 16, "Bytes of the record behind its header", bytes_behind(5)));
  }
};

}  // namespace rawket
