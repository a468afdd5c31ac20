// SCTP's chunks, and its checksum, which is none of the Internet checksum's kind.
#include "checking.hpp"
#include "rawket/proto/transport.hpp"

namespace rawket {

void Sctp::describe(const LayerView& v, Facts& out) {
  const u32 at = v.layer().offset;
  out.number(0, 2, at + 8, 4);
  Cursor c(v.message(), 12);
  while (c.left() >= 4) {
    const u32 start = at + static_cast<u32>(c.offset());
    const u8 type = c.byte();
    c.skip(1);
    const u32 size = c.word();
    out.number(1, type, start, 1);
    out.number(2, size, start + 2, 2);
    if (size < 4) return;
    c.skip((size + 3) / 4 * 4 - 4);
  }
}

namespace {

enum : u8 { data_chunk = 0, init = 1, init_ack = 2, abort = 6, shutdown_complete = 14 };

void check_chunk(const Telling& tell, Bytes chunk, u32 at, u64 tag, bool alone) {
  const u8 type = chunk[0];
  const auto fault = [&](std::string_view code, u32 offset, u32 length, std::string text, std::string_view reference) { tell.error(code, "sctp.chunk_type", at + offset, length, std::move(text), reference); };
  if (type == data_chunk && chunk.size() == 16) fault("empty-data", 2, 2, "a DATA chunk holds at least one byte", "RFC 9260, 3.3.1");
  if (type == data_chunk && tag == 0) tell.error("zero-tag", "sctp.verification_tag", 4, 4, "only the first packet of an association has tag 0", "RFC 9260, 8.5.1");
  if (type == init && tag != 0) tell.error("init-tag", "sctp.verification_tag", 4, 4, "INIT is sent with tag 0: the peer has chosen none yet", "RFC 9260, 8.5.1", std::vector<u8>{0, 0, 0, 0});
  if ((type == init || type == init_ack || type == shutdown_complete) && !alone) fault("chunk-not-alone", 0, 1, "INIT, INIT ACK and SHUTDOWN COMPLETE stand alone in their packet", "RFC 9260, 3.3.2");
  if ((type != init && type != init_ack) || chunk.size() < 20) return;
  if (load<32, 32>(chunk.data()) == 0) fault("init-value", 4, 4, "the initiate tag is not 0", "RFC 9260, 3.3.2");
  if (load<96, 16>(chunk.data()) == 0 || load<112, 16>(chunk.data()) == 0) fault("init-value", 12, 4, "an association has at least one stream in each direction", "RFC 9260, 3.3.2");
}

void check_chunks(const Telling& tell, Bytes m) {
  constexpr std::size_t first = 12;
  const u64 tag = load<32, 32>(m.data());
  if (load<0, 16>(m.data()) == 0) tell.warn("port-zero", "sctp.srcport", 0, 2, "port 0 is reserved: choose a source port", "RFC 6335, 6");
  if (load<16, 16>(m.data()) == 0) tell.warn("port-zero", "sctp.dstport", 2, 2, "port 0 is reserved: choose the port of a service", "RFC 6335, 6");
  for (std::size_t at = first; at < m.size();) {
    const std::size_t left = m.size() - at, size = left < 4 ? 0 : std::size_t{load<16, 16>(m.data() + at)}, whole = (size + 3) / 4 * 4;
    if (size < 4) return tell.error("chunk-length", "sctp.chunk_length", static_cast<u32>(at), static_cast<u32>(std::min<std::size_t>(4, left)),
        "a chunk has at least 4 bytes: nothing behind it can be read", "RFC 9260, 3.2");
    if (size > left) return tell.error("chunk-length", "sctp.chunk_length", static_cast<u32>(at) + 2, 2, "a chunk claims " + std::to_string(size) + " bytes, but " + std::to_string(left) + " are left", "RFC 9260, 3.2");
    check_chunk(tell, m.subspan(at, size), static_cast<u32>(at), tag, at == first && whole >= left);
    const Bytes padding = slice(m, at + size, whole - size);
    if (auto zeros = zeros_for(padding)) tell.warn("option-padding", "sctp.chunk_padding", static_cast<u32>(at + size), static_cast<u32>(padding.size()), "chunks are filled up with zeros",
        "RFC 9260, 3.2", std::move(zeros));
    at += whole;
  }
}

}  // namespace

namespace {

/// RFC 2960, appendix B, with zeros where it stands itself.
u32 adler32(Bytes m) {
  constexpr u32 base = 65521;
  u32 a = 1, b = 0;
  for (std::size_t i = 0; i < m.size(); ++i) {
    a = (a + (i >= 8 && i < 12 ? 0u : m[i])) % base;
    b = (b + a) % base;
  }
  return b << 16 | a;
}

}  // namespace

void Sctp::check(const LayerView& v, Faults& faults) {
  const Layer& l = v.layer();
  if (l.length < 12 || !is_whole(v)) return;
  const Bytes m = v.message();
  check_chunks({v, faults}, m);
  const u32 crc = crc32c(m, 8);
  const std::vector<u8> right{static_cast<u8>(crc), static_cast<u8>(crc >> 8), static_cast<u8>(crc >> 16), static_cast<u8>(crc >> 24)};
  if (std::equal(right.begin(), right.end(), m.data() + 8)) return;
  const u64 held = load<64, 32>(m.data());
  const bool perhaps_device = held == 0, old = held == adler32(m);
  std::string text = "the CRC32c of header and chunks is another: a receiver drops the packet";
  if (perhaps_device) text = "it is 0: left to the sender's device, or agreed to be left out";
  else if (old) text = "it is the Adler-32 of RFC 2960, which CRC32c replaced";
  faults.add({perhaps_device || old ? Severity::note : Severity::error, "bad-checksum", "sctp.checksum", l.offset + 8, 4, std::move(text), "RFC 9260, 6.8; RFC 9653", right});
}

}  // namespace rawket
