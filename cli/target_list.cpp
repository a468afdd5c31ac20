// Expanded in full: what is asked is known before anything leaves.
#include "target_list.hpp"

#include "rawket/base/text.hpp"
#include "rawket/inspect/host_sweeps.hpp"
#include "rawket/send/policy.hpp"

namespace rawket::cli {

Result<std::vector<IpAddress>> read_targets(std::string_view command, const std::vector<std::string>& targets, Family family) {
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
  for (const IpAddress& a : hosts)
    if (a.is_v6 != hosts.front().is_v6) return fail(Errc::refused, command, "IPv4 and IPv6 targets at once", "give them to two commands, or say -4 or -6");
  return hosts;
}

}  // namespace rawket::cli
