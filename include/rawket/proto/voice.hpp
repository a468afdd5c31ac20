// What calls are made of: SIP, STUN, RTP and RTCP.
#pragma once
#include "rawket/wire/options.hpp"

namespace rawket {

struct Sip {
  /// Nothing is SIP without a first line that says so; keep-alives are blank.
  static constexpr bool is_other(Bytes b) {
    for (std::size_t i = 0; i + 4 <= b.size() && b[i] != '\n'; ++i)
      if (b[i] == 'S' && b[i + 1] == 'I' && b[i + 2] == 'P' && b[i + 3] == '/') return false;
    return !b.empty();
  }
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr Number numbers[] = {{&udp_port, 5060}, {&tcp_port, 5060}};
  static constexpr Extra extras[] = {{"Method", Show::text, "What is asked for"}, {"r-uri", Show::text, "Who is meant"}, {"Status-Code", Show::decimal, "How it went"}, {"Call-ID", Show::text, "The call"},
                                     {"From", Show::text, "Who calls"},           {"To", Show::text, "Who is called"},   {"CSeq", Show::text, "Counts requests"},      {"User-Agent", Show::text, "Program that speaks"}};
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() { return protocol<Sip>("sip", "Session initiation protocol", "RFC 3261, 7"); }
};

struct Stun {
  u16 type = 1;
  Auto<u16> size = computed;
  u32 cookie = 0x2112a442;
  std::array<u8, 12> id{};

  static constexpr Name types[] = {{0x0001, "binding request"}, {0x0101, "binding response"}, {0x0111, "binding error"}, {0x0011, "binding indication"}, {0x0003, "allocate request"},
                                   {0x0103, "allocate response"}, {0x0113, "allocate error"}, {0x0004, "refresh request"}, {0x0016, "send indication"}, {0x0017, "data indication"}};
  /// RFC 8489, 5: two zero bits and the cookie; methods above 0xff are not assigned.
  static constexpr bool is_other(Bytes b) { return b.size() < 20 || (b[0] & 0xfe) != 0 || load<32, 32>(b.data()) != 0x2112a442; }
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr Number numbers[] = {{&udp_port, 3478}, {&tcp_port, 3478}};
  static constexpr Extra extras[] = {{"att.type", Show::hex, "Kind of an attribute"}, {"att.ipv4", Show::ipv4, "Address"}, {"att.port", Show::decimal, "Port"}};
  static constexpr bool answers(Bytes a, Bytes q) { return (a[0] & 1) != 0 && (q[0] & 1) == 0 && std::equal(a.data() + 4, a.data() + 20, q.data() + 4); }
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() {
    return protocol<Stun>("stun", "Session traversal utilities for NAT", "RFC 8489, 5",
        field<&Stun::type>  ("type", 16, "Method and class", Values{types}, brief),
        field<&Stun::size>  ("length", 16, "Bytes of the attributes", bytes_behind(20)),
        field<&Stun::cookie>("cookie", 32, "0x2112a442, or a part of an older message's identifier", Show::hex),
        field<&Stun::id>    ("id", 96, "Ties an answer to its request"));
  }
};

/// Has no port of its own: calls agree on one.
struct Rtp {
  u8 version = 2;
  u8 padding = 0;
  u8 extension = 0;
  u8 sources = 0;
  u8 marker = 0;
  u8 type = 0;
  u16 sequence = 0;
  u32 timestamp = 0;
  u32 source = 0;

  static constexpr u32 length(Bytes b) {
    if (b.size() < 12) return 0;
    u32 n = 12u + (b[0] & 0x0fu) * 4;
    if ((b[0] & 0x10) != 0 && b.size() >= n + 4) n += 4 + 4 * static_cast<u32>(load<16, 16>(b.data() + n));
    return n;
  }
  static constexpr Name types[] = {{0, "PCMU"}, {3, "GSM"}, {4, "G723"}, {8, "PCMA"}, {9, "G722"}, {13, "comfort noise"}, {18, "G729"}, {26, "JPEG"}, {31, "H261"}, {33, "MP2T"}, {34, "H263"}};
  static void check(const LayerView& v, Faults& faults);
  static constexpr auto layout() {
    return protocol<Rtp>("rtp", "Real-time transport protocol", "RFC 3550, 5.1",
        field<&Rtp::version>  ("version", 2, "Version, always 2", always(2)),
        field<&Rtp::padding>  ("padding", 1, "Bytes were added at the end"),
        field<&Rtp::extension>("ext", 1, "An extension follows"),
        field<&Rtp::sources>  ("cc", 4, "Contributing sources"),
        field<&Rtp::marker>   ("marker", 1, "Its meaning depends on the type"),
        field<&Rtp::type>     ("p_type", 7, "Kind of media", Values{types}, brief),
        field<&Rtp::sequence> ("seq", 16, "Counts packets", brief),
        field<&Rtp::timestamp>("timestamp", 32, "When the first sample was taken", brief),
        field<&Rtp::source>   ("ssrc", 32, "Who sends", Show::hex));
  }
};

struct Rtcp {
  u8 version = 2;
  u8 padding = 0;
  u8 count = 0;
  u8 type = 200;
  u16 size = 1;
  u32 source = 0;

  static constexpr Name types[] = {{200, "sender report"}, {201, "receiver report"}, {202, "source description"}, {203, "goodbye"}, {204, "application"}, {205, "transport feedback"}, {206, "payload feedback"}};
  static constexpr auto layout() {
    return protocol<Rtcp>("rtcp", "Real-time transport control protocol", "RFC 3550, 6.4",
        field<&Rtcp::version>("version", 2, "Version, always 2", always(2)),
        field<&Rtcp::padding>("padding", 1, "Bytes were added at the end"),
        field<&Rtcp::count>  ("rc", 5, "Reports, sources or a subtype"),
        field<&Rtcp::type>   ("pt", 8, "Kind of report", Values{types}, brief),
        field<&Rtcp::size>   ("length", 16, "Words of 4 bytes behind the first"),
        field<&Rtcp::source> ("senderssrc", 32, "Who sends", Show::hex));
  }
};

}  // namespace rawket
