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

/// What one word stands for. Of a name it is the first address of the family; `others` are all it has.
Result<std::vector<IpAddress>> addresses_meant(std::string_view command, const std::string& word, Family family, const std::vector<Interface>& own, std::vector<IpAddress>& others) {
  if (word.find('/') != word.npos) {
    const auto prefix = parse_destination(word);
    if (!prefix) return fail(Errc::malformed, command, "'" + clean_text(word) + "' is no prefix like 198.18.0.0/24");
    return addresses_in(*prefix, own);
  }
  if (const auto ends = RAWKET_TRY(range_ends(command, word))) return addresses_between(command, word, ends->first, ends->second);
  const IpAddress first = RAWKET_TRY(addresses_of(word, family)).front();
  if (!IpAddress::parse(word)) others = addresses_of(word).value_or(std::vector<IpAddress>());
  return std::vector{first};
}

/// Names take the family of what is written in numbers, when all of that is of one.
Family family_written(const std::vector<std::string>& words) {
  std::set<bool> seen;
  for (const std::string& w : words)
    if (const auto a = IpAddress::parse(std::string_view(w).substr(0, w.find_first_of("/-")))) seen.insert(a->is_v6);
  return seen.size() != 1 ? Family::any : *seen.begin() ? Family::v6 : Family::v4;
}

/// The last address of a prefix.
IpAddress end_of(const Prefix& p) {
  IpAddress a = p.address;
  for (std::size_t bit = p.length; bit < a.bytes().size() * 8; ++bit) a.octets[bit / 8] |= static_cast<u8>(0x80 >> bit % 8);
  return a;
}

/// The fewest that are the whole range.
std::vector<Prefix> prefixes_between(IpAddress first, const IpAddress& last) {
  std::vector<Prefix> all;
  for (;; step(first)) {
    Prefix widest{first, static_cast<unsigned>(first.bytes().size() * 8)};
    for (Prefix wider = widest; wider.length > 0; widest = wider) {
      --wider.length;
      if ((first.octets[wider.length / 8] >> (7 - wider.length % 8) & 1) != 0 || last < end_of(wider)) break;
    }
    all.push_back(widest);
    first = end_of(widest);
    if (!(first < last)) return all;
  }
}

/// What one word leaves out.
struct Exclusion {
  std::string word;
  std::vector<Prefix> prefixes;
};

Result<std::vector<Exclusion>> all_exclusions(const TargetWords& words) {
  std::vector<Exclusion> all;
  for (const std::string& w : RAWKET_TRY(all_words(words.exclude, words.exclude_file))) {
    Exclusion one{clean_text(w), {}};
    const auto ends = RAWKET_TRY(range_ends("--exclude", w));
    if (const auto prefix = parse_destination(w)) one.prefixes.push_back(*prefix);
    else if (w.find('/') != w.npos) return fail(Errc::malformed, "--exclude", "'" + clean_text(w) + "' is no prefix like 198.18.0.0/24");
    else if (ends) one.prefixes = prefixes_between(ends->first, ends->second);
    else for (const IpAddress& a : RAWKET_TRY(addresses_of(w))) one.prefixes.push_back({a, a.is_v6 ? 128u : 32u});
    all.push_back(std::move(one));
  }
  return all;
}

class LeavingOut {
 public:
  explicit LeavingOut(std::vector<Exclusion> exclude) : exclude_(std::move(exclude)) {}

  bool leaves_out(const IpAddress& a) {
    bool out = false;
    for (const Exclusion& e : exclude_)
      if (is_among(a, e.prefixes)) used_.insert(&e), out = true;
    return out;
  }
  /// Those that leave out nothing are told: a slip of the pen would go unseen.
  void tell_unused() const {
    for (const Exclusion& e : exclude_)
      if (!used_.contains(&e)) complain("--exclude: " + e.word + " is none of the targets");
  }

 private:
  std::vector<Exclusion> exclude_;
  std::set<const Exclusion*> used_;
};

}  // namespace

Result<std::vector<Prefix>> read_exclusions(const TargetWords& words) {
  std::vector<Prefix> prefixes;
  for (const Exclusion& e : RAWKET_TRY(all_exclusions(words))) prefixes.insert(prefixes.end(), e.prefixes.begin(), e.prefixes.end());
  return prefixes;
}

Result<TargetList> read_targets(std::string_view command, const TargetWords& words, Family family) {
  const std::vector<Interface> own = RAWKET_TRY(interfaces());
  const std::vector<std::string> all = RAWKET_TRY(all_words(words.targets, words.file));
  LeavingOut exclude(RAWKET_TRY(all_exclusions(words)));
  if (family == Family::any) family = family_written(all);
  TargetList list;
  std::optional<Error> unknown;
  for (const std::string& word : all) {
    std::vector<IpAddress> others;  // a host that is left out by one of its addresses is not asked by another
    auto meant = addresses_meant(command, word, family, own, others);
    if (meant) {
      if (std::ranges::count_if(others, [&exclude](const IpAddress& a) { return exclude.leaves_out(a); }) > 0) meant->clear();
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
  if (all.empty()) return fail(Errc::out_of_range, command, "no targets are named", "names, addresses or prefixes");
  std::set<IpAddress> known;
  std::erase_if(list.hosts, [&known](const IpAddress& a) { return !known.insert(a).second; });
  std::erase_if(list.hosts, [&exclude](const IpAddress& a) { return exclude.leaves_out(a); });
  exclude.tell_unused();
  if (list.hosts.empty()) return fail(Errc::refused, command, "all targets are left out", "see --exclude");
  for (const IpAddress& a : list.hosts)
    if (a.is_v6 != list.hosts.front().is_v6) return fail(Errc::refused, command, "IPv4 and IPv6 targets at once", "give them to two commands, or say -4 or -6");
  return list;
}

}  // namespace rawket::cli
