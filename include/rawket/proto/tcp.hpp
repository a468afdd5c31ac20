// TCP and its options.
#pragma once
#include "rawket/wire/options.hpp"

namespace rawket {

struct Nop {
  static constexpr u8 kind = 1;
  static constexpr bool single = true;
  static constexpr auto layout() { return protocol<Nop>("nop", "No operation", "RFC 9293, 3.2").with_prefix("tcp.options"); }
};
struct Mss {
  u16 value = 1460;
  static constexpr u8 kind = 2;
  static constexpr auto layout() {
    return protocol<Mss>("mss", "Maximum segment size", "RFC 9293, 3.7.1", field<&Mss::value>("mss_val", 16, "Largest segment the sender accepts")).with_prefix("tcp.options");
  }
};
struct WindowScale {
  u8 shift = 7;
  static constexpr u8 kind = 3;
  static constexpr auto layout() {
    return protocol<WindowScale>("wscale", "Window scale", "RFC 7323, 2", field<&WindowScale::shift>("wscale.shift", 8, "Left shift of the window, at most 14")).with_prefix("tcp.options");
  }
};
struct SackPermitted {
  static constexpr u8 kind = 4;
  static constexpr auto layout() { return protocol<SackPermitted>("sack_ok", "Selective acknowledgements allowed", "RFC 2018, 2").with_prefix("tcp.options"); }
};
/// One block; on the wire up to four follow each other.
struct Sack {
  u32 left = 0;
  u32 right = 0;
  static constexpr u8 kind = 5;
  static constexpr bool repeats = true;
  static constexpr auto layout() {
    return protocol<Sack>("sack", "Selective acknowledgement", "RFC 2018, 3",
        field<&Sack::left> ("sack_le", 32, "First sequence number of a block received"),
        field<&Sack::right>("sack_re", 32, "The one after its last")).with_prefix("tcp.options");
  }
};
struct Timestamps {
  u32 value = 0;
  u32 echo = 0;
  static constexpr u8 kind = 8;
  static constexpr auto layout() {
    return protocol<Timestamps>("timestamps", "Timestamps", "RFC 7323, 3",
        field<&Timestamps::value>("timestamp.tsval", 32, "Sender's clock"),
        field<&Timestamps::echo> ("timestamp.tsecr", 32, "Clock last seen from the peer")).with_prefix("tcp.options");
  }
};
struct Md5Signature {
  std::array<u8, 16> digest{};
  static constexpr u8 kind = 19;
  static constexpr auto layout() {
    return protocol<Md5Signature>("md5", "MD5 signature", "RFC 2385, 3", field<&Md5Signature::digest>("md5.digest", 128, "Digest of the segment and a key")).with_prefix("tcp.options");
  }
};
struct UserTimeout {
  u16 timeout = 0;
  static constexpr u8 kind = 28;
  static constexpr auto layout() {
    return protocol<UserTimeout>("user_timeout", "User timeout", "RFC 5482, 3", field<&UserTimeout::timeout>("user_to_val", 16, "First bit: minutes instead of seconds")).with_prefix("tcp.options");
  }
};
/// The MAC may have other sizes; with the algorithms of RFC 5926 it has twelve bytes.
struct TcpAuthentication {
  u8 key = 0;
  u8 next_key = 0;
  std::array<u8, 12> mac{};
  static constexpr u8 kind = 29;
  static constexpr auto layout() {
    return protocol<TcpAuthentication>("ao", "TCP authentication option", "RFC 5925, 2.2",
        field<&TcpAuthentication::key>     ("ao.keyid", 8, "Key that the MAC was made with"),
        field<&TcpAuthentication::next_key>("ao.rnextkeyid", 8, "Key the sender is ready for"),
        field<&TcpAuthentication::mac>     ("ao.mac", 96, "MAC of the segment")).with_prefix("tcp.options");
  }
};
/// What follows depends on the subtype: keys, tokens, sequence numbers, addresses.
struct Mptcp {
  u8 subtype = 0;
  u8 bits = 1;
  static constexpr u8 kind = 30;
  static constexpr Name subtypes[] = {{0, "MP_CAPABLE"}, {1, "MP_JOIN"}, {2, "DSS"}, {3, "ADD_ADDR"}, {4, "REMOVE_ADDR"}, {5, "MP_PRIO"}, {6, "MP_FAIL"}, {7, "MP_FASTCLOSE"}, {8, "MP_TCPRST"}};
  static constexpr auto layout() {
    return protocol<Mptcp>("mptcp", "Multipath TCP", "RFC 8684, 3",
        field<&Mptcp::subtype>("mptcp.subtype", 4, "Kind of message", Values{subtypes}),
        field<&Mptcp::bits>   ("mptcp.version", 4, "Version of MP_CAPABLE; flags or zero in others")).with_prefix("tcp.options");
  }
};
/// An empty one asks for a cookie; cookies have 4 to 16 bytes, mostly eight.
struct FastOpen {
  std::array<u8, 8> cookie{};
  static constexpr u8 kind = 34;
  static constexpr auto layout() {
    return protocol<FastOpen>("fast_open", "TCP fast open", "RFC 7413, 4.1.1", field<&FastOpen::cookie>("tfo.cookie", 64, "Cookie that the server gave earlier")).with_prefix("tcp.options");
  }
};

enum class TcpFlags : u16 { none = 0, Fin = 1, Syn = 2, Rst = 4, Psh = 8, Ack = 16, Urg = 32, Ece = 64, Cwr = 128, Ae = 256 };
using enum TcpFlags;
constexpr TcpFlags operator|(TcpFlags a, TcpFlags b) { return static_cast<TcpFlags>(static_cast<u16>(a) | static_cast<u16>(b)); }
constexpr TcpFlags operator&(TcpFlags a, TcpFlags b) { return static_cast<TcpFlags>(static_cast<u16>(a) & static_cast<u16>(b)); }

struct Tcp {
  u16 sport = 49152;
  Auto<u16> dport = computed;
  u32 seq = 0;
  u32 ack = 0;
  Auto<u8> offset = computed;
  TcpFlags flags = Syn;
  u16 window = 64240;
  Auto<u16> checksum = computed;
  u16 urgent = 0;
  Options<40> options = {};

  static constexpr Name flag_names[] = {{2, "S"}, {1, "F"}, {4, "R"}, {8, "P"}, {16, "A"}, {32, "U"}, {64, "E"}, {128, "C"}, {256, "N"}};
  static constexpr Part flag_parts[] = {{"flags.res", 3, "Reserved, must be zero", Show::decimal, {}, always(0)}, {"flags.ae", 1, "Accurate congestion notification"}, {"flags.cwr", 1, "Congestion window reduced"},
                                        {"flags.ece", 1, "Congestion was seen"}, {"flags.urg", 1, "The urgent pointer counts"}, {"flags.ack", 1, "The acknowledgement counts"},
                                        {"flags.push", 1, "Deliver at once"}, {"flags.reset", 1, "Break the connection off"}, {"flags.syn", 1, "Open, and number the first byte"}, {"flags.fin", 1, "No more data"}};
  static constexpr bool is_stream = true;
  static constexpr OptionList option_list{infos<Nop, Mss, WindowScale, SackPermitted, Sack, Timestamps, Md5Signature, UserTimeout, TcpAuthentication, Mptcp, FastOpen>, 0, 1, 0, 1};
  static constexpr Extra extras[] = {{"option_kind", Show::decimal, "Kind of an option"}, {"len", Show::decimal, "Bytes of the payload"}};
  static constexpr Number numbers[] = {{&ip_protocol, 6}};

  static void describe(const LayerView& v, Facts& out) {
    const u32 size = std::max(v.layer().claimed_end, v.layer().payload_offset()) - v.layer().payload_offset();  // also what the snapshot length cut
    out.number(1, size, v.layer().payload_offset(), size);
  }
  /// Ports the other way round, and a SYN acknowledged where it is acknowledged at all.
  static constexpr bool answers(Bytes a, Bytes q) {
    if (!std::equal(a.data(), a.data() + 2, q.data() + 2) || !std::equal(a.data() + 2, a.data() + 4, q.data())) return false;
    const bool syn = (q[13] & 2) != 0, acknowledges = (a[13] & 16) != 0;
    return !syn || !acknowledges || load<64, 32>(a.data()) == load<32, 32>(q.data()) + 1;
  }
  static void check(const LayerView& v, Faults& faults);

  static constexpr auto layout() {
    return protocol<Tcp>("tcp", "Transmission control protocol", "RFC 9293, 3.1",
        field<&Tcp::sport>   ("srcport", 16, "Source port", comes_from, brief, selects(tcp_port)),
        field<&Tcp::dport>   ("dstport", 16, "Destination port", goes_to, brief, selects(tcp_port)),
        field<&Tcp::seq>     ("seq", 32, "Sequence number of the first payload byte", brief),
        field<&Tcp::ack>     ("ack", 32, "Next sequence number expected from the peer", brief),
        field<&Tcp::offset>  ("hdr_len", 4, "Bytes of the header", header_length(4), Scaled{4}),
        field<&Tcp::flags>   ("flags", 12, "Control bits", Flags{flag_names}, Parts{flag_parts}, brief),
        field<&Tcp::window>  ("window_size_value", 16, "Receive window in bytes, before scaling", brief),
        field<&Tcp::checksum>("checksum", 16, "Checksum of pseudo header, header and payload", Show::hex, transport_checksum),
        field<&Tcp::urgent>  ("urgent_pointer", 16, "Offset of the last urgent byte"));
  }
};

}  // namespace rawket
