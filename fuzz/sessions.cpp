// Packets one after the other, through all that is done with several: fragments, streams, facts, answers, flows. Each packet has a
// byte that says how long it is, one for the time that passes, and one for how it begins: a real header, or anything.
#include "rawket/packet/packet.hpp"
#include "rawket/packet/text.hpp"
#include "rawket/proto/all.hpp"
#include "rawket/session/flow_table.hpp"
#include "rawket/session/sessions.hpp"

using namespace rawket;

namespace {

/// A header that leads deeper than bytes at random would: the rest of the packet is the fuzzer's.
std::vector<u8> beginning(u8 kind) {
  const bool back = (kind & 8) != 0;
  constexpr Ipv4Address here = "198.18.0.1", there = "198.18.0.2";
  const Ipv4 ip{.flags = static_cast<u8>(kind >> 4 & 1), .src = back ? there : here, .dst = back ? here : there};
  const u16 port = (kind & 0x20) != 0 ? 80 : 443;
  Packet p;
  switch (kind & 7) {
    case 0: p = ip / Tcp{.sport = back ? port : u16{40000}, .dport = back ? u16{40000} : port, .flags = Ack}; break;
    case 1: p = ip; break;
    case 2: p = Ipv6{.src = "2001:db8::1", .dst = "2001:db8::2"} / Ipv6Fragment{.more = 1, .id = 1}; break;
    case 3: p = ip / Udp{.sport = 40000, .dport = (kind & 0x20) != 0 ? u16{53} : u16{443}}; break;
    default: return {};
  }
  return {p.bytes().begin(), p.bytes().end()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* input, std::size_t size) {
  if (size < 1) return 0;
  Sessions::Wanted wanted{.messages = true, .facts = true};
  wanted.how = {.fragments = {.overlap = static_cast<Overlap>(input[0] & 3), .most_datagrams = 8, .most_bytes = 4096},
                .streams = {.most_streams = 4, .most_waiting = 4096, .most_waiting_of_side = 2048},
                .longest_message = 2048, .most_bytes = 8192};
  Sessions sessions(standard_registry(), wanted);
  FlowTable table({.most_flows = 4, .evicted = {}});
  TextPrinter text({});
  TextBuffer out;
  Dissection d;
  PacketHead head{.link_type = 101};
  for (Cursor c(Bytes(input, size), 1); c.left() >= 3;) {
    const std::size_t length = c.byte();
    const u8 time = c.byte();
    std::vector<u8> bytes = beginning(c.byte());
    const Bytes own = c.take(std::min(length, c.left()));
    // The fuzzer's bytes also change the header, but for its addresses.
    for (std::size_t i = 0; i < own.size() && i < bytes.size(); ++i)
      if (i < 2 || (i >= 4 && i < 12) || i >= 20) bytes[i] ^= own[i];
    if (bytes.size() < own.size()) bytes.insert(bytes.end(), own.begin() + static_cast<std::ptrdiff_t>(bytes.size()), own.end());
    if (bytes.size() >= 4 && bytes[0] >> 4 == 4) bytes[2] = 0, bytes[3] = static_cast<u8>(bytes.size());
    ++head.number;
    head.time = static_cast<Nanoseconds>(static_cast<u64>(head.time) + (u64{time} << (time & 63)));
    head.original_length = static_cast<u32>(bytes.size());
    PacketHead shown = head;
    dissect(standard_registry(), info<RawIp>, bytes, d, head.original_length);
    if (const auto f = flow_packet(shown, d)) table.add(std::span(&*f, 1));
    sessions.add(shown, d);
    out.clear();
    text.tree(shown, d, out);
    text.line(shown, d, out);
  }
  static_cast<void>(sessions.told());
  return 0;
}
