// pcapng files made by hand: sections, interfaces, clocks, options, every kind of packet block, corrupt blocks.
#include <gtest/gtest.h>

#include <functional>

#include "capture_bytes.hpp"

namespace rawket::capture_test {
namespace {

std::string little(u64 value, unsigned size) {
  const Writer w = Writer().number(value, size);
  return std::string(as_text(w.bytes));
}

TEST(Pcapng, sections_of_both_byte_orders_in_one_file) {
  Writer little_one(false), big_one(true);
  for (Writer* w : {&little_one, &big_one}) {
    section(*w);
    interface(*w);
    enhanced(*w, 0, 1'000'000, w->big() ? "big" : "little");
  }
  little_one.bytes.insert(little_one.bytes.end(), big_one.bytes.begin(), big_one.bytes.end());
  const Everything all = read_all(little_one.bytes);
  ASSERT_FALSE(all.error) << all.error->text();
  ASSERT_EQ(all.packets.size(), 2u);
  EXPECT_EQ(all.packets[0].data, "little");
  EXPECT_EQ(all.packets[1].data, "big");
  EXPECT_EQ(all.packets[1].info.time, second);
  EXPECT_EQ(all.interfaces.size(), 1u) << "the same interface in the same place";
}

TEST(Pcapng, interfaces_of_later_sections_get_their_own_index) {
  Writer w;
  section(w);
  interface(w, 1);
  enhanced(w, 0, 0, "a");
  section(w);
  interface(w, 101);
  enhanced(w, 0, 0, "b");
  const Everything all = read_all(w.bytes);
  ASSERT_EQ(all.packets.size(), 2u);
  EXPECT_EQ(all.packets[0].info.interface, 0u);
  EXPECT_EQ(all.packets[1].info.interface, 1u);
  EXPECT_EQ(all.packets[1].info.link_type, LinkType::raw);
  ASSERT_EQ(all.interfaces.size(), 2u);
  EXPECT_EQ(all.interfaces[1].link_type, LinkType::raw);
}

TEST(Pcapng, names_and_filters_of_interfaces_are_told_when_the_file_is_open) {
  Writer options;
  option(options, 2, "eth0");
  option(options, 3, "the cable");
  option(options, 11, std::string("\0tcp port 80", 12));
  Writer w;
  section(w);
  interface(w, 1, options);
  const auto source = open_capture_bytes(w.bytes, "test");
  ASSERT_TRUE(source);
  ASSERT_EQ((*source)->interfaces().size(), 1u);
  EXPECT_EQ((*source)->interfaces()[0].name, "eth0");
  EXPECT_EQ((*source)->interfaces()[0].description, "the cable");
  EXPECT_EQ((*source)->interfaces()[0].filter, "tcp port 80");
}

Nanoseconds time_of(u8 resolution, u64 ticks, i64 offset = 0) {
  Writer options;
  option(options, 9, std::string(1, static_cast<char>(resolution)));
  option(options, 14, little(static_cast<u64>(offset), 8));
  Writer w;
  section(w);
  interface(w, 1, options);
  enhanced(w, 0, ticks, "x");
  return read_all(w.bytes).packets.at(0).info.time;
}

TEST(Pcapng, clocks_count_in_powers_of_ten_or_two_from_an_offset) {
  EXPECT_EQ(time_of(0, 7), 7 * second);
  EXPECT_EQ(time_of(6, 1'500'000), 1'500 * millisecond);
  EXPECT_EQ(time_of(9, 123), 123);
  EXPECT_EQ(time_of(12, 5'999), 5);
  EXPECT_EQ(time_of(0x80 | 10, 1536), 1'500 * millisecond);
  EXPECT_EQ(time_of(0x80 | 32, (u64{3} << 32) | (u64{1} << 31)), 3'500 * millisecond);
  EXPECT_EQ(time_of(9, 5, 1'700'000'000), 1'700'000'000 * second + 5);
  EXPECT_EQ(time_of(9, 5, -2), -2 * second + 5);
}

TEST(Pcapng, clocks_beyond_nanoseconds_give_the_nearest_time) {
  EXPECT_EQ(time_of(6, ~u64{0}), INT64_MAX);
  EXPECT_EQ(time_of(9, 0, INT64_MIN), INT64_MIN);
  EXPECT_EQ(time_of(127, ~u64{0}), 0);
  EXPECT_EQ(time_of(0xff, ~u64{0}), 0);
  EXPECT_EQ(time_of(20, 300'000'000'000), 3);
}

TEST(Pcapng, packet_options_tell_comment_direction_checksum_and_drops) {
  Writer options;
  option(options, 1, "look here");
  option(options, 2, little(2 | 1u << 9, 4));
  option(options, 4, little(12, 8));
  Writer w;
  section(w);
  interface(w);
  enhanced(w, 0, 0, "abcde", options);
  const Everything all = read_all(w.bytes);
  ASSERT_EQ(all.packets.size(), 1u);
  EXPECT_EQ(all.packets[0].comment, "look here");
  EXPECT_EQ(all.packets[0].info.direction, Direction::out);
  EXPECT_TRUE(all.packets[0].info.checksum_not_ready);
  EXPECT_EQ(all.packets[0].info.dropped_before, 12u);
  EXPECT_EQ(all.counters.dropped, 12u);
  EXPECT_EQ(all.counters.received, 13u);
}

TEST(Pcapng, the_last_statistics_of_an_interface_count_its_losses_once) {
  Writer w;
  section(w);
  interface(w);
  for (const u64 drops : {u64{3}, u64{10}}) {
    Writer body;
    body.dword(0).qword(0);
    option(body, 5, little(drops, 8));
    block(w, 5, body);
  }
  enhanced(w, 0, 0, "x");
  const Everything all = read_all(w.bytes);
  EXPECT_EQ(all.counters.dropped, 10u);
  EXPECT_EQ(all.counters.received, 11u);
}

TEST(Pcapng, simple_and_obsolete_packet_blocks) {
  Writer w;
  section(w);
  Writer cut_at_four;
  cut_at_four.word(1).word(0).dword(4);
  block(w, 1, cut_at_four);
  block(w, 3, Writer().dword(60).text("abcd"));
  block(w, 2, Writer().word(0).word(9).dword(0).dword(2'000'000).dword(3).dword(70).text("xyz").pad());
  block(w, 2, Writer().word(0).word(0xffff).dword(0).dword(0).dword(0).dword(0));
  const Everything all = read_all(w.bytes);
  ASSERT_FALSE(all.error) << all.error->text();
  ASSERT_EQ(all.packets.size(), 3u);
  EXPECT_EQ(all.packets[0].data, "abcd");
  EXPECT_EQ(all.packets[0].info.original_length, 60u);
  EXPECT_EQ(all.packets[1].data, "xyz");
  EXPECT_EQ(all.packets[1].info.time, 2 * second);
  EXPECT_EQ(all.packets[1].info.dropped_before, 9u);
  EXPECT_EQ(all.packets[2].info.dropped_before, 0u) << "0xffff: not known";
}

TEST(Pcapng, blocks_of_no_interest_are_skipped) {
  Writer w;
  section(w);
  interface(w);
  for (const u32 type : {4u, 9u, 10u, 0xbadu, 0x40000badu, 0x12345678u}) block(w, type, Writer().text("names or secrets").pad());
  enhanced(w, 0, 0, "x");
  EXPECT_EQ(read_all(w.bytes).packets.size(), 1u);
}

/// One good packet, then what `spoil` appends: the error that must come after the packet.
Error error_after_a_packet(const std::function<void(Writer&)>& spoil, std::size_t& good) {
  Writer w;
  section(w);
  interface(w);
  enhanced(w, 0, 0, "good");
  good = w.bytes.size();
  spoil(w);
  const Everything all = read_all(w.bytes);
  EXPECT_EQ(all.packets.size(), 1u);
  return error_of(all);
}

TEST(Pcapng, corrupt_blocks_are_located_after_all_good_packets) {
  std::size_t good = 0;
  for (const u32 length : {0u, 8u, 13u, 0xfffffffcu}) {
    const Error e = error_after_a_packet([&](Writer& w) { w.dword(6).dword(length).dword(0); }, good);
    EXPECT_EQ(e.code, Errc::malformed) << e.text();
    EXPECT_EQ(e.offset, good + 4);
  }
  Error e = error_after_a_packet([](Writer& w) { w.dword(0xbad).dword(16).dword(0).dword(20); }, good);
  EXPECT_EQ(e.code, Errc::malformed);
  EXPECT_EQ(e.offset, good + 12) << "the second length";
  e = error_after_a_packet([](Writer& w) { enhanced(w, 7, 0, "x"); }, good);
  EXPECT_EQ(e.code, Errc::malformed);
  EXPECT_EQ(e.offset, good);
  e = error_after_a_packet([](Writer& w) { block(w, 6, Writer().dword(0).qword(0).dword(100).dword(100).text("data")); }, good);
  EXPECT_EQ(e.code, Errc::malformed);
  e = error_after_a_packet([](Writer& w) { w.dword(6).dword(64).text("cut"); }, good);
  EXPECT_EQ(e.code, Errc::truncated);
  EXPECT_EQ(e.offset, good);
}

TEST(Pcapng, an_option_that_leaves_its_block_spoils_only_itself) {
  Writer options;
  option(options, 1, "kept");
  options.word(1).word(60000);
  Writer w;
  section(w);
  interface(w);
  enhanced(w, 0, 0, "data", options);
  const Everything all = read_all(w.bytes);
  ASSERT_EQ(all.packets.size(), 1u);
  EXPECT_EQ(all.packets[0].comment, "kept");
}

TEST(Pcapng, a_section_of_another_version_cannot_be_opened) {
  Writer w;
  section(w, 2);
  const Everything all = read_all(w.bytes);
  ASSERT_TRUE(all.error);
  EXPECT_EQ(all.error->code, Errc::unsupported);
}

TEST(Pcapng, too_many_interfaces_are_an_error_and_not_memory) {
  Writer w;
  section(w);
  for (unsigned i = 0; i < 70000; ++i) interface(w);
  const Everything all = read_all(w.bytes);
  ASSERT_TRUE(all.error);
  EXPECT_EQ(all.error->code, Errc::malformed);
  EXPECT_EQ(all.interfaces.size(), 65536u);
}

}  // namespace
}  // namespace rawket::capture_test
