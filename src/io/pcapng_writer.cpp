// pcapng files: one section, nanoseconds, and what is known of packets besides their bytes.
#include <algorithm>
#include <unordered_map>

#include "capture_format.hpp"
#include "file_writer.hpp"

namespace rawket {
namespace {

constexpr std::size_t option_head = 4, longest_option = 65532;  // a multiple of four below 2^16
constexpr std::size_t packet_overhead = 32, interface_overhead = 20, section_overhead = 28, statistics_overhead = 24;
constexpr std::size_t most_interfaces = 65536;
constexpr std::size_t always_short_enough = 65535;  // for every link type
constexpr std::size_t flags_only = 12;              // the flags option and the end of options

/// Text that fits an option, cut between characters.
Bytes fit(std::string_view text) {
  std::size_t size = std::min(text.size(), longest_option);
  while (size < text.size() && size > 0 && (static_cast<u8>(text[size]) & 0xc0) == 0x80) --size;
  return as_bytes(text.substr(0, size));
}

/// The options of one block, measured first and then written.
class OptionBlock {
 public:
  void text(u16 code, std::string_view value) {
    if (!value.empty()) add(code, fit(value));
  }
  template <class Number>
  void number(u16 code, const Number& value) {  // kept by reference until `put`
    add(code, {reinterpret_cast<const u8*>(&value), sizeof value});
  }
  std::size_t size() const { return count_ == 0 ? 0 : size_ + option_head; }

  void put(RecordBuilder& record) const {
    if (count_ == 0) return;
    for (std::size_t i = 0; i < count_; ++i) {
      record.number(codes_[i]);
      record.number(static_cast<u16>(values_[i].size()));
      record.padded(values_[i]);
    }
    record.number(u32{0});  // end of options
  }

 private:
  void add(u16 code, Bytes value) {
    codes_[count_] = code;
    values_[count_++] = value;
    size_ += option_head + padded_size(value.size());
  }

  u16 codes_[6] = {};
  Bytes values_[6];
  std::size_t count_ = 0, size_ = 0;
};

class PcapngWriter final : public FileWriter {
 public:
  PcapngWriter(Descriptor descriptor, std::string name, std::unique_ptr<Encoder> encoder, WriterOptions options)
      : out_(std::move(descriptor), std::move(name), std::move(encoder), options.patience), options_(std::move(options)) {}

  Result<void> begin() {
    RAWKET_TRY(put_section());
    for (std::size_t i = 0; i < options_.interfaces.size(); ++i) RAWKET_TRY(put_interface(static_cast<u32>(i), options_.interfaces[i]));
    return out_.flush();
  }

  Result<void> write(const CapturedPacket& packet) override {
    const PacketInfo& info = packet.info;
    if (info.time < 0) return fail(Errc::out_of_range, out_.name(), "a time before 1970, which pcapng cannot hold");
    if (packet.bytes.size() > always_short_enough) RAWKET_TRY(check_length(out_.name(), packet));
    if (info.interface != last_interface_ || info.link_type != last_link_type_) RAWKET_TRY(select(info));
    const u32 flags = flags_of(info);
    if (info.dropped_before == 0 && info.comment.empty()) {
      if (flags == 0) return put_packet(packet, 0, [](RecordBuilder&) {});
      return put_packet(packet, flags_only, [flags](RecordBuilder& record) {  // what most packets of a capture have
        record.number(option::flags);
        record.number(static_cast<u16>(sizeof flags));
        record.number(flags);
        record.number(u32{0});
      });
    }
    OptionBlock options;
    options.text(option::comment, info.comment);
    if (flags != 0) options.number(option::flags, flags);
    if (info.dropped_before != 0) options.number(option::drop_count, info.dropped_before);
    return put_packet(packet, options.size(), [&options](RecordBuilder& record) { options.put(record); });
  }
  Result<void> flush() override { return out_.flush(); }

  Result<void> close_each(std::span<const Counters> counters) override {
    if (out_.closed()) return {};
    Result<void> told;
    for (u32 i = 0; told && i < std::min<std::size_t>(counters.size(), count_); ++i) told = put_statistics(i, counters[i], counters.size() == 1 && count_ > 1);
    const Result<void> closed = out_.close();
    return told ? closed : told;
  }
  u64 written() const override { return out_.packets_written(); }
  u64 size() const override { return out_.size(); }

 private:
  template <class PutOptions>
  Result<void> put_packet(const CapturedPacket& packet, std::size_t option_bytes, PutOptions put_options) {
    const PacketInfo& info = packet.info;
    const std::size_t size = packet_overhead + padded_size(packet.bytes.size()) + option_bytes;
    RecordBuilder record = RAWKET_TRY(out_.record(size, RecordKind::packet));
    record.number(block::enhanced_packet);
    record.number(static_cast<u32>(size));
    record.number(last_id_);
    put_time(record, info.time);
    record.number(static_cast<u32>(packet.bytes.size()));
    record.number(info.original_length);
    record.padded(packet.bytes);
    put_options(record);
    record.number(static_cast<u32>(size));
    latest_ = std::max(latest_, info.time);
    return {};
  }

  static void put_time(RecordBuilder& record, Nanoseconds time) {
    record.number(static_cast<u32>(static_cast<u64>(time) >> 32));
    record.number(static_cast<u32>(static_cast<u64>(time)));
  }

  static u32 flags_of(const PacketInfo& info) {
    u32 flags = info.direction == Direction::in ? packet_flag::inbound : info.direction == Direction::out ? packet_flag::outbound : 0;
    if (info.checksum_not_ready) flags |= packet_flag::checksum_not_ready;
    if (info.gso_size != 0) flags |= packet_flag::segmentation_offload;
    return flags;
  }

  static u64 key_of(u32 interface, LinkType type) { return u64{interface} << 16 | static_cast<u16>(type); }

  /// An interface that the file does not have yet, or that now gives packets of another link type, is described first.
  Result<void> select(const PacketInfo& info) {
    const auto known = ids_.find(key_of(info.interface, info.link_type));
    if (known == ids_.end()) {
      InterfaceDescription told = description_of(info.interface);
      told.link_type = info.link_type;
      RAWKET_TRY(put_interface(info.interface, told));
    }
    last_id_ = ids_.at(key_of(info.interface, info.link_type));
    last_interface_ = info.interface;
    last_link_type_ = info.link_type;
    return {};
  }

  InterfaceDescription description_of(u32 interface) const {
    if (interface < options_.interfaces.size()) return options_.interfaces[interface];
    if (options_.source != nullptr && interface < options_.source->interfaces().size()) return options_.source->interfaces()[interface];
    return {};
  }

  Result<void> put_section() {
    OptionBlock options;
    options.text(option::comment, options_.comment);
    options.text(option::application, options_.application);
    const std::size_t size = section_overhead + options.size();
    RecordBuilder record = RAWKET_TRY(out_.record(size));
    record.number(block::section);
    record.number(static_cast<u32>(size));
    record.number(pcapng_byte_order_magic);
    record.number(u16{1});
    record.number(u16{0});
    record.number(~u64{0});  // the section's length is not known
    options.put(record);
    record.number(static_cast<u32>(size));
    return {};
  }

  Result<void> put_interface(u32 interface, const InterfaceDescription& told) {
    if (count_ >= most_interfaces)
      return fail(Errc::out_of_range, out_.name(), "more than " + std::to_string(most_interfaces) + " interfaces in one file");
    constexpr u8 nanoseconds = 9;
    const std::string filter = told.filter.empty() ? std::string() : std::string(1, '\0') + told.filter;  // 0: a libpcap expression
    OptionBlock options;
    options.text(option::if_name, told.name);
    options.text(option::if_description, told.description);
    options.text(option::if_filter, filter);
    options.number(option::if_tsresol, nanoseconds);
    const std::size_t size = interface_overhead + options.size();
    RecordBuilder record = RAWKET_TRY(out_.record(size));
    record.number(block::interface);
    record.number(static_cast<u32>(size));
    record.number(static_cast<u16>(told.link_type));
    record.number(u16{0});
    record.number(told.snapshot_length);
    options.put(record);
    record.number(static_cast<u32>(size));
    ids_.emplace(key_of(interface, told.link_type), count_);
    ++count_;
    return {};
  }

  /// The kernel's queue is the operating system, and so are its losses; what is missing between its share and what was
  /// delivered was lost here.
  Result<void> put_statistics(u32 interface, const Counters& counters, bool of_all) {
    const u64 accepted = counters.received - std::min(counters.filtered, counters.received);
    const u64 delivered = accepted - std::min(counters.dropped + counters.lost, accepted);
    OptionBlock options;
    if (of_all) options.text(option::comment, "of all interfaces together");
    options.number(option::if_received, counters.received);
    options.number(option::filter_accepted, accepted);
    options.number(option::os_dropped, counters.dropped);
    options.number(option::delivered, delivered);
    const std::size_t size = statistics_overhead + options.size();
    RecordBuilder record = RAWKET_TRY(out_.record(size));
    record.number(block::statistics);
    record.number(static_cast<u32>(size));
    record.number(interface);
    put_time(record, latest_ != 0 ? latest_ : wall_clock());
    options.put(record);
    record.number(static_cast<u32>(size));
    return {};
  }

  RecordWriter out_;
  WriterOptions options_;
  std::unordered_map<u64, u32> ids_;  ///< (interface, link type) -> the file's interface number
  u32 count_ = 0;
  u32 last_interface_ = ~0u, last_id_ = 0;
  LinkType last_link_type_{};
  Nanoseconds latest_ = 0;
};

}  // namespace

Result<std::unique_ptr<FileWriter>> write_pcapng(Descriptor descriptor, std::string name, WriterOptions options) {
  auto encoder = RAWKET_TRY(make_encoder(options.compression));
  auto writer = std::make_unique<PcapngWriter>(std::move(descriptor), std::move(name), std::move(encoder), std::move(options));
  RAWKET_TRY(writer->begin());
  return writer;
}

}  // namespace rawket
