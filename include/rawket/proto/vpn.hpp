// Tunnels that end at a host: ESP, alone and in UDP, L2TP, WireGuard.
#pragma once
#include "rawket/proto/tunnel.hpp"

namespace rawket {

/// What can be read without keys; all behind it is encrypted.
struct Esp {
  u32 spi = 256;
  u32 sequence = 1;
  Tail<1400> options = {};
  static constexpr Number numbers[] = {{&ip_protocol, 50}};
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<Esp>("esp", "IP encapsulating security payload", "RFC 4303, 2",
        field<&Esp::spi>     ("spi", 32, "Security parameters index", Show::hex, brief),
        field<&Esp::sequence>("sequence", 32, "Counts packets", brief));
  }
};

/// ESP in UDP. Four zero bytes stand before key exchange instead, and one 0xff alone keeps a NAT's mapping.
struct UdpEncap {
  static constexpr Number numbers[] = {{&udp_port, 4500}};
  static constexpr bool is_keepalive(Bytes b) { return b.size() == 1 && b[0] == 0xff; }
  static constexpr bool is_key_exchange(Bytes b) { return b.size() >= 4 && b[0] == 0 && b[1] == 0 && b[2] == 0 && b[3] == 0; }
  static constexpr u32 length(Bytes b) { return is_keepalive(b) ? 1 : is_key_exchange(b) ? 4 : 0; }
  static constexpr Number next(Bytes b) { return is_keepalive(b) || is_key_exchange(b) ? Number{} : Number{&ip_protocol, 50}; }
  static constexpr auto layout() { return protocol<UdpEncap>("udpencap", "UDP encapsulation of ESP", "RFC 3948, 2"); }
};

/// L2TP's first sixteen bits. `L` says whether a length follows them.
inline constexpr Part l2tp_flag_parts[] = {{"type", 1, "1: control", Show::decimal, {}, {}, true}, {"length_bit", 1, "A length follows"}, {"flags.reserved1", 2, "Must be zero"},
                                           {"seq_bit", 1, "Sequence numbers follow"}, {"flags.reserved2", 1, "Must be zero"}, {"offset_bit", 1, "An offset follows"},
                                           {"priority_bit", 1, "Goes first"}, {"flags.reserved3", 4, "Must be zero"}, {"version", 4, "Version, 2"}};
/// Bytes of the header: sequence numbers, then an offset and what it says to skip.
constexpr u32 l2tp_length(Bytes b, u32 fixed) {
  if (b.size() < fixed) return 0;
  const bool offset = (b[0] & 2) != 0;
  u32 n = fixed + ((b[0] & 8) != 0 ? 4 : 0);
  if (offset) n = b.size() >= n + 2u ? n + 2u + static_cast<u32>(b[n] << 8 | b[n + 1]) : n + 2u;
  return n;
}

struct L2tpLong {
  u16 flags = 0xc802;
  Auto<u16> size = computed;
  u16 tunnel = 0;
  u16 session = 0;
  Tail<1024> options = {};
  static constexpr bool is_other(Bytes b) { return b.size() >= 2 && (b[1] & 15) != 2; }
  static constexpr bool is_control(Bytes b) { return (b[0] & 0x80) != 0; }
  static constexpr u32 length(Bytes b) { return b.size() >= 8 && is_control(b) ? static_cast<u32>(b.size()) : l2tp_length(b, 8); }
  static constexpr Number next(Bytes b) { return is_control(b) ? Number{} : Number{&ppp_protocol, 0x20000}; }
  static constexpr auto layout() {
    return protocol<L2tpLong>("l2tp_long", "Layer two tunnelling protocol, with a length", "RFC 2661, 3.1",
        field<&L2tpLong::flags>  ("flags", 16, "Which words follow, and the version", Show::hex, Parts{l2tp_flag_parts}),
        field<&L2tpLong::size>   ("length", 16, "Bytes of the message", total_length),
        field<&L2tpLong::tunnel> ("tunnel", 16, "Tunnel", brief),
        field<&L2tpLong::session>("session", 16, "Session in the tunnel", brief)).with_prefix("l2tp").with_label("l2tp");
  }
};

struct L2tp {
  u16 flags = 2;
  u16 tunnel = 1;
  u16 session = 1;
  Tail<256> options = {};
  using other = L2tpLong;
  static constexpr bool is_other(Bytes b) { return b.size() >= 2 && ((b[0] & 0x40) != 0 || (b[1] & 15) != 2); }
  static constexpr Number numbers[] = {{&udp_port, 1701}};
  static constexpr u32 length(Bytes b) { return l2tp_length(b, 6); }
  static constexpr Number next(Bytes b) { return (b[0] & 0x80) != 0 ? Number{} : Number{&ppp_protocol, 0x20000}; }
  static constexpr auto layout() {
    return protocol<L2tp>("l2tp", "Layer two tunnelling protocol", "RFC 2661, 3.1",
        field<&L2tp::flags>  ("flags", 16, "Which words follow, and the version", Show::hex, Parts{l2tp_flag_parts}),
        field<&L2tp::tunnel> ("tunnel", 16, "Tunnel", brief),
        field<&L2tp::session>("session", 16, "Session in the tunnel", brief));
  }
};

/// Version 3 right above IP: the session, and what both ends agreed to put behind it.
struct L2tp3 {
  u32 session = 1;
  static constexpr Number numbers[] = {{&ip_protocol, 115}};
  static constexpr auto layout() {
    return protocol<L2tp3>("l2tp3", "Layer two tunnelling protocol, version 3", "RFC 3931, 4.1.1",
        field<&L2tp3::session>("sid", 32, "Session; 0: control", Show::hex, brief)).with_prefix("l2tp").with_label("l2tp");
  }
};

inline constexpr Space wireguard_message{"wireguard_message"};

struct WireGuard {
  Auto<u8> type = computed;
  std::array<u8, 3> reserved{};
  static constexpr Name types[] = {{1, "handshake initiation"}, {2, "handshake response"}, {3, "cookie reply"}, {4, "transport data"}};
  static constexpr Number numbers[] = {{&udp_port, 51820}};
  static constexpr bool is_other(Bytes b) { return b.size() >= 4 && (b[0] == 0 || b[0] > 4 || b[1] != 0 || b[2] != 0 || b[3] != 0); }
  static constexpr auto layout() {
    return protocol<WireGuard>("wg", "WireGuard", "WireGuard protocol, 5.4",
        field<&WireGuard::type>    ("type", 8, "Kind of message", Values{types}, selects(wireguard_message), brief),
        field<&WireGuard::reserved>("reserved", 24, "Must be zero", quiet));
  }
};
struct WireGuardInitiation {
  Little<u32> sender = u32{1};
  Tail<160> options = {};  ///< the encrypted keys and codes
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&wireguard_message, 1}};
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr auto layout() {
    return protocol<WireGuardInitiation>("wg_initiation", "Handshake initiation", "WireGuard protocol, 5.4.2",
        field<&WireGuardInitiation::sender>("sender", 32, "Session of the sender", Show::hex, brief)).with_prefix("wg");
  }
};
struct WireGuardResponse {
  Little<u32> sender = u32{1};
  Little<u32> receiver = u32{1};
  Tail<160> options = {};
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&wireguard_message, 2}};
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr auto layout() {
    return protocol<WireGuardResponse>("wg_response", "Handshake response", "WireGuard protocol, 5.4.3",
        field<&WireGuardResponse::sender>  ("sender", 32, "Session of the sender", Show::hex, brief),
        field<&WireGuardResponse::receiver>("receiver", 32, "Session of the receiver", Show::hex, brief)).with_prefix("wg");
  }
};
struct WireGuardCookie {
  Little<u32> receiver = u32{1};
  Tail<64> options = {};
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&wireguard_message, 3}};
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr auto layout() {
    return protocol<WireGuardCookie>("wg_cookie", "Cookie reply", "WireGuard protocol, 5.4.7",
        field<&WireGuardCookie::receiver>("receiver", 32, "Session of the receiver", Show::hex, brief)).with_prefix("wg");
  }
};
struct WireGuardData {
  Little<u32> receiver = u32{1};
  Little<u64> counter = u64{0};
  Tail<1400> options = {};
  static constexpr bool is_message = true;
  static constexpr Number numbers[] = {{&wireguard_message, 4}};
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr auto layout() {
    return protocol<WireGuardData>("wg_data", "Transport data", "WireGuard protocol, 5.4.6",
        field<&WireGuardData::receiver>("receiver", 32, "Session of the receiver", Show::hex, brief),
        field<&WireGuardData::counter> ("counter", 64, "Counts packets", brief)).with_prefix("wg");
  }
};

}  // namespace rawket
