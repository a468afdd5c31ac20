// What happened to a packet on its way: two packets compared field by field.
#pragma once
#include <string>
#include <vector>

#include "rawket/packet/dissect.hpp"

namespace rawket {

struct Difference {
  enum Kind : u8 {
    expected,    ///< routers and links do this: hop counts sink, link addresses and checksums change
    suspicious,  ///< somebody has changed the packet
  };
  Kind kind = suspicious;
  std::string field;          ///< full name; for a whole layer its label
  std::string before, after;  ///< as people read them; empty: there is none on this side
  std::string meaning;        ///< "address translated", "MSS lowered", ...; may be empty
};

/// From the outermost layers inwards. When one of them is an error that quotes the other, the quoted packet is compared, as
/// far as it was quoted. Empty: nothing differs.
std::vector<Difference> differences(const Dissection& before, const Dissection& after);

/// A number that stays the same on the way, also when addresses and ports are translated: to find a packet again in a second
/// capture. Made of what the transport layer numbers (IP identification, TCP sequence, echo identifiers) and of the payload.
u64 way_key(const Dissection& d);

}  // namespace rawket
