// Faults of what was made on purpose.
#pragma once
#include <algorithm>

#include "rawket/packet/lint.hpp"
#include "rawket/packet/packet.hpp"

namespace rawket {

/// Of the packet's own layers: a payload that was given as bytes is not judged by what its port usually carries.
inline std::vector<Fault> own_faults(const Packet& packet, const Dissection& d) {
  auto faults = lint(d, {.original_length = static_cast<u32>(packet.size())});
  const auto payload = std::ranges::find(packet.layers(), &data, &Layer::protocol);
  if (payload != packet.layers().end()) std::erase_if(faults, [&](const Fault& f) { return f.offset >= payload->offset; });
  return faults;
}

inline bool has_errors(const std::vector<Fault>& faults) {
  return std::ranges::any_of(faults, [](const Fault& f) { return f.severity == Severity::error; });
}

}  // namespace rawket
