// From values to bytes with right checksums, and changes to bytes that are there.
#include <array>
#include <memory>

#include "harness.hpp"
#include "peers.hpp"
#include "rawket/packet/packet.hpp"
#include "rawket/proto/all.hpp"

namespace rawket::bench {
namespace {

constexpr u64 items = 400'000;
using Inputs = std::array<Given, 256>;

std::shared_ptr<const Inputs> inputs() {
  auto all = std::make_shared<Inputs>();
  for (u32 i = 0; Given & v : *all) {
    v = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}, 0xc6120001, 0xc6130000 | i, i * 2654435761u, static_cast<u16>(i), static_cast<u16>(1024 + i)};
    ++i;
  }
  return all;
}

template <class Work> std::function<double()> over(const std::shared_ptr<const Inputs>& in, Work work) {
  return [in, work] { return time_per_item(items, [&](u64 i) { work((*in)[i % in->size()]); }); };
}

auto built(const Given& v) {
  return build(Ethernet{.dst = Mac(std::to_array(v.dst_mac)), .src = Mac(std::to_array(v.src_mac))},
               Ipv4{.id = v.id, .src = Ipv4Address::from_number(v.src), .dst = Ipv4Address::from_number(v.dst)},
               Tcp{.sport = v.sport, .dport = 80, .seq = v.seq, .flags = Psh | Ack});
}

constexpr auto model = build(Ethernet{.dst = "02:00:00:00:00:02", .src = "02:00:00:00:00:01"} / Ipv4{.src = "198.18.0.1", .dst = "198.19.0.0"} / Tcp{.sport = 0, .dport = 80, .flags = Psh | Ack});
using Model = std::remove_const_t<decltype(model)>;

void patch(const Given& v) {
  Model frame = model;
  frame.set<&Ipv4::id, &Ipv4::dst, &Tcp::sport, &Tcp::seq>(v.id, Ipv4Address::from_number(v.dst), v.sport, v.seq);
  keep(frame);
}

}  // namespace

std::vector<Task> build_tasks() {
  const auto in = inputs();
  const auto frame = std::make_shared<Model>(model);
  const auto bytes = std::make_shared<std::array<u8, 54>>();
  by_hand::patch((*in)[0], bytes->data());
  return {
      {"build Ethernet/IPv4/TCP from run-time values", over(in, [](const Given& v) { keep(built(v)); }),
       {{"libtins serialize", over(in, [](const Given& v) { keep(tins::build(v)); })},
        {"hand-written", over(in, [](const Given& v) {
           u8 out[54];
           by_hand::build(v, out);
           keep(out);
         })}}, 25},
      {"set one field of a frame, with its checksum", over(in, [frame](const Given& v) { frame->set<&Tcp::dport>(v.sport), keep(*frame); }),
       {{"hand-written", over(in, [bytes](const Given& v) { by_hand::patch_port(v.sport, bytes->data()), keep(*bytes); })}}},
      {"copy a compile-time frame, set four fields", over(in, patch),
       {{"hand-written", over(in, [](const Given& v) {
           u8 out[54];
           by_hand::patch(v, out);
           keep(out);
         })}}, 6}};
}

}  // namespace rawket::bench
