// snoop files of Solaris: RFC 1761.
#include "byte_order.hpp"
#include "capture_format.hpp"
#include "file_reader.hpp"

namespace rawket {
namespace {

constexpr FileOrder big_endian{std::endian::native == std::endian::little};
constexpr u32 longest_padding = 65536;

class SnoopReader final : public FileReader {
 public:
  SnoopReader(ByteStream stream, LinkType link_type) : FileReader(std::move(stream)) {
    interfaces_.push_back({.link_type = link_type});
    for (CapturedPacket& p : batch_) p.info.link_type = link_type;
  }

 protected:
  Result<Pass> parse(Bytes window, Batch& batch) override {
    Pass pass;
    while (pass.packets < batch.size()) {
      const Bytes rest = window.subspan(pass.used);
      pass.wanted = snoop_record_header;
      if (rest.size() < snoop_record_header) break;
      const u32 captured = big_endian.dword(rest.data() + 4), record = big_endian.dword(rest.data() + 8);
      if (!possible(captured, record)) {
        if (pass.packets > 0) break;
        return malformed(4, "a packet of " + std::to_string(captured) + " bytes in a record of " + std::to_string(record));
      }
      pass.wanted = record;
      if (rest.size() < record) break;
      take(rest.data(), captured, batch[pass.packets++]);
      pass.used += record;
    }
    return pass;
  }
  u64 dropped() const override { return dropped_; }

 private:
  bool possible(u32 captured, u32 record) const {
    return captured <= longest_packet(interfaces_[0].link_type) && record >= snoop_record_header + captured && record - captured <= longest_padding;
  }

  void take(const u8* record, u32 captured, CapturedPacket& packet) {
    packet.bytes = {record + snoop_record_header, captured};
    packet.info.original_length = big_endian.dword(record);
    packet.info.time = i64{big_endian.dword(record + 16)} * second + i64{big_endian.dword(record + 20)} * 1000;
    const u32 drops_so_far = big_endian.dword(record + 12);  // since the capture began
    packet.info.dropped_before = drops_so_far > dropped_ ? drops_so_far - dropped_ : 0;
    dropped_ += packet.info.dropped_before;
  }

  u64 dropped_ = 0;
};

/// RFC 1761 data link types, and the two of later Solaris that have a LINKTYPE_ of the same content.
bool link_type_of(u32 data_link, LinkType& out) {
  switch (data_link) {
    case 0:  // IEEE 802.3
    case 4:
      out = LinkType::ethernet;
      return true;
    case 2:
      out = static_cast<LinkType>(6);
      return true;  // token ring
    case 8:
      out = static_cast<LinkType>(10);
      return true;  // FDDI
    case 18:
      out = static_cast<LinkType>(123);
      return true;  // Sun ATM
    default:
      return false;
  }
}

}  // namespace

Result<std::unique_ptr<Source>> read_snoop(ByteStream stream) {
  RAWKET_TRY(require_header(stream, snoop_file_header));
  const u8* header = stream.window().data();
  const u32 version = big_endian.dword(header + 8), data_link = big_endian.dword(header + 12);
  if (version != 2) return fail_at(Errc::unsupported, stream.name(), 8, "snoop version " + std::to_string(version) + ", not 2");
  LinkType link_type{};
  if (!link_type_of(data_link, link_type)) return fail_at(Errc::unsupported, stream.name(), 12, "snoop data link type " + std::to_string(data_link));
  stream.consume(snoop_file_header);
  return std::make_unique<SnoopReader>(std::move(stream), link_type);
}

}  // namespace rawket
