// Packets and files for the benchmarks.
#include "data.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "rawket/io/capture_file.hpp"
#include "rawket/proto/all.hpp"

namespace rawket::bench {
namespace {

constexpr Mac left = "02:00:00:00:00:01", right = "02:00:00:00:00:02";
constexpr Ipv6Address left6 = "2001:db8::1", right6 = "2001:db8::2";
constexpr std::size_t small_size = 64;

Ethernet ethernet() { return {.dst = right, .src = left}; }
Ipv4 ipv4(u32 i) {
  return {.id = static_cast<u16>(i), .flags = 2, .src = Ipv4Address::from_number(0xc6120000 | i % 1000), .dst = Ipv4Address::from_number(0xc6130000 | i * 7 % 1000)};
}
Ipv6 ipv6() { return {.src = left6, .dst = right6}; }
Tcp tcp(u32 i) {
  return {.sport = static_cast<u16>(1024 + i * 7), .dport = static_cast<u16>(i % 3 == 0 ? 80 : 443), .seq = i * 2654435761u, .ack = i * 40503u, .flags = Psh | Ack, .window = 501};
}
Udp udp(u32 i) { return {.sport = static_cast<u16>(1024 + i * 7), .dport = u16{40000}}; }
Dns query(u32 i) { return {.id = static_cast<u16>(i), .questions = 1, .options = {"test", 1}}; }

/// The i-th flow's packet; flows differ in hosts and ports.
Packet small(u32 i) {
  Tcp syn = tcp(i);
  syn.ack = 0, syn.flags = Syn, syn.options = {Mss{1460}, WindowScale{7}};
  switch (i % 10) {
    case 0: return ethernet() / ipv4(i) / syn;
    case 1: return ethernet() / ipv4(i) / Udp{.sport = static_cast<u16>(1024 + i)} / query(i);
    case 2:
    case 3: return ethernet() / ipv4(i) / udp(i) / "abcdefghijklmnopqrstuv";
    case 4: return ethernet() / ipv6() / udp(i) / "ab";
    default: return ethernet() / ipv4(i) / tcp(i) / "abcdefghij";
  }
}

}  // namespace

std::vector<Packet> tcp_packets() {
  std::vector<Packet> packets;
  for (u32 i = 0; i < 64; ++i) packets.push_back(ethernet() / ipv4(i) / tcp(i));
  return packets;
}

std::vector<Packet> mixed_packets() {
  std::vector<Packet> packets;
  for (u32 i = 0; i < 66; i += 6) {
    packets.push_back(ethernet() / Vlan{.id = 7} / ipv4(i) / tcp(i));
    packets.push_back(ethernet() / ipv6() / tcp(i));
    packets.push_back(ethernet() / ipv6() / udp(i) / "hello");
    packets.push_back(ethernet() / ipv4(i) / udp(i) / "hello");
    packets.push_back(ethernet() / ipv4(i) / Udp{.sport = static_cast<u16>(1024 + i)} / query(i));
    packets.push_back(ethernet() / ipv6() / Udp{.sport = static_cast<u16>(1024 + i)} / query(i));
  }
  return packets;
}

std::vector<Packet> small_packets(u32 flows) {
  std::vector<Packet> packets;
  for (u32 i = 0; i < flows; ++i) {
    const Packet p = small(i);
    std::vector<u8> padded(p.bytes().begin(), p.bytes().end());
    padded.resize(small_size);
    packets.push_back(Packet::from_bytes(standard_registry(), info<Ethernet>, padded));
  }
  return packets;
}

TemporaryDirectory::TemporaryDirectory() {
  char path[] = "/tmp/rawket-bench-XXXXXX";
  if (mkdtemp(path) == nullptr) {
    std::perror(path);
    std::exit(1);
  }
  path_ = path;
}
TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

bool write_capture(const std::string& path, u64 count) {
  constexpr u32 flows = 100'000;
  const std::vector<Packet> packets = small_packets(flows);
  const auto failed = [&](const Error& e) {
    std::fprintf(stderr, "%s\n", e.text().c_str());
    return false;
  };
  auto sink = create_capture(path, {.format = FileFormat::pcap, .interfaces = {{.link_type = LinkType::ethernet}}});
  if (!sink) return failed(sink.error());
  CapturedPacket p;
  p.info.time = 1'700'000'000 * second;
  for (u64 i = 0; i < count; ++i) {
    p.bytes = packets[i % packets.size()];
    p.info.original_length = static_cast<u32>(p.bytes.size());
    p.info.time += millisecond;
    if (auto r = (*sink)->write(p); !r) return failed(r.error());
  }
  if (auto r = (*sink)->close({}); !r) return failed(r.error());
  return true;
}

}  // namespace rawket::bench
