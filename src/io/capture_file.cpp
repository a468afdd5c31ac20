// Opening capture files by what they begin with, and creating them by name.
#include "rawket/io/capture_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "byte_order.hpp"
#include "capture_format.hpp"
#include "file_reader.hpp"
#include "file_writer.hpp"
#include "rawket/base/text.hpp"
#include "rawket/base/text_buffer.hpp"

namespace rawket {
namespace {

constexpr std::size_t magic_size = 8;  ///< of the longest magic, snoop's
constexpr std::string_view formats_read = "pcap, pcapng and snoop are read, plain or compressed by gzip, zstd or lz4";

bool is_pcap(Bytes start) {
  FileOrder order;
  return start.size() >= 4 && std::ranges::any_of(std::array{pcap_magic_microseconds, pcap_magic_nanoseconds, pcap_magic_kuznetzov},
                                                  [&](u32 magic) { return order_of(start.data(), magic, order); });
}

bool is_pcapng(Bytes start) { return start.size() >= 4 && FileOrder{}.dword(start.data()) == block::section; }

Failure not_a_capture(const std::string& name, Bytes start) {
  if (start.empty()) return fail(Errc::truncated, name, "an empty file, not a capture file", formats_read);
  if (const std::string_view command = command_to_unpack(start); !command.empty())
    return fail(Errc::unsupported, name, "compressed in a format that is not read",
                "unpack it first with '" + std::string(command) + "'; " + std::string(formats_read));
  TextBuffer what;
  what.append("not a capture file: starts with");
  for (u8 b : start.first(std::min<std::size_t>(start.size(), 4))) what.append(' '), what.hex(b, 2);
  return fail(Errc::malformed, name, what.view(), formats_read);
}

/// Eight bytes, or all that a shorter file has.
Result<void> look_at_start(ByteStream& stream) {
  for (;;) {
    const Bytes start = stream.window();
    if (is_pcap(start) || is_pcapng(start)) return {};  // a slow pipe has given enough
    const auto got = RAWKET_TRY(stream.fill(magic_size, ByteStream::forever));
    if (got != ByteStream::Fill::nothing_yet) return {};
  }
}

Result<std::unique_ptr<Source>> open_stream(Result<ByteStream> made) {
  ByteStream stream = RAWKET_TRY(std::move(made));
  RAWKET_TRY(look_at_start(stream));
  const Bytes start = stream.window();
  if (is_pcap(start)) return read_pcap(std::move(stream));
  if (is_pcapng(start)) return read_pcapng(std::move(stream));
  if (as_text(start).starts_with(snoop_magic)) return read_snoop(std::move(stream));
  return not_a_capture(stream.name(), start);
}

/// A second descriptor of a standard stream, so that the one it came from stays open. Binary data and terminals do not mix.
Result<Descriptor> standard_stream(int number, std::string_view name, std::string_view on_terminal, std::string_view advice) {
  if (::isatty(number) == 1) return fail(Errc::unsupported, name, on_terminal, advice);
  Descriptor copy(::fcntl(number, F_DUPFD_CLOEXEC, 3));
  if (!copy.open()) return fail_system(name);
  return copy;
}

Failure cannot_open(const std::string& path, std::string_view no_such_file) {
  const int why = errno;
  if (why != ENOENT && why != ENOTDIR) return fail_system(path, why);
  Failure failure = fail_system(path, why, no_such_file);
  failure.error().code = Errc::unknown_name;
  return failure;
}

}  // namespace

Result<std::unique_ptr<Source>> open_capture(const std::string& path, const std::function<Result<void>()>& opened) {
  if (path == "-") {
    Descriptor in =
        RAWKET_TRY(standard_stream(STDIN_FILENO, "standard input", "a terminal, not a capture file", "pipe a capture into it, or name a file"));
    if (opened) RAWKET_TRY(opened());
    return open_stream(ByteStream::from_descriptor(std::move(in), "standard input"));
  }
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file.open()) return cannot_open(path, "check the name");
  if (opened) RAWKET_TRY(opened());
  return open_stream(ByteStream::from_descriptor(std::move(file), path));
}

Result<std::unique_ptr<Source>> open_capture_descriptor(int descriptor, std::string name) {
  return open_stream(ByteStream::from_descriptor(Descriptor(descriptor), std::move(name)));
}

Result<std::unique_ptr<Source>> open_capture_bytes(Bytes bytes, std::string name) {
  return open_stream(ByteStream::from_memory(bytes, std::move(name)));
}

namespace {

std::string_view ending_of(std::string_view path) {
  const std::size_t dot = path.find_last_of("./");
  return dot == path.npos ? std::string_view() : path.substr(dot);
}

}  // namespace

Compression compression_of(std::string_view path) {
  const std::string_view ending = ending_of(path);
  if (same_word(ending, ".gz")) return Compression::gzip;
  if (same_word(ending, ".zst")) return Compression::zstd;
  return same_word(ending, ".lz4") ? Compression::lz4 : Compression::none;
}

FileFormat format_of(std::string_view path) {
  if (compression_of(path) != Compression::none) path.remove_suffix(ending_of(path).size());
  const std::string_view ending = ending_of(path);
  return same_word(ending, ".pcap") || same_word(ending, ".cap") ? FileFormat::pcap : FileFormat::pcapng;
}

Result<std::unique_ptr<Sink>> create_capture(const std::string& path, WriterOptions options) {
  if (path == "-") {
    Descriptor out =
        RAWKET_TRY(standard_stream(STDOUT_FILENO, "standard output", "a terminal, which cannot show a capture file", "redirect it, or name a file"));
    return create_capture_descriptor(out.release(), "standard output", std::move(options));
  }
  if (options.format != FileFormat::pcapng && options.interfaces.size() != 1)
    return write_pcap({}, path, options);  // the error, before the file is emptied
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644));
  if (!file.open()) return cannot_open(path, "create the folder first");
  return create_capture_descriptor(file.release(), path, std::move(options));
}

Result<std::unique_ptr<Sink>> create_capture_descriptor(int descriptor, std::string name, WriterOptions options) {
  return write_capture(Descriptor(descriptor), std::move(name), std::move(options));
}

Result<std::unique_ptr<FileWriter>> write_capture(Descriptor file, std::string name, WriterOptions options) {
  if (options.format == FileFormat::pcapng) return write_pcapng(std::move(file), std::move(name), std::move(options));
  return write_pcap(std::move(file), std::move(name), options);
}

}  // namespace rawket
