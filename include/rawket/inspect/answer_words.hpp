// What an answer says, in words: of an ICMP error its meaning, of TCP its flags.
#pragma once
#include <optional>
#include <string>

#include "rawket/packet/packet.hpp"

namespace rawket {

/// Type and code of the outermost ICMP header.
struct IcmpKind {
  bool v6 = false;
  u8 type = 0, code = 0;
  bool time_exceeded() const { return type == (v6 ? 3 : 11); }
  bool unreachable() const { return type == (v6 ? 1 : 3); }
  bool port_unreachable() const { return unreachable() && code == (v6 ? 4 : 3); }
  bool prohibited() const { return unreachable() && (v6 ? code == 1 || code == 5 || code == 6 : code == 9 || code == 10 || code == 13); }
};
std::optional<IcmpKind> icmp_kind(const Dissection& d);

/// "time to live exceeded", "packet too big (mtu 1400)", "port unreachable", "SYN-ACK", "reset"; empty when the answer is of
/// the kind that was asked for, as an echo reply is.
std::string answer_words(const Dissection& answer);

/// What of an echo reply is not as it was sent: "byte 12 of the payload came back as 1c, not 0c", "the checksum is wrong", ...;
/// empty when all is, or it is none. RFC 792: what was received comes back.
std::string changed_words(const Dissection& answer, const Packet& question);

}  // namespace rawket
