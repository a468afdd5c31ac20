// One JSON object per packet, in Wireshark's names: typed values, lists where a field repeats, never a key twice.
#pragma once
#include <memory>

#include "rawket/base/clock.hpp"
#include "rawket/packet/session_facts.hpp"
#include "rawket/packet/walk.hpp"
#include "rawket/base/text_buffer.hpp"

namespace rawket {

/// What is known of a packet besides its bytes, for every printer.
struct PacketHead {
  u64 number = 1;               ///< from 1
  Nanoseconds time = 0;
  std::string_view time_source{};  ///< who looked at the clock; empty: not known
  u32 original_length = 0;
  u16 link_type = 1;
  bool checksum_not_ready = false;
  u64 dropped_before = 0;
  std::string_view direction{};   ///< "in" or "out" of the machine that captured it; empty: not known
  u16 gso_size = 0;               ///< of a super-frame's pieces
  std::string_view interface{};   ///< empty: not told
  std::string_view comment{};
  u32 process = 0;                    ///< the local process whose packet it is; 0: not told
  std::string_view process_name{};    ///< bytes that anybody may have chosen
  std::string_view container{};
  u64 answers = 0;              ///< the number of the question that this packet answers; 0: it is no answer
  Nanoseconds round_trip = 0;   ///< since that question was sent
  std::span<const FactValue> facts{};   ///< what other packets tell of it
};

/// Reusable: keeps its scratch memory between packets.
class JsonPrinter {
 public:
  JsonPrinter();
  ~JsonPrinter();
  /// Appends the object, without a newline.
  void print(const PacketHead& head, const Dissection& d, TextBuffer& out);

 private:
  class Repeats;
  std::unique_ptr<Repeats> repeats_;
};

/// "seconds.nanoseconds", nine digits.
void append_epoch(TextBuffer& out, Nanoseconds time);

}  // namespace rawket
