// Capture files made by hand in either byte order, and everything that a source gives, for the tests of readers and writers.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "rawket/io/capture_file.hpp"

namespace rawket::capture_test {

/// Bytes with numbers in the order of the machine that is played.
class Writer {
 public:
  explicit Writer(bool big_endian = false) : big_(big_endian) {}

  Writer& number(u64 value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) bytes.push_back(static_cast<u8>(value >> 8 * (big_ ? size - 1 - i : i)));
    return *this;
  }
  Writer& word(u64 value) { return number(value, 2); }
  Writer& dword(u64 value) { return number(value, 4); }
  Writer& qword(u64 value) { return number(value, 8); }
  Writer& text(std::string_view s) {
    bytes.insert(bytes.end(), s.begin(), s.end());
    return *this;
  }
  Writer& pad() {
    while (bytes.size() % 4 != 0) bytes.push_back(0);
    return *this;
  }
  bool big() const { return big_; }

  std::vector<u8> bytes;

 private:
  bool big_;
};

inline void pcap_header(Writer& w, u32 magic = 0xa1b2c3d4, u32 link_type = 1, u16 major = 2, u16 minor = 4) {
  w.dword(magic).word(major).word(minor).qword(0).dword(65535).dword(link_type);
}
inline void pcap_record(Writer& w, u32 seconds, u32 fraction, std::string_view data) {
  w.dword(seconds).dword(fraction).dword(data.size()).dword(data.size()).text(data);
}

/// An option as pcapng has it, padded.
inline void option(Writer& w, u16 code, std::string_view value) { w.word(code).word(value.size()).text(value).pad(); }

/// A whole block around a body that was written in the same order.
inline void block(Writer& w, u32 type, const Writer& body) {
  const std::size_t length = 12 + body.bytes.size();
  w.dword(type).dword(length);
  w.bytes.insert(w.bytes.end(), body.bytes.begin(), body.bytes.end());
  w.dword(length);
}
inline void section(Writer& w, u16 major = 1) { block(w, 0x0a0d0d0a, Writer(w.big()).dword(0x1a2b3c4d).word(major).word(0).qword(~u64{0})); }
inline void interface(Writer& w, u16 link_type = 1, const Writer& options = Writer()) {
  Writer body(w.big());
  body.word(link_type).word(0).dword(0);
  body.bytes.insert(body.bytes.end(), options.bytes.begin(), options.bytes.end());
  block(w, 1, body);
}
inline void enhanced(Writer& w, u32 id, u64 ticks, std::string_view data, const Writer& options = Writer()) {
  Writer body(w.big());
  body.dword(id).dword(ticks >> 32).dword(ticks & 0xffffffff).dword(data.size()).dword(data.size()).text(data).pad();
  body.bytes.insert(body.bytes.end(), options.bytes.begin(), options.bytes.end());
  block(w, 6, body);
}

/// A packet that owns what it points to.
struct Got {
  std::string data, comment;
  PacketInfo info;
};

/// All that a source gives, with the error that ended it.
struct Everything {
  std::vector<Got> packets;
  std::optional<Error> error;
  std::vector<InterfaceDescription> interfaces;
  Counters counters;
};

inline Everything read_all(Source& source) {
  Everything all;
  while (!source.ended()) {
    const auto batch = source.next(-1);
    if (!batch) {
      all.error = batch.error();
      break;
    }
    for (const CapturedPacket& p : *batch) {
      Got g{std::string(as_text(p.bytes)), std::string(p.info.comment), p.info};
      g.info.comment = {};
      all.packets.push_back(std::move(g));
    }
  }
  all.interfaces.assign(source.interfaces().begin(), source.interfaces().end());
  all.counters = source.counters();
  return all;
}

/// The same of a file in memory; an error of opening counts as the one that ended it.
inline Everything read_all(Bytes bytes) {
  auto source = open_capture_bytes(bytes, "test");
  if (source) return read_all(**source);
  Everything none;
  none.error = source.error();
  return none;
}

/// The error that a file ends with; an empty one when there is none.
inline Error error_of(const Everything& all) { return all.error ? *all.error : Error(); }

}  // namespace rawket::capture_test
