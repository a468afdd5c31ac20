// Single-packet work that has no peer of its own kind: checksum, the craft language, the linter, the printers.
#include <memory>

#include "data.hpp"
#include "harness.hpp"
#include "peers.hpp"
#include "rawket/packet/craft.hpp"
#include "rawket/packet/lint.hpp"
#include "rawket/packet/text.hpp"
#include "rawket/proto/all.hpp"

namespace rawket::bench {
namespace {

constexpr std::string_view recipe = "eth dst=02:00:00:00:00:02 / ip dst=198.18.0.2 ttl=3 / tcp dport=80 flags=S mss=1460 / \"hello\"";

void craft() {
  const auto made = Recipe::parse(standard_registry(), recipe).value().make(0);
  keep(made);
}

/// A packet dissected once, then given to `work`.
template <class Work> std::function<double()> on_one_packet(Work work) {
  const auto packet = std::make_shared<const Packet>(tcp_packets().front());
  return [packet, work] {
    Dissection d;
    dissect(standard_registry(), info<Ethernet>, packet->bytes(), d);
    return time_per_item(50'000, [&](u64) { work(d); });
  };
}

template <class Sum> std::function<double()> checksum_of(std::size_t size, Sum sum) {
  const auto bytes = std::make_shared<std::vector<u8>>(size);
  for (std::size_t i = 0; i < size; ++i) (*bytes)[i] = static_cast<u8>(i * 131 >> 3);
  return [bytes, sum] {
    return time_per_item(50'000, [&](u64) {
      keep(*bytes);
      keep(sum(Bytes(*bytes)));
    });
  };
}

}  // namespace

std::vector<Task> single_packet_tasks() {
  const PacketHead head{.original_length = 54};
  const auto out = std::make_shared<TextBuffer>();
  const auto text = std::make_shared<TextPrinter>(TextOptions{.time = TimeFormat::utc});
  const auto json = std::make_shared<JsonPrinter>();
  return {{"checksum of 1500 bytes", checksum_of(1500, [](Bytes b) { return internet_checksum(b); }),
           {{"libtins do_checksum", checksum_of(1500, tins::checksum)}, {"hand-written, 64-bit words", checksum_of(1500, by_hand::checksum)}}},
          {"craft Ethernet/IPv4/TCP from text", [] { return time_per_item(2'000, [](u64) { craft(); }); }},
          {"lint a right packet", on_one_packet([head](const Dissection& d) { keep(lint(d, {.original_length = head.original_length})); })},
          {"one line of text", on_one_packet([=](const Dissection& d) { out->clear(), text->line(head, d, *out), keep(*out); })},
          {"one JSON object", on_one_packet([=](const Dissection& d) { out->clear(), json->print(head, d, *out), keep(*out); })}};
}

}  // namespace rawket::bench
