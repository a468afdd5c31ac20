// The web's text protocols, HTTP/1 and SSDP, and the frames of WebSocket. Each says what these bytes hold.
#pragma once
#include "rawket/wire/options.hpp"

namespace rawket {

/// A message, the middle of one, or several that follow each other.
struct Http {
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static u32 message(Bytes stream);
  static bool begins(Bytes stream);   ///< a whole request or status line
  static constexpr Number numbers[] = {{&tcp_port, 80}, {&tcp_port, 8080}, {&tcp_port, 3128}, {&tcp_port, 631}, {&tcp_port, 3132}, {&tcp_port, 5985}, {&tcp_port, 8088}, {&tcp_port, 11371}, {&tcp_port, 1900},
                                       {&tcp_port, 2869}, {&tcp_port, 2710}};
  static constexpr Extra extras[] = {{"request.method", Show::text, "What is asked for"}, {"request.uri", Show::text, "Of what"},      {"request.version", Show::text, "Version of the request"},
                                     {"response.code", Show::decimal, "How it went"},     {"response.phrase", Show::text, "How it went, in words"}, {"host", Show::text, "Host that is meant"},
                                     {"user_agent", Show::text, "Program that asks"},     {"server", Show::text, "Program that answers"}, {"content_type", Show::text, "Kind of content"},
                                     {"location", Show::text, "Where it is instead"}};
  static void describe(const LayerView& v, Facts& out);
  static constexpr auto layout() { return protocol<Http>("http", "Hypertext transfer protocol", "RFC 9112, 2"); }
};

struct Ssdp {
  static constexpr u32 length(Bytes b) { return static_cast<u32>(b.size()); }
  static constexpr Number numbers[] = {{&udp_port, 1900}};
  static constexpr Extra extras[] = {{"http.request.method", Show::text, "What is asked for", false, {}, true}, {"http.request.uri", Show::text, "Of what", false, {}, true},
                                     {"http.request.version", Show::text, "Version of the request", false, {}, true}, {"http.response.code", Show::decimal, "How it went", false, {}, true},
                                     {"http.response.phrase", Show::text, "How it went, in words", false, {}, true}, {"http.host", Show::text, "Host that is meant", false, {}, true},
                                     {"http.user_agent", Show::text, "Program that asks", false, {}, true}, {"http.server", Show::text, "Program that answers", false, {}, true},
                                     {"http.content_type", Show::text, "Kind of content", false, {}, true}, {"http.location", Show::text, "Where its description is", false, {}, true}};
  static void describe(const LayerView& v, Facts& out) { Http::describe(v, out); }
  static constexpr auto layout() { return protocol<Ssdp>("ssdp", "Simple service discovery protocol", "UPnP Device Architecture 2.0, 1"); }
};

/// One frame; it has no port of its own, as it begins within HTTP.
struct WebSocket {
  u8 fin = 1;
  u8 reserved = 0;
  u8 opcode = 1;
  u8 mask = 0;
  Auto<u8> size = computed;

  static constexpr Name opcodes[] = {{0, "continuation"}, {1, "text"}, {2, "binary"}, {8, "close"}, {9, "ping"}, {10, "pong"}};
  static constexpr u32 length(Bytes b) {
    if (b.size() < 2) return 0;
    const u32 told = b[1] & 0x7fu, more = told == 126 ? 2u : told == 127 ? 8u : 0u;
    const u32 want = 2 + more + ((b[1] & 0x80) != 0 ? 4u : 0u);
    return want < b.size() ? want : static_cast<u32>(b.size());
  }
  static constexpr Extra extras[] = {{"payload_length_ext", Show::decimal, "Bytes of the payload, when they are more than 125"}, {"masking_key", Show::hex, "What the payload is masked with"}};
  static void describe(const LayerView& v, Facts& out) {
    Cursor c(v.header());
    const u8 told = (c.skip(1), c.byte()) & 0x7f;
    const unsigned more = told == 126 ? 2 : told == 127 ? 8 : 0;
    if (more != 0 && c.left() >= more) out.number(0, c.number(more), v.layer().offset + 2, more);
    if (c.left() >= 4) out.number(1, c.dword(), v.layer().offset + 2 + more, 4);
  }
  static constexpr auto layout() {
    return protocol<WebSocket>("websocket", "WebSocket frame", "RFC 6455, 5.2",
        field<&WebSocket::fin>     ("fin", 1, "Last frame of a message"),
        field<&WebSocket::reserved>("rsv", 3, "Zero unless extensions were agreed on"),
        field<&WebSocket::opcode>  ("opcode", 4, "Kind of frame", Values{opcodes}, brief),
        field<&WebSocket::mask>    ("mask", 1, "The payload is masked"),
        field<&WebSocket::size>    ("payload_length", 7, "Bytes of the payload; 126 and 127: the number follows", bytes_behind(2)));
  }
};

}  // namespace rawket
