// Reading a capture file, packet by packet.
#include <fcntl.h>
#include <pcap/pcap.h>
#include <unistd.h>

#include <cstring>

#include "harness.hpp"
#include "rawket/io/capture_file.hpp"

namespace rawket::bench {
namespace {

/// What every reader does with a packet: look at its length and first byte.
struct Seen {
  u64 packets = 0, bytes = 0;
  void add(const u8* data, u32 length) { ++packets, bytes += length + data[0]; }
};

template <class Read> std::function<double()> reading(const std::string& file, u64 packets, Read read) {
  return [=] {
    Seen seen;
    const double time = time_per_item(1, [&](u64) { read(file, seen); });
    return seen.packets == packets ? time / static_cast<double>(packets) : 1e300;  // a reader that loses packets has lost
  };
}

void by_source(const std::string& file, Seen& seen) {
  const auto source = open_capture(file);
  if (!source) return;
  for (;;) {
    const auto batch = (*source)->next(-1);
    if (!batch || batch->empty()) return;
    for (const CapturedPacket& p : *batch) seen.add(p.bytes.data(), static_cast<u32>(p.bytes.size()));
  }
}

void by_next_ex(const std::string& file, Seen& seen) {
  char error[PCAP_ERRBUF_SIZE];
  pcap_t* pcap = pcap_open_offline(file.c_str(), error);
  if (pcap == nullptr) return;
  pcap_pkthdr* head = nullptr;
  const u8* bytes = nullptr;
  while (pcap_next_ex(pcap, &head, &bytes) == 1) seen.add(bytes, head->caplen);
  pcap_close(pcap);
}

void by_loop(const std::string& file, Seen& seen) {
  char error[PCAP_ERRBUF_SIZE];
  pcap_t* pcap = pcap_open_offline(file.c_str(), error);
  if (pcap == nullptr) return;
  pcap_loop(pcap, -1, [](u8* to, const pcap_pkthdr* head, const u8* bytes) { reinterpret_cast<Seen*>(to)->add(bytes, head->caplen); }, reinterpret_cast<u8*>(&seen));
  pcap_close(pcap);
}

/// Blocks by read(2), records cut in place, the cut one moved to the front.
void by_blocks(const std::string& file, Seen& seen) {
  constexpr std::size_t block = 256 << 10, file_header = 24, record_header = 16;
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  std::vector<u8> buffer(2 * block);
  std::size_t have = 0, at = file_header;
  for (ssize_t n = 0; (n = read(fd, buffer.data() + have, block)) > 0;) {
    have += static_cast<std::size_t>(n);
    while (have - at >= record_header) {
      u32 length = 0;
      std::memcpy(&length, &buffer[at + 8], 4);
      if (have - at - record_header < length) break;
      seen.add(&buffer[at + record_header], length);
      at += record_header + length;
    }
    std::memmove(buffer.data(), &buffer[at], have - at);
    have -= at;
    at = 0;
  }
  close(fd);
}

}  // namespace

std::vector<Task> file_tasks(const Options& options, const std::string& file) {
  const u64 n = options.packets;
  return {{"read pcap of 64-byte packets", reading(file, n, by_source),
           {{"libpcap pcap_next_ex", reading(file, n, by_next_ex), 1.5}, {"libpcap pcap_loop", reading(file, n, by_loop), 1.5}, {"hand-written, read(2) of 256 KiB", reading(file, n, by_blocks)}}}};
}

}  // namespace rawket::bench
