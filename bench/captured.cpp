// A capture that is given: whatever networks carry, not only what was made for the benchmark. From the file to all layers.
#include <memory>

#include "harness.hpp"
#include "peers.hpp"
#include "rawket/io/capture_file.hpp"
#include "rawket/packet/walk.hpp"

namespace rawket::bench {
namespace {

/// Looks at all that a packet says.
struct Reader final : Visitor {
  u64 sum = 0;
  void layer(const Layer&, std::size_t) override { ++sum; }
  void field(const Field&, const u8* header, u32, u32) override { sum += *header; }
  void number(const Field&, u64 value, u32, u32) override { sum += value; }
  void octets(const Field&, Bytes value, u32, u32) override { sum += value.size(); }
  void option(const Protocol*, u64 kind, u32, u32) override { sum += kind; }
};

/// Calls `one` with each packet, dissected; how many there were.
template <class One> u64 each_packet(const std::string& path, const One& one) {
  const auto source = open_capture(path);
  const auto d = std::make_unique<Dissection>();
  u64 packets = 0;
  while (source && !(*source)->ended()) {
    const auto batch = (*source)->next(0);
    if (!batch) break;
    for (const CapturedPacket& p : *batch) {
      dissect(standard_registry(), link_protocol(standard_registry(), static_cast<u16>(p.info.link_type)), p.bytes, *d, p.info.original_length);
      one(*d);
      ++packets;
    }
  }
  return packets;
}

/// Nanoseconds per packet of `work`, which returns how many packets it has seen.
template <class Work> std::function<double()> per_packet(Work work) {
  return [work] {
    u64 packets = 0;
    const double time = time_per_item(1, [&](u64) { packets = work(); });
    return packets == 0 ? 1e300 : time / static_cast<double>(packets);
  };
}

}  // namespace

std::vector<Task> captured_tasks(const std::string& path) {
  const auto layers = per_packet([path] { return each_packet(path, [](const Dissection& d) { keep(d.layers().size()); }); });
  const auto fields = per_packet([path] {
    return each_packet(path, [](const Dissection& d) {
      Reader reader;
      walk(d, reader);
      keep(reader.sum);
    });
  });
  const auto theirs = per_packet([path] { return tins::decode_file(path); });
  return {{"decode a capture file, all layers", layers, {{"libtins, no application layer", theirs, 3}}},
          {"decode a capture file, all its fields read", fields, {{"libtins, no application layer", theirs}}}};
}

}  // namespace rawket::bench
