// Expanded in full: what is asked is known before anything leaves.
#include "target_list.hpp"

#include <algorithm>

#include "output.hpp"
#include "rawket/base/text.hpp"
#include "rawket/inspect/host_sweeps.hpp"
#include "rawket/send/policy.hpp"

namespace rawket::cli {

Result<std::vector<Prefix>> read_exclusions(const std::vector<std::string>& words, const std::string& file) {
  std::vector<std::string> all = words;
  if (!file.empty()) {
    const std::string text = RAWKET_TRY(read_whole(file));
    for (const std::string_view line : split(text, '\n'))
      for (const std::string_view word : split_words(trim(line.substr(0, line.find('#'))))) all.emplace_back(word);
  }
  std::vector<Prefix> prefixes;
  for (const std::string& w : all) {
    if (const auto prefix = parse_destination(w)) {
      prefixes.push_back(*prefix);
      continue;
    }
    if (w.find('/') != w.npos) return fail(Errc::malformed, "--exclude", "'" + clean_text(w) + "' is no prefix like 198.18.0.0/24");
    for (const IpAddress& a : RAWKET_TRY(addresses_of(w))) prefixes.push_back({a, a.is_v6 ? 128u : 32u});
  }
  return prefixes;
}

Result<std::vector<IpAddress>> read_targets(std::string_view command, const std::vector<std::string>& targets, Family family, const std::vector<Prefix>& exclude) {
  const std::vector<Interface> own = RAWKET_TRY(interfaces());
  std::vector<IpAddress> hosts;
  for (const std::string& t : targets) {
    if (t.find('/') != t.npos) {
      const auto prefix = parse_destination(t);
      if (!prefix) return fail(Errc::malformed, command, "'" + clean_text(t) + "' is no prefix like 198.18.0.0/24");
      const auto inside = RAWKET_TRY(addresses_in(*prefix, own));
      hosts.insert(hosts.end(), inside.begin(), inside.end());
    } else {
      hosts.push_back(RAWKET_TRY(addresses_of(t, family)).front());
    }
  }
  for (const Prefix& p : exclude)
    if (std::ranges::none_of(hosts, [&p](const IpAddress& a) { return p.contains(a); })) complain("--exclude: " + p.text() + " is none of the targets' addresses (a name is one of its own, see -4 and -6)");
  std::erase_if(hosts, [&exclude](const IpAddress& a) { return is_among(a, exclude); });
  if (hosts.empty()) return fail(Errc::refused, command, "all targets are left out", "see --exclude");
  for (const IpAddress& a : hosts)
    if (a.is_v6 != hosts.front().is_v6) return fail(Errc::refused, command, "IPv4 and IPv6 targets at once", "give them to two commands, or say -4 or -6");
  return hosts;
}

}  // namespace rawket::cli
