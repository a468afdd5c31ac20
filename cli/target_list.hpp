// Targets as people write them: names, addresses and prefixes.
#pragma once
#include <vector>

#include "rawket/base/address.hpp"
#include "rawket/host/names.hpp"

namespace rawket::cli {

/// All addresses of a prefix; of an IPv4 network that an interface is in, but its own and its broadcast address. At most 65,536.
Result<void> add_prefix(std::string_view command, const Prefix& prefix, std::vector<IpAddress>& hosts);
/// Of one family: `refused` when they are mixed.
Result<std::vector<IpAddress>> read_targets(std::string_view command, const std::vector<std::string>& targets, Family family);

}  // namespace rawket::cli
