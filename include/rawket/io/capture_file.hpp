// Capture files, read and written as a stream in constant memory: pcap and pcapng, "-" for pipes.
#pragma once
#include <functional>
#include <memory>

#include "rawket/io/source.hpp"

namespace rawket {

/// Opens pcap (micro- and nanoseconds, both byte orders, old and Kuznetzov's variants), pcapng (any block order,
/// several sections and interfaces) or snoop, plain or compressed by gzip, zstd or lz4. "-" reads standard input.
/// Opening waits for the file header. `next` waits for a file whatever `wait` says; a pipe is live: nothing within
/// `wait` (negative: forever), or a signal, gives an empty span while `ended` is false.
/// `opened` is called once the file is open and before its first byte is looked at: there rights are given up.
Result<std::unique_ptr<Source>> open_capture(const std::string& path, const std::function<Result<void>()>& opened = {});
/// The same from a descriptor, which the source then owns; `name` is what errors call it.
Result<std::unique_ptr<Source>> open_capture_descriptor(int descriptor, std::string name);
/// The same from memory; `bytes` must outlive the source.
Result<std::unique_ptr<Source>> open_capture_bytes(Bytes bytes, std::string name);

enum class FileFormat : u8 { pcapng, pcap, pcap_nanoseconds };

/// pcap when the name ends in ".pcap" or ".cap", else pcapng. The ending of a compression is looked past.
FileFormat format_of(std::string_view path);

enum class Compression : u8 { none, gzip, zstd, lz4 };

/// By the name's ending: ".gz", ".zst", ".lz4", else none.
Compression compression_of(std::string_view path);

struct WriterOptions {
  FileFormat format = FileFormat::pcapng;
  Compression compression = Compression::none;
  std::vector<InterfaceDescription> interfaces{};  ///< pcap takes exactly one
  std::string application = "rawket";
  std::string comment{};                         ///< of the section (pcapng)
  /// pcapng: asked to describe interfaces that are not in `interfaces` when their first packet comes, as in a copy of a
  /// file with several sections. Must outlive the last `write`; null: such interfaces have no name.
  const Source* source = nullptr;
  Nanoseconds patience = 0;                      ///< an error when a pipe takes nothing for so long; 0: waits for ever
};

/// Creates or truncates `path`; "-" writes standard output. Whole records only reach the descriptor.
Result<std::unique_ptr<Sink>> create_capture(const std::string& path, WriterOptions options);
/// The same on a descriptor that the sink then owns.
Result<std::unique_ptr<Sink>> create_capture_descriptor(int descriptor, std::string name, WriterOptions options);

}  // namespace rawket
