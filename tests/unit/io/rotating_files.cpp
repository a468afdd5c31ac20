// Files that follow each other: nothing twice, nothing missing, and the sums of all tell the whole.
#include "rawket/io/rotating_files.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "capture_bytes.hpp"

namespace rawket::capture_test {
namespace {

class RotatingFiles : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/rawket-rotating-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<Sink> create(const std::string& name, const Rotation& rotation, u64 keep = 0, CountersNow counters = {}) const {
    auto keeper = FileKeeper::start(folder_ + "/" + name, keep);
    EXPECT_TRUE(keeper) << keeper.error().text();
    auto sink = create_rotating(std::move(*keeper), {.format = format_of(name), .compression = compression_of(name), .interfaces = {{.name = "eth0"}}}, rotation, std::move(counters));
    EXPECT_TRUE(sink) << sink.error().text();
    return sink ? std::move(*sink) : nullptr;
  }
  static Result<void> write_number(Sink& sink, u64 n) {
    const std::string text = std::to_string(n);
    return sink.write({as_bytes(text), {.time = second, .original_length = static_cast<u32>(text.size())}});
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& e : std::filesystem::directory_iterator(folder_)) all.push_back(e.path().filename().string());
    std::ranges::sort(all);
    return all;
  }
  Everything read(const std::string& name) const {
    auto source = open_capture(folder_ + "/" + name);
    EXPECT_TRUE(source) << source.error().text();
    return source ? read_all(**source) : Everything{};
  }
  std::vector<std::string> numbers() const {
    std::vector<std::string> all;
    for (const std::string& n : names())
      for (const Got& g : read(n).packets) all.push_back(g.data);
    return all;
  }
  static std::vector<std::string> counted(u64 from, u64 to) {
    std::vector<std::string> all;
    for (; from < to; ++from) all.push_back(std::to_string(from));
    return all;
  }
  std::string folder_;
};

TEST_F(RotatingFiles, hold_every_packet_once_whatever_ends_them) {
  for (const Rotation& r : {Rotation{.packets = 7}, Rotation{.bytes = 150}, Rotation{.bytes = 300, .packets = 3}}) {
    for (const char* name : {"n.pcapng", "n.pcap", "n.pcapng.zst", "n.pcap.gz"}) {
      const auto sink = create(name, r);
      ASSERT_TRUE(sink);
      for (u64 i = 0; i < 100; ++i) {
        ASSERT_TRUE(write_number(*sink, i));
        ASSERT_TRUE(i % 10 != 9 || sink->flush()) << "how much compressed bytes are is known then";
      }
      ASSERT_TRUE(sink->close({}));
      EXPECT_EQ(sink->written(), 100u);
      EXPECT_EQ(numbers(), counted(0, 100)) << name;
      EXPECT_GT(names().size(), 1u) << name;
      for (const std::string& n : names()) std::filesystem::remove(folder_ + "/" + n);
    }
  }
}

TEST_F(RotatingFiles, the_newest_stay_and_what_was_there_before_is_not_touched) {
  ASSERT_TRUE(create("n.pcapng", {.packets = 10})->close({}));
  ASSERT_EQ(names(), std::vector<std::string>{"n-000001.pcapng"});
  const auto sink = create("n.pcapng", {.packets = 10}, 2);
  for (u64 i = 0; i < 55; ++i) ASSERT_TRUE(write_number(*sink, i));
  ASSERT_TRUE(sink->close({}));
  EXPECT_EQ(names(), (std::vector<std::string>{"n-000001.pcapng", "n-000006.pcapng", "n-000007.pcapng"}));
  EXPECT_EQ(numbers(), counted(40, 55));
}

TEST_F(RotatingFiles, a_new_one_begins_in_time_also_without_traffic) {
  const auto sink = create("n.pcapng", {.time = 20 * millisecond});
  ASSERT_TRUE(write_number(*sink, 0));
  for (int i = 0; i < 3; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
    ASSERT_TRUE(sink->flush());
  }
  ASSERT_TRUE(sink->close({}));
  EXPECT_EQ(names().size(), 4u);
  EXPECT_EQ(numbers(), counted(0, 1));
}

TEST_F(RotatingFiles, tell_together_what_was_lost_and_filtered) {
  Counters now;
  const auto sink = create("n.pcapng", {.packets = 5}, 0, [&now] { return std::vector{now}; });
  for (u64 i = 0; i < 20; ++i) {
    now.filtered += 2, now.dropped += 3;
    ASSERT_TRUE(write_number(*sink, i));
  }
  now.received = 20 + now.filtered + now.dropped;
  ASSERT_TRUE(sink->close(now));
  u64 dropped = 0, received = 0;
  for (const std::string& n : names()) {
    const Everything all = read(n);
    dropped += all.counters.dropped, received += all.packets.size() + all.counters.dropped;
  }
  EXPECT_EQ(dropped, 60u);
  EXPECT_EQ(received, 80u);
}

TEST_F(RotatingFiles, a_folder_that_is_not_there_is_told) {
  auto keeper = FileKeeper::start(folder_ + "/none/n.pcapng", 0);
  ASSERT_TRUE(keeper);
  const auto opened = (*keeper)->next();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().errno_value, ENOENT);
  EXPECT_NE(opened.error().where.find(folder_), std::string::npos);
}

TEST(FileNames, are_numbered_before_their_endings_or_made_of_the_time) {
  EXPECT_EQ(numbered_path("a.pcapng", 1, 0, false), "a-000001.pcapng");
  EXPECT_EQ(numbered_path("x.y/a.pcap.gz", 1234567, 0, false), "x.y/a-1234567.pcap.gz");
  EXPECT_EQ(numbered_path("x.y/a", 2, 0, false), "x.y/a-000002");
  EXPECT_EQ(numbered_path(".hidden", 2, 0, false), ".hidden-000002");
  const std::string year = numbered_path("a-%Y.pcap", 1, 400 * 86400 * second, false);
  EXPECT_EQ(year, "a-1971.pcap");
  EXPECT_EQ(numbered_path("a-%Y.pcap", 2, 400 * 86400 * second, true), "a-1971-000002.pcap");
}

}  // namespace
}  // namespace rawket::capture_test
