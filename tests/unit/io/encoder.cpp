// What was written compressed is read back, also when the end is missing.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "capture_bytes.hpp"

namespace rawket::capture_test {
namespace {

struct Kind {
  const char* ending;
  Compression compression;
};

class Compressed : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    char name[] = "/tmp/rawket-encoder-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path() const { return folder_ + "/x.pcap" + GetParam().ending; }
  std::unique_ptr<Sink> create() const {
    EXPECT_EQ(format_of(path()), FileFormat::pcap);
    auto sink = create_capture(path(), {.format = format_of(path()), .compression = compression_of(path()), .interfaces = {{}}});
    EXPECT_TRUE(sink) << sink.error().text();
    return sink ? std::move(*sink) : nullptr;
  }
  std::string content() const {
    std::ostringstream all;
    all << std::ifstream(path(), std::ios::binary).rdbuf();
    return all.str();
  }
  static CapturedPacket packet(std::string_view data) { return {as_bytes(data), {.time = second, .original_length = static_cast<u32>(data.size())}}; }
  std::string folder_;
};

TEST_P(Compressed, the_name_says_how) { EXPECT_EQ(compression_of(path()), GetParam().compression); }

TEST_P(Compressed, comes_back_as_it_was) {
  const auto sink = create();
  ASSERT_TRUE(sink);
  const std::string data(1000, 'a');
  for (int i = 0; i < 2000; ++i) ASSERT_TRUE(sink->write(packet(std::string_view(data).substr(static_cast<std::size_t>(i % 1000)))));
  ASSERT_TRUE(sink->close({}));
  EXPECT_EQ(sink->written(), 2000u);
  const std::string file = content();
  if (GetParam().compression != Compression::none) {
    EXPECT_LT(file.size(), 300'000u) << "of a million bytes";
  }
  const Everything all = read_all(as_bytes(file));
  EXPECT_FALSE(all.error) << all.error->text();
  ASSERT_EQ(all.packets.size(), 2000u);
  EXPECT_EQ(all.packets[1999].data.size(), 1u);
}

TEST_P(Compressed, an_empty_capture_is_a_whole_file) {
  const auto sink = create();
  ASSERT_TRUE(sink);
  ASSERT_TRUE(sink->close({}));
  const Everything all = read_all(as_bytes(content()));
  EXPECT_FALSE(all.error) << all.error->text();
  EXPECT_TRUE(all.packets.empty());
}

TEST_P(Compressed, what_was_flushed_can_be_read_without_an_end) {
  const auto sink = create();
  ASSERT_TRUE(sink);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(sink->write(packet("some bytes of a packet")));
    ASSERT_TRUE(sink->flush());
    EXPECT_EQ(sink->written(), static_cast<u64>(i) + 1);
    const std::string file = content();
    EXPECT_EQ(read_all(as_bytes(file)).packets.size(), static_cast<std::size_t>(i) + 1);
  }
  ASSERT_TRUE(sink->write(packet("on its way")));
  EXPECT_EQ(sink->written(), 10u);
}

INSTANTIATE_TEST_SUITE_P(Each, Compressed, testing::Values(Kind{"", Compression::none}, Kind{".gz", Compression::gzip}, Kind{".zst", Compression::zstd}, Kind{".lz4", Compression::lz4}),
                         [](const testing::TestParamInfo<Kind>& i) { return i.param.ending[0] == 0 ? std::string("plain") : std::string(i.param.ending + 1); });

}  // namespace
}  // namespace rawket::capture_test
