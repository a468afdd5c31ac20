// TLS records one after the other, and the messages in those that are not encrypted.
#include "rawket/proto/tls.hpp"

namespace rawket {
namespace {

enum Told : u32 { record_type, record_version, handshake_type, hello_version, suite, extension_type, server_name, application_protocol, supported_version, alert_level, alert_description, opaque_type };

class Hello {
 public:
  Hello(u8 type, Bytes body, u32 at, Facts& out) : type_(type), at_(at), cursor_(body), out_(out) {}

  void tell() {
    const u16 version = Cursor(cursor_).word();
    const bool draft = type_ == 2 && (version == 0x0304 || version >> 8 == 0x7f);  // until draft 21 TLS 1.3 had a shorter server hello
    number(hello_version, 2);
    cursor_.skip(32);
    if (!draft) cursor_.skip(cursor_.byte());  // session
    if (type_ == 1) {
      const std::size_t end = sized_end(2);
      while (cursor_.ok() && cursor_.offset() + 2 <= end) number(suite, 2);
      cursor_.skip(cursor_.byte());  // compression methods
    } else {
      number(suite, 2);
      if (!draft) cursor_.skip(1);
    }
    if (cursor_.left() < 2) return;
    const std::size_t end = sized_end(2);
    while (cursor_.ok() && cursor_.left() >= 4 && cursor_.offset() + 4 <= end) extension();
  }

 private:
  u32 place(std::size_t offset) const { return at_ + static_cast<u32>(offset); }
  void number(u32 which, unsigned size) {
    const std::size_t at = cursor_.offset();
    const u64 v = cursor_.number(size);
    if (cursor_.ok()) out_.number(which, v, place(at), size);
  }
  /// Reads a length of `size` bytes; where its bytes end.
  std::size_t sized_end(unsigned size) {
    const u64 n = cursor_.number(size);
    return cursor_.offset() + static_cast<std::size_t>(n);
  }

  void extension() {
    const std::size_t at = cursor_.offset();
    const u16 kind = cursor_.word(), size = cursor_.word();
    out_.number(extension_type, kind, place(at), 2);
    const std::size_t start = cursor_.offset();
    const Bytes value = cursor_.take(size);
    Cursor c(value);
    if (kind == 0) {  // RFC 6066, 3: a list of names, of which only hosts are defined
      c.skip(3);
      const u16 n = c.word();
      const Bytes name = c.take(n);
      if (c.ok() && n != 0) out_.text(server_name, as_text(name).substr(0, as_text(name).find('\0')), place(start + 5), n);  // no host has a zero byte
    } else if (kind == 16) {
      c.skip(2);
      while (c.left() > 0) {
        const u8 n = c.byte();
        const std::size_t name_at = start + c.offset();
        const Bytes name = c.take(n);
        if (c.ok()) out_.text(application_protocol, as_text(name), place(name_at), n);
      }
    } else if (kind == 43) {
      if (type_ == 1) c.skip(1);
      while (c.left() >= 2) {
        const std::size_t version_at = start + c.offset();
        out_.number(supported_version, c.word(), place(version_at), 2);
      }
    }
  }

  u8 type_;
  u32 at_;
  Cursor cursor_;
  Facts& out_;
};

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
    if (type == 1 || type == 2) Hello(type, message, start + 4, out).tell();
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
    else if (r.type == 22 && (!encrypted || (!body.empty() && (body[0] == 1 || body[0] == 2)))) tell_handshakes(body, place + 5, complete, out);
    else if (r.type == 21 && !encrypted && r.size == 2 && complete) {
      out.number(alert_level, body[0], place + 5, 1);
      out.number(alert_description, body[1], place + 6, 1);
    }
    at += 5 + std::size_t{r.size};
  }
}

}  // namespace rawket
