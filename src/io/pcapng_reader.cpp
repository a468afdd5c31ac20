// pcapng: any order of blocks, several sections, byte orders and interfaces. Blocks that tell nothing of packets are skipped.
#include "file_reader.hpp"
#include "pcapng_section.hpp"

namespace rawket {
namespace {

constexpr std::size_t packet_fixed = 20, simple_fixed = 4, smallest_section_block = 28;
constexpr std::size_t body_at = 8;  ///< after type and length

/// A block within the window.
struct Block {
  u32 type = 0, length = 0;
  FileOrder order;
  Bytes body;
};

/// What a block did to the batch: nothing, a packet, or why it cannot be.
enum class Outcome : u8 { none, packet, error };

class PcapngReader final : public FileReader {
 public:
  explicit PcapngReader(ByteStream stream) : FileReader(std::move(stream)) {}

  /// Reads the section header and the blocks up to the first interface, and those behind it that are at hand, so that
  /// `interfaces` tells something once the file is open. What is wrong after the section header is for `next` to tell.
  Result<void> read_head() {
    RAWKET_TRY(require_header(stream_, smallest_section_block));
    CapturedPacket none;
    std::string why;
    for (;;) {
      Block found;
      const auto wanted = block_at(stream_.window(), 0, found);
      const bool first = stream_.offset() == 0;
      if (!wanted && first) return Failure{wanted.error()};
      if (!wanted || (*wanted == 0 && is_packet(found.type))) return {};
      if (*wanted == 0) {
        if (!first && found.type == block::section) return {};
        const bool wrong = take(found, none, why) == Outcome::error;
        if (wrong) return first ? Result<void>(fail_at(Errc::unsupported, stream_.name(), 12, why)) : Result<void>();
        stream_.consume(found.length);
      } else {
        if (section_.size() > 0) return {};
        if (RAWKET_TRY(stream_.fill(*wanted, ByteStream::forever)) == ByteStream::Fill::ended) return {};
      }
    }
  }

 protected:
  Result<Pass> parse(Bytes window, Batch& batch) override {
    Pass pass;
    Block found;
    std::string why;
    while (pass.packets < batch.size()) {
      auto wanted = block_at(window.subspan(pass.used), pass.used, found);
      if (!wanted) {
        if (pass.packets > 0) break;
        return Failure{std::move(wanted).error()};
      }
      pass.wanted = *wanted;
      if (pass.wanted != 0) break;
      const Outcome outcome = take(found, batch[pass.packets], why);
      if (outcome == Outcome::error) {
        if (pass.packets > 0) break;
        return malformed(pass.used, why);
      }
      if (outcome == Outcome::packet) ++pass.packets;
      pass.used += found.length;
    }
    return pass;
  }
  u64 dropped() const override { return section_.dropped(); }

 private:
  static bool is_packet(u32 type) { return type == block::enhanced_packet || type == block::simple_packet || type == block::packet; }

  /// The whole block at the front of `rest`; 0, or how many bytes are needed to have it.
  Result<std::size_t> block_at(Bytes rest, std::size_t position, Block& out) const {
    if (rest.size() < pcapng_block_overhead) return pcapng_block_overhead;
    out.order = section_.order();
    out.type = out.order.dword(rest.data());
    const bool section = out.type == block::section;
    if (section && !order_of(rest.data() + body_at, pcapng_byte_order_magic, out.order))
      return malformed(position + body_at, "no byte-order magic in a section header");
    out.length = out.order.dword(rest.data() + 4);
    if (out.length < (section ? smallest_section_block : pcapng_block_overhead) || out.length % 4 != 0 || out.length > pcapng_longest_block)
      return malformed(position + 4, "an impossible block length, " + std::to_string(out.length));
    if (rest.size() < out.length) return out.length;
    if (out.order.dword(rest.data() + out.length - 4) != out.length)
      return malformed(position + out.length - 4, "the two lengths of a block differ (" + std::to_string(out.length) + " and " +
                                                      std::to_string(out.order.dword(rest.data() + out.length - 4)) + ")");
    out.body = rest.subspan(body_at, out.length - pcapng_block_overhead);
    return std::size_t{0};
  }

  /// `why` is only written for an error.
  Outcome take(const Block& b, CapturedPacket& packet, std::string& why) {
    switch (b.type) {
      case block::enhanced_packet:
        return take_packet(b, packet, why, false);
      case block::packet:
        return take_packet(b, packet, why, true);
      case block::simple_packet:
        return take_simple_packet(b, packet, why);
      case block::statistics:
        section_.take_statistics(b.body);
        return Outcome::none;
      case block::section:
        return take_section(b, why);
      case block::interface:
        return take_interface(b, why);
      default:
        return Outcome::none;
    }
  }

  Outcome take_section(const Block& b, std::string& why) {
    const u16 major = b.order.word(b.body.data() + 4), minor = b.order.word(b.body.data() + 6);
    const bool known = major == 1 && (minor == 0 || minor == 2);  // 1.2 is the same: some writers used it
    if (!known) return error(why, "pcapng version " + std::to_string(major) + "." + std::to_string(minor) + ", not 1.0");
    section_.begin(b.order);
    return Outcome::none;
  }

  Outcome take_interface(const Block& b, std::string& why) {
    if (section_.add_interface(b.body, interfaces_)) return Outcome::none;
    if (b.body.size() < interface_fixed) return error(why, "an interface block of " + std::to_string(b.length) + " bytes, too short");
    return error(why, "more than " + std::to_string(PcapngSection::most_interfaces) + " interfaces");
  }

  /// Enhanced packet blocks; the obsolete packet block differs in its first word: 16 bits of interface, 16 of drops.
  Outcome take_packet(const Block& b, CapturedPacket& packet, std::string& why, bool obsolete) {
    if (b.body.size() < packet_fixed) return error(why, "a packet block too short for its header");
    const u8* p = b.body.data();
    const u32 id = obsolete ? b.order.word(p) : b.order.dword(p);
    if (id >= section_.size()) return error(why, "a packet of the undescribed interface " + std::to_string(id));
    SectionInterface& from = section_[id];
    const u32 captured = b.order.dword(p + 12);
    if (captured > b.body.size() - packet_fixed || captured > longest_packet(from.link_type))
      return error(why, "a packet of " + std::to_string(captured) + " bytes in a block of " + std::to_string(b.length));
    const u64 ticks = u64{b.order.dword(p + 4)} << 32 | b.order.dword(p + 8);
    packet.bytes = b.body.subspan(packet_fixed, captured);
    packet.info = {
        .time = from.clock.nanoseconds(ticks), .original_length = b.order.dword(p + 16), .link_type = from.link_type, .interface = from.index};
    constexpr u16 unknown = 0xffff;
    const u16 drops = obsolete ? b.order.word(p + 2) : u16{0};
    if (drops != unknown) packet.info.dropped_before = drops;
    const std::size_t options_at = packet_fixed + (std::size_t{captured} + 3) / 4 * 4;
    if (options_at < b.body.size()) take_packet_options(b.body.subspan(options_at), b.order, packet.info);
    if (packet.info.dropped_before != 0) from.lost_between += packet.info.dropped_before;
    return Outcome::packet;
  }

  static void take_packet_options(Bytes options, FileOrder order, PacketInfo& info) {
    for (OptionCursor o(options, order); o.next();) {
      const Bytes value = o.value();
      if (o.code() == option::comment && info.comment.empty()) info.comment = as_text(value);
      if (o.code() == option::drop_count && value.size() == 8) info.dropped_before = order.qword(value.data());
      if (o.code() == option::flags && value.size() == 4) {
        const u32 flags = order.dword(value.data()), direction = flags & packet_flag::direction_mask;
        info.direction = direction == packet_flag::inbound ? Direction::in : direction == packet_flag::outbound ? Direction::out : Direction::unknown;
        info.checksum_not_ready = (flags & packet_flag::checksum_not_ready) != 0;
      }
    }
  }

  /// No time, always the first interface, cut at its snapshot length.
  Outcome take_simple_packet(const Block& b, CapturedPacket& packet, std::string& why) {
    if (b.body.size() < simple_fixed) return error(why, "a simple packet block too short for its header");
    if (section_.size() == 0) return error(why, "a simple packet block without an interface");
    const SectionInterface& from = section_[0];
    const u32 original = b.order.dword(b.body.data());
    const std::size_t cut = from.snapshot_length != 0 ? std::min(original, from.snapshot_length) : original;
    packet.bytes = slice(b.body, simple_fixed, cut);
    if (packet.bytes.size() > longest_packet(from.link_type)) return error(why, "a packet of " + std::to_string(packet.bytes.size()) + " bytes");
    packet.info = {.original_length = original, .link_type = from.link_type, .interface = from.index};
    return Outcome::packet;
  }

  static Outcome error(std::string& why, std::string what) {
    why = std::move(what);
    return Outcome::error;
  }

  PcapngSection section_;
};

}  // namespace

Result<std::unique_ptr<Source>> read_pcapng(ByteStream stream) {
  auto reader = std::make_unique<PcapngReader>(std::move(stream));
  RAWKET_TRY(reader->read_head());
  return reader;
}

}  // namespace rawket
