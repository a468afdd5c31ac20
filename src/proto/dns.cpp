// DNS names, questions and records, from hostile bytes.
#include "rawket/proto/dns.hpp"

#include <string>

#include "rawket/base/text.hpp"

namespace rawket {
namespace {

enum Told : u32 { query_name, query_type, query_class, record_name, record_type, record_class, record_ttl, address, address6, canonical, server, exchange, pointer, text_data, target, other_data, service_name };

/// One byte of a label as it is shown: escapes like C's, so that a name can neither end a line nor move a cursor.
void append_label_byte(std::string& out, char c) {
  constexpr std::string_view escapes = "abtnvfr";
  const u8 b = static_cast<u8>(c);
  if (b >= 7 && b <= 13) {
    out += '\\';
    out += escapes[b - 7u];
  } else if (b < 0x20 || b == 0x7f) {
    out += '\\';
    for (unsigned shift = 9; shift > 0;) out += static_cast<char>('0' + (b >> (shift -= 3) & 7));
  } else {
    out += c;
  }
}

/// Reads a name at `at` in `message`; pointers may only go backwards. Returns the offset behind it, or nothing when it is broken.
std::optional<std::size_t> read_name(Bytes message, std::size_t at, std::string& out) {
  out.clear();
  constexpr std::size_t most_bytes = 254, most_hops = 126;  // RFC 1035, 2.3.4: a name has at most 255 bytes
  std::size_t behind = 0, limit = message.size(), bytes = 0, hops = 0;
  for (std::size_t i = at;;) {
    if (i >= message.size()) return std::nullopt;
    const u8 n = message[i];
    if (n == 0) {
      if (out.empty()) out = ".";
      return behind != 0 ? behind : i + 1;
    }
    if ((n & 0xc0) == 0xc0) {
      if (i + 1 >= message.size()) return std::nullopt;
      const std::size_t to = static_cast<std::size_t>((n & 0x3f) << 8 | message[i + 1]);
      if (behind == 0) behind = i + 2;
      if (to >= i || to >= limit || ++hops > most_hops) return std::nullopt;
      limit = to;
      i = to;
      continue;
    }
    if (n > 63 || i + 1 + n > message.size() || (bytes += 1u + n) > most_bytes) return std::nullopt;
    if (!out.empty()) out += '.';
    for (std::size_t k = 0; k < n; ++k) append_label_byte(out, static_cast<char>(message[i + 1 + k]));
    i += 1u + n;
  }
}

struct Reader {
  const LayerView& view;
  Facts& out;
  Bytes message;
  std::string name;

  u32 place(std::size_t offset) const { return view.layer().offset + static_cast<u32>(offset); }

  std::optional<std::size_t> question(std::size_t at) {
    const auto behind = read_name(message, at, name);
    if (!behind || *behind + 4 > message.size()) return std::nullopt;
    out.text(query_name, name, place(at), static_cast<u32>(*behind - at));
    out.number(query_type, load(message.data() + *behind, 0, 16), place(*behind), 2);
    const u64 mask = view.layer().protocol->name == "mdns" ? 0x7fff : 0xffff;
    out.number(query_class, load(message.data() + *behind, 16, 16) & mask, place(*behind + 2), 2);
    return *behind + 4;
  }

  std::optional<std::size_t> record(std::size_t at) {
    const auto behind = read_name(message, at, name);
    if (!behind || *behind + 10 > message.size()) return std::nullopt;
    const u8* fixed = message.data() + *behind;
    const u64 type = load(fixed, 0, 16), size = load(fixed, 64, 16);
    const std::size_t data_at = *behind + 10;
    out.text(type == 33 ? service_name : record_name, name, place(at), static_cast<u32>(*behind - at));
    out.number(record_type, type, place(*behind), 2);
    if (type != 41) {  // OPT uses class and lifetime for other things
      out.number(record_class, load(fixed, 16, 16), place(*behind + 2), 2);
      out.number(record_ttl, load(fixed, 32, 32), place(*behind + 4), 4);
    }
    if (data_at + size > message.size()) return std::nullopt;
    record_data(type, data_at, size);
    return data_at + size;
  }

  void record_data(u64 type, std::size_t at, std::size_t size) {
    const Bytes value = message.subspan(at, size);
    const auto name_at = [&](u32 which, std::size_t skip) {
      if (size >= skip && read_name(message.first(at + size), at + skip, name)) out.text(which, name, place(at + skip), static_cast<u32>(size - skip));
    };
    switch (type) {
      case 1: if (size == 4) out.bytes(address, value, place(at), 4); break;
      case 28: if (size == 16) out.bytes(address6, value, place(at), 16); break;
      case 2: name_at(server, 0); break;
      case 5: name_at(canonical, 0); break;
      case 12: name_at(pointer, 0); break;
      case 15: name_at(exchange, 2); break;
      case 33: name_at(target, 6); break;
      case 16:
        for (std::size_t i = 0; i < size;) {
          const std::size_t n = std::min<std::size_t>(value[i], size - i - 1);
          out.text(text_data, as_text(value.subspan(i + 1, n)), place(at + i + 1), static_cast<u32>(n));
          i += 1 + n;
        }
        break;
      default: if (size != 0) out.bytes(other_data, value, place(at), static_cast<u32>(size));
    }
  }
};

}  // namespace

bool Dns::begins(Bytes m) {
  constexpr std::size_t header = 12, type_and_class = 4;
  if (m.size() < header + 1 + type_and_class) return false;
  const auto count = [&](std::size_t at) { return load<0, 16>(m.data() + at); };
  const u16 told = static_cast<u16>(count(2));
  const bool answer = (told & 0x8000) != 0, other_opcode = (told & 0x7800) != 0, reserved = (told & 0x0040) != 0;
  if (other_opcode || reserved || count(4) != 1 || (!answer && (count(6) != 0 || count(8) != 0)) || count(10) > 32) return false;
  std::string name;
  const auto end = read_name(m, header, name);
  if (!end || name == "." || *end + type_and_class > m.size()) return false;
  const bool of_a_host = std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'; });
  const u64 type = load<0, 16>(m.data() + *end), of_class = load<0, 16>(m.data() + *end + 2) & 0x7fff;
  const bool known = std::ranges::any_of(dns_types, [&](const Name& n) { return n.value == type; });
  const bool whole = answer || count(10) != 0 || *end + type_and_class == m.size();
  return of_a_host && known && of_class == 1 && whole;
}

void Dns::describe(const LayerView& v, Facts& out) {
  Reader r{v, out, v.message(), {}};
  if (r.message.size() < 12) return;
  const Dns h = decode<Dns>(r.message.data());
  std::optional<std::size_t> at = 12;
  for (u32 i = 0; i < h.questions && at; ++i) at = r.question(*at);
  const u32 records = u32{h.answers_count} + h.authorities + h.additionals;
  for (u32 i = 0; i < records && at; ++i) at = r.record(*at);
}

bool Dns::word(std::string_view key, std::string_view value, std::vector<u8>& message) {
  if (message.size() < 12) return false;
  u16 type = 1;
  if (key == "qtype") {
    if (message.size() < 17) return false;
    const auto n = parse_number(value);
    type = static_cast<u16>(n.value_or(0));
    for (const Name& known : dns_types)
      if (same_word(known.text, value)) type = static_cast<u16>(known.value);
    if (type == 0) return false;
    store(message.data() + message.size() - 4, 0, 16, type);
    return true;
  }
  if (key != "qname") return false;
  DnsBody body;
  if (!body.question(value, type)) return false;
  message.resize(12);
  message.insert(message.end(), body.view().begin(), body.view().end());
  store(message.data() + 4, 0, 16, 1);
  return true;
}

}  // namespace rawket
