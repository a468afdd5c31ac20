// Address resolution: ARP, RARP and InARP for Ethernet and IPv4, and the general form for all else.
#pragma once
#include "rawket/proto/ethernet.hpp"

namespace rawket {

inline constexpr Name arp_opcodes[] = {{1, "request"}, {2, "reply"}, {3, "rarp request"}, {4, "rarp reply"}, {8, "inarp request"}, {9, "inarp reply"}, {10, "nak"}};

/// ARP whose addresses are not Ethernet's and IPv4's: only the fixed part has fields.
struct ArpOther {
  u16 hardware_type = 0;
  u16 protocol_type = 0;
  u8 hardware_size = 0;
  u8 protocol_size = 0;
  u16 opcode = 1;

  static constexpr u32 length(Bytes b) {
    if (b.size() < 8) return 0;
    const u32 want = 8u + 2u * b[4] + 2u * b[5];
    return want < b.size() ? want : static_cast<u32>(b.size());
  }
  static constexpr Extra extras[] = {{"src.hw_mac", Show::mac, "Link address of the sender"}, {"src.proto_ipv4", Show::ipv4, "IPv4 address of the sender"},
                                     {"dst.hw_mac", Show::mac, "Link address of the target"}, {"dst.proto_ipv4", Show::ipv4, "IPv4 address of the target"},
                                     {"src.hw", Show::bytes, "Link address of the sender"},   {"src.proto", Show::bytes, "Protocol address of the sender"},
                                     {"dst.hw", Show::bytes, "Link address of the target"},   {"dst.proto", Show::bytes, "Protocol address of the target"}};
  static void describe(const LayerView& v, Facts& out) {
    Cursor c(v.header());
    const u16 hardware = c.word();
    const u16 protocol = c.word();
    const u8 sizes[2] = {c.byte(), c.byte()};
    c.skip(2);
    for (u32 i = 0; i < 4 && c.ok(); ++i) {
      const u8 size = sizes[i % 2];
      const u32 at = v.layer().offset + static_cast<u32>(c.offset());
      const Bytes value = c.take(size);
      if (!c.ok() || size == 0) continue;
      const bool usual = i % 2 == 0 ? size == 6 && (hardware == 1 || hardware == 6) : size == 4 && protocol == 0x0800;
      out.bytes(usual ? i : i + 4, value, at, size);
    }
  }
  static void check(const LayerView& v, Faults& faults) {
    const Bytes h = v.header();
    if (h.size() < 8 || load<0, 16>(h.data()) != 1 || load<16, 16>(h.data()) != 0x0800) return;
    if (h[4] != 6)
      faults.add({Severity::error, "bad-hardware-size", "arp.hw.size", v.layer().offset + 4, 1, "Ethernet addresses have 6 bytes, not " + std::to_string(h[4]), "RFC 826", std::vector<u8>{6}});
    if (h[5] != 4)
      faults.add({Severity::error, "bad-protocol-size", "arp.proto.size", v.layer().offset + 5, 1, "IPv4 addresses have 4 bytes, not " + std::to_string(h[5]), "RFC 826", std::vector<u8>{4}});
  }
  static constexpr auto layout() {
    return protocol<ArpOther>("arp_other", "Address resolution, other addresses", "RFC 826",
        field<&ArpOther::hardware_type>("hw.type", 16, "Kind of link address"),
        field<&ArpOther::protocol_type>("proto.type", 16, "Kind of protocol address", Show::hex),
        field<&ArpOther::hardware_size>("hw.size", 8, "Bytes of a link address"),
        field<&ArpOther::protocol_size>("proto.size", 8, "Bytes of a protocol address"),
        field<&ArpOther::opcode>       ("opcode", 16, "What is asked or told", Values{arp_opcodes}, brief)).with_prefix("arp").with_label("arp");
  }
};

struct Arp {
  u16 hardware_type = 1;
  u16 protocol_type = 0x0800;
  u8 hardware_size = 6;
  u8 protocol_size = 4;
  u16 opcode = 1;
  Mac source_mac = {};
  Ipv4Address source = {};
  Mac target_mac = {};
  Ipv4Address target = {};

  using other = ArpOther;
  static constexpr bool is_other(Bytes b) {
    return b.size() >= 8 && (b[4] != 6 || b[5] != 4 || load<16, 16>(b.data()) != 0x0800 || (load<0, 16>(b.data()) != 1 && load<0, 16>(b.data()) != 6));
  }
  static constexpr Number numbers[] = {{&ether_type, 0x0806}, {&ether_type, 0x8035}};
  static constexpr Extra extras[] = {{"isgratuitous", Show::decimal, "The sender asks for its own address"}, {"isprobe", Show::decimal, "The sender has no address yet (RFC 5227)"}};
  static constexpr auto layout() {
    return protocol<Arp>("arp", "Address resolution protocol", "RFC 826",
        field<&Arp::hardware_type>("hw.type", 16, "Kind of link address: 1 is Ethernet"),
        field<&Arp::protocol_type>("proto.type", 16, "Kind of protocol address", Show::hex, Values{ether_types}),
        field<&Arp::hardware_size>("hw.size", 8, "Bytes of a link address"),
        field<&Arp::protocol_size>("proto.size", 8, "Bytes of a protocol address"),
        field<&Arp::opcode>       ("opcode", 16, "What is asked or told", Values{arp_opcodes}, brief),
        field<&Arp::source_mac>   ("src.hw_mac", 48, "Link address of the sender", brief),
        field<&Arp::source>       ("src.proto_ipv4", 32, "IPv4 address of the sender", comes_from, brief),
        field<&Arp::target_mac>   ("dst.hw_mac", 48, "Link address of the target"),
        field<&Arp::target>       ("dst.proto_ipv4", 32, "IPv4 address of the target", goes_to, brief));
  }

  static void describe(const LayerView& v, Facts& out) {
    const Bytes h = v.header();
    if (h.size() < 28) return;
    const Arp a = decode<Arp>(h.data());
    if (a.opcode == 1 && a.source == Ipv4Address()) out.number(1, 1, v.layer().offset, 28);
    else if (a.source == a.target && (a.opcode == 1 || a.opcode == 2)) out.number(0, 1, v.layer().offset, 28);
  }
  static constexpr bool answers(Bytes answer, Bytes question) {
    const Arp a = decode<Arp>(answer.data()), q = decode<Arp>(question.data());
    return a.opcode == q.opcode + 1 && a.source == q.target;
  }
  static void check(const LayerView& v, Faults& faults) {
    if (v.layer().length < 28 || v.index == 0 || v.layers[v.index - 1].protocol->name != "eth") return;
    const u32 at = v.layer().offset;
    const Bytes sender = v.packet.subspan(v.layers[v.index - 1].offset + 6, 6);
    if (v.packet[at + 6] == 0 && v.packet[at + 7] == 0) faults.add({Severity::error, "unknown-operation", "arp.opcode", at + 6, 2, "operation 0 is reserved: 1 asks and 2 answers", "RFC 5494, 2"});
    if (v.packet[at + 14] >> 4 == 14 || v.packet[at + 14] == 255)
      faults.add({Severity::error, "multicast-source", "arp.src.proto_ipv4", at + 14, 4, "a group or broadcast address is no host that could ask or answer", "RFC 1112, 7.2"});
    if (!std::equal(sender.begin(), sender.end(), v.packet.begin() + at + 8))
      faults.add({Severity::warning, "sender-mismatch", "arp.src.hw_mac", at + 8, 6, "the sender's address differs from the frame's source: a proxy, or a forgery", "RFC 826"});
  }
};

}  // namespace rawket
