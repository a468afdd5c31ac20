// Targets as people write them: names, addresses and prefixes.
#pragma once
#include <vector>

#include "rawket/base/address.hpp"
#include "rawket/host/names.hpp"

namespace rawket::cli {

/// What -4 and -6 say.
constexpr Family family_of(bool only_v4, bool only_v6) { return only_v4 ? Family::v4 : only_v6 ? Family::v6 : Family::any; }

/// Of `--exclude` and of the file of `--exclude-file`. A name is all its addresses.
Result<std::vector<Prefix>> read_exclusions(const std::vector<std::string>& words, const std::string& file);

/// Of one family: `refused` when they are mixed. Without those that are left out; none is left: `refused` too.
Result<std::vector<IpAddress>> read_targets(std::string_view command, const std::vector<std::string>& targets, Family family, const std::vector<Prefix>& exclude = {});

}  // namespace rawket::cli
