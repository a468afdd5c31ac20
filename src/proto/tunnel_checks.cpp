// What the tables' rules cannot say about MPLS, PPPoE, GRE, VXLAN, GENEVE, GTP-U, AH and ESP.
#include "checking.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/tunnel.hpp"
#include "rawket/proto/vpn.hpp"
#include "rawket/wire/checksum.hpp"

namespace rawket {

/// The stack's last label says so; IPv4 behind a label that says it is not the last is known by its checksum.
void Mpls::check(const LayerView& v, Faults& faults) {
  const Bytes m = v.message();
  const Telling tell{v, faults};
  const Mpls here = decode<Mpls>(m.data());
  if (here.ttl == 0) tell.error("zero-ttl", "mpls.ttl", 3, 1, "a packet without hops left must not be on a wire: give it 1 or more (64 is usual)", "RFC 3032, 2.4.2");
  constexpr u32 router_alert = 1, implicit_null = 3;
  if (here.label == implicit_null) tell.error("reserved-label", "mpls.label", 0, 3, "label 3 is only told, never sent: it stands for no label", "RFC 3032, 2.1");
  if (here.label == router_alert && here.bottom != 0) tell.error("reserved-label", "mpls.label", 0, 3, "a router alert is never the last label", "RFC 3032, 2.1");
  if (here.bottom != 0 || !is_whole(v)) return;
  const Bytes behind = m.subspan(4);
  const std::size_t header = behind.empty() ? 0 : (behind[0] & 15u) * 4u;
  const bool is_ipv4 = header >= 20 && behind[0] >> 4 == 4 && behind.size() >= header && internet_checksum(behind.first(header)) == 0;
  if (!is_ipv4 && !behind.empty()) return;
  const Repair last = is_ipv4 ? Repair(std::vector<u8>{static_cast<u8>(m[2] | 1)}) : Repair();
  faults.add({Severity::error, "no-last-label", "mpls.bottom", v.layer().offset + 2, 1,
      is_ipv4 ? "IPv4 follows: this label is the last one, but says that another follows" : "it says that another label follows, but nothing does",
              "RFC 3032, 2.1", last, is_ipv4});
}

void Pppoe::check(const LayerView& v, Faults& faults) {
  if (const u8 code = v.header()[1]; code != 0) Telling{v, faults}.error("unknown-code", "pppoe.code", 1, 1, "in a session the code is 0", "RFC 2516, 6", std::vector<u8>{0});
}

void PppoeDiscovery::check(const LayerView& v, Faults& faults) {
  const Telling tell{v, faults};
  const Bytes h = v.header(), tags = v.payload();
  constexpr u8 offer = 0x07, initiation = 0x09, request = 0x19;
  if (std::ranges::none_of(codes, [&](const Name& n) { return n.value == h[1]; })) tell.error("unknown-code", "pppoe.code", 1, 1, "there is no such message of discovery", "RFC 2516, 5");
  if ((h[1] == initiation || h[1] == offer || h[1] == request) && load<16, 16>(h.data()) != 0)
    tell.error("session-id", "pppoe.session_id", 2, 2, "until a session is confirmed its number is 0", "RFC 2516, 5", std::vector<u8>{0, 0});
  if (!is_whole(v)) return;
  constexpr u32 base = 6;
  for (std::size_t at = 0; at < tags.size();) {
    const std::size_t left = tags.size() - at, size = left < 4 ? 4 : 4 + std::size_t{load<16, 16>(tags.data() + at)};
    if (size > left)
      return tell.error("option-length", "pppoed.tag", base + static_cast<u32>(at), static_cast<u32>(std::min<std::size_t>(4, left)), "a tag of " + std::to_string(size) + " bytes runs past the " +
          std::to_string(left) + " that are left", "RFC 2516, 5");
    if (load<0, 16>(tags.data() + at) == 0) break;  // end of list
    at += size;
  }
}

void Gre::check(const LayerView& v, Faults& faults) {
  const Telling tell{v, faults};
  const Bytes m = v.message();
  const u64 flags = load<0, 16>(m.data()), version = flags & 7;
  constexpr u64 checksum_present = 0x8000, key_present = 0x2000, recursion = 0x0700, reserved0 = 0x00f8, reserved1 = 0x0078;
  if (version > 1) return tell.error("bad-version", "gre.flags_and_version", 0, 2, "GRE has versions 0 and 1", "RFC 2784, 2.3.1");
  const u64 reserved = recursion | (version == 0 ? reserved0 : reserved1);
  if ((flags & reserved) != 0)
    tell.warn("reserved-bits", "gre.flags_and_version", 0, 2, "reserved bits must be zero", "RFC 2784, 2.2", std::vector<u8>{static_cast<u8>((flags & ~reserved) >> 8), static_cast<u8>(flags & ~reserved)});
  if (version == 1 && (flags & key_present) == 0) tell.error("no-key", "gre.flags_and_version", 0, 2, "in version 1 the key holds the payload's length and the call: it is always there", "RFC 2637, 4.1");
  if ((flags & checksum_present) == 0 || version == 1 || v.layer().length < 8 || !is_whole(v)) return;
  std::vector<u8> copy(m.begin(), m.end());
  copy[4] = copy[5] = 0;
  const u16 right = internet_checksum(copy);
  if (right != load<32, 16>(m.data()))
    tell.error("bad-checksum", "gre.checksum", 4, 2, "the bytes give another checksum: a receiver drops the packet", "RFC 2784, 2.3", std::vector<u8>{static_cast<u8>(right >> 8), static_cast<u8>(right)});
  if (load<48, 16>(m.data()) != 0 && (flags & 0x4000) == 0) tell.warn("reserved-bits", "gre.reserved1", 6, 2, "reserved bits must be zero", "RFC 2784, 2.4", std::vector<u8>{0, 0});
}

void Vxlan::check(const LayerView& v, Faults& faults) {
  const Telling tell{v, faults};
  const Bytes h = v.header();
  constexpr u64 valid = 0x0800, group_policy = 0x8000;
  const u64 flags = load<0, 16>(h.data());
  if ((flags & valid) == 0)
    tell.error("no-network-id", "vxlan.flags", 0, 2, "the network identifier is not marked as valid: receivers drop the frame", "RFC 7348, 5", std::vector<u8>{static_cast<u8>((flags | valid) >> 8),
        static_cast<u8>(flags | valid)});
  constexpr u64 known = valid | group_policy | 0x0048;   // the last two belong to the group policy
  if ((flags & ~known) != 0)
    tell.warn("reserved-bits", "vxlan.flags_reserved", 0, 2, "reserved bits must be zero", "RFC 7348, 5", std::vector<u8>{static_cast<u8>((flags & known) >> 8), static_cast<u8>(flags & known)});
  if ((flags & group_policy) == 0 && load<16, 16>(h.data()) != 0) tell.warn("reserved-bits", "vxlan.gbp", 2, 2, "reserved, but with a group policy (flag 0x8000): must be zero", "RFC 7348, 5", std::vector<u8>{0, 0});
}

void Geneve::check(const LayerView& v, Faults& faults) {
  const Telling tell{v, faults};
  const Bytes h = v.header();
  if ((h[1] & 0x3f) != 0) tell.warn("reserved-bits", "geneve.flags", 1, 1, "reserved bits must be zero", "RFC 8926, 3.4", std::vector<u8>{static_cast<u8>(h[1] & 0xc0)});
  bool critical = false;
  constexpr std::size_t base = 8;
  for (std::size_t at = base; at < h.size();) {
    const std::size_t left = h.size() - at, size = left < 4 ? left + 1 : 4 + (h[at + 3] & 0x1fu) * 4;
    if (size > left)
      return tell.error("option-length", "geneve.option.length", static_cast<u32>(at), static_cast<u32>(std::min<std::size_t>(4, left)), "an option runs past the end of the options", "RFC 8926, 3.5");
    critical = critical || (h[at + 2] & 0x80) != 0;
    at += size;
  }
  if (critical && (h[1] & 0x40) == 0)
    tell.warn("critical-option", "geneve.flags", 1, 1, "a critical option is there, but the header does not say so", "RFC 8926, 3.4", std::vector<u8>{static_cast<u8>(h[1] | 0x40)});
}

void AuthenticationHeader::check(const LayerView& v, Faults& faults) {
  if (load<32, 32>(v.header().data()) == 0) Telling{v, faults}.error("zero-spi", "ah.spi", 4, 4, "index 0 is for use within a host and never sent", "RFC 4302, 2.4");
}
void Esp::check(const LayerView& v, Faults& faults) {
  if (load<0, 32>(v.header().data()) == 0) Telling{v, faults}.error("zero-spi", "esp.spi", 0, 4, "index 0 is for use within a host and never sent", "RFC 4303, 2.1");
}

void Gtp::check(const LayerView& v, Faults& faults) {
  const Telling tell{v, faults};
  const Bytes m = v.message();
  constexpr std::size_t counted_from = 8;
  if ((m[0] & 0x08) != 0) tell.warn("reserved-bits", "gtp.flags.rest", 0, 1, "reserved bits must be zero", "3GPP TS 29.281, 5.1", std::vector<u8>{static_cast<u8>(m[0] & 0xf7)});
  if (m[0] >> 5 != 1 || !is_whole(v)) return;
  const u64 told = load<16, 16>(m.data()), right = m.size() - counted_from;
  if (told != right)
    tell.error(told > right ? "length-too-long" : "length-too-short", "gtp.length", 2, 2, "it counts " + std::to_string(told) + " bytes, but " + std::to_string(right) + " follow", "3GPP TS 29.281, 5.1",
               std::vector<u8>{static_cast<u8>(right >> 8), static_cast<u8>(right)});
}

}  // namespace rawket
