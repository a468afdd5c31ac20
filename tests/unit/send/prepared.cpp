// Packets that wait to be sent: each judged, counted once, and no more than the plan has.
#include "src/send/prepared.hpp"

#include <gtest/gtest.h>

#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/udp.hpp"

namespace rawket {
namespace {

/// Of `supply` packets every third goes where the policy forbids; `count` are to leave.
ApprovedPlan plan_of(u64 supply, u64 count) {
  Policy policy;
  policy.permitted.add(Need::away), policy.permitted.add(Need::forged);
  policy.forbidden.push_back(*Prefix::parse("198.18.0.3/32"));
  Plan plan;
  plan.supply = {.count = supply, .make = [](u64 i) -> Result<Packet> {
    const Ipv4Address to = i % 3 == 0 ? Ipv4Address("198.18.0.3") : Ipv4Address("198.18.0.2");
    return Packet(Ipv4{.id = static_cast<u16>(i), .src = "198.18.0.1", .dst = to} / Udp{.sport = 1, .dport = 9} / "x");
  }};
  plan.count = count, plan.rate = 10, plan.looked_at = supply;
  return *approve(std::move(plan), policy);
}

struct Passed {
  u64 sent = 0, refused = 0;
};

Passed run(const ApprovedPlan& plan, bool all_at_once, std::size_t most) {
  PreparedPackets store(plan);
  if (all_at_once) store.prepare_all();
  Passed p;
  while (store.left() > 0) {
    const auto packets = store.next(most);
    if (packets.empty()) break;
    for (const Prepared& one : packets) EXPECT_NE(one.index % 3, 0u);
    p.sent += packets.size();
    store.pass(packets.size());
    EXPECT_LE(p.sent, plan.plan().count);
  }
  p.refused = store.rejected().refused;
  return p;
}

TEST(PreparedPackets, end_at_the_plans_count_whatever_is_refused) {
  for (const u64 supply : {1u, 3u, 4u, 100u})
    for (const u64 count : {1u, 2u, 5u, 99u, 100u, 101u, 250u})
      for (const bool all_at_once : {false, true})
        for (const std::size_t most : {1u, 7u, 64u}) {
          const Passed p = run(plan_of(supply, count), all_at_once, most);
          EXPECT_EQ(p.sent + p.refused, count) << supply << " of " << count << ", " << all_at_once << ", " << most;
          if (supply == 1) {
            EXPECT_EQ(p.sent, 0u);
          }
        }
}

TEST(PreparedPackets, can_be_gone_round_several_times_at_once) {
  const ApprovedPlan plan = plan_of(2, 11);
  PreparedPackets store(plan);
  store.prepare_all();
  ASSERT_TRUE(store.has_all() && store.at_start());
  EXPECT_EQ(store.all().size(), 1u);
  store.pass(4);
  EXPECT_EQ(store.left() + 4 + store.rejected().refused, 11u);
}

}  // namespace
}  // namespace rawket
