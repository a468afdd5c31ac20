// Prefixes of 24 bits; longer ones of the newer registries are left to whoever needs them.
#include "rawket/host/mac_vendors.hpp"

#include <fstream>
#include <sstream>

#include "rawket/base/text.hpp"

namespace rawket {
namespace {

constexpr const char* tables[] = {"/usr/share/ieee-data/oui.txt", "/var/lib/ieee-data/oui.txt", "/usr/share/nmap/nmap-mac-prefixes", "/usr/share/wireshark/manuf"};

/// Six hex digits at the start, also with separators; what is behind them begins at `end`.
bool read_prefix(std::string_view line, u32& prefix, std::size_t& end) {
  unsigned digits = 0;
  prefix = 0;
  for (end = 0; end < line.size() && digits < 6; ++end) {
    const int digit = hex_digit(line[end]);
    if (digit >= 0) prefix = prefix << 4 | static_cast<u32>(digit), ++digits;
    else if ((line[end] != '-' && line[end] != ':') || digits == 0) return false;
  }
  // A longer prefix, with a mask or more digits, is another one's.
  return digits == 6 && end < line.size() && (line[end] == ' ' || line[end] == '\t');
}

}  // namespace

MacVendors MacVendors::parse(std::string_view text) {
  MacVendors all;
  for (const std::string_view line : split(text, '\n')) {
    u32 prefix = 0;
    std::size_t end = 0;
    if (!read_prefix(line, prefix, end)) continue;
    std::string_view name = trim(line.substr(end));
    if (name.starts_with("(hex)")) name = trim(name.substr(5));
    if (name.starts_with("(base 16)")) continue;  // the same again
    if (const std::size_t tab = name.rfind('\t'); tab != name.npos) name = trim(name.substr(tab));
    if (!name.empty()) all.names_.try_emplace(prefix, clean_text(name));
  }
  return all;
}

MacVendors MacVendors::load() {
  for (const char* path : tables) {
    std::ifstream file(path);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf())) continue;
    if (MacVendors all = parse(text.view()); !all.empty()) return all;
  }
  return {};
}

std::string_view MacVendors::name_of(const Mac& mac) const {
  if ((mac.octets[0] & 2) != 0) return "(made up)";
  const auto at = names_.find(u32{mac.octets[0]} << 16 | u32{mac.octets[1]} << 8 | mac.octets[2]);
  return at == names_.end() ? std::string_view() : std::string_view(at->second);
}

}  // namespace rawket
