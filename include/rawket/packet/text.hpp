// Packets for people: one line each, or a tree with the bytes of every field.
#pragma once
#include "rawket/packet/json.hpp"

namespace rawket {

enum class TimeFormat : u8 { local, epoch, utc, delta, none };

struct TextOptions {
  TimeFormat time = TimeFormat::local;
  bool link_layer = false;   ///< also where a network layer follows
  bool numbers = false;      ///< "#12" before each packet
  bool color = false;        ///< ANSI colours
};

/// Reusable: remembers the time zone and the previous packet.
class TextPrinter {
 public:
  explicit TextPrinter(TextOptions options) : options_(options) {}

  /// "12:00:00.000000001 ip 198.18.0.1 > 198.18.0.2 ttl=64 / tcp 40000 > 80 flags=S ... / 5 bytes", with a newline.
  void line(const PacketHead& head, const Dissection& d, TextBuffer& out);
  /// Every field with its place, bytes and meaning. Ends with an empty line.
  void tree(const PacketHead& head, const Dissection& d, TextBuffer& out);

 private:
  void time(const PacketHead& head, TextBuffer& out);
  void local_time(Nanoseconds time, bool utc, TextBuffer& out);

  TextOptions options_;
  i64 zone_valid_from_ = 1, zone_valid_to_ = 0, zone_offset_ = 0;
  Nanoseconds previous_ = 0;
  bool first_ = true;
};

/// "0.123 ms"
void append_milliseconds(Nanoseconds time, TextBuffer& out);
/// Offset, hex and characters of the bytes, 16 a line.
void append_hexdump(TextBuffer& out, Bytes bytes, std::string_view indent = {});
/// The bytes as a C array.
void append_c_array(TextBuffer& out, Bytes bytes, std::string_view name);

}  // namespace rawket
