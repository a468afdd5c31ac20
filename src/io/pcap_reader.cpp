// pcap files: micro- and nanoseconds, both byte orders, Kuznetzov's longer records, the old order of lengths.
#include "byte_order.hpp"
#include "capture_format.hpp"
#include "file_reader.hpp"

namespace rawket {
namespace {

/// How the files of old programs state the two lengths of a record.
enum class Lengths : u8 { captured_first, original_first, smaller_is_captured };

struct PcapLayout {
  FileOrder order;
  std::size_t record_header = pcap_record_header;
  i64 nanoseconds_per_fraction = 1000;
  Lengths lengths = Lengths::captured_first;
  LinkType link_type = LinkType::ethernet;
};

/// libpcap's rule: before 2.3 the lengths are swapped, in 2.3 they may be; 543.0 was DG/UX.
Lengths lengths_of(u16 major, u16 minor) {
  if (major == 543 || minor < 3) return Lengths::original_first;
  return minor == 3 ? Lengths::smaller_is_captured : Lengths::captured_first;
}

class PcapReader final : public FileReader {
 public:
  PcapReader(ByteStream stream, const PcapLayout& layout, u32 snapshot_length) : FileReader(std::move(stream)), layout_(layout) {
    interfaces_.push_back({.link_type = layout.link_type, .snapshot_length = snapshot_length});
    for (CapturedPacket& p : batch_) p.info.link_type = layout.link_type;
  }

 protected:
  Result<Pass> parse(Bytes window, Batch& batch) override {
    const bool plain = layout_.lengths == Lengths::captured_first && layout_.record_header == pcap_record_header;
    if (!plain) return layout_.order.swapped ? cut<true, false>(window, batch) : cut<false, false>(window, batch);
    return layout_.order.swapped ? cut<true, true>(window, batch) : cut<false, true>(window, batch);
  }

 private:
  template <bool swapped, bool plain>
  Result<Pass> cut(Bytes window, Batch& batch) const {
    constexpr FileOrder order{swapped};
    const std::size_t header = plain ? pcap_record_header : layout_.record_header;
    const i64 scale = layout_.nanoseconds_per_fraction;
    const u32 longest = longest_packet(layout_.link_type);
    const u8* at = window.data();
    std::size_t left = window.size();
    std::size_t n = 0, wanted = header;
    while (n < batch.size() && left >= header) {
      u32 captured = order.dword(at + 8), original = order.dword(at + 12);
      if constexpr (!plain) put_in_order(captured, original);
      if (captured > longest) [[unlikely]] {
        if (n > 0) break;
        return malformed(8, "a packet of " + std::to_string(captured) + " bytes, more than the " + std::to_string(longest) + " that are possible");
      }
      if (left - header < captured) {
        wanted = header + captured;
        break;
      }
      CapturedPacket& packet = batch[n++];
      packet.bytes = {at + header, captured};
      packet.info.time = i64{order.dword(at)} * second + i64{order.dword(at + 4)} * scale;
      packet.info.original_length = original;
      if constexpr (!plain) packet.info.direction = direction(at);
      at += header + captured;
      left -= header + captured;
    }
    return Pass{n, window.size() - left, wanted};
  }

  void put_in_order(u32& captured, u32& original) const {
    const bool swap = layout_.lengths == Lengths::original_first || (layout_.lengths == Lengths::smaller_is_captured && captured > original);
    if (swap) std::swap(captured, original);
  }

  /// Kuznetzov's records go on with the interface, the protocol and the packet type of packet(7).
  Direction direction(const u8* record) const {
    constexpr u8 outgoing = 4;
    if (layout_.record_header != pcap_kuznetzov_record_header) return Direction::unknown;
    return record[22] == outgoing ? Direction::out : Direction::in;
  }

  PcapLayout layout_;
};

bool layout_of(const u8* header, PcapLayout& layout) {
  if (order_of(header, pcap_magic_microseconds, layout.order)) return true;
  if (order_of(header, pcap_magic_nanoseconds, layout.order)) {
    layout.nanoseconds_per_fraction = 1;
    return true;
  }
  layout.record_header = pcap_kuznetzov_record_header;
  return order_of(header, pcap_magic_kuznetzov, layout.order);
}

}  // namespace

Result<std::unique_ptr<Source>> read_pcap(ByteStream stream) {
  RAWKET_TRY(require_header(stream, pcap_file_header));
  const u8* header = stream.window().data();
  PcapLayout layout;
  if (!layout_of(header, layout)) return fail_at(Errc::malformed, stream.name(), 0, "not a pcap file");
  const u16 major = layout.order.word(header + 4), minor = layout.order.word(header + 6);
  if (major != 2 && major != 543)
    return fail_at(Errc::unsupported, stream.name(), 4, "pcap version " + std::to_string(major) + "." + std::to_string(minor) + ", not 2.x");
  layout.lengths = lengths_of(major, minor);
  // The upper half of the link type word tells of frame check sequences, or is garbage.
  layout.link_type = static_cast<LinkType>(layout.order.dword(header + 20) & 0xffff);
  const u32 snapshot_length = layout.order.dword(header + 16);
  stream.consume(pcap_file_header);
  return std::make_unique<PcapReader>(std::move(stream), layout, snapshot_length);
}

}  // namespace rawket
