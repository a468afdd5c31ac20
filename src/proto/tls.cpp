// TLS records one after the other, and the messages in those that are not encrypted.
#include "rawket/proto/tls.hpp"

#include "tls_hello.hpp"

namespace rawket {
namespace {

enum Told : u32 { record_type, record_version, handshake_type, first_hello_fact, alert_level = first_hello_fact + hello_fact_count, alert_description, opaque_type };

constexpr bool is_handshake(u8 type) { return type <= 2 || (type >= 4 && type <= 6) || type == 8 || (type >= 11 && type <= 16) || (type >= 20 && type <= 24) || type == 67; }

/// Handshake messages fill their records exactly; encrypted bytes do not look like that.
bool is_plain(Bytes body, bool complete) {
  Cursor c(body);
  while (c.left() >= 4) {
    const u8 type = c.byte();
    const u64 size = c.number(3);
    if (!is_handshake(type)) return false;
    if (size > c.left()) return !complete || c.offset() == 4;  // the message goes on in the next record
    c.skip(size);
  }
  return c.left() == 0 || !complete;
}

void tell_handshakes(Bytes body, u32 at, bool complete, Facts& out) {
  if (body.size() < 4 || !is_plain(body, complete)) return;
  Cursor c(body);
  while (c.left() >= 4) {
    const u32 start = at + static_cast<u32>(c.offset());
    const u8 type = c.byte();
    const u64 told = c.number(3);
    out.number(handshake_type, type, start, 1);
    const Bytes message = c.take(std::min<std::size_t>(told, c.left()));
    if (type == 1 || type == 2) tell_hello(type, message, message.size() == told, start + 4, first_hello_fact, false, out);
  }
}

/// A server hello whose extensions name version 1.3.
bool chose_1_3(Bytes body) {
  Cursor c(body);
  if (c.byte() != 2) return false;
  c.skip(3 + 2 + 32);
  c.skip(c.byte());
  c.skip(3);
  for (std::size_t left = c.word(); left >= 4 && c.left() >= 4;) {
    const u16 kind = c.word(), size = c.word();
    if (kind == 43 && size == 2) return c.word() == 0x0304;
    c.skip(size);
    left -= std::min<std::size_t>(left, size + 4u);
  }
  return false;
}

}  // namespace

u32 Tls::message(Bytes stream) {
  constexpr std::size_t longest_handshake = 0x10000;
  u64 wanted = 0, have = 0;
  for (std::size_t at = 0; at < stream.size();) {
    const Bytes here = stream.subspan(at);
    if (here.size() < 5) return 0;
    if (!is_record(here)) return static_cast<u32>(at == 0 ? stream.size() : at);
    const Tls r = decode<Tls>(here.data());
    if (here.size() - 5 < r.size) return 0;
    at += 5 + std::size_t{r.size};
    if (r.type != 22) return static_cast<u32>(at);
    if (wanted == 0) {
      if (r.size < 4 || !is_handshake(here[5])) return static_cast<u32>(at);
      wanted = 4 + load<8, 24>(here.data() + 5);
    }
    have += r.size;
    if (have >= wanted || at > longest_handshake) return static_cast<u32>(at);
  }
  return 0;
}

namespace {
/// The handshake bytes of the record at `at` and of those behind it, as far as its first message goes; moves `at` to the last of them.
std::vector<u8> joined_records(Bytes all, std::size_t& at) {
  std::vector<u8> joined;
  std::size_t last = at;
  while (at + 5 <= all.size() && Tls::is_record(all.subspan(at)) && all[at] == 22) {
    const Tls r = decode<Tls>(all.data() + at);
    const Bytes body = slice(all, at + 5, r.size);
    joined.insert(joined.end(), body.begin(), body.end());
    at += 5 + std::size_t{r.size};
    last = at - 5 - r.size;
    if (joined.size() < 4 || joined.size() >= 4 + load<8, 24>(joined.data())) break;
  }
  at = last;
  return joined;
}
}  // namespace

void Tls::describe(const LayerView& v, Facts& out) {
  const Bytes all = v.message();
  bool encrypted = false, modern = false;
  u8 before = 0;
  for (std::size_t at = 0; at + 5 <= all.size() && is_record(all.subspan(at));) {
    const u32 place = v.layer().offset + static_cast<u32>(at);
    const Tls r = decode<Tls>(all.data() + at);
    const Bytes body = slice(all, at + 5, r.size);
    const bool complete = body.size() == r.size;
    if (at != 0 && !complete) return;  // the rest of it is in another packet
    // RFC 8446, 5: in version 1.3 the type of an encrypted record is not its content's, and such records may follow a cipher change at once.
    modern = modern || (r.type == 23 && before == 20) || (r.type == 22 && !encrypted && chose_1_3(body));
    if (at != 0) {
      out.number(modern && r.type == 23 ? opaque_type : record_type, r.type, place, 1);
      out.number(record_version, r.version, place + 1, 2);
    }
    before = r.type;
    if (r.type == 20) encrypted = true;
    else if (r.type == 22 && (!encrypted || (!body.empty() && (body[0] == 1 || body[0] == 2)))) {
      const bool goes_on = complete && body.size() >= 4 && (body[0] == 1 || body[0] == 2) && 4 + load<8, 24>(body.data()) > body.size();
      const std::vector<u8> joined = goes_on ? joined_records(all, at) : std::vector<u8>{};
      tell_handshakes(goes_on ? Bytes(joined) : body, place + 5, complete && !goes_on, out);
      if (goes_on) {  // what was joined is not told again
        at += 5 + load<24, 16>(all.data() + at);
        continue;
      }
    }
    else if (r.type == 21 && !encrypted && r.size == 2 && complete) {
      out.number(alert_level, body[0], place + 5, 1);
      out.number(alert_description, body[1], place + 6, 1);
    }
    at += 5 + std::size_t{r.size};
  }
}

}  // namespace rawket
