// Transport protocols besides TCP and UDP: SCTP, DCCP, UDP-Lite.
#pragma once
#include "rawket/wire/options.hpp"

namespace rawket {

inline constexpr Space sctp_port{"sctp_port"}, dccp_port{"dccp_port"};

/// Chunks by value, each padded to four bytes.
struct SctpChunks : Tail<1400> {
  /// False (and unchanged) when there is no room.
  constexpr bool add(u8 type, u8 flags, Bytes value) {
    const std::size_t length = 4 + value.size(), whole = (length + 3) / 4 * 4;
    if (value.size() > bytes.size() || whole > bytes.size() - size) return false;
    const u8 head[] = {type, flags, static_cast<u8>(length >> 8), static_cast<u8>(length)}, zeros[3] = {};
    return append(head) && append(value) && append(Bytes(zeros).first(whole - length));
  }
};

/// The header ends where the user data of the first DATA chunk begins, or with the last chunk.
struct Sctp {
  u16 sport = 49152;
  Auto<u16> dport = computed;
  u32 tag = 0;
  Auto<u32> checksum = computed;
  SctpChunks options = {};

  static constexpr Name chunk_types[] = {{0, "DATA"}, {1, "INIT"}, {2, "INIT ACK"}, {3, "SACK"}, {4, "HEARTBEAT"}, {5, "HEARTBEAT ACK"}, {6, "ABORT"}, {7, "SHUTDOWN"}, {8, "SHUTDOWN ACK"},
                                         {9, "ERROR"}, {10, "COOKIE ECHO"}, {11, "COOKIE ACK"}, {14, "SHUTDOWN COMPLETE"}, {15, "AUTH"}, {64, "I-DATA"}, {128, "ASCONF ACK"}, {130, "RE-CONFIG"},
                                         {192, "FORWARD TSN"}, {193, "ASCONF"}};
  static constexpr Number numbers[] = {{&ip_protocol, 132}};
  static constexpr Extra extras[] = {{"checksum.status", Show::decimal, "Whether the checksum is right: 2, not verified here; the linter does"},
                                     {"chunk_type", Show::names, "Kind of a chunk", false, chunk_types}, {"chunk_length", Show::decimal, "Bytes of a chunk, without padding"}};
  static constexpr u32 length(Bytes b) {
    std::size_t at = 12;
    while (at + 4 <= b.size()) {
      if (b[at] == 0) return static_cast<u32>(at + 16 < b.size() ? at + 16 : b.size());
      const std::size_t size = (static_cast<std::size_t>(b[at + 2] << 8 | b[at + 3]) + 3) / 4 * 4;
      if (size < 4) break;
      at += size;
    }
    return static_cast<u32>(b.size());
  }
  static constexpr bool answers(Bytes a, Bytes q) { return std::equal(a.data(), a.data() + 2, q.data() + 2) && std::equal(a.data() + 2, a.data() + 4, q.data()); }
  static void describe(const LayerView& v, Facts& out);
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<Sctp>("sctp", "Stream control transmission protocol", "RFC 9260, 3.1",
        field<&Sctp::sport>   ("srcport", 16, "Source port", comes_from, brief, selects(sctp_port)),
        field<&Sctp::dport>   ("dstport", 16, "Destination port", goes_to, brief, selects(sctp_port)),
        field<&Sctp::tag>     ("verification_tag", 32, "Tag that the receiver chose", Show::hex),
        field<&Sctp::checksum>("checksum", 32, "CRC32c of header and chunks", Show::hex, message_crc));
  }
};

struct DccpPartial;

/// With a checksum that covers everything; one that covers less is another table.
struct Dccp {
  u16 sport = 49152;
  Auto<u16> dport = computed;
  Auto<u8> offset = computed;
  u8 ccval = 0;
  u8 coverage = 0;
  Auto<u16> checksum = computed;
  u8 reserved = 0;
  u8 type = 2;
  u8 extended = 0;
  u32 sequence = 0;
  Tail<1008> options = {};  ///< more of the sequence number, acknowledgement, options

  using other = DccpPartial;
  static constexpr bool is_other(Bytes b) { return b.size() >= 6 && (b[5] & 15) != 0; }
  static constexpr Name types[] = {{0, "request"}, {1, "response"}, {2, "data"}, {3, "ack"}, {4, "data ack"}, {5, "close request"}, {6, "close"}, {7, "reset"}, {8, "sync"}, {9, "sync ack"}};
  static constexpr Number numbers[] = {{&ip_protocol, 33}};
  template <class T> static constexpr auto table(std::string_view name, std::string_view title, Rule sum) {
    return protocol<T>(name, title, "RFC 4340, 5.1",
        field<&Dccp::sport>   ("srcport", 16, "Source port", comes_from, brief, selects(dccp_port)),
        field<&Dccp::dport>   ("dstport", 16, "Destination port", goes_to, brief, selects(dccp_port)),
        field<&Dccp::offset>  ("data_offset", 8, "Header in 4-byte units", header_length(4)),
        field<&Dccp::ccval>   ("ccval", 4, "Used by congestion control"),
        field<&Dccp::coverage>("cscov", 4, "What the checksum covers: 0 everything, else the header and some words"),
        field<&Dccp::checksum>("checksum", 16, "Checksum of pseudo header, header and what it covers", Show::hex, sum),
        field<&Dccp::reserved>("res1", 3, "Must be zero", Show::hex, quiet),
        field<&Dccp::type>    ("type", 4, "Kind of packet", Values{types}, brief),
        field<&Dccp::extended>("x", 1, "Sequence numbers have 48 bits"),
        field<&Dccp::sequence>("seq_low", 24, "Sequence number; with 48 bits a zero byte and its first 16", quiet)).with_prefix("dccp").with_label("dccp");
  }
  static constexpr auto layout() { return table<Dccp>("dccp", "Datagram congestion control protocol", transport_checksum); }
};
struct DccpPartial : Dccp {
  static constexpr auto layout() { return table<DccpPartial>("dccp_partial", "Datagram congestion control protocol, partial checksum", beyond_table); }
};

struct UdpLitePartial;

/// UDP whose checksum may leave the last bytes out; it covers everything here.
struct UdpLite {
  u16 sport = 49152;
  u16 dport = 9;
  u16 coverage = 0;
  Auto<u16> checksum = computed;

  using other = UdpLitePartial;
  static constexpr bool is_other(Bytes b) { return b.size() >= 6 && (b[4] != 0 || b[5] != 0); }
  static constexpr Number numbers[] = {{&ip_protocol, 136}};
  template <class T> static constexpr auto table(std::string_view name, std::string_view title, Rule sum) {
    return protocol<T>(name, title, "RFC 3828, 3.1",
        field<&UdpLite::sport>   ("srcport", 16, "Source port", comes_from, brief),
        field<&UdpLite::dport>   ("dstport", 16, "Destination port", goes_to, brief),
        field<&UdpLite::coverage>("checksum_coverage", 16, "Bytes that the checksum covers; 0: all"),
        field<&UdpLite::checksum>("checksum", 16, "Checksum of pseudo header and what it covers", Show::hex, sum)).with_prefix("udp").with_label("udplite");
  }
  static constexpr auto layout() { return table<UdpLite>("udplite", "Lightweight user datagram protocol", transport_checksum); }
};
struct UdpLitePartial : UdpLite {
  static constexpr auto layout() { return table<UdpLitePartial>("udplite_partial", "Lightweight user datagram protocol, partial checksum", beyond_table); }
};

}  // namespace rawket
