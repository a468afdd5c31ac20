// What the tables' rules cannot say about DHCP, VRRP, NTP, CoAP, LLDP and RTP.
#include "checking.hpp"
#include "rawket/proto/bridge.hpp"
#include "rawket/proto/dhcp.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"
#include "rawket/proto/ntp.hpp"
#include "rawket/proto/routing.hpp"
#include "rawket/proto/session.hpp"
#include "rawket/proto/voice.hpp"

namespace rawket {
namespace {

/// Options of DHCP whose length never varies, and those that hold whole addresses (RFC 2132).
struct DhcpLength {
  u8 option, least, unit;   ///< unit 0: exactly `least` bytes; else a multiple of it
};
constexpr DhcpLength dhcp_lengths[] = {{1, 4, 0}, {3, 4, 4}, {6, 4, 4}, {28, 4, 0}, {50, 4, 0}, {51, 4, 0}, {52, 1, 0}, {53, 1, 0}, {54, 4, 0}, {57, 2, 0}, {58, 4, 0}, {59, 4, 0}};

void check_dhcp_option(const Telling& tell, u8 option, u32 at, u32 size) {
  for (const DhcpLength& l : dhcp_lengths)
    if (l.option == option && (l.unit == 0 ? size != l.least : size < l.least || size % l.unit != 0))
      tell.error("option-length", "dhcp.option.length", at + 1, 1,
                 "option " + std::to_string(option) + (l.unit == 0 ? " has " + std::to_string(l.least) + " bytes, not " : " holds whole addresses of 4 bytes, not ") + std::to_string(size), "RFC 2132");
}

void check_vrrp(const Telling& tell, u32 address_bytes) {
  const Bytes m = tell.v.message();
  if (m.size() < 8) return;
  if (m[0] >> 4 != 2 && m[0] >> 4 != 3) tell.error("bad-version", "vrrp.version", 0, 1, "VRRP has versions 2 and 3, not " + std::to_string(m[0] >> 4), "RFC 5798, 5.2.1");
  if (m[1] == 0) tell.error("zero-id", "vrrp.virt_rtr_id", 1, 1, "virtual routers are numbered from 1 to 255", "RFC 5798, 5.2.3");
  if (is_whole(tell.v) && 8 + std::size_t{m[3]} * address_bytes > m.size())
    tell.error("count", "vrrp.addr_count", 3, 1, "it counts " + std::to_string(m[3]) + " addresses, but " + std::to_string((m.size() - 8) / address_bytes) + " are there", "RFC 5798, 5.2.5");
  const Layer* v4 = outside<Ipv4>(tell.v);
  const Layer* v6 = v4 == nullptr ? outside<Ipv6>(tell.v) : nullptr;
  const u32 at = v4 != nullptr ? v4->offset + 8 : v6 != nullptr ? v6->offset + 7 : 0;
  if (at != 0 && tell.v.packet[at] != 255)
    tell.faults.add({Severity::warning, "vrrp-ttl", v4 != nullptr ? "ip.ttl" : "ipv6.hlim", at, 1, "routers of one link only believe 255: anything less came through a router", "RFC 5798, 5.1.1.3", std::vector<u8>{255}});
}

}  // namespace

void Dhcp::check(const LayerView& v, Faults& faults) {
  const Telling tell{v, faults};
  const Bytes m = v.message();
  if (m[0] != 1 && m[0] != 2) tell.error("unknown-operation", "dhcp.type", 0, 1, "1 asks and 2 answers: there is nothing else", "RFC 2131, 2");
  if (m[2] > 16) tell.error("bad-hardware-size", "dhcp.hw.len", 2, 1, "there is room for a link address of 16 bytes, not " + std::to_string(m[2]), "RFC 2131, 2");
  if (!is_whole(v)) return;
  constexpr u8 pad = 0, end = 255;
  for (u32 at = detail::fixed_bytes<Dhcp>; at < m.size();) {
    if (m[at] == end) return;
    if (m[at] == pad) {
      ++at;
      continue;
    }
    if (at + 2 > m.size() || at + 2 + m[at + 1] > m.size()) return;  // told by the linter
    check_dhcp_option(tell, m[at], at, m[at + 1]);
    if (m[at] == 53 && m[at + 1] == 1 && (m[at + 2] == 0 || m[at + 2] > 18)) tell.warn("unknown-code", "dhcp.option.dhcp", at + 2, 1, "there is no kind of message " + std::to_string(m[at + 2]), "RFC 2132, 9.6");
    at += 2u + m[at + 1];
  }
  if (m.size() > detail::fixed_bytes<Dhcp>)
    tell.warn("no-end", {}, static_cast<u32>(m.size()) - 1, 1, "the options have no end: the last one is 255", "RFC 2131, 4.1");
}

void Dhcpv6::check(const LayerView& v, Faults& faults) {
  const Telling tell{v, faults};
  const Bytes m = v.message();
  if (!is_whole(v)) return;
  for (std::size_t at = detail::fixed_bytes<Dhcpv6>; at < m.size();) {
    const std::size_t left = m.size() - at, size = left < 4 ? 4 : 4 + std::size_t{load<16, 16>(m.data() + at)};
    if (size > left)
      return tell.error("option-length", "dhcpv6.option.length", static_cast<u32>(at), static_cast<u32>(std::min<std::size_t>(4, left)), "an option of " + std::to_string(size) +
          " bytes runs past the " + std::to_string(left) + " that are left", "RFC 8415, 21.1");
    at += size;
  }
}

void Vrrp::check(const LayerView& v, Faults& faults) { check_vrrp({v, faults}, 4); }
void Vrrp3::check(const LayerView& v, Faults& faults) {
  check_vrrp({v, faults}, outside<Ipv4>(v) != nullptr ? 4 : 16);
}

void Ntp::check(const LayerView& v, Faults& faults) {
  const Bytes h = v.header();
  const u8 version = h[0] >> 3 & 7;
  if (version == 0 || version > 4) Telling{v, faults}.warn("bad-version", "ntp.flags.vn", 0, 1, "NTP has versions 1 to 4, not " + std::to_string(version), "RFC 5905, 7.3");
  if ((h[0] & 7) == 0) Telling{v, faults}.warn("reserved-mode", "ntp.flags.mode", 0, 1, "mode 0 is reserved: 3 asks and 4 answers", "RFC 5905, 7.3");
  if (h[1] > 16) Telling{v, faults}.warn("stratum", "ntp.stratum", 1, 1, "16 stands for a clock that is not set: more is reserved", "RFC 5905, 7.3");
}

void Bgp::check(const LayerView& v, Faults& faults) {
  const u64 size = load<128, 16>(v.header().data());
  if (size < 19) Telling{v, faults}.error("length-too-short", "bgp.length", 16, 2, "a message has at least its header's 19 bytes, not " + std::to_string(size) + ": receivers close the session", "RFC 4271, 6.1");
}

void Coap::check(const LayerView& v, Faults& faults) {
  const u8 length = v.header()[0] & 15;
  if (length > 8) Telling{v, faults}.error("token-length", "coap.token_len", 0, 1, "a token has at most 8 bytes: receivers refuse the message", "RFC 7252, 3");
}

void Lldp::check(const LayerView& v, Faults& faults) {
  const Telling tell{v, faults};
  const Bytes m = v.message();
  if (!is_whole(v)) return;
  for (std::size_t at = 0; at + 2 <= m.size();) {
    const std::size_t size = 2 + (load<0, 16>(m.data() + at) & 0x1ff), left = m.size() - at;
    if (m[at] >> 1 == 0) return;
    if (size > left) return tell.error("option-length", "lldp.tlv.len", static_cast<u32>(at), 2, "an item of " + std::to_string(size) + " bytes runs past the " + std::to_string(left) +
        " that are left", "IEEE 802.1AB, 8.4");
    at += size;
  }
  tell.warn("no-end", {}, static_cast<u32>(m.size()) - 1, 1, "the list has no end: the last item has type 0", "IEEE 802.1AB, 8.5.1");
}

void Rtp::check(const LayerView& v, Faults& faults) {
  const Bytes m = v.message(), payload = v.payload();
  if ((m[0] & 0x20) == 0 || !is_whole(v)) return;
  if (payload.empty() || m.back() == 0 || m.back() > payload.size())
    Telling{v, faults}.error("padding", "rtp.padding", static_cast<u32>(m.size()) - 1, 1, "the last byte counts the padding, itself included: it is none of 1 to " + std::to_string(payload.size()), "RFC 3550, 5.1");
}

}  // namespace rawket
