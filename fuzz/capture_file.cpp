// Fuzz target: any bytes as a capture file, plain or compressed; every byte that is handed out is touched.
#include "rawket/io/capture_file.hpp"

#include <cstdlib>

using namespace rawket;

namespace {

/// Small compressed inputs may hold millions of packets: enough is enough.
constexpr u64 most_packets = 100'000;

u64 sum(Bytes bytes) {
  u64 total = 0;
  for (u8 b : bytes) total += b;
  return total;
}

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto source = open_capture_bytes({data, size}, "fuzz");
  if (!source) {
    require(!source.error().text().empty());
    return 0;
  }
  u64 packets = 0, touched = 0;
  while (!(*source)->ended() && packets < most_packets) {
    const auto batch = (*source)->next(-1);
    if (!batch) {
      require((*source)->ended() && batch.error().located);
      break;
    }
    require(!batch->empty() || (*source)->ended());
    for (const CapturedPacket& p : *batch) {
      require(p.info.interface < (*source)->interfaces().size());
      require((*source)->interfaces()[p.info.interface].link_type == p.info.link_type);
      touched += sum(p.bytes) + sum(as_bytes(p.info.comment));
    }
    packets += batch->size();
  }
  const Counters counters = (*source)->counters();
  require(counters.received - counters.filtered - counters.dropped == packets);
  for (const InterfaceDescription& i : (*source)->interfaces()) touched += i.name.size() + i.description.size() + i.filter.size();
  volatile u64 keep = touched;
  static_cast<void>(keep);
  return 0;
}
