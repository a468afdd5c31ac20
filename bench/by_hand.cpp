// The limit: no library, nothing checked that need not be.
#include <cstring>

#include "peers.hpp"

namespace rawket::bench::by_hand {
namespace {

u16 word(const u8* p) {
  u16 v = 0;
  std::memcpy(&v, p, 2);
  return __builtin_bswap16(v);
}
u32 dword(const u8* p) {
  u32 v = 0;
  std::memcpy(&v, p, 4);
  return __builtin_bswap32(v);
}
void put16(u8* p, u32 v) {
  const u16 w = __builtin_bswap16(static_cast<u16>(v));
  std::memcpy(p, &w, 2);
}
void put32(u8* p, u32 v) {
  v = __builtin_bswap32(v);
  std::memcpy(p, &v, 4);
}
u32 folded(u64 sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<u32>(sum);
}
u64 sum_of(const u8* p, std::size_t n) {
  u64 sum = 0;
  for (; n >= 4; n -= 4, p += 4) {
    u32 v = 0;
    std::memcpy(&v, p, 4);
    sum += v;
  }
  for (; n >= 2; n -= 2, p += 2) {
    u16 v = 0;
    std::memcpy(&v, p, 2);
    sum += v;
  }
  return n == 0 ? sum : sum + *p;
}
void put_sum(u8* p, u64 sum) {  // of words as they lie in memory
  const u16 v = static_cast<u16>(~folded(sum));
  std::memcpy(p, &v, 2);
}

constexpr u8 headers[54] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 198, 18, 0, 1, 198, 19, 0, 0, 0, 0, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x18, 0xfa, 0xf0, 0, 0, 0, 0};
constexpr u64 big_endian_sum(std::size_t from, std::size_t to) {
  u64 sum = 0;
  for (std::size_t i = from; i < to; i += 2) sum += static_cast<u64>(headers[i] << 8 | headers[i + 1]);
  return sum;
}

}  // namespace

u64 decode_tcp(Bytes frame) {
  const u8* p = frame.data();
  if (frame.size() < 54 || word(p + 12) != 0x0800 || p[14] >> 4 != 4 || p[23] != 6) return 0;
  const std::size_t at = 14 + (p[14] & 15) * 4u;
  if (at + 20 > frame.size()) return 0;
  return dword(p + 26) + u64{dword(p + 30)} + word(p + at) + word(p + at + 2) + (word(p + at + 12) & 0xfffu);
}

void build(const Given& v, u8* frame) {
  std::memcpy(frame, headers, sizeof headers);
  std::memcpy(frame, v.dst_mac, 6);
  std::memcpy(frame + 6, v.src_mac, 6);
  put16(frame + 18, v.id);
  put32(frame + 26, v.src);
  put32(frame + 30, v.dst);
  put16(frame + 34, v.sport);
  put32(frame + 38, v.seq);
  put_sum(frame + 24, sum_of(frame + 14, 20));
  put_sum(frame + 50, sum_of(frame + 26, 28) + __builtin_bswap16(6 + 20));
}

void patch(const Given& v, u8* frame) {
  constexpr u64 ip = big_endian_sum(14, 34) - 0xc613, tcp = big_endian_sum(26, 54) - 0xc613 + 6 + 20;
  std::memcpy(frame, headers, sizeof headers);
  put16(frame + 18, v.id);
  put32(frame + 30, v.dst);
  put16(frame + 34, v.sport);
  put32(frame + 38, v.seq);
  const u64 dst = (v.dst >> 16) + (v.dst & 0xffff);
  put16(frame + 24, ~folded(ip + dst + v.id));
  put16(frame + 50, ~folded(tcp + dst + v.sport + (v.seq >> 16) + (v.seq & 0xffff)));
}

void patch_port(u16 port, u8* frame) {
  const u32 sum = u32{static_cast<u16>(~word(frame + 50))} + static_cast<u16>(~word(frame + 36)) + port;
  put16(frame + 36, port);
  put16(frame + 50, ~folded(sum));
}

u16 checksum(Bytes bytes) {
  u64 sum = 0;
  const u8* p = bytes.data();
  std::size_t n = bytes.size();
  for (; n >= 8; n -= 8, p += 8) {
    u64 v = 0;
    std::memcpy(&v, p, 8);
    sum += v;
    sum += sum < v;
  }
  sum = (sum & 0xffffffff) + (sum >> 32);
  return __builtin_bswap16(static_cast<u16>(~folded(sum + sum_of(p, n))));
}

}  // namespace rawket::bench::by_hand
