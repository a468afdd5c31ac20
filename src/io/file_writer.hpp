// The makers of the capture file writers.
#pragma once
#include "rawket/io/capture_file.hpp"
#include "record_writer.hpp"

namespace rawket {

/// A capture file being written.
class FileWriter : public Sink {
 public:
  virtual u64 size() const = 0;  ///< bytes that it has, or will have after `flush`
};

// Each writes its file header at once, so that a full disk or a closed pipe shows before the first packet.
Result<std::unique_ptr<FileWriter>> write_pcap(Descriptor descriptor, std::string name, const WriterOptions& options);
Result<std::unique_ptr<FileWriter>> write_pcapng(Descriptor descriptor, std::string name, WriterOptions options);

Result<std::unique_ptr<FileWriter>> write_capture(Descriptor descriptor, std::string name, WriterOptions options);

/// A packet so long that readers would call the file corrupt is refused.
Result<void> check_length(const std::string& name, const CapturedPacket& packet);

}  // namespace rawket
