// Targets as people write them: names, addresses and prefixes.
#pragma once
#include <vector>

#include "rawket/base/address.hpp"
#include "rawket/host/names.hpp"

namespace rawket::cli {

/// What -4 and -6 say.
constexpr Family family_of(bool only_v4, bool only_v6) { return only_v4 ? Family::v4 : only_v6 ? Family::v6 : Family::any; }

/// Of one family: `refused` when they are mixed.
Result<std::vector<IpAddress>> read_targets(std::string_view command, const std::vector<std::string>& targets, Family family);

}  // namespace rawket::cli
