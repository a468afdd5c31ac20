// Opening and creating by name: what is said of files that are none, and a look at real captures where they are at hand.
#include "rawket/io/capture_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "capture_bytes.hpp"

namespace rawket::capture_test {
namespace {

Error open_error(std::string_view content) { return error_of(read_all(as_bytes(content))); }

TEST(OpenCapture, a_file_of_another_kind_is_named_by_its_first_bytes) {
  const Error e = open_error("#!/bin/sh\necho");
  EXPECT_EQ(e.code, Errc::malformed);
  EXPECT_EQ(e.what, "not a capture file: starts with 23 21 2f 62");
  EXPECT_FALSE(e.advice.empty());
  EXPECT_EQ(open_error("x").what, "not a capture file: starts with 78");
}

TEST(OpenCapture, an_empty_file_is_said_to_be_empty) {
  const Error e = open_error("");
  EXPECT_EQ(e.code, Errc::truncated);
  EXPECT_NE(e.what.find("empty"), std::string::npos);
}

TEST(OpenCapture, a_file_cut_within_its_header_is_truncated) {
  Writer pcap, ng;
  pcap_header(pcap);
  section(ng);
  for (std::size_t size = 4; size < 24; ++size) {
    const Error e = open_error(as_text(Bytes(pcap.bytes).first(size)));
    EXPECT_EQ(e.code, Errc::truncated) << size;
    EXPECT_TRUE(e.located);
  }
  for (std::size_t size = 4; size < 28; ++size) EXPECT_EQ(open_error(as_text(Bytes(ng.bytes).first(size))).code, Errc::truncated) << size;
}

TEST(OpenCapture, a_packed_file_of_unread_format_says_how_to_unpack_it) {
  const Error e = open_error(
      "\xfd"
      "7zXZ and more");
  EXPECT_EQ(e.code, Errc::unsupported);
  EXPECT_NE(e.advice.find("xz -d"), std::string::npos);
}

TEST(OpenCapture, a_missing_file_and_a_directory_are_told_apart) {
  const auto missing = open_capture("/nonexistent/capture.pcap");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::unknown_name);
  EXPECT_EQ(missing.error().errno_value, ENOENT);
  const auto directory = open_capture("/");
  ASSERT_FALSE(directory);
  EXPECT_NE(directory.error().what.find("directory"), std::string::npos);
}

TEST(OpenCapture, the_descriptor_is_closed_with_the_source) {
  Writer w;
  pcap_header(w);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], w.bytes.data(), w.bytes.size()), static_cast<ssize_t>(w.bytes.size()));
  ::close(ends[1]);
  {
    const auto source = open_capture_descriptor(ends[0], "pipe");
    ASSERT_TRUE(source);
  }
  EXPECT_EQ(::fcntl(ends[0], F_GETFD), -1);
}

TEST(FormatOf, the_ending_of_the_name_decides) {
  EXPECT_EQ(format_of("a.pcap"), FileFormat::pcap);
  EXPECT_EQ(format_of("/tmp/B.CAP"), FileFormat::pcap);
  EXPECT_EQ(format_of("a.pcapng"), FileFormat::pcapng);
  EXPECT_EQ(format_of("a.pcap/b"), FileFormat::pcapng);
  EXPECT_EQ(format_of("pcap"), FileFormat::pcapng);
  EXPECT_EQ(format_of("-"), FileFormat::pcapng);
}

TEST(CreateCapture, a_folder_that_is_not_there_is_an_error_with_advice) {
  const auto sink = create_capture("/nonexistent/x.pcapng", {});
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().code, Errc::unknown_name);
  EXPECT_FALSE(sink.error().advice.empty());
}

TEST(CreateCapture, wrong_options_do_not_empty_a_file) {
  const std::string path = testing::TempDir() + "rawket_kept.pcap";
  std::ofstream(path) << "precious";
  EXPECT_FALSE(create_capture(path, {.format = FileFormat::pcap}));
  EXPECT_EQ(std::filesystem::file_size(path), 8u);
  std::filesystem::remove(path);
}

/// Where real captures are, with a table of how many packets each has.
std::optional<std::filesystem::path> corpus() {
  for (const char* path : {"../shared/corpus", "../../shared/corpus", "../../../shared/corpus"})
    if (std::filesystem::exists(std::filesystem::path(path) / "manifest.tsv")) return path;
  return std::nullopt;
}

std::vector<std::string> columns(const std::string& line) {
  std::vector<std::string> out;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, '\t');) out.push_back(cell);
  return out;
}

/// The table counts custom and journal blocks, which are no packets here, in these files of one test suite.
bool counts_other_blocks(const std::string& path) {
  for (const char* name : {"test017", "test018", "test102", "test202"})
    if (path.find(name) != std::string::npos) return true;
  return false;
}

TEST(RealCaptures, every_normal_file_gives_all_of_its_packets) {
  const auto folder = corpus();
  if (!folder) GTEST_SKIP() << "no folder ../shared/corpus with real captures";
  std::ifstream manifest(*folder / "manifest.tsv");
  std::string line;
  std::getline(manifest, line);
  std::size_t files = 0;
  while (std::getline(manifest, line)) {
    const std::vector<std::string> cells = columns(line);
    const bool usable = cells.size() > 14 && cells[0] == "open" && cells[1] == "normal" && cells[14].empty() && !counts_other_blocks(cells[2]);
    if (!usable) continue;
    auto source = open_capture((*folder / cells[2]).string());
    ASSERT_TRUE(source) << source.error().text();
    const Everything all = read_all(**source);
    EXPECT_FALSE(all.error) << all.error->text();
    EXPECT_EQ(std::to_string(all.packets.size()), cells[10]) << cells[2];
    ++files;
  }
  EXPECT_GT(files, 1000u);
}

}  // namespace
}  // namespace rawket::capture_test
