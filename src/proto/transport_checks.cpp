// What the tables' rules cannot say about TCP and UDP: flags, ports and options that make no sense together.
#include "checking.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/tcp.hpp"
#include "rawket/proto/udp.hpp"

namespace rawket {
namespace {

void check_ports(const LayerView& v, Faults& faults, std::string_view source_name, std::string_view destination_name, u16 source, u16 destination, bool source_may_be_zero) {
  const u32 at = v.layer().offset;
  if (destination == 0) faults.add({Severity::warning, "port-zero", destination_name, at + 2, 2, "port 0 is reserved: choose the port of a service", "RFC 6335, 6"});
  if (source == 0 && !source_may_be_zero) faults.add({Severity::warning, "port-zero", source_name, at, 2, "port 0 is reserved: choose a source port, best above 49151", "RFC 6335, 6"});
}

void check_flags(const Tcp& t, u32 at, Faults& faults) {
  const auto has = [&](TcpFlags f) { return (t.flags & f) != none; };
  const auto add = [&](std::string_view code, std::string text, std::string_view reference) {
    faults.add({Severity::warning, code, "tcp.flags", at + 12, 2, std::move(text), reference});
  };
  constexpr TcpFlags control = Fin | Syn | Rst | Ack;
  using enum TcpFlags;
  if ((t.flags & (control | Psh | Urg)) == none) add("null-flags", "no flag at all: every segment of a connection has at least SYN, ACK or RST (a null scan)", "RFC 9293, 3.10.7");
  else if (has(Syn) && has(Fin)) add("syn-fin", "SYN opens and FIN closes: send SYN to open, or FIN with ACK to close", "RFC 9293, 3.10.7");
  else if (has(Syn) && has(Rst)) add("syn-rst", "SYN opens and RST breaks off: send one of them", "RFC 9293, 3.10.7");
  else if (has(Fin) && has(Rst)) add("fin-rst", "FIN closes in order and RST breaks off: send one of them", "RFC 9293, 3.10.7");
  else if (has(Fin) && !has(Ack)) add("fin-without-ack", "FIN belongs to an open connection, where every segment has ACK (a FIN or Xmas scan)", "RFC 9293, 3.10.7");
  else if ((t.flags & control) == none) add("no-control-flag", "neither SYN, ACK nor RST: no such segment belongs to a connection", "RFC 9293, 3.10.7");
}

/// The length an option must have, 0 where it varies.
u32 fixed_length(const OptionView& o) {
  const bool varies = o.kind == 1 || o.kind == 5 || o.kind == 29 || o.kind == 30 || o.kind == 34;
  return o.protocol == nullptr || varies ? 0 : 2u + o.protocol->fixed;
}

/// What options of the right size cannot say.
void check_option_values(const Telling& tell, const Tcp& t, const OptionView& o, u32 at, Bytes option) {
  constexpr u8 mss = 2, sack = 5, timestamps = 8;
  const bool syn = (t.flags & Syn) != none, ack = (t.flags & Ack) != none;
  if (o.kind == mss && load<16, 16>(option.data()) == 0) tell.error("mss", "tcp.options.mss_val", at + 2, 2, "with segments of no byte nothing can be said: 536 is the least that all take", "RFC 9293, 3.7.1");
  if (o.kind == timestamps && !ack && load<48, 32>(option.data()) != 0)
    tell.warn("echo-without-ack", "tcp.options.timestamp.tsecr", at + 6, 4, "the echo of a time stamp only counts with the ACK flag", "RFC 7323, 3.2", std::vector<u8>{0, 0, 0, 0});
  if (o.kind != sack || (o.length - 2) % 8 != 0) return;
  if (syn && !ack) tell.warn("sack-on-syn", "tcp.option_kind", at, o.length, "the first segment of a connection has nothing to acknowledge", "RFC 2018, 3");
  for (u32 block = 2; block + 8 <= o.length; block += 8)
    if (static_cast<std::int32_t>(load<32, 32>(option.data() + block) - load<0, 32>(option.data() + block)) <= 0)
      tell.error("sack-edges", "tcp.options.sack_le", at + block, 8, "the right edge of a block lies behind its left one", "RFC 2018, 3");
}

void check_options(const LayerView& v, const Tcp& t, Faults& faults) {
  const u32 base = v.layer().offset + 20;
  const bool syn = (t.flags & Syn) != none;
  OptionWalk options(Tcp::option_list, slice(v.packet, base, v.layer().length - 20));
  u64 seen = 0;
  while (const auto o = options.next()) {
    const u32 at = base + o->offset;
    if (options.broken() && u32{v.header()[12]} / 16 * 4 > v.layer().length) return;  // the header itself was cut
    if (options.broken()) {
      const u32 told = o->length > 1 ? v.packet[at + 1] : 0;
      faults.add({Severity::error, "option-length", o->length > 1 ? "tcp.option_len" : "tcp.option_kind", at, o->length > 1 ? 2u : 1u,
                  told < 2 && o->length > 1 ? "an option has at least 2 bytes, this one claims " + std::to_string(told) + ": nothing behind it can be read"
                                            : "option " + std::to_string(o->kind) + " runs past the end of the header", "RFC 9293, 3.2"});
      return;
    }
    if (const u32 want = fixed_length(*o); want != 0 && o->length != want) {
      faults.add({Severity::error, "option-length", "tcp.option_len", at + 1, 1, std::string(o->protocol->title) + " has " + std::to_string(want) + " bytes, not " + std::to_string(o->length), o->protocol->spec});
      continue;
    }
    if ((o->kind == 29 && o->length < 4) || (o->kind == 30 && o->length < 3) || (o->kind == 34 && o->length != 2 && (o->length < 6 || o->length > 18 || o->length % 2 != 0)))
      faults.add({Severity::error, "option-length", "tcp.option_len", at + 1, 1, std::string(o->protocol->title) + " cannot have " + std::to_string(o->length) + " bytes", o->protocol->spec});
    if (o->kind == 5 && (o->length < 10 || (o->length - 2) % 8 != 0))
      faults.add({Severity::error, "option-length", "tcp.option_len", at + 1, 1, "SACK holds whole blocks of 8 bytes", "RFC 2018, 3"});
    if (o->kind == 3 && v.packet[at + 2] > 14)
      faults.add({Severity::error, "window-scale", "tcp.options.wscale.shift", at + 2, 1, "a window is shifted by at most 14, not " + std::to_string(v.packet[at + 2]), "RFC 7323, 2.3", std::vector<u8>{14}});
    check_option_values({v, faults}, t, *o, 20 + o->offset, v.packet.subspan(at, o->length));
    if (!syn && (o->kind == 2 || o->kind == 3 || o->kind == 4))
      faults.add({Severity::warning, "syn-option", "tcp.option_kind", at, o->length, std::string(o->protocol->title) + " is only read in SYN segments: remove it", o->protocol->spec});
    if (o->kind > 1 && o->kind < 64 && o->kind != 30) {  // Multipath TCP may say several things at once
      if ((seen >> o->kind & 1) != 0) faults.add({Severity::warning, "option-twice", "tcp.option_kind", at, o->length, "option " + std::to_string(o->kind) + " stands here twice", "RFC 9293, 3.2"});
      seen |= u64{1} << o->kind;
    }
  }
  const Bytes behind = slice(v.packet, base + options.offset(), v.layer().length - 20 - options.offset());
  if (auto zeros = zeros_for(behind))
    faults.add({Severity::warning, "option-padding", "tcp.options", base + static_cast<u32>(options.offset()), static_cast<u32>(behind.size()), "behind the end of the options stand zeros",
        "RFC 9293, 3.1", std::move(zeros)});
}

/// A header one byte too long before its data offset: told by a data offset below 5 and good values one byte later.
/// False when this is not such a header.
bool check_extra_byte(const LayerView& v, u32 at, Faults& faults) {
  const Bytes m = slice(v.packet, at);
  if (m.size() < 21 || m[12] >> 4 >= 5) return false;
  const u32 offset = m[13] >> 4, reserved = m[13] & 0x0e, flags = m[14];
  if (offset < 5 || offset * 4 > m.size() - 1 || reserved != 0 || flags == 0 || (flags & 0xc0) != 0) return false;
  faults.add({Severity::error, "extra-byte", "tcp.hdr_len", at + 12, 1,
              "one byte too many: behind it the data offset is " + std::to_string(offset) + " and the flags make sense; with it the data offset is " + std::to_string(m[12] >> 4) +
                  " and every later field is off by one byte", "RFC 9293, 3.1", std::vector<u8>{}});
  return true;
}

}  // namespace

void Tcp::check(const LayerView& v, Faults& faults) {
  const Bytes h = v.header();
  if (h.size() < 20) return;
  const u32 at = v.layer().offset;
  if (check_extra_byte(v, at, faults)) return;
  const Tcp t = decode<Tcp>(h.data());
  check_ports(v, faults, "tcp.srcport", "tcp.dstport", t.sport, t.dport, (t.flags & Rst) != TcpFlags::none);  // a probe of port 0 is answered so
  check_flags(t, at, faults);
  if (t.urgent != 0 && (t.flags & Urg) == TcpFlags::none)
    faults.add({Severity::note, "urgent-without-flag", "tcp.urgent_pointer", at + 18, 2, "the urgent pointer only counts with the URG flag", "RFC 9293, 3.1", std::vector<u8>{0, 0}});
  if (t.ack != 0 && (t.flags & Ack) == TcpFlags::none && (t.flags & Rst) == TcpFlags::none)
    faults.add({Severity::warning, "ack-without-flag", "tcp.ack", at + 8, 4, "the acknowledgement number only counts with the ACK flag", "RFC 9293, 3.1", std::vector<u8>{0, 0, 0, 0}});
  if (h.size() > 20) check_options(v, t, faults);
}

namespace {

/// Tunnels may do without a checksum over IPv6 (RFC 6935): what they carry has its own.
bool carries_tunnel(const LayerView& v) {
  for (std::size_t i = v.index + 1; i < v.layers.size(); ++i)
    if (v.layers[i].protocol->name == "ip" || v.layers[i].protocol->name == "ipv6" || v.layers[i].protocol->name == "eth") return true;
  return false;
}

}  // namespace

void Udp::check(const LayerView& v, Faults& faults) {
  const Bytes h = v.header();
  if (h.size() < 8) return;
  const Udp u = decode<Udp>(h.data());
  check_ports(v, faults, "udp.srcport", "udp.dstport", u.sport, u.dport, true);
  if (u.checksum == 0 && v.index > 0 && v.layers[v.index - 1].protocol->name == "ipv6" && !carries_tunnel(v))
    faults.add({Severity::error, "missing-checksum", "udp.checksum", v.layer().offset + 6, 2, "UDP over IPv6 needs a checksum", "RFC 8200, 8.1"});
  const Layer* below = v.index == 0 ? nullptr : &v.layers[v.index - 1];
  const bool in_ip = below != nullptr && (below->protocol->name == "ip" || below->protocol->name == "ipv6");
  if (in_ip && is_whole(v) && u.length >= 8 && below->claimed_end == below->end && v.layer().end < below->end)
    faults.add({Severity::warning, "trailing-bytes", "udp.length", v.layer().offset + 4, 2, "it counts " + std::to_string(static_cast<u16>(u.length)) + " bytes, but IP carries " +
        std::to_string(below->end - v.layer().offset) +
                ": the rest is nobody's, but where UDP options are spoken", "RFC 768; RFC 9868, 5"});
}

}  // namespace rawket
