// SNMP's BER, RADIUS' attributes, TFTP's and syslog's texts, from hostile bytes.
#include "rawket/proto/management.hpp"

#include <charconv>

namespace rawket {
namespace {

/// One element of BER: its tag, and its value as far as it is there.
struct Element {
  u8 tag = 0;
  Bytes value;
  u32 at = 0;  ///< of the value, from the reader's start
};

class BerReader {
 public:
  explicit BerReader(Bytes bytes, u32 base = 0) : cursor_(bytes), base_(base) {}

  std::optional<Element> next() {
    if (cursor_.left() < 2) return std::nullopt;
    const u8 tag = cursor_.byte(), first = cursor_.byte();
    u64 size = first;
    if (first == 0x80) size = cursor_.left();  // indefinite: to the end
    else if (first > 0x80) {
      if ((first & 0x7f) > 4) return std::nullopt;
      size = cursor_.number(first & 0x7f);
    }
    if (!cursor_.ok()) return std::nullopt;
    if (size > cursor_.left()) size = cursor_.left();
    const u32 at = base_ + static_cast<u32>(cursor_.offset());
    return Element{tag, cursor_.take(size), at};
  }
  /// The next element, if it has this tag.
  std::optional<Element> next(u8 tag) {
    const auto e = next();
    return e && e->tag == tag ? e : std::nullopt;
  }

 private:
  Cursor cursor_;
  u32 base_;
};

constexpr u8 integer = 2, octet_string = 4, object_identifier = 6, sequence = 0x30;

u64 number_of(Bytes value) {
  u64 n = 0;
  for (u8 b : value.first(std::min<std::size_t>(value.size(), 8))) n = n << 8 | b;
  return n;
}

/// An object identifier in dots, as long as it fits.
std::string_view dotted(Bytes value, std::span<char> room) {
  char* to = room.data();
  char* const end = to + room.size();
  const auto put = [&](u64 n) {
    if (end - to < 22) return false;
    if (to != room.data()) *to++ = '.';
    to = std::to_chars(to, end, n).ptr;
    return true;
  };
  u64 n = 0;
  bool first = true;
  for (u8 b : value) {
    n = n << 7 | (b & 0x7fu);
    if ((b & 0x80) != 0) continue;
    if (first) {
      const u64 arc = n < 40 ? 0 : n < 80 ? 1 : 2;
      put(arc);
      n -= arc * 40;
    }
    first = false;
    if (!put(n)) break;
    n = 0;
  }
  return {room.data(), static_cast<std::size_t>(to - room.data())};
}

enum Told : u32 { version, community, kind, request, status, name };

void tell_pdu(const Element& pdu, u32 base, Facts& out) {
  const u32 type = pdu.tag & 0x1f;
  if ((pdu.tag & 0xe0) != 0xa0) return;
  out.number(kind, type, base + pdu.at, 0);
  char room[512];
  BerReader r(pdu.value, pdu.at);
  const auto tell_name = [&](const Element& e) { out.text(name, dotted(e.value, room), base + e.at, static_cast<u32>(e.value.size())); };
  if (type == 4) {  // the first trap: enterprise, agent, generic, specific, time
    if (!r.next(object_identifier)) return;
    for (int i = 0; i < 4; ++i)
      if (!r.next()) return;
  } else {
    const auto id = r.next(integer), error = r.next(integer), index = r.next(integer);
    if (id) out.number(request, number_of(id->value), base + id->at, static_cast<u32>(id->value.size()));
    if (error) out.number(status, number_of(error->value), base + error->at, static_cast<u32>(error->value.size()));
    if (!id || !error || !index) return;
  }
  const auto list = r.next(sequence);
  if (!list) return;
  BerReader bindings(list->value, list->at);
  while (const auto binding = bindings.next()) {
    BerReader pair(binding->value, binding->at);
    if (const auto oid = pair.next(object_identifier)) tell_name(*oid);
  }
}

}  // namespace

void Snmp::describe(const LayerView& v, Facts& out) {
  const u32 base = v.layer().offset;
  const auto message = BerReader(v.message()).next(sequence);
  if (!message) return;
  BerReader r(message->value, message->at);
  const auto ver = r.next(integer);
  if (!ver) return;
  const u64 number = number_of(ver->value);
  out.number(version, number, base + ver->at, static_cast<u32>(ver->value.size()));
  if (number != 3) {
    const auto c = r.next(octet_string);
    if (!c) return;
    out.text(community, as_text(c->value), base + c->at, static_cast<u32>(c->value.size()));
    if (const auto pdu = r.next()) tell_pdu(*pdu, base, out);
    return;
  }
  if (!r.next(sequence) || !r.next(octet_string)) return;  // version 3: header, security, then the message unless it is encrypted
  const auto scoped = r.next(sequence);
  if (!scoped) return;
  BerReader s(scoped->value, scoped->at);
  if (!s.next(octet_string) || !s.next(octet_string)) return;
  if (const auto pdu = s.next()) tell_pdu(*pdu, base, out);
}

void Radius::describe(const LayerView& v, Facts& out) {
  const Bytes all = slice(v.header(), 20);
  const u32 base = v.layer().offset + 20;
  OptionWalk attributes(option_list, all);
  while (const auto a = attributes.next()) {
    out.number(0, a->kind, base + a->offset, 1);
    if (a->kind == 1) out.text(1, as_text(slice(all, a->value_offset, a->value_length)), base + a->value_offset, a->value_length);
  }
}

namespace {
/// The text up to a zero byte; moves behind it.
std::string_view zero_ended(std::string_view& rest) {
  const std::size_t n = std::min(rest.find('\0'), rest.size());
  const std::string_view text = rest.substr(0, n);
  rest.remove_prefix(std::min(n + 1, rest.size()));
  return text;
}
}  // namespace

void TftpRequest::describe(const LayerView& v, Facts& out) {
  std::string_view rest = as_text(v.message());
  const u32 at = v.layer().offset;
  const bool writes = v.index > 0 && at > 0 && v.packet[at - 1] == 2;
  const std::string_view file = zero_ended(rest), mode = zero_ended(rest);
  if (!file.empty()) out.text(writes ? 1 : 0, file, at, static_cast<u32>(file.size()));
  if (!mode.empty()) out.text(2, mode, at + static_cast<u32>(file.size()) + 1, static_cast<u32>(mode.size()));
}

void TftpError::describe(const LayerView& v, Facts& out) {
  std::string_view rest = as_text(slice(v.message(), 2));
  const std::string_view text = zero_ended(rest);
  if (!text.empty()) out.text(0, text, v.layer().offset + 2, static_cast<u32>(text.size()));
}

void Syslog::describe(const LayerView& v, Facts& out) {
  const std::string_view text = as_text(v.message());
  const u32 at = v.layer().offset;
  std::size_t behind = 0;
  if (text.starts_with('<')) {
    u32 priority = 0;
    const char* first = text.data() + 1;
    const auto [end, error] = std::from_chars(first, text.data() + std::min<std::size_t>(text.size(), 5), priority);
    if (error == std::errc() && priority <= 191 && end < text.data() + text.size() && *end == '>') {
      behind = static_cast<std::size_t>(end - text.data()) + 1;
      out.number(0, priority >> 3, at, static_cast<u32>(behind));
      out.number(1, priority & 7, at, static_cast<u32>(behind));
    }
  }
  if (behind < text.size()) out.text(2, text.substr(behind), at + static_cast<u32>(behind), static_cast<u32>(text.size() - behind));
}

}  // namespace rawket
