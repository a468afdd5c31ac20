// pcap and snoop files made by hand: variants, byte orders, cut and corrupt records.
#include <gtest/gtest.h>

#include "capture_bytes.hpp"

namespace rawket::capture_test {
namespace {

TEST(Pcap, both_byte_orders_and_both_resolutions_give_the_same_nanoseconds) {
  for (const bool big : {false, true}) {
    Writer micro(big), nano(big);
    pcap_header(micro);
    pcap_record(micro, 1700000000, 123456, "abc");
    pcap_header(nano, 0xa1b23c4d);
    pcap_record(nano, 1700000000, 123456000, "abc");
    for (const Writer& file : {micro, nano}) {
      const Everything all = read_all(file.bytes);
      ASSERT_FALSE(all.error) << all.error->text();
      ASSERT_EQ(all.packets.size(), 1u);
      EXPECT_EQ(all.packets[0].info.time, 1700000000123456000);
      EXPECT_EQ(all.packets[0].data, "abc");
      EXPECT_EQ(all.packets[0].info.original_length, 3u);
    }
  }
}

TEST(Pcap, the_link_type_is_the_lower_half_of_its_word) {
  Writer w;
  pcap_header(w, 0xa1b2c3d4, 0x24000071);  // frame check sequence bits above
  pcap_record(w, 1, 0, "x");
  const Everything all = read_all(w.bytes);
  ASSERT_EQ(all.packets.size(), 1u);
  EXPECT_EQ(all.packets[0].info.link_type, LinkType::linux_sll);
  ASSERT_EQ(all.interfaces.size(), 1u);
  EXPECT_EQ(all.interfaces[0].link_type, LinkType::linux_sll);
  EXPECT_EQ(all.interfaces[0].snapshot_length, 65535u);
}

TEST(Pcap, more_than_a_batch_comes_in_order) {
  Writer w;
  pcap_header(w);
  for (u32 i = 0; i < 1000; ++i) pcap_record(w, i, 0, std::string(i % 7, 'a'));
  const Everything all = read_all(w.bytes);
  ASSERT_EQ(all.packets.size(), 1000u);
  for (u32 i = 0; i < 1000; ++i) {
    EXPECT_EQ(all.packets[i].info.time, i64{i} * second);
    EXPECT_EQ(all.packets[i].data.size(), i % 7);
  }
  EXPECT_EQ(all.counters.received, 1000u);
  EXPECT_EQ(all.counters.dropped, 0u);
}

TEST(Pcap, a_cut_file_gives_all_complete_records_then_the_offset) {
  Writer w;
  pcap_header(w);
  pcap_record(w, 1, 0, "first");
  const std::size_t second_at = w.bytes.size();
  pcap_record(w, 2, 0, "second");
  for (std::size_t size = second_at + 1; size < w.bytes.size(); ++size) {
    const Everything all = read_all(Bytes(w.bytes).first(size));
    ASSERT_EQ(all.packets.size(), 1u) << size;
    ASSERT_TRUE(all.error) << size;
    EXPECT_EQ(all.error->code, Errc::truncated);
    EXPECT_TRUE(all.error->located);
    EXPECT_EQ(all.error->offset, second_at);
  }
}

TEST(Pcap, after_its_error_a_source_has_ended_and_gives_nothing) {
  Writer w;
  pcap_header(w);
  w.text("cut");
  auto source = open_capture_bytes(w.bytes, "test");
  ASSERT_TRUE(source);
  EXPECT_FALSE((*source)->next(0));
  EXPECT_TRUE((*source)->ended());
  const auto again = (*source)->next(0);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->empty());
}

TEST(Pcap, an_impossible_length_is_malformed_at_its_place) {
  Writer w;
  pcap_header(w);
  pcap_record(w, 1, 0, "good");
  const std::size_t bad = w.bytes.size();
  w.dword(2).dword(0).dword(0xffffffff).dword(4).text("data");
  const Everything all = read_all(w.bytes);
  EXPECT_EQ(all.packets.size(), 1u);
  ASSERT_TRUE(all.error);
  EXPECT_EQ(all.error->code, Errc::malformed);
  EXPECT_EQ(all.error->offset, bad + 8);
}

TEST(Pcap, old_versions_have_the_two_lengths_in_the_other_order) {
  for (const u16 minor : {u16{2}, u16{3}}) {
    Writer w;
    pcap_header(w, 0xa1b2c3d4, 1, 2, minor);
    w.dword(1).dword(0).dword(1500).dword(4).text("data");
    const Everything all = read_all(w.bytes);
    ASSERT_FALSE(all.error) << all.error->text();
    ASSERT_EQ(all.packets.size(), 1u);
    EXPECT_EQ(all.packets[0].data, "data");
    EXPECT_EQ(all.packets[0].info.original_length, 1500u);
  }
}

TEST(Pcap, kuznetzov_records_are_longer_and_tell_the_direction) {
  Writer w;
  pcap_header(w, 0xa1b2cd34);
  for (const u8 type : {u8{0}, u8{4}}) w.dword(1).dword(5).dword(2).dword(2).dword(3).word(0x800).number(type, 1).number(0, 1).text("hi");
  const Everything all = read_all(w.bytes);
  ASSERT_EQ(all.packets.size(), 2u);
  EXPECT_EQ(all.packets[0].info.direction, Direction::in);
  EXPECT_EQ(all.packets[1].info.direction, Direction::out);
  EXPECT_EQ(all.packets[1].data, "hi");
  EXPECT_EQ(all.packets[1].info.time, second + 5000);
}

TEST(Pcap, a_major_version_that_is_not_2_is_refused) {
  Writer w;
  pcap_header(w, 0xa1b2c3d4, 1, 3, 0);
  const Everything all = read_all(w.bytes);
  ASSERT_TRUE(all.error);
  EXPECT_EQ(all.error->code, Errc::unsupported);
}

TEST(Pcap, a_fraction_of_a_second_or_more_carries_over) {
  Writer w;
  pcap_header(w);
  pcap_record(w, 10, 1000000, "x");
  EXPECT_EQ(read_all(w.bytes).packets.at(0).info.time, 11 * second);
}

Writer snoop_file(u32 data_link) {
  Writer w(true);
  w.text(std::string_view("snoop\0\0\0", 8)).dword(2).dword(data_link);
  w.dword(60).dword(3).dword(24 + 4).dword(0).dword(100).dword(5).text("abc").pad();
  w.dword(3).dword(3).dword(24 + 4).dword(7).dword(101).dword(6).text("def").pad();
  return w;
}

TEST(Snoop, records_are_read_with_the_drops_before_them) {
  const Everything all = read_all(snoop_file(4).bytes);
  ASSERT_FALSE(all.error) << all.error->text();
  ASSERT_EQ(all.packets.size(), 2u);
  EXPECT_EQ(all.packets[0].data, "abc");
  EXPECT_EQ(all.packets[0].info.original_length, 60u);
  EXPECT_EQ(all.packets[0].info.time, 100 * second + 5000);
  EXPECT_EQ(all.packets[1].info.dropped_before, 7u);
  EXPECT_EQ(all.counters.dropped, 7u);
  EXPECT_EQ(all.counters.received, 9u);
}

TEST(Snoop, an_unknown_data_link_is_refused) { EXPECT_EQ(read_all(snoop_file(77).bytes).error.value().code, Errc::unsupported); }

}  // namespace
}  // namespace rawket::capture_test
