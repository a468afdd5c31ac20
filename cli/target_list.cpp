// Expanded in full: what is asked is known before anything leaves.
#include "target_list.hpp"

#include <algorithm>
#include <set>

#include "output.hpp"
#include "rawket/base/text.hpp"
#include "rawket/inspect/host_sweeps.hpp"
#include "rawket/send/policy.hpp"

namespace rawket::cli {

namespace {

constexpr u64 most_in_range = 65536;

/// Those given, then those in the file; # begins a comment.
Result<std::vector<std::string>> all_words(const std::vector<std::string>& given, const std::string& file) {
  std::vector<std::string> all = given;
  if (file.empty()) return all;
  const std::string text = RAWKET_TRY(read_whole(file));
  for (const std::string_view line : split(text, '\n'))
    for (const std::string_view word : split_words(trim(line.substr(0, line.find('#'))))) all.emplace_back(word);
  return all;
}

/// "198.18.0.1-9", "198.18.0.1-198.18.1.9", "2001:db8::1-2001:db8::ff". A name may have dashes too: then nothing.
Result<std::optional<std::pair<IpAddress, IpAddress>>> range_ends(std::string_view command, std::string_view word) {
  const std::size_t dash = std::min(word.find('-'), word.size());
  const auto first = IpAddress::parse(word.substr(0, dash));
  if (!first || dash == word.size()) return std::nullopt;
  auto last = IpAddress::parse(word.substr(dash + 1));
  if (const auto octet = parse_number(word.substr(dash + 1)); octet && *octet < 256 && !first->is_v6) last = first, last->octets[3] = static_cast<u8>(*octet);
  if (!last || last->is_v6 != first->is_v6 || *last < *first) return fail(Errc::malformed, command, "'" + clean_text(word) + "' is no range like 198.18.0.1-9 or 2001:db8::1-2001:db8::9");
  return std::pair(*first, *last);
}

void step(IpAddress& a) {
  for (std::size_t i = a.bytes().size(); i-- > 0;)
    if (++a.octets[i] != 0) return;
}

Result<std::vector<IpAddress>> addresses_between(std::string_view command, const std::string& word, IpAddress first, const IpAddress& last) {
  std::vector<IpAddress> all{first};
  for (; first != last; all.push_back(first)) {
    if (all.size() == most_in_range) return fail(Errc::out_of_range, command, "'" + word + "' are more than 65,536 addresses", "divide it");
    step(first);
  }
  return all;
}

/// What one word stands for.
Result<std::vector<IpAddress>> addresses_meant(std::string_view command, const std::string& word, Family family, const std::vector<Interface>& own) {
  if (word.find('/') != word.npos) {
    const auto prefix = parse_destination(word);
    if (!prefix) return fail(Errc::malformed, command, "'" + clean_text(word) + "' is no prefix like 198.18.0.0/24");
    return addresses_in(*prefix, own);
  }
  if (const auto ends = RAWKET_TRY(range_ends(command, word))) return addresses_between(command, word, ends->first, ends->second);
  return std::vector{RAWKET_TRY(addresses_of(word, family)).front()};
}

}  // namespace

Result<std::vector<Prefix>> read_exclusions(const TargetWords& words) {
  std::vector<Prefix> prefixes;
  const auto whole = [](const IpAddress& a) { return Prefix{a, a.is_v6 ? 128u : 32u}; };
  for (const std::string& w : RAWKET_TRY(all_words(words.exclude, words.exclude_file))) {
    if (const auto prefix = parse_destination(w)) {
      prefixes.push_back(*prefix);
      continue;
    }
    if (w.find('/') != w.npos) return fail(Errc::malformed, "--exclude", "'" + clean_text(w) + "' is no prefix like 198.18.0.0/24");
    const auto ends = RAWKET_TRY(range_ends("--exclude", w));
    for (const IpAddress& a : RAWKET_TRY(ends ? addresses_between("--exclude", w, ends->first, ends->second) : addresses_of(w))) prefixes.push_back(whole(a));
  }
  return prefixes;
}

Result<TargetList> read_targets(std::string_view command, const TargetWords& words, Family family) {
  const std::vector<Interface> own = RAWKET_TRY(interfaces());
  const std::vector<Prefix> exclude = RAWKET_TRY(read_exclusions(words));
  TargetList list;
  std::optional<Error> unknown;
  for (const std::string& word : RAWKET_TRY(all_words(words.targets, words.file))) {
    auto meant = addresses_meant(command, word, family, own);
    if (meant) {
      list.hosts.insert(list.hosts.end(), meant->begin(), meant->end());
      continue;
    }
    const bool number = word.find_first_not_of("0123456789") == word.npos;  // a port that lacks its -p
    if (number || meant.error().code != Errc::unknown_name) return Failure{std::move(meant).error()};
    if (unknown) complain(*unknown);
    unknown = std::move(meant).error();
  }
  if (list.hosts.empty() && unknown) return Failure{*unknown};
  if (unknown) complain(*unknown), list.some_unknown = true;
  if (list.hosts.empty()) return fail(Errc::out_of_range, command, "no targets are named", "names, addresses or prefixes");
  std::set<IpAddress> known;
  std::erase_if(list.hosts, [&known](const IpAddress& a) { return !known.insert(a).second; });
  for (const Prefix& p : exclude)
    if (std::ranges::none_of(list.hosts, [&p](const IpAddress& a) { return p.contains(a); })) complain("--exclude: " + p.text() + " is none of the targets' addresses (a name is one of its own, see -4 and -6)");
  std::erase_if(list.hosts, [&exclude](const IpAddress& a) { return is_among(a, exclude); });
  if (list.hosts.empty()) return fail(Errc::refused, command, "all targets are left out", "see --exclude");
  for (const IpAddress& a : list.hosts)
    if (a.is_v6 != list.hosts.front().is_v6) return fail(Errc::refused, command, "IPv4 and IPv6 targets at once", "give them to two commands, or say -4 or -6");
  return list;
}

}  // namespace rawket::cli
