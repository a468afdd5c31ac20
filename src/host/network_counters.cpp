// Four files, four forms.
#include "rawket/host/network_counters.hpp"

#include <charconv>
#include <vector>

#include "descriptor.hpp"
#include "rawket/base/text.hpp"

namespace rawket {
namespace counter_files {

void read_snmp(std::string_view text, NetworkCounters& out) {
  std::vector<std::string_view> names;
  for (const std::string_view line : split(text, '\n')) {
    const auto words = split_words(line);
    if (words.empty()) continue;
    if (names.empty() || names.front() != words.front()) {
      names = words;
      continue;
    }
    const std::string prefix(words.front().substr(0, words.front().size() - 1));
    for (std::size_t i = 1; i < words.size() && i < names.size(); ++i)
      if (const auto n = parse_number(words[i])) out[prefix + "." + std::string(names[i])] = *n;
    names.clear();
  }
}

void read_snmp6(std::string_view text, NetworkCounters& out) {
  for (const std::string_view line : split(text, '\n')) {
    const auto words = split_words(line);
    const auto n = words.size() == 2 ? parse_number(words[1]) : std::nullopt;
    if (!n) continue;
    // "Ip6InReceives", "Icmp6InErrors": the group's name ends with the 6.
    const std::size_t six = words[0].find('6');
    if (six != words[0].npos) out[std::string(words[0].substr(0, six + 1)) + "." + std::string(words[0].substr(six + 1))] = *n;
  }
}

void read_devices(std::string_view text, NetworkCounters& out) {
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == line.npos) continue;
    const std::string name(trim(line.substr(0, colon)));
    const auto numbers = split_words(line.substr(colon + 1));
    constexpr std::pair<std::size_t, const char*> columns[] = {{0, ".rx_bytes"}, {1, ".rx_packets"}, {2, ".rx_errors"}, {3, ".rx_dropped"}, {8, ".tx_bytes"}, {9, ".tx_packets"},
                                                               {10, ".tx_errors"}, {11, ".tx_dropped"}, {14, ".tx_carrier"}};
    for (const auto& [column, what] : columns)
      if (column < numbers.size())
        if (const auto n = parse_number(numbers[column])) out[name + what] = *n;
  }
}

void read_conntrack(std::string_view text, NetworkCounters& out) {
  std::vector<std::string_view> names;
  for (const std::string_view line : split(text, '\n')) {
    const auto words = split_words(line);
    if (names.empty()) {
      names = words;
      continue;
    }
    for (std::size_t i = 0; i < words.size() && i < names.size(); ++i) {
      u64 n = 0;
      if (std::from_chars(words[i].data(), words[i].data() + words[i].size(), n, 16).ec != std::errc{}) continue;
      u64& sum = out["conntrack." + std::string(names[i])];
      sum = names[i] == "entries" ? n : sum + n;  // the entries are the same on each processor's line
    }
  }
}

}  // namespace counter_files

NetworkCounters network_counters() {
  NetworkCounters all;
  counter_files::read_snmp(read_small_file("/proc/net/snmp"), all);
  counter_files::read_snmp(read_small_file("/proc/net/netstat"), all);
  counter_files::read_snmp6(read_small_file("/proc/net/snmp6"), all);
  counter_files::read_devices(read_small_file("/proc/net/dev"), all);
  counter_files::read_conntrack(read_small_file("/proc/net/stat/nf_conntrack"), all);
  return all;
}

NetworkCounters growth(const NetworkCounters& before, const NetworkCounters& after) {
  NetworkCounters grown;
  for (const auto& [name, value] : after) {
    const auto old = before.find(name);
    const u64 was = old == before.end() ? 0 : old->second;
    if (value > was) grown[name] = value - was;
  }
  return grown;
}

}  // namespace rawket
