// Reading all packets, changing fields, keeping times.
#include "capture_supply.hpp"

#include "output.hpp"
#include "rawket/base/text.hpp"
#include "rawket/io/capture_file.hpp"

namespace rawket::cli {
namespace {

struct Change {
  std::string field, value;
  bool done = false;
};

Result<std::vector<Change>> parse_changes(const std::vector<std::string>& words) {
  std::vector<Change> changes;
  for (const std::string& w : words) {
    const std::size_t eq = w.find('=');
    if (eq == w.npos || eq == 0) return fail(Errc::malformed, "--rewrite", "'" + clean_text(w) + "' is not FIELD=VALUE", "write it like ip.dst=198.18.0.2");
    changes.push_back({w.substr(0, eq), w.substr(eq + 1)});
  }
  return changes;
}

Result<void> apply(std::vector<Change>& changes, Packet& packet) {
  for (Change& c : changes) {
    const auto set = packet.set(c.field, c.value);
    if (!set && set.error().code != Errc::unknown_name) return Failure{set.error()};
    c.done = c.done || set;
  }
  return {};
}

struct Replayed {
  std::vector<Packet> packets;
  std::vector<Nanoseconds> times;
};

}  // namespace

Result<Supply> supply_from_capture(const std::string& path, const CaptureSupplyOptions& options) {
  constexpr std::size_t most = 1u << 20;
  auto changes = RAWKET_TRY(parse_changes(options.rewrite));
  auto source = RAWKET_TRY(open_capture(path, options.opened));
  auto kept = std::make_shared<Replayed>();
  u64 cut = 0;
  while (true) {
    const auto batch = RAWKET_TRY(source->next(second));
    if (batch.empty() && source->ended()) break;
    for (const CapturedPacket& p : batch) {
      const Protocol* first = &link_protocol(standard_registry(), static_cast<u16>(p.info.link_type));
      if (first->fixed == 0 && !p.bytes.empty()) first = standard_registry().named(p.bytes[0] >> 4 == 6 ? "ipv6" : "ip");
      kept->packets.push_back(Packet::from_bytes(standard_registry(), *first, p.bytes));
      RAWKET_TRY(apply(changes, kept->packets.back()));
      kept->times.push_back(kept->times.empty() ? p.info.time : std::max(p.info.time, kept->times.back()));
      cut += p.bytes.size() < p.info.original_length ? 1 : 0;
    }
    if (kept->packets.size() > most) return fail(Errc::out_of_range, clean_text(path), "has more than a million packets", "cut it first: rawket read FILE -c 1000000 -w PART");
  }
  for (const Change& c : changes)
    if (!c.done) return fail(Errc::unknown_name, "--rewrite", "no packet of " + clean_text(path) + " has a field '" + clean_text(c.field) + "'", "rawket fields lists them");
  if (cut > 0) complain(std::to_string(cut) + " packets of " + path + " are there only in part, and are sent so");
  Supply supply{.count = kept->packets.size(), .make = [kept](u64 i) -> Result<Packet> { return kept->packets[i]; }};
  if (options.times) supply.offset = [kept](u64 i) { return elapsed(kept->times.front(), kept->times[i]); };
  return supply;
}

}  // namespace rawket::cli
