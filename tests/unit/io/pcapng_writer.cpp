// Writing pcapng: all that is known of a packet comes back.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "capture_bytes.hpp"

namespace rawket::capture_test {
namespace {

/// What `use` writes, as the bytes of the file.
template <class Use>
std::vector<u8> written(WriterOptions options, Use use) {
  const std::string path = testing::TempDir() + "rawket_" + std::to_string(::getpid()) + "_writer.pcapng";
  auto sink = create_capture(path, std::move(options));
  EXPECT_TRUE(sink) << sink.error().text();
  if (!sink) return {};
  use(**sink);
  EXPECT_TRUE((*sink)->close({}));
  std::ifstream in(path, std::ios::binary);
  std::vector<u8> bytes{std::istreambuf_iterator<char>(in), {}};
  std::filesystem::remove(path);
  return bytes;
}

CapturedPacket packet(std::string_view data, u32 interface = 0, LinkType type = LinkType::ethernet) {
  CapturedPacket p;
  p.bytes = as_bytes(data);
  p.info.time = 1700000000123456789;
  p.info.original_length = static_cast<u32>(data.size()) + 5;
  p.info.interface = interface;
  p.info.link_type = type;
  return p;
}

TEST(PcapngWriter, everything_known_of_a_packet_is_read_back) {
  CapturedPacket full = packet("0123456789");
  full.info.direction = Direction::in;
  full.info.checksum_not_ready = true;
  full.info.dropped_before = u64{1} << 40;
  full.info.comment = "why this one";
  const std::vector<u8> file =
      written({.interfaces = {{.name = "eth0", .description = "cable", .filter = "udp", .snapshot_length = 128}}}, [&](Sink& sink) {
        EXPECT_TRUE(sink.write(full));
        EXPECT_TRUE(sink.write(packet("")));
      });
  const Everything all = read_all(file);
  ASSERT_FALSE(all.error) << all.error->text();
  ASSERT_EQ(all.packets.size(), 2u);
  const Got& got = all.packets[0];
  EXPECT_EQ(got.data, "0123456789");
  EXPECT_EQ(got.comment, "why this one");
  EXPECT_EQ(got.info.time, full.info.time);
  EXPECT_EQ(got.info.original_length, 15u);
  EXPECT_EQ(got.info.direction, Direction::in);
  EXPECT_TRUE(got.info.checksum_not_ready);
  EXPECT_EQ(got.info.dropped_before, u64{1} << 40);
  EXPECT_EQ(all.packets[1].data, "");
  ASSERT_EQ(all.interfaces.size(), 1u);
  EXPECT_EQ(all.interfaces[0].name, "eth0");
  EXPECT_EQ(all.interfaces[0].description, "cable");
  EXPECT_EQ(all.interfaces[0].filter, "udp");
  EXPECT_EQ(all.interfaces[0].snapshot_length, 128u);
}

TEST(PcapngWriter, losses_told_at_the_end_are_read_back) {
  const std::vector<u8> file = written({.interfaces = {{}}}, [](Sink& sink) {
    EXPECT_TRUE(sink.write(packet("x")));
    EXPECT_TRUE(sink.close({.received = 15, .filtered = 4, .dropped = 10}));
  });
  const Everything all = read_all(file);
  EXPECT_EQ(all.counters.dropped, 10u);
  EXPECT_EQ(all.counters.received, 11u);
}

TEST(PcapngWriter, an_interface_that_changes_its_link_type_is_described_again) {
  const std::vector<u8> file = written({.interfaces = {{.name = "any"}}}, [](Sink& sink) {
    EXPECT_TRUE(sink.write(packet("a")));
    EXPECT_TRUE(sink.write(packet("b", 0, LinkType::raw)));
    EXPECT_TRUE(sink.write(packet("c")));
  });
  const Everything all = read_all(file);
  ASSERT_EQ(all.packets.size(), 3u);
  EXPECT_EQ(all.packets[1].info.link_type, LinkType::raw);
  EXPECT_EQ(all.packets[2].info.link_type, LinkType::ethernet);
  ASSERT_EQ(all.interfaces.size(), 2u);
  EXPECT_EQ(all.interfaces[1].name, "any");
}

TEST(PcapngWriter, a_copy_asks_its_source_for_interfaces_that_come_late) {
  Writer options, in;
  option(options, 2, "late");
  section(in);
  interface(in, 1);
  enhanced(in, 0, 0, "a");
  interface(in, 101, options);
  enhanced(in, 1, 0, "b");
  auto source = open_capture_bytes(in.bytes, "in");
  ASSERT_TRUE(source);
  WriterOptions how{.interfaces = {(*source)->interfaces().begin(), (*source)->interfaces().end()}, .source = source->get()};
  ASSERT_EQ(how.interfaces.size(), 1u);
  const std::vector<u8> file = written(how, [&](Sink& sink) {
    while (!(*source)->ended()) {
      const auto batch = (*source)->next(-1);
      ASSERT_TRUE(batch);
      for (const CapturedPacket& p : *batch) EXPECT_TRUE(sink.write(p));
    }
  });
  const Everything all = read_all(file);
  ASSERT_EQ(all.packets.size(), 2u);
  ASSERT_EQ(all.interfaces.size(), 2u);
  EXPECT_EQ(all.interfaces[1].name, "late");
  EXPECT_EQ(all.packets[1].info.interface, 1u);
}

TEST(PcapngWriter, a_comment_too_long_for_its_option_is_cut_between_characters) {
  std::string comment = "x";
  while (comment.size() < 70000) comment += "\xc3\xa4";
  CapturedPacket p = packet("x");
  p.info.comment = comment;
  const Everything all = read_all(written({.interfaces = {{}}}, [&](Sink& sink) { EXPECT_TRUE(sink.write(p)); }));
  ASSERT_EQ(all.packets.size(), 1u);
  const std::string& kept = all.packets[0].comment;
  EXPECT_GT(kept.size(), 65000u);
  EXPECT_EQ(kept.size() % 2, 1u) << "x and whole pairs";
}

TEST(PcapngWriter, a_time_before_1970_is_refused) {
  CapturedPacket p = packet("x");
  p.info.time = -1;
  written({.interfaces = {{}}}, [&](Sink& sink) { EXPECT_FALSE(sink.write(p)); });
}

TEST(PcapngWriter, sizes_around_the_padding_and_around_the_block_survive) {
  const std::vector<u8> file = written({.interfaces = {{}}}, [](Sink& sink) {
    for (const std::size_t size : {0u, 1u, 2u, 3u, 4u, 5u, 65535u, 262143u, 262144u, 7u}) EXPECT_TRUE(sink.write(packet(std::string(size, 's'))));
  });
  const Everything all = read_all(file);
  ASSERT_FALSE(all.error) << all.error->text();
  ASSERT_EQ(all.packets.size(), 10u);
  EXPECT_EQ(all.packets[8].data, std::string(262144, 's'));
  EXPECT_EQ(all.packets[9].data, std::string(7, 's'));
}

}  // namespace
}  // namespace rawket::capture_test
