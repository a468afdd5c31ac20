// The ends of a packet, held against the command's ports.
#include "run_filter.hpp"

#include "local_end.hpp"
#include "rawket/proto/registry.hpp"

namespace rawket::cli {

bool RunFilter::concerns(const CapturedPacket& p) {
  dissect(standard_registry(), link_protocol(standard_registry(), static_cast<u16>(p.info.link_type)), p.bytes, *dissection_);
  const LocalEnds ends = local_ends(p, *dissection_);
  return (ends.here && has(ends.here->protocol, ends.here->port)) || (ends.also && has(ends.also->protocol, ends.also->port));
}

}  // namespace rawket::cli
