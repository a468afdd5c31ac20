// What an answer says, in words: of an ICMP error its meaning, of TCP its flags.
#pragma once
#include <string>

#include "rawket/packet/dissect.hpp"

namespace rawket {

/// "time to live exceeded", "packet too big (mtu 1400)", "port unreachable", "SYN-ACK", "reset"; empty when the answer is of
/// the kind that was asked for, as an echo reply is.
std::string answer_words(const Dissection& answer);

}  // namespace rawket
