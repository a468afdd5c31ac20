// Expanded in full: what is asked is known before anything leaves.
#include "target_list.hpp"

#include <algorithm>

#include "rawket/base/text.hpp"
#include "rawket/host/interfaces.hpp"
#include "rawket/send/policy.hpp"

namespace rawket::cli {

namespace {

/// Only there the first and the last address are known to be no host's.
bool is_own_network(const Prefix& p) {
  const auto all = interfaces();
  return all && std::ranges::any_of(*all, [&p](const Interface& i) { return std::ranges::any_of(i.addresses, [&p](const Prefix& own) { return own.length == p.length && p.contains(own.address); }); });
}

}  // namespace

Result<void> add_prefix(std::string_view command, const Prefix& p, std::vector<IpAddress>& hosts) {
  const unsigned width = p.address.is_v6 ? 128 : 32, bits = width - p.length;
  if (bits > 16) return fail(Errc::out_of_range, command, "a prefix of more than 65,536 addresses", p.address.is_v6 ? "/112 is the largest" : "/16 is the largest");
  const u64 count = u64{1} << bits;
  const bool ends = !p.address.is_v6 && bits >= 2 && is_own_network(p);
  for (u64 i = ends ? 1 : 0; i < count - (ends ? 1 : 0); ++i) {
    IpAddress a = p.address;
    const std::size_t last = width / 8 - 1;
    a.octets[last] = static_cast<u8>((a.octets[last] & ~(count - 1)) | (i & 0xff));
    a.octets[last - 1] = static_cast<u8>((a.octets[last - 1] & ~((count - 1) >> 8)) | (i >> 8 & 0xff));
    hosts.push_back(a);
  }
  return {};
}

Result<std::vector<IpAddress>> read_targets(std::string_view command, const std::vector<std::string>& targets, Family family) {
  std::vector<IpAddress> hosts;
  for (const std::string& t : targets) {
    if (t.find('/') != t.npos) {
      const auto prefix = parse_destination(t);
      if (!prefix) return fail(Errc::malformed, command, "'" + clean_text(t) + "' is no prefix like 198.18.0.0/24");
      RAWKET_TRY(add_prefix(command, *prefix, hosts));
    } else {
      hosts.push_back(RAWKET_TRY(addresses_of(t, family)).front());
    }
  }
  for (const IpAddress& a : hosts)
    if (a.is_v6 != hosts.front().is_v6) return fail(Errc::refused, command, "IPv4 and IPv6 targets at once", "give them to two commands, or say -4 or -6");
  return hosts;
}

}  // namespace rawket::cli
