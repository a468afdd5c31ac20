// Expanded in full: what is asked is known before anything leaves.
#include "target_list.hpp"

#include <algorithm>
#include <set>

#include "output.hpp"
#include "rawket/base/address_range.hpp"
#include "rawket/base/text.hpp"
#include "rawket/inspect/host_sweeps.hpp"
#include "rawket/send/policy.hpp"

namespace rawket::cli {
namespace {

constexpr std::size_t most_in_range = 65536;

/// Those given, then those in the file; # begins a comment.
Result<std::vector<std::string>> all_words(const std::vector<std::string>& given, const std::string& file) {
  std::vector<std::string> all = given;
  if (file.empty()) return all;
  const std::string text = RAWKET_TRY(read_whole(file));
  for (const std::string_view line : split(text, '\n'))
    for (const std::string_view word : split_words(trim(line.substr(0, line.find('#'))))) all.emplace_back(word);
  return all;
}

/// Nothing when it is no range: a name may have a dash too, an address not.
Result<std::optional<AddressRange>> range_of(std::string_view command, std::string_view word) {
  const auto range = AddressRange::parse(word);
  const std::size_t dash = word.find('-');
  if (!range && dash != word.npos && IpAddress::parse(word.substr(0, dash)))
    return fail(Errc::malformed, command, "'" + clean_text(word) + "' is no range like 198.18.0.1-9 or 2001:db8::1-2001:db8::9");
  return range;
}

/// What one word stands for. Of a name it is the first address of the family; `others` are all it has.
Result<std::vector<IpAddress>> addresses_meant(std::string_view command, const std::string& word, Family family, const std::vector<Interface>& own, std::vector<IpAddress>& others) {
  if (word.find('/') != word.npos) {
    const auto prefix = parse_destination(word);
    if (!prefix) return fail(Errc::malformed, command, "'" + clean_text(word) + "' is no prefix like 198.18.0.0/24");
    return addresses_in(*prefix, own);
  }
  if (const auto range = RAWKET_TRY(range_of(command, word))) {
    if (auto inside = range->addresses(most_in_range)) return std::move(*inside);
    return fail(Errc::out_of_range, command, "'" + word + "' are more than 65,536 addresses", "divide it");
  }
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

/// What one word leaves out.
struct Exclusion {
  std::string word;
  std::vector<Prefix> prefixes;
};

Result<std::vector<Exclusion>> all_exclusions(const TargetWords& words) {
  std::vector<Exclusion> all;
  for (const std::string& w : RAWKET_TRY(all_words(words.exclude, words.exclude_file))) {
    Exclusion one{clean_text(w), {}};
    const auto range = RAWKET_TRY(range_of("--exclude", w));
    if (const auto prefix = parse_destination(w)) one.prefixes.push_back(*prefix);
    else if (w.find('/') != w.npos) return fail(Errc::malformed, "--exclude", "'" + clean_text(w) + "' is no prefix like 198.18.0.0/24");
    else if (range) one.prefixes = range->prefixes();
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
