// Numbers, addresses, bytes, texts and patterns.
#include "filter_literal.hpp"

#include "rawket/base/text.hpp"

namespace rawket::detail {
namespace {

constexpr std::size_t longest_pattern = 1024;
constexpr u64 most_repeats = 1000;  ///< glibc unfolds them all

Failure wrong(const Operand& field, const Operand& literal, std::string_view wanted) {
  return fail_at(Errc::malformed, "filter", literal.at, "'" + clean_text(literal.name) + "' is not " + std::string(wanted) + ", which '" + clean_text(field.name) + "' is compared with");
}

void set_octets(Operand& literal, Bytes octets) {
  literal.storage.assign(octets.begin(), octets.end());
  literal.value = {false, 0, literal.storage};
}

Result<void> read_number(const Operand& field, Operand& literal) {
  std::string_view text = literal.name;
  if (literal.value.number == 2 && text.size() == 1) {  // 'a'
    literal.value = {true, static_cast<u8>(text[0])};
    return {};
  }
  const bool minus = text.starts_with('-');
  if (minus) text.remove_prefix(1);
  std::optional<u64> n = parse_number(text);
  const bool octal = text.size() > 1 && text[0] == '0' && text.find_first_not_of("01234567") == text.npos;
  if (octal) {
    n = 0;
    for (char c : text) n = *n * 8 + static_cast<u64>(c - '0');
  }
  if (!n && (same_word(text, "true") || same_word(text, "false"))) n = same_word(text, "true") ? 1 : 0;
  if (!n && field.field_info != nullptr)
    for (const Name& name : field.field_info->names)
      if (same_word(name.text, text)) n = name.value;
  if (!n) {
    std::vector<std::string_view> known;
    if (field.field_info != nullptr)
      for (const Name& name : field.field_info->names) known.push_back(name.text);
    return fail_at(Errc::malformed, "filter", literal.at, "'" + clean_text(literal.name) + "' is not a number" + (known.empty() ? "" : " or a known name") + did_you_mean(text, known));
  }
  literal.value = {true, minus ? u64{} - *n : *n};
  return {};
}

/// Seconds with a fraction, as nanoseconds.
Result<void> read_time(const Operand& field, Operand& literal) {
  const auto parts = split(literal.name, '.');
  const auto seconds = parse_number(parts[0]);
  std::string fraction(parts.size() == 2 ? parts[1] : "0");
  fraction.resize(std::max<std::size_t>(9, fraction.size()), '0');
  const auto nanoseconds = parse_number("1" + fraction.substr(0, 9));
  if (!seconds || !nanoseconds || parts.size() > 2 || *seconds > 9'000'000'000) return wrong(field, literal, "seconds since 1970, like 1700000000.5");
  literal.value = {true, *seconds * 1'000'000'000 + *nanoseconds - 1'000'000'000};
  return {};
}

Result<void> read_address(const Operand& field, Operand& literal) {
  const auto prefix = Prefix::parse(literal.name);
  const auto address = prefix ? std::optional(prefix->address) : IpAddress::parse(literal.name);
  const bool v6 = field.kind == Kind::ipv6;
  if (!address || address->is_v6 != v6) return wrong(field, literal, v6 ? "an IPv6 address" : "an IPv4 address");
  set_octets(literal, {address->octets.data(), v6 ? 16u : 4u});
  if (prefix && literal.name.find('/') != std::string::npos) literal.prefix = prefix->length == 0 ? 255 : prefix->length;  // 255: every address
  return {};
}

Result<void> read_octets(const Operand& field, Operand& literal) {
  if (literal.value.number != 0) {  // in quotes
    set_octets(literal, std::vector<u8>(literal.storage));
    return {};
  }
  std::string digits = literal.name.starts_with("0x") ? literal.name.substr(2) : literal.name;
  std::erase_if(digits, [](char c) { return c == ':' || c == '.' || c == '-'; });
  if (digits.size() == 1) digits.insert(0, 1, '0');
  const auto octets = parse_hex(digits);
  if (!octets || octets->empty()) return wrong(field, literal, "bytes like 02:00:00:01");
  set_octets(literal, *octets);
  return {};
}

}  // namespace

Result<void> read_literal(const Operand& field, Operand& literal, bool part) {
  switch (field.kind) {
    case Kind::number:
      if (part) return fail_at(Errc::malformed, "filter", field.at, "'" + clean_text(field.name) + "' is a number and contains nothing", "use == or & here");
      return read_number(field, literal);
    case Kind::time: return read_time(field, literal);
    case Kind::ipv4:
    case Kind::ipv6: return part ? read_octets(field, literal) : read_address(field, literal);
    case Kind::text: set_octets(literal, as_bytes(std::string_view(literal.name))); return {};
    default: return read_octets(field, literal);
  }
}

namespace {

/// Perl's classes in the words of POSIX, and a limit to what the repeats unfold to.
std::optional<std::string> posix_pattern(std::string_view text) {
  std::string out;
  u64 repeats = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{') {
      u64 most = 0, number = 0;
      for (std::size_t k = i + 1; k < text.size() && text[k] != '}'; ++k) {
        number = text[k] >= '0' && text[k] <= '9' ? number * 10 + static_cast<u64>(text[k] - '0') : 0;
        most = std::max(most, std::min(number, most_repeats + 1));
      }
      repeats *= std::max<u64>(most, 1);
      if (repeats > most_repeats) return std::nullopt;
    }
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    if (c >= '1' && c <= '9') return std::nullopt;  // back-references take exponential time
    if (c == 'd') out += "[0-9]";
    else if (c == 'D') out += "[^0-9]";
    else out += '\\', out += c;
  }
  return out;
}

}  // namespace

Result<Pattern> compile_pattern(const std::string& text, std::size_t at) {
  const auto posix = text.size() > longest_pattern || text.find('\0') != text.npos ? std::nullopt : posix_pattern(text);
  if (!posix) return fail_at(Errc::malformed, "filter", at, "the pattern is too long, repeats too often, or refers back to itself", "patterns are those of regex(7), up to 1024 characters");
  auto pattern = std::make_unique<regex_t>();
  const int code = ::regcomp(pattern.get(), posix->c_str(), REG_EXTENDED | REG_ICASE | REG_NEWLINE | REG_NOSUB);
  if (code != 0) {
    char words[128] = "";
    ::regerror(code, pattern.get(), words, sizeof words);
    return fail_at(Errc::malformed, "filter", at, "the pattern cannot be used: " + std::string(words), "patterns are those of regex(7)");
  }
  return Pattern(pattern.release());
}

}  // namespace rawket::detail
