// Does this packet answer that one? By the protocols' `answers` rules, and by the packet that an error quotes.
#pragma once
#include "rawket/packet/dissect.hpp"

namespace rawket {

enum class Answer : u8 {
  no,
  yes,    ///< the other side's answer: a reply, a SYN-ACK, a reset
  error,  ///< an ICMP error about the question, from it or from a router on the way
};

Answer answers(const Dissection& answer, const Dissection& question);

}  // namespace rawket
