// Writing pcap, and what every writer does when the other side takes no more.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "capture_bytes.hpp"

namespace rawket::capture_test {
namespace {

/// A file that is gone after the test.
struct TemporaryFile {
  explicit TemporaryFile(std::string_view name) : path(testing::TempDir() + "rawket_" + std::to_string(::getpid()) + "_" + std::string(name)) {}
  ~TemporaryFile() { std::filesystem::remove(path); }
  std::string path;
};

CapturedPacket packet(std::string_view data, Nanoseconds time = second) {
  CapturedPacket p;
  p.bytes = as_bytes(data);
  p.info.time = time;
  p.info.original_length = static_cast<u32>(data.size());
  return p;
}

WriterOptions one_interface(FileFormat format) { return {.format = format, .interfaces = {{.snapshot_length = 96}}}; }

TEST(PcapWriter, what_is_written_is_read_back) {
  for (const FileFormat format : {FileFormat::pcap, FileFormat::pcap_nanoseconds}) {
    const TemporaryFile file("back.pcap");
    auto sink = create_capture(file.path, one_interface(format));
    ASSERT_TRUE(sink) << sink.error().text();
    CapturedPacket cut = packet("cut", 1700000000123456789);
    cut.info.original_length = 1500;
    ASSERT_TRUE((*sink)->write(cut));
    ASSERT_TRUE((*sink)->write(packet("")));
    ASSERT_TRUE((*sink)->close({}));
    auto source = open_capture(file.path);
    ASSERT_TRUE(source) << source.error().text();
    const Everything all = read_all(**source);
    ASSERT_FALSE(all.error);
    ASSERT_EQ(all.packets.size(), 2u);
    EXPECT_EQ(all.packets[0].data, "cut");
    EXPECT_EQ(all.packets[0].info.original_length, 1500u);
    EXPECT_EQ(all.packets[0].info.time, format == FileFormat::pcap ? 1700000000123456000 : 1700000000123456789);
    EXPECT_EQ(all.packets[1].data, "");
    EXPECT_EQ(all.interfaces[0].snapshot_length, 96u);
  }
}

TEST(PcapWriter, a_second_link_type_is_refused_and_the_file_stays_good) {
  const TemporaryFile file("types.pcap");
  auto sink = create_capture(file.path, one_interface(FileFormat::pcap));
  ASSERT_TRUE(sink);
  CapturedPacket other = packet("x");
  other.info.link_type = LinkType::raw;
  const auto refused = (*sink)->write(other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unsupported);
  EXPECT_NE(refused.error().advice.find("pcapng"), std::string::npos);
  EXPECT_TRUE((*sink)->write(packet("y")));
  EXPECT_TRUE((*sink)->close({}));
  auto source = open_capture(file.path);
  ASSERT_TRUE(source);
  EXPECT_EQ(read_all(**source).packets.size(), 1u);
}

TEST(PcapWriter, times_and_lengths_that_the_format_cannot_hold_are_refused) {
  auto sink = create_capture("/dev/null", one_interface(FileFormat::pcap));
  ASSERT_TRUE(sink);
  EXPECT_FALSE((*sink)->write(packet("x", -1)));
  EXPECT_FALSE((*sink)->write(packet("x", (i64{1} << 32) * second)));
  EXPECT_FALSE((*sink)->write(packet(std::string(262145, 'x'))));
  EXPECT_TRUE((*sink)->write(packet(std::string(262144, 'x'))));
}

TEST(PcapWriter, it_takes_exactly_one_interface) {
  EXPECT_FALSE(create_capture("/dev/null", {.format = FileFormat::pcap, .interfaces = {{}, {}}}));
  EXPECT_FALSE(create_capture("/dev/null", {.format = FileFormat::pcap}));
}

TEST(WriterErrors, a_full_disk_is_told_when_the_file_is_created) {
  const auto sink = create_capture("/dev/full", one_interface(FileFormat::pcapng));
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().errno_value, ENOSPC);
  EXPECT_EQ(sink.error().where, "/dev/full");
  EXPECT_FALSE(sink.error().advice.empty());
}

TEST(WriterErrors, a_closed_pipe_is_an_error_and_not_a_signal) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  auto sink = create_capture_descriptor(ends[1], "pipe", one_interface(FileFormat::pcap));
  ASSERT_TRUE(sink);
  ::close(ends[0]);
  ASSERT_TRUE((*sink)->write(packet("x")));
  const auto flushed = (*sink)->flush();
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().errno_value, EPIPE);
  EXPECT_FALSE((*sink)->write(packet("y"))) << "a gap would look like a whole file";
  EXPECT_FALSE((*sink)->close({}));
  EXPECT_TRUE((*sink)->close({})) << "only the first call does anything";
}

TEST(WriterErrors, a_file_that_may_not_grow_ends_with_a_whole_record) {
  const TemporaryFile file("limit.pcapng");
  auto sink = create_capture(file.path, one_interface(FileFormat::pcapng));
  ASSERT_TRUE(sink);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 10007;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  for (int i = 0; i < 500; ++i) EXPECT_TRUE((*sink)->write(packet("a packet of some bytes")));
  const auto closed = (*sink)->close({});
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().errno_value, EFBIG);
  auto source = open_capture(file.path);
  ASSERT_TRUE(source);
  const Everything all = read_all(**source);
  EXPECT_FALSE(all.error) << all.error->text();
  EXPECT_GT(all.packets.size(), 100u);
  EXPECT_LT(all.packets.size(), 500u);
}

TEST(WriterErrors, a_sink_that_is_dropped_without_close_still_writes_its_records) {
  const TemporaryFile file("dropped.pcap");
  {
    auto sink = create_capture(file.path, one_interface(FileFormat::pcap));
    ASSERT_TRUE(sink);
    ASSERT_TRUE((*sink)->write(packet("x")));
  }
  auto source = open_capture(file.path);
  ASSERT_TRUE(source);
  EXPECT_EQ(read_all(**source).packets.size(), 1u);
}

TEST(WriterBlocks, only_whole_records_reach_the_descriptor) {
  const TemporaryFile file("blocks.pcap");
  auto sink = create_capture(file.path, one_interface(FileFormat::pcap));
  ASSERT_TRUE(sink);
  const std::string data(1000, 'd');
  std::uintmax_t last = 0;
  unsigned steps = 0;
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE((*sink)->write(packet(data)));
    const std::uintmax_t size = std::filesystem::file_size(file.path);
    EXPECT_EQ((size - 24) % 1016, 0u);
    if (size != last) ++steps, last = size;
  }
  EXPECT_LT(steps, 12u) << "in blocks of about 256 KiB";
}

}  // namespace
}  // namespace rawket::capture_test
