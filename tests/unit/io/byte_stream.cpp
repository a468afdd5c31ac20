// Compressed and slow input: every format, in pieces, cut, corrupt, from pipes that have not enough yet.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <lz4frame.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <array>

#include "capture_bytes.hpp"

namespace rawket::capture_test {
namespace {

using Pack = std::vector<u8> (*)(Bytes);

std::vector<u8> gzip(Bytes in) {
  z_stream z{};
  deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::vector<u8> out(deflateBound(&z, in.size()) + 64);
  z.next_in = const_cast<Bytef*>(in.data());
  z.avail_in = static_cast<uInt>(in.size());
  z.next_out = out.data();
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}
std::vector<u8> zstd(Bytes in) {
  std::vector<u8> out(ZSTD_compressBound(in.size()));
  out.resize(ZSTD_compress(out.data(), out.size(), in.data(), in.size(), 3));
  return out;
}
std::vector<u8> lz4(Bytes in) {
  std::vector<u8> out(LZ4F_compressFrameBound(in.size(), nullptr));
  out.resize(LZ4F_compressFrame(out.data(), out.size(), in.data(), in.size(), nullptr));
  return out;
}
constexpr std::array<Pack, 3> packers{gzip, zstd, lz4};

/// 2 MB in all: more than a block, so that the window moves and decoders stop in the middle.
std::vector<u8> large_capture() {
  Writer w;
  pcap_header(w);
  for (u32 i = 0; i < 5000; ++i) pcap_record(w, i, 0, std::string(i % 800, static_cast<char>(i)));
  return w.bytes;
}

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0); }
  void write(Bytes b) const { EXPECT_EQ(::write(ends[1], b.data(), b.size()), static_cast<ssize_t>(b.size())); }
  void end() const { ::close(ends[1]); }
  std::array<int, 2> ends{};
};

TEST(CompressedCapture, all_formats_give_what_the_plain_file_gives) {
  const std::vector<u8> plain = large_capture();
  for (const Pack pack : packers) {
    const Everything all = read_all(pack(plain));
    ASSERT_FALSE(all.error) << all.error->text();
    ASSERT_EQ(all.packets.size(), 5000u);
    for (u32 i = 0; i < 5000; ++i) ASSERT_EQ(all.packets[i].data, std::string(i % 800, static_cast<char>(i)));
  }
}

TEST(CompressedCapture, members_that_follow_each_other_are_one_file) {
  const std::vector<u8> plain = large_capture();
  for (const Pack pack : packers) {
    std::vector<u8> joined = pack(Bytes(plain).first(1000));
    const std::vector<u8> rest = pack(Bytes(plain).subspan(1000));
    joined.insert(joined.end(), rest.begin(), rest.end());
    const Everything all = read_all(joined);
    EXPECT_FALSE(all.error);
    EXPECT_EQ(all.packets.size(), 5000u);
  }
}

TEST(CompressedCapture, a_cut_file_gives_what_can_be_unpacked_and_then_an_error) {
  const std::vector<u8> plain = large_capture();
  for (const Pack pack : packers) {
    const std::vector<u8> packed = pack(plain);
    const Everything all = read_all(Bytes(packed).first(packed.size() - 1));
    ASSERT_TRUE(all.error);
    EXPECT_EQ(all.error->code, Errc::truncated) << all.error->text();
    EXPECT_GT(all.packets.size(), 1000u);
  }
}

TEST(CompressedCapture, a_corrupt_byte_is_an_error_after_good_packets) {
  const std::vector<u8> plain = large_capture();
  for (const Pack pack : {Pack{gzip}, Pack{zstd}}) {
    std::vector<u8> packed = pack(plain);
    for (std::size_t i = packed.size() * 3 / 4; i < packed.size(); ++i) packed[i] ^= 0x5a;
    const Everything all = read_all(packed);
    ASSERT_TRUE(all.error);
    EXPECT_TRUE(all.error->located);
  }
}

TEST(CompressedCapture, zeros_behind_gzip_are_padding_and_other_bytes_are_not) {
  Writer w;
  pcap_header(w);
  pcap_record(w, 1, 0, "x");
  std::vector<u8> padded = gzip(w.bytes);
  padded.resize(padded.size() + 512);
  EXPECT_FALSE(read_all(padded).error);
  padded.push_back('?');
  const Everything all = read_all(padded);
  EXPECT_EQ(all.packets.size(), 1u);
  EXPECT_TRUE(all.error);
}

TEST(CapturePipe, a_packet_is_given_as_soon_as_it_is_complete) {
  const Pipe pipe;
  Writer w;
  pcap_header(w);
  pcap_record(w, 1, 0, "first");
  const std::size_t first = w.bytes.size();
  pcap_record(w, 2, 0, "second");
  pipe.write(Bytes(w.bytes).first(first + 3));
  auto source = open_capture_descriptor(pipe.ends[0], "pipe");
  ASSERT_TRUE(source);
  auto batch = (*source)->next(-1);
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->size(), 1u);
  EXPECT_EQ(as_text((*batch)[0].bytes), "first");

  batch = (*source)->next(0);
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->empty()) << "half a record";
  EXPECT_FALSE((*source)->ended());

  pipe.write(Bytes(w.bytes).subspan(first + 3));
  batch = (*source)->next(-1);
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->size(), 1u);
  EXPECT_EQ(as_text((*batch)[0].bytes), "second");

  pipe.end();
  batch = (*source)->next(-1);
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->empty());
  EXPECT_TRUE((*source)->ended());
}

TEST(CapturePipe, compressed_data_may_come_byte_by_byte) {
  Writer head, packets_only;
  section(head);
  interface(head);
  for (unsigned i = 0; i < 20; ++i) enhanced(packets_only, 0, i, "packet " + std::to_string(i));
  for (const Pack pack : packers) {
    const std::vector<u8> packed = pack(packets_only.bytes);
    const Pipe pipe;
    pipe.write(pack(head.bytes));  // opening waits for it
    auto source = open_capture_descriptor(pipe.ends[0], "pipe");
    ASSERT_TRUE(source);
    std::size_t packets = 0;
    for (std::size_t i = 0; !(*source)->ended(); ++i) {
      if (i < packed.size()) pipe.write(Bytes(packed).subspan(i, 1));
      if (i == packed.size()) pipe.end();
      const auto batch = (*source)->next(0);
      ASSERT_TRUE(batch) << batch.error().text();
      packets += batch->size();
    }
    EXPECT_EQ(packets, 20u);
  }
}

TEST(CapturePipe, a_packet_larger_than_a_block_comes_whole) {
  const std::string large(261000, 'L');
  Writer w;
  pcap_header(w);
  pcap_record(w, 1, 0, "small");
  pcap_record(w, 2, 0, large);
  pcap_record(w, 3, 0, large);
  const Everything all = read_all(gzip(w.bytes));
  ASSERT_FALSE(all.error) << all.error->text();
  ASSERT_EQ(all.packets.size(), 3u);
  EXPECT_EQ(all.packets[2].data, large);
}

}  // namespace
}  // namespace rawket::capture_test
