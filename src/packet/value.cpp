// Values out and in, by the field's `show`.
#include "rawket/packet/value.hpp"

#include "rawket/base/text.hpp"

namespace rawket {
namespace {

std::string_view name_of(Names names, u64 value) {
  for (const Name& n : names)
    if (n.value == value) return n.text;
  return {};
}

Failure bad_value(const Field& f, std::string_view text, std::string_view wanted) {
  return fail(Errc::out_of_range, f.full_name(), "'" + clean_text(text) + "' is not " + std::string(wanted));
}

/// RFC 9293 writes these two as three letters.
std::string_view whole_word(std::string_view flag) { return same_word(flag, "rst") ? "reset" : same_word(flag, "psh") ? "push" : flag; }

/// Flags by the names of their bits, as in "SYN,ACK" or "syn|ack"; nothing when one of them is unknown.
std::optional<u64> named_flags(const Field& f, std::string_view text) {
  u64 value = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(",|+"), text.size());
    const std::string_view word = whole_word(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    unsigned below = f.width;
    bool found = false;
    for (const Part& p : f.parts) {
      below -= p.width;
      if (same_word(p.name.substr(p.name.rfind('.') + 1), word) && p.width == 1) value |= u64{1} << below, found = true;
    }
    if (!found) return std::nullopt;
  }
  return value;
}

/// Flags by their letters, as they are shown; nothing when a letter is unknown or comes twice ("ECE" is a name).
std::optional<u64> lettered_flags(const Field& f, std::string_view text) {
  u64 value = 0;
  for (char c : text) {
    const auto n = std::ranges::find_if(f.names, [&](const Name& name) { return name.text.size() == 1 && name.text[0] == c; });
    if (n == f.names.end() || (value & n->value) != 0) return std::nullopt;
    value |= n->value;
  }
  return value;
}

Result<u64> parse_flags(const Field& f, std::string_view text) {
  if (const auto n = parse_number(text)) return *n;
  if (text == "-" || text == "none") return u64{0};
  if (const auto lettered = lettered_flags(f, text)) return *lettered;
  if (const auto named = named_flags(f, text)) return *named;
  std::string letters;
  for (const Name& n : f.names) letters += n.text;
  return bad_value(f, text, "a number, letters of " + letters + (f.parts.empty() ? "" : ", or names with commas between them"));
}

Result<u64> parse_plain(const Field& f, std::string_view text) {
  if (f.show == Show::flags) return parse_flags(f, text);
  if (const auto n = parse_number(text)) return *n;
  for (const Name& n : f.names)
    if (same_word(n.text, text)) return n.value;
  std::vector<std::string_view> words;
  for (const Name& n : f.names) words.push_back(n.text);
  return fail(Errc::out_of_range, f.full_name(), "'" + clean_text(text) + "' is not a number" + (f.names.empty() ? "" : " or a known name") + did_you_mean(text, words));
}

}  // namespace

void append_number(TextBuffer& out, const Field& f, u64 value) {
  switch (f.show) {
    case Show::signed_decimal: out.signed_decimal(static_cast<i64>(value)); break;
    case Show::hex:
      out.append("0x");
      out.hex(value, f.width == 0 ? (value > 0xffffffff ? 16 : value > 0xffff ? 8 : value > 0xff ? 4 : 2) : (f.width + 3u) / 4);
      break;
    case Show::flags: {
      const std::size_t before = out.size();
      for (const Name& n : f.names)
        if ((value & n.value) != 0) out.append(n.text);
      if (out.size() == before) out.append('-');
      break;
    }
    case Show::names:
      if (const std::string_view name = name_of(f.names, value); !name.empty()) {
        out.append(name);
        break;
      }
      if (f.width == 16 && value >= 0x600) out.append("0x"), out.hex(value, 4);
      else out.decimal(value);
      break;
    default: out.decimal(value * f.scale);
  }
}

void append_octets(TextBuffer& out, const Field& f, Bytes value) {
  if (f.show == Show::mac) out.colon_hex(value);
  else if (f.show == Show::ipv4 && value.size() == 4) out.ipv4(value.data());
  else if (f.show == Show::ipv6 && value.size() == 16) out.ipv6(value.data());
  else if (f.show == Show::text) out.clean(as_text(value));
  else out.hex(value);
}

void append_field(TextBuffer& out, const Field& f, const u8* header) {
  if (f.is_number()) append_number(out, f, f.read(header));
  else append_octets(out, f, field_octets(f, header));
}

void append_octets_json(TextBuffer& out, const Field& f, Bytes value) {
  out.append('"');
  if (f.show == Show::text) out.json_escaped(as_text(value));
  else append_octets(out, f, value);
  out.append('"');
}

void append_field_json(TextBuffer& out, const Field& f, const u8* header) {
  if (f.is_number()) out.decimal(f.read(header) * f.scale);
  else append_octets_json(out, f, field_octets(f, header));
}

Result<void> parse_field(const Field& f, std::string_view text, u8* header) {
  const auto store_octets = [&](const auto& octets) { std::copy(octets.begin(), octets.end(), header + first_byte(f)); };
  switch (f.show) {
    case Show::mac: {
      const auto m = text == "broadcast" ? Mac::parse("ff:ff:ff:ff:ff:ff") : Mac::parse(text);
      if (!m) return bad_value(f, text, "a MAC address like 02:00:00:00:00:01");
      store_octets(m->octets);
      return {};
    }
    case Show::ipv4: {
      const auto a = Ipv4Address::parse(text);
      if (!a) return bad_value(f, text, "an IPv4 address like 198.18.0.1");
      store_octets(a->octets);
      return {};
    }
    case Show::ipv6: {
      const auto a = Ipv6Address::parse(text);
      if (!a) return bad_value(f, text, "an IPv6 address like 2001:db8::1");
      store_octets(a->octets);
      return {};
    }
    case Show::bytes:
    case Show::text: {
      std::string digits(text.starts_with("0x") ? text.substr(2) : text);
      std::erase(digits, ':');
      const auto b = parse_hex(digits);
      if (!b || b->size() != f.width / 8u) return bad_value(f, text, std::to_string(f.width / 8) + " bytes in hex");
      store_octets(*b);
      return {};
    }
    default: break;
  }
  u64 value = RAWKET_TRY(parse_plain(f, text));
  if (f.scale > 1) {
    if (value % f.scale != 0) return bad_value(f, text, "a multiple of " + std::to_string(f.scale));
    value /= f.scale;
  }
  if (value > detail::ones(f.width))
    return fail(Errc::out_of_range, f.full_name(), "'" + clean_text(text) + "' does not fit in " + std::to_string(f.width) + (f.width == 1 ? " bit" : " bits") +
                                                       "; the largest value is " + std::to_string(detail::ones(f.width) * f.scale));
  f.write(header, value);
  return {};
}

}  // namespace rawket
