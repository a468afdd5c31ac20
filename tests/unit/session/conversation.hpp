// A conversation that is spoken into `Sessions`, as its packets are shown.
#pragma once
#include "../packet_test.hpp"
#include "rawket/packet/packet.hpp"
#include "rawket/proto/all.hpp"
#include "rawket/session/sessions.hpp"

namespace rawket::test {

/// A conversation; each packet is shown as JSON, as `read -o json --reassemble` does.
class Conversation {
 public:
  explicit Conversation(ReassemblyOptions how = {}, u16 port = 80) : sessions(standard_registry(), {.messages = true, .facts = true, .how = how}), port_(port) {}

  JsonObject client(u32 sequence, std::string_view text, TcpFlags flags = Psh | Ack, u32 ack = 500) { return say(true, sequence, ack, text, flags); }
  JsonObject server(u32 sequence, std::string_view text, TcpFlags flags = Psh | Ack, u32 ack = 100) { return say(false, sequence, ack, text, flags); }
  JsonObject show(const Packet& p) {
    kept.emplace_back(p.bytes().begin(), p.bytes().end());
    dissect(standard_registry(), p.first_protocol(), kept.back(), d);
    PacketHead head{.number = kept.size(), .time = time += millisecond, .original_length = static_cast<u32>(p.size()), .link_type = 101};
    sessions.add(head, d);
    JsonPrinter printer;
    TextBuffer t;
    printer.print(head, d, t);
    JsonObject o(t.view());
    EXPECT_EQ(o.error(), "") << t.view();
    return o;
  }
  void handshake() { client(99, "", Syn, 0), server(499, "", Syn | Ack), client(100, "", Ack); }

  Sessions sessions;
  std::vector<std::vector<u8>> kept;
  Nanoseconds time = 0;
  u16 window = 1000;

 private:
  JsonObject say(bool from_client, u32 sequence, u32 ack, std::string_view text, TcpFlags flags) {
    constexpr Ipv4Address here = "198.18.0.1", there = "198.18.0.2";
    const Ipv4 ip{.src = from_client ? here : there, .dst = from_client ? there : here};
    const u16 high = 40000;
    return show(carrying(ip / Tcp{.sport = from_client ? high : port_, .dport = from_client ? port_ : high, .seq = sequence, .ack = ack, .flags = flags, .window = window}, as_bytes(text)));
  }
  Dissection d;
  u16 port_;
};

}  // namespace rawket::test
