// Messages that follow each other in one packet, and the parts of CoAP, STUN and NetBIOS names that tables cannot say.
#include "rawket/proto/session.hpp"

#include "rawket/proto/voice.hpp"

namespace rawket {

namespace {
void tell_bgp(const LayerView& v, std::size_t at, bool first, Facts& out) {
  const Bytes all = v.message();
  while (at + 19 <= all.size() && Bgp::is_marker(all.subspan(at))) {
    if (!first) out.number(0, all[at + 18], v.layer().offset + static_cast<u32>(at) + 18, 1);
    first = false;
    const u64 size = load(all.data() + at, 128, 16);
    if (size < 19) return;
    at += size;
  }
}
}  // namespace

void Bgp::describe(const LayerView& v, Facts& out) { tell_bgp(v, 0, true, out); }

void BgpContinuation::describe(const LayerView& v, Facts& out) {
  const Bytes all = v.message();
  std::size_t ones = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    ones = all[i] == 0xff ? ones + 1 : 0;
    if (ones == 16) return tell_bgp(v, i - 15, false, out);
  }
}

void Mqtt::describe(const LayerView& v, Facts& out) {
  Cursor c(v.message());
  for (bool first = true; c.left() >= 2; first = false) {
    const u32 at = v.layer().offset + static_cast<u32>(c.offset());
    const u8 head = c.byte();
    u64 size = 0;
    for (unsigned i = 0; i < 4; ++i) {
      const u8 b = c.byte();
      size |= u64{b & 0x7fu} << 7 * i;
      if ((b & 0x80) == 0) break;
      if (i == 3) return;
    }
    if (!c.ok()) return;
    if (!first) out.number(0, head >> 4, at, 1);
    const u32 body_at = v.layer().offset + static_cast<u32>(c.offset());
    const Bytes body = c.take(std::min<std::size_t>(size, c.left()));
    if (head >> 4 != 3 || body.size() < 2) continue;
    const std::size_t n = static_cast<std::size_t>(body[0] << 8 | body[1]);
    if (n + 2 <= body.size()) out.text(1, as_text(body.subspan(2, n)), body_at + 2, static_cast<u32>(n));
  }
}

void Coap::describe(const LayerView& v, Facts& out) {
  const Bytes all = v.message();
  Cursor c(all, 4);
  const Bytes token = c.take(all[0] & 0x0fu);
  if (!token.empty()) out.bytes(1, token, v.layer().offset + 4, static_cast<u32>(token.size()));
  u32 kind = 0;
  const auto extended = [&](u32 n) { return n == 13 ? c.byte() + 13u : n == 14 ? c.word() + 269u : n; };
  while (c.left() > 0) {
    const u8 head = c.byte();
    if (head == 0xff) return;  // the payload
    kind += extended(head >> 4);
    const u32 size = extended(head & 0x0fu);
    const u32 at = v.layer().offset + static_cast<u32>(c.offset());
    const Bytes value = c.take(size);
    if (c.ok() && kind == 11) out.text(0, as_text(value), at, size);
  }
}

void Smb2::describe(const LayerView& v, Facts& out) {
  const Bytes all = v.message();
  const auto next_of = [&](std::size_t at) { return std::size_t{decode<Smb2>(all.data() + at).next_command}; };
  std::size_t at = 0;
  while (at + 64 <= all.size()) {
    if (at != 0) {
      const Smb2 h = decode<Smb2>(all.data() + at);
      if (h.magic != Smb2{}.magic) return;
      out.number(0, h.command, v.layer().offset + static_cast<u32>(at) + 12, 2);
    }
    const std::size_t step = next_of(at);
    if (step < 64) return;
    at += step;
  }
}

void Stun::describe(const LayerView& v, Facts& out) {
  Cursor c(v.message(), 20);
  while (c.left() >= 4) {
    const u32 at = v.layer().offset + static_cast<u32>(c.offset());
    const u16 kind = c.word(), size = c.word();
    out.number(0, kind, at, 2);
    const Bytes value = c.take(size);
    if (kind == 1 && value.size() == 8 && value[1] == 1) {  // MAPPED-ADDRESS
      out.bytes(1, value.subspan(4, 4), at + 8, 4);
      out.number(2, load(value.data(), 16, 16), at + 6, 2);
    }
    if (c.ok()) c.skip(std::min<std::size_t>((4 - size % 4) % 4, c.left()));
  }
}

namespace {

/// A NetBIOS name: 32 letters, two per byte, then perhaps a scope. Returns the offset behind it.
std::optional<std::size_t> read_netbios_name(Bytes m, std::size_t at, std::span<char> room, std::size_t& size) {
  size = 0;
  if (at >= m.size()) return std::nullopt;
  std::size_t from = at, behind = 0;
  if ((m[at] & 0xc0) == 0xc0) {
    if (at + 2 > m.size()) return std::nullopt;
    behind = at + 2;
    from = static_cast<std::size_t>((m[at] & 0x3f) << 8 | m[at + 1]);
    if (from >= at) return std::nullopt;  // only backwards
  }
  if (from + 33 > m.size() || m[from] != 32) return std::nullopt;
  u8 name[16];
  for (std::size_t i = 0; i < 16; ++i) {
    const u8 high = static_cast<u8>(m[from + 1 + 2 * i] - 'A'), low = static_cast<u8>(m[from + 2 + 2 * i] - 'A');
    if (high > 15 || low > 15) return std::nullopt;
    name[i] = static_cast<u8>(high << 4 | low);
  }
  std::size_t last = 15;
  while (last > 0 && name[last - 1] == ' ') --last;
  constexpr std::string_view digits = "0123456789abcdef";
  const auto put_code = [&](u8 b) {
    room[size++] = '<';
    room[size++] = digits[b >> 4];
    room[size++] = digits[b & 15];
    room[size++] = '>';
  };
  for (std::size_t i = 0; i < last; ++i) {
    if (name[i] < 0x20 || name[i] >= 0x7f) put_code(name[i]);
    else room[size++] = static_cast<char>(name[i]);
  }
  put_code(name[15]);
  if (behind != 0) return behind;
  for (from += 33; from < m.size(); from += 1u + m[from])  // the scope's labels
    if (m[from] == 0 || (m[from] & 0xc0) != 0) return from + ((m[from] & 0xc0) != 0 ? 2 : 1);
  return std::nullopt;
}

}  // namespace

void Nbns::describe(const LayerView& v, Facts& out) {
  const Bytes m = v.message();
  const Nbns h = decode<Nbns>(m.data());
  const u32 records = u32{h.questions} + h.answers_count + h.authorities + h.additionals;
  std::size_t at = 12;
  char room[80];
  for (u32 i = 0; i < records; ++i) {
    std::size_t size = 0;
    const auto behind = read_netbios_name(m, at, room, size);
    if (!behind) return;
    out.text(0, {room, size}, v.layer().offset + static_cast<u32>(at), static_cast<u32>(*behind - at));
    Cursor c(m, *behind);
    const u16 type = c.word();
    c.skip(2);
    if (!c.ok()) return;
    out.number(1, type, v.layer().offset + static_cast<u32>(*behind), 2);
    if (i >= h.questions) {
      c.skip(4);
      const u16 n = c.word();
      const u32 data_at = v.layer().offset + static_cast<u32>(c.offset());
      const Bytes value = c.take(n);
      if (type == 32)
        for (std::size_t k = 0; k + 6 <= value.size(); k += 6) out.bytes(2, value.subspan(k + 2, 4), data_at + static_cast<u32>(k) + 2, 4);
    }
    if (!c.ok()) return;
    at = c.offset();
  }
}

}  // namespace rawket
