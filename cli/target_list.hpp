// Targets as people write them: names, addresses, prefixes and ranges.
#pragma once
#include <vector>

#include "options.hpp"
#include "rawket/base/address.hpp"
#include "rawket/host/names.hpp"

namespace rawket::cli {

/// What -4 and -6 say.
constexpr Family family_of(bool only_v4, bool only_v6) { return only_v4 ? Family::v4 : only_v6 ? Family::v6 : Family::any; }

/// Those that are left out. A name is all its addresses.
Result<std::vector<Prefix>> read_exclusions(const TargetWords& words);

struct TargetList {
  std::vector<IpAddress> hosts;  ///< of one family, each once
  bool some_unknown = false;     ///< a name that nobody knows was told, and the others are here
};

/// `refused` when IPv4 and IPv6 are mixed, and when all are left out; `unknown_name` when no name is known.
Result<TargetList> read_targets(std::string_view command, const TargetWords& words, Family family);

}  // namespace rawket::cli
