// Link types of those who capture: netfilter's log, and Apple's packet tap, which tell more of a packet than the wire does.
#pragma once
#include "rawket/proto/ethernet.hpp"

namespace rawket {

/// Attributes in the byte order of the machine that logged; the last one is the packet.
struct Nflog {
  u8 family = 2;
  u8 version = 0;
  u16 group = 0;

  enum Attribute : u16 { payload_attribute = 9, prefix_attribute = 10 };
  static constexpr Name families[] = {{2, "IPv4"}, {10, "IPv6"}, {7, "bridge"}, {3, "ARP"}};
  static constexpr Number numbers[] = {{&link_layer, 239}};
  static constexpr Extra extras[] = {{"prefix", Show::text, "What the rule says before each packet"}};

  struct Found {
    u32 offset = 0, length = 0;   ///< of the value; from the header's first byte
  };
  /// An attribute's value; nothing when it is not there.
  static constexpr Found find(Bytes b, u16 wanted) {
    for (u32 at = 4; at + 4 <= b.size();) {
      u32 size = u32{b[at + 1]} << 8 | b[at], type = u32{b[at + 3]} << 8 | b[at + 2];
      const u32 other_size = u32{b[at]} << 8 | b[at + 1];
      if ((size < 4 || size > b.size() - at) && other_size >= 4 && other_size <= b.size() - at) size = other_size, type = u32{b[at + 2]} << 8 | b[at + 3];
      if (size < 4) break;
      if ((type & 0x7fff) == wanted) return {at + 4, size - 4};
      if (size > b.size() - at) break;
      at += (size + 3) & ~3u;
    }
    return {};
  }
  static constexpr u32 length(Bytes b) {
    const Found payload = find(b, payload_attribute);
    return payload.offset != 0 ? payload.offset : static_cast<u32>(b.size());
  }
  static constexpr Number next(Bytes b) { return b[0] == 2 ? Number{&ip_version, 4} : b[0] == 10 ? Number{&ip_version, 6} : Number{}; }
  static void describe(const LayerView& v, Facts& out) {
    const Found prefix = find(v.header(), prefix_attribute);
    if (prefix.length > 1) out.text(0, as_text(slice(v.header(), prefix.offset, prefix.length - 1)), v.layer().offset + prefix.offset, prefix.length - 1);
  }
  static constexpr auto layout() {
    return protocol<Nflog>("nflog", "Linux netfilter log", "LINKTYPE_NFLOG",
        field<&Nflog::family> ("family", 8, "Kind of addresses", Values{families}),
        field<&Nflog::version>("version", 8, "Version, always 0", always(0)),
        field<&Nflog::group>  ("res_id", 16, "Group that the rule logs to", brief));
  }
};

struct Pktap {
  Little<u32> size = u32{108};
  Little<u32> record = u32{1};
  Little<u32> link_type = u32{1};
  std::array<u8, 24> interface{};
  Little<u32> flags = u32{2};
  Little<u32> family = u32{2};
  Little<u32> header_size = u32{14};
  Little<u32> trailer_size = u32{0};
  Little<u32> process = u32{0};
  std::array<u8, 20> command{};
  Little<u32> service_class = u32{0};
  Little<u16> interface_type = u16{0};
  Little<u16> interface_unit = u16{0};
  Little<u32> effective_process = u32{0};
  std::array<u8, 20> effective_command{};

  static constexpr Number numbers[] = {{&link_layer, 258}, {&link_layer, 149}};
  static constexpr Extra extras[] = {{"ifname", Show::text, "Interface"}, {"cmdname", Show::text, "Program that the packet is of"}, {"ecmdname", Show::text, "Program that it is sent for"}};
  static constexpr u32 little(Bytes b, std::size_t at) { return u32{b[at]} | u32{b[at + 1]} << 8 | u32{b[at + 2]} << 16 | u32{b[at + 3]} << 24; }
  static constexpr u32 length(Bytes b) { return b.size() < 12 ? 0 : little(b, 0); }
  static constexpr Number next(Bytes b) { return {&link_layer, little(b, 8)}; }
  static void describe(const LayerView& v, Facts& out) {
    constexpr u32 names[][2] = {{12, 24}, {56, 20}, {88, 20}};   // offset and length of each
    for (u32 i = 0; i < std::size(names); ++i) {
      const std::string_view all = as_text(slice(v.header(), names[i][0], names[i][1])), text = all.substr(0, all.find('\0'));
      if (!text.empty()) out.text(i, text, v.layer().offset + names[i][0], static_cast<u32>(text.size()));
    }
  }
  static constexpr auto layout() {
    return protocol<Pktap>("pktap", "Apple packet tap", "LINKTYPE_PKTAP",
        field<&Pktap::size>             ("hdrlen", 32, "Header length"),
        field<&Pktap::record>           ("rectype", 32, "Kind of record, 1 for packets"),
        field<&Pktap::link_type>        ("dlt", 32, "Link type of the packet"),
        field<&Pktap::interface>        ("interface", 192, "Interface, filled up with zeros", quiet),
        field<&Pktap::flags>            ("flags", 32, "Direction and more", Show::hex),
        field<&Pktap::family>           ("pfamily", 32, "Protocol family"),
        field<&Pktap::header_size>      ("llhdrlen", 32, "Bytes of the link header"),
        field<&Pktap::trailer_size>     ("lltrlrlen", 32, "Bytes of the link trailer"),
        field<&Pktap::process>          ("pid", 32, "Process that the packet is of"),
        field<&Pktap::command>          ("command", 160, "Its name, filled up with zeros", quiet),
        field<&Pktap::service_class>    ("svc_class", 32, "Service class"),
        field<&Pktap::interface_type>   ("iftype", 16, "Kind of interface"),
        field<&Pktap::interface_unit>   ("ifunit", 16, "Number of the interface"),
        field<&Pktap::effective_process>("epid", 32, "Process that it is sent for"),
        field<&Pktap::effective_command>("effective_command", 160, "Its name, filled up with zeros", quiet));
  }
};

}  // namespace rawket
