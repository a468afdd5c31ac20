// What other packets tell of a packet, under Wireshark's names where it has them: found by `session/`, shown and filtered like fields.
#pragma once
#include <iterator>
#include <span>

#include "rawket/base/bytes.hpp"

namespace rawket {

enum class SessionFact : u8 {
  stream, retransmission, fast_retransmission, spurious_retransmission, out_of_order, duplicate_ack, duplicate_ack_number, lost_segment, ack_lost_segment, zero_window,
  zero_window_probe, zero_window_probe_ack, window_update, window_full, keep_alive, keep_alive_ack, reused_ports, initial_round_trip, ip_reassembled_length,
  ipv6_reassembled_length, tcp_reassembled_length, answers, round_trip,
};

enum class FactForm : u8 { flag, number, time };   ///< a time: nanoseconds, shown as seconds

struct SessionFactInfo {
  std::string_view name, doc;
  FactForm form = FactForm::flag;
};
/// By SessionFact.
inline constexpr SessionFactInfo session_facts[] = {
    {"tcp.stream", "Number of the TCP stream, from 0", FactForm::number},
    {"tcp.analysis.retransmission", "Sent again: its bytes came before"},
    {"tcp.analysis.fast_retransmission", "Sent again at once, as duplicate ACKs asked for it"},
    {"tcp.analysis.spurious_retransmission", "Sent again though it had been acknowledged"},
    {"tcp.analysis.out_of_order", "Came later than bytes that follow it"},
    {"tcp.analysis.duplicate_ack", "Acknowledges the same again: something behind it came, something before is missing"},
    {"tcp.analysis.duplicate_ack_num", "How many times the same was acknowledged again", FactForm::number},
    {"tcp.analysis.lost_segment", "Bytes before it were not seen"},
    {"tcp.analysis.ack_lost_segment", "Acknowledges bytes that were not seen"},
    {"tcp.analysis.zero_window", "The sender takes no more bytes for now"},
    {"tcp.analysis.zero_window_probe", "One byte, sent to ask whether the window has opened"},
    {"tcp.analysis.zero_window_probe_ack", "The window has not opened"},
    {"tcp.analysis.window_update", "The sender takes more bytes again"},
    {"tcp.analysis.window_full", "Fills the window of the other side"},
    {"tcp.analysis.keep_alive", "Asks whether the other side is still there"},
    {"tcp.analysis.keep_alive_ack", "Tells that it is still there"},
    {"tcp.analysis.reused_ports", "Opens a new connection between ports that had one"},
    {"tcp.analysis.initial_rtt", "From SYN to the ACK that ended the handshake", FactForm::time},
    {"ip.reassembled.length", "Bytes of the datagram that was put together", FactForm::number},
    {"ipv6.reassembled.length", "Bytes of the datagram that was put together", FactForm::number},
    {"tcp.reassembled.length", "Bytes of the messages that came in several segments", FactForm::number},
    {"frame.answers", "Number of the packet that this one answers", FactForm::number},
    {"frame.round_trip", "Since that packet", FactForm::time},
};

static_assert(std::size(session_facts) == static_cast<std::size_t>(SessionFact::round_trip) + 1);

struct FactValue {
  SessionFact fact = SessionFact::stream;
  u64 value = 1;   ///< a flag has 1
};

constexpr const SessionFactInfo& told_as(SessionFact f) { return session_facts[static_cast<std::size_t>(f)]; }

}  // namespace rawket
