// pcap files: one link type, micro- or nanoseconds, in this machine's byte order.
#include "capture_format.hpp"
#include "file_reader.hpp"
#include "file_writer.hpp"

namespace rawket {
namespace {

class PcapWriter final : public FileWriter {
 public:
  PcapWriter(Descriptor descriptor, std::string name, std::unique_ptr<Encoder> encoder, const WriterOptions& options)
      : out_(std::move(descriptor), std::move(name), std::move(encoder), options.patience),
        link_type_(options.interfaces[0].link_type),
        nanoseconds_per_fraction_(options.format == FileFormat::pcap_nanoseconds ? 1 : 1000) {}

  Result<void> begin(u32 snapshot_length) {
    RecordBuilder header = RAWKET_TRY(out_.record(pcap_file_header));
    header.number(nanoseconds_per_fraction_ == 1 ? pcap_magic_nanoseconds : pcap_magic_microseconds);
    header.number(u16{2});
    header.number(u16{4});
    header.number(u64{0});  // time zone and accuracy: always zero
    header.number(snapshot_length == 0 ? longest_snapshot : snapshot_length);
    header.number(u32{static_cast<u16>(link_type_)});
    return out_.flush();
  }

  Result<void> write(const CapturedPacket& packet) override {
    const PacketInfo& info = packet.info;
    if (info.link_type != link_type_) return second_link_type(info.link_type);
    constexpr i64 end_of_time = i64{1} << 32;  // seconds are 32 bits
    if (info.time < 0 || info.time / second >= end_of_time)
      return fail(Errc::out_of_range, out_.name(), "a time before 1970 or after 2106, which pcap cannot hold",
                  "write pcapng: name the file *.pcapng");
    RAWKET_TRY(check_length(out_.name(), packet));
    RecordBuilder record = RAWKET_TRY(out_.record(pcap_record_header + packet.bytes.size(), RecordKind::packet));
    record.number(static_cast<u32>(info.time / second));
    record.number(static_cast<u32>(info.time % second / nanoseconds_per_fraction_));
    record.number(static_cast<u32>(packet.bytes.size()));
    record.number(info.original_length);
    record.bytes(packet.bytes);
    return {};
  }
  Result<void> flush() override { return out_.flush(); }
  Result<void> close_each(std::span<const Counters>) override { return out_.close(); }
  u64 written() const override { return out_.packets_written(); }
  u64 size() const override { return out_.size(); }

 private:
  Failure second_link_type(LinkType other) const {
    return fail(Errc::unsupported, out_.name(),
                "a packet of link type " + std::to_string(static_cast<u16>(other)) + " in a pcap file of link type " +
                    std::to_string(static_cast<u16>(link_type_)),
                "write pcapng, which holds several: name the file *.pcapng");
  }

  RecordWriter out_;
  LinkType link_type_;
  i64 nanoseconds_per_fraction_;
};

}  // namespace

Result<void> check_length(const std::string& name, const CapturedPacket& packet) {
  const u32 longest = longest_packet(packet.info.link_type);
  if (packet.bytes.size() <= longest) return {};
  return fail(Errc::out_of_range, name,
              "a packet of " + std::to_string(packet.bytes.size()) + " bytes; readers take at most " + std::to_string(longest),
              "cut it with a snapshot length");
}

Result<std::unique_ptr<FileWriter>> write_pcap(Descriptor descriptor, std::string name, const WriterOptions& options) {
  if (options.interfaces.size() != 1)
    return fail(Errc::unsupported, name, "a pcap file holds one interface, " + std::to_string(options.interfaces.size()) + " were given",
                "write pcapng, which holds several: name the file *.pcapng");
  auto writer = std::make_unique<PcapWriter>(std::move(descriptor), std::move(name), RAWKET_TRY(make_encoder(options.compression)), options);
  RAWKET_TRY(writer->begin(options.interfaces[0].snapshot_length));
  return writer;
}

}  // namespace rawket
