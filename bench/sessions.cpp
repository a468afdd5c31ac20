// Several packets: the flow table as it grows, and streams put together. From the packets' bytes on, as the peers do it.
#include <memory>
#include <random>
#include <unordered_map>

#include "data.hpp"
#include "harness.hpp"
#include "peers.hpp"
#include "rawket/proto/all.hpp"
#include "rawket/session/flow_table.hpp"
#include "rawket/session/tcp_streams.hpp"

namespace rawket::bench {
namespace {

constexpr std::size_t batch_size = 256;

/// Packets of `flows` conversations in a random order, as a table takes them.
std::vector<FlowPacket> random_flow_packets(u32 flows, std::size_t count) {
  std::mt19937 random(1);
  std::vector<FlowPacket> packets(count);
  for (FlowPacket& p : packets) {
    const u32 n = random() % flows;
    p = {.key = {.low_port = static_cast<u16>(n), .high_port = 443, .protocol = 6}, .length = 64, .time = 1};
    std::memcpy(p.key.low.data(), &n, sizeof n);
    p.key.high[0] = 198;
  }
  return packets;
}

/// A table that knows all flows already; then the cost of one more packet.
std::function<double()> table_of(u32 flows, u64* bytes_per_flow = nullptr) {
  const auto table = std::make_shared<FlowTable>(FlowTableOptions{.most_flows = flows + 1u});
  const auto packets = std::make_shared<const std::vector<FlowPacket>>(random_flow_packets(flows, 1u << 20));
  for (u32 n = 0; n < flows; n += batch_size) {
    std::vector<FlowPacket> batch(std::min<std::size_t>(batch_size, flows - n));
    for (u32 i = 0; i < batch.size(); ++i) {
      const u32 id = n + i;
      batch[i] = {.key = {.low_port = static_cast<u16>(id), .high_port = 443, .protocol = 6}, .length = 64, .time = 1};
      std::memcpy(batch[i].key.low.data(), &id, sizeof id);
      batch[i].key.high[0] = 198;
    }
    table->add(batch);
  }
  if (bytes_per_flow != nullptr) *bytes_per_flow = table->memory() / flows;
  return [table, packets] {
    return time_per_item(packets->size() / batch_size, [&](u64 i) { table->add(std::span(*packets).subspan(i * batch_size, batch_size)); }) / batch_size;
  };
}

/// What one would write first: the standard library's map with the same keys and the same counting.
std::function<double()> standard_map(u32 flows) {
  struct Hash {
    std::size_t operator()(const FlowKey& k) const { return k.hash(); }
  };
  const auto map = std::make_shared<std::unordered_map<FlowKey, Flow, Hash>>();
  const auto packets = std::make_shared<const std::vector<FlowPacket>>(random_flow_packets(flows, 1u << 20));
  for (const FlowPacket& p : *packets) (*map)[p.key].add(p);
  return [map, packets] { return time_per_item(packets->size(), [&](u64 i) { (*map)[(*packets)[i].key].add((*packets)[i]); }); };
}

/// Segments of 1,460 bytes from many streams in turn, each in order.
std::vector<std::vector<u8>> segments(u32 streams, u32 of_each) {
  std::vector<std::vector<u8>> all;
  const std::vector<u8> text(1460, 'x');
  for (u32 k = 0; k < of_each; ++k)
    for (u32 s = 0; s < streams; ++s) {
      const Packet head = Ethernet{} / Ipv4{.src = "198.18.0.1", .dst = "198.18.0.2"} / Tcp{.sport = static_cast<u16>(1024 + s), .dport = 80, .seq = 1 + (k == 0 ? 0u : (k - 1) * 1460u + 1), .flags = k == 0 ? Syn : Ack};
      std::vector<u8> bytes(head.bytes().begin(), head.bytes().end());
      if (k != 0) bytes.insert(bytes.end(), text.begin(), text.end());
      const std::size_t size = bytes.size() - 14;
      bytes[16] = static_cast<u8>(size >> 8), bytes[17] = static_cast<u8>(size);
      all.push_back(std::move(bytes));
    }
  return all;
}

}  // namespace

std::vector<Task> session_tasks() {
  const auto packets = std::make_shared<const std::vector<std::vector<u8>>>(segments(100, 200));
  const auto ours = [packets] {
    u64 bytes = 0;
    TcpStreams streams({.data = [&bytes](const Stream&, bool, u64, Bytes b) { bytes += b.size(); }, .missing = {}, .ended = {}});
    Dissection d;
    const double time = time_per_item(packets->size(), [&](u64 i) {
      const Bytes frame((*packets)[i]);
      dissect(standard_registry(), info<Ethernet>, frame, d);
      streams.add({.number = i + 1, .time = static_cast<Nanoseconds>(i), .original_length = static_cast<u32>(frame.size())}, d);
    });
    return bytes == 100u * 199u * 1460u ? time : 1e300;
  };
  const auto theirs = [packets] {
    tins::Streams streams;
    const double time = time_per_item(packets->size(), [&](u64 i) { streams.add((*packets)[i]); });
    return streams.bytes() == 100u * 199u * 1460u ? time : 1e300;
  };
  return {{"one packet more, of 100,000 flows", table_of(100'000), {{"std::unordered_map", standard_map(100'000)}}},
          {"one packet more, of 1,000,000 flows", table_of(1'000'000), {{"std::unordered_map", standard_map(1'000'000)}}},
          {"one packet more, of 10,000,000 flows", table_of(10'000'000), {{"the table at 100,000", table_of(100'000), 0.2}}},
          {"put a segment of 1,460 bytes into its stream", ours, {{"libtins StreamFollower", theirs, 3}}}};
}

}  // namespace rawket::bench
