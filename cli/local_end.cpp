// Which of a packet's ends is here: by its direction, where the kernel told one.
#include "local_end.hpp"

#include "rawket/packet/ends.hpp"

namespace rawket::cli {

LocalEnds local_ends(const CapturedPacket& p, const Dissection& d) {
  const auto t = transport_ends(d);
  const auto ends = outermost_ends(d);
  if (!t || !ends) return {};
  const SocketEnd source{t->protocol, t->source, t->echo ? u16{0} : t->destination, ends->destination};
  const SocketEnd destination{t->protocol, t->destination, t->echo ? u16{0} : t->source, ends->source};
  const bool both = t->quoted || p.info.direction == Direction::unknown || ends->source == ends->destination || ends->source.is_loopback();
  if (both) return {source, destination};
  return {p.info.direction == Direction::out ? source : destination, std::nullopt};
}

}  // namespace rawket::cli
