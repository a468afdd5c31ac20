// The one loop: what leaves, then what comes.
#include "rawket/inspect/inspection.hpp"

#include <algorithm>

namespace rawket {

Result<void> run(Inspection& inspection, Wire& wire, const std::atomic<bool>& stop, const std::function<void()>& tick) {
  constexpr Nanoseconds longest_wait = 100 * millisecond;
  std::vector<u64> probes;
  const auto heard = [&inspection](const Heard& h) { inspection.heard(h); };
  const auto failed = [&inspection](u64 probe) { inspection.failed(probe); };
  while (!stop) {
    probes.clear();
    const auto next = inspection.step(wire.clock().now(), probes);
    wire.send(probes, failed);
    if (tick) tick();
    if (!next) return {};
    RAWKET_TRY(wire.listen(std::min(*next, wire.clock().now() + longest_wait), heard));
  }
  return {};
}

}  // namespace rawket
