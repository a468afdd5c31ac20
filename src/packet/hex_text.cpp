// Telling the forms apart: dump lines have an offset that fits; else digits; else base64.
#include "rawket/packet/hex_text.hpp"

#include "rawket/base/text.hpp"

namespace rawket {
namespace {

using Packets = std::vector<std::vector<u8>>;
constexpr std::size_t dump_row = 16;

/// A line of a dump: the offset, and the rest behind it.
struct DumpLine {
  u64 offset = 0;
  std::string_view rest;
};
std::optional<DumpLine> dump_line(std::string_view line) {
  line = trim(line);
  std::size_t i = line.starts_with("0x") || line.starts_with("0X") ? 2 : 0;
  const std::size_t start = i;
  u64 offset = 0;
  while (i < line.size() && hex_digit(line[i]) >= 0 && i - start < 8) offset = offset << 4 | static_cast<unsigned>(hex_digit(line[i++]));
  const std::size_t digits = i - start;
  if (digits < 3 || i >= line.size()) return std::nullopt;
  const bool colon = line[i] == ':';
  if (colon) ++i;
  if (i < line.size() && line[i] != ' ' && line[i] != '\t') return std::nullopt;
  const std::string_view rest = line.substr(i);
  if (!colon && !rest.starts_with("  ") && !rest.starts_with('\t') && (rest.size() < 4 || (rest.size() > 3 && rest[3] != ' '))) return std::nullopt;
  return DumpLine{offset, rest};
}

/// Up to a row of bytes; the text column begins at a wide gap or at the first word that is no hex.
std::vector<u8> dump_bytes(std::string_view rest, std::size_t wanted) {
  std::vector<u8> bytes;
  std::size_t i = 0;
  while (i < rest.size() && bytes.size() < wanted) {
    std::size_t gap = 0;
    while (i < rest.size() && (rest[i] == ' ' || rest[i] == '\t')) ++i, ++gap;
    if (gap > 1 && !bytes.empty() && bytes.size() != 8 && wanted == dump_row) break;
    const std::size_t start = i;
    while (i < rest.size() && rest[i] != ' ' && rest[i] != '\t') ++i;
    const auto word = parse_hex(rest.substr(start, i - start));
    if (!word || word->empty() || word->size() > 8) break;
    bytes.insert(bytes.end(), word->begin(), word->end());
  }
  if (bytes.size() > wanted) bytes.resize(wanted);
  return bytes;
}

std::optional<Packets> parse_dump(std::string_view text) {
  std::vector<DumpLine> lines;
  for (std::string_view line : split(text, '\n')) {
    if (trim(line).empty()) continue;
    if (const auto d = dump_line(line)) lines.push_back(*d);
    else if (!lines.empty() && lines.back().offset == 0 && lines.size() == 1) return std::nullopt;
  }
  if (lines.empty() || lines.front().offset != 0) return std::nullopt;
  Packets packets;
  u64 width = 0;  // of the rows before
  for (std::size_t k = 0; k < lines.size(); ++k) {
    if (lines[k].offset == 0) packets.emplace_back();
    if (lines[k].offset != packets.back().size()) return std::nullopt;
    const bool more = k + 1 < lines.size() && lines[k + 1].offset > lines[k].offset;
    if (more) width = lines[k + 1].offset - lines[k].offset;
    const u64 step = more ? width : std::max<u64>(dump_row, width);
    if (step > 64) return std::nullopt;
    const std::vector<u8> row = dump_bytes(lines[k].rest, static_cast<std::size_t>(step));
    if (row.empty() || (more && row.size() != step)) return std::nullopt;
    packets.back().insert(packets.back().end(), row.begin(), row.end());
  }
  return packets;
}

/// Digits with anything usual between them: spaces, colons, commas, braces, quotes, 0x, \x.
Result<std::vector<u8>> parse_digits(std::string_view text) {
  std::vector<u8> bytes;
  int high = -1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c == '0' || c == '\\') && i + 1 < text.size() && (text[i + 1] == 'x' || text[i + 1] == 'X') && high < 0) {
      ++i;
      continue;
    }
    if (const int d = hex_digit(c); d >= 0) {
      if (high < 0) high = d;
      else bytes.push_back(static_cast<u8>(high << 4 | d)), high = -1;
    } else if (std::string_view(" \t\r\n:,;-{}[]\"'|._").find(c) == std::string_view::npos || high >= 0) {
      return fail_at(Errc::malformed, "hex", i, high >= 0 ? "half a byte: hex digits come in pairs" : "'" + clean_text(text.substr(i, 1)) + "' is no hex digit");
    }
  }
  if (high >= 0) return fail_at(Errc::malformed, "hex", text.size(), "half a byte at the end: hex digits come in pairs");
  return bytes;
}

/// One packet a line, as `craft` prints them: several lines of digits alone, each long enough for an IP header.
std::optional<Packets> parse_lines(std::string_view text) {
  constexpr std::size_t shortest = 20;
  Packets packets;
  for (std::string_view line : split(text, '\n')) {
    if (trim(line).empty()) continue;
    auto bytes = parse_hex(trim(line));
    if (!bytes || bytes->size() < shortest) return std::nullopt;
    packets.push_back(std::move(*bytes));
  }
  return packets.size() > 1 ? std::optional(std::move(packets)) : std::nullopt;
}

std::optional<std::vector<u8>> parse_base64(std::string_view text) {
  std::vector<u8> bytes;
  u32 bits = 0, count = 0, padding = 0;
  for (char c : text) {
    if (c == '\n' || c == '\r' || c == ' ') continue;
    const int v = c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : c >= '0' && c <= '9' ? c - '0' + 52 : c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
    if (c == '=') {
      ++padding;
      continue;
    }
    if (v < 0 || padding != 0) return std::nullopt;
    bits = bits << 6 | static_cast<u32>(v);
    if (++count % 4 != 1) bytes.push_back(static_cast<u8>(bits >> (count % 4 == 2 ? 4 : count % 4 == 3 ? 2 : 0)));
  }
  if (count < 8 || count % 4 == 1 || padding > 2) return std::nullopt;
  return bytes;
}

}  // namespace

Result<Packets> parse_hex_text(std::string_view text) {
  if (trim(text).empty()) return fail(Errc::malformed, "hex", "there are no bytes");
  if (auto packets = parse_dump(text)) return *packets;
  if (auto packets = parse_lines(text)) return *packets;
  auto digits = parse_digits(text);
  if (digits) return Packets{std::move(*digits)};
  if (auto bytes = parse_base64(trim(text))) return Packets{std::move(*bytes)};
  return Failure{digits.error()};
}

}  // namespace rawket
