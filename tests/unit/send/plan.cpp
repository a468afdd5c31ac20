// Approval: what is missing is named with the flag that gives it, and nothing else can be sent.
#include "rawket/send/plan.hpp"

#include <gtest/gtest.h>

#include <type_traits>

#include "rawket/io/send_permit.hpp"
#include "rawket/send/sender.hpp"

namespace rawket {
namespace {

static_assert(!std::is_default_constructible_v<ApprovedPlan>);
static_assert(!std::is_constructible_v<ApprovedPlan, Plan> && !std::is_constructible_v<ApprovedPlan, Plan, Policy> && !std::is_convertible_v<Plan, ApprovedPlan>);
static_assert(!std::is_default_constructible_v<SendPermit>);
static_assert(std::is_abstract_v<Sender>);

Plan plan_that_needs(std::initializer_list<Need> needs) {
  Plan plan;
  plan.count = 3;
  plan.rate = 10;
  plan.interface.name = "eth0";
  plan.first_destination = plan.last_destination = "198.18.0.2";
  for (Need n : needs) plan.needs.add(n);
  return plan;
}

TEST(Approve, a_plan_without_needs_is_approved_as_it_is) {
  const auto approved = approve(plan_that_needs({}), Policy{});
  ASSERT_TRUE(approved);
  EXPECT_EQ(approved->plan().count, 3u);
  EXPECT_EQ(approved->policy().rate, 1000);
}

TEST(Approve, every_missing_need_is_named_with_its_flag) {
  for (std::size_t i = 0; i < std::size(need_names); ++i) {
    const auto refused = approve(plan_that_needs({static_cast<Need>(i)}), Policy{});
    ASSERT_FALSE(refused) << need_names[i];
    EXPECT_EQ(refused.error().code, Errc::refused);
    EXPECT_NE(refused.error().advice.find("--allow " + std::string(need_names[i])), std::string::npos) << refused.error().text();
  }
}

TEST(Approve, only_what_is_missing_is_asked_for) {
  Policy policy;
  policy.permitted.add(Need::forged);
  const auto refused = approve(plan_that_needs({Need::forged, Need::broadcast, Need::fast}), policy);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().advice.find("--allow broadcast,fast;"), std::string::npos) << refused.error().text();
  policy.permitted.add(Need::broadcast);
  EXPECT_FALSE(approve(plan_that_needs({Need::forged, Need::broadcast, Need::fast}), policy));
  policy.permitted.add(Need::fast);
  EXPECT_TRUE(approve(plan_that_needs({Need::forged, Need::broadcast, Need::fast}), policy));
}

TEST(PlanText, says_how_many_where_how_fast_and_what_is_missing) {
  Policy policy;
  policy.permitted.add(Need::forged);
  const std::string text = plan_that_needs({Need::forged, Need::many}).text(policy);
  for (std::string_view part : {"plan\n", "3, 10 a second at most", "198.18.0.2", "raw IPv4 socket, own header on eth0", "--allow forged (given)",
      "--allow many (missing)"}) EXPECT_NE(text.find(part), text.npos) << part << "\n" << text;
}

TEST(MakePlan, an_empty_supply_is_refused) {
  const auto none = make_plan(Supply{}, {}, Policy{});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Errc::refused);
}

TEST(MakePlan, what_begins_with_no_network_or_link_layer_is_refused_with_the_layer_to_add) {
  const auto r = make_plan(*Recipe::parse(standard_registry(), std::string_view("udp dport=9")), {}, Policy{});
  ASSERT_FALSE(r);
  EXPECT_NE(r.error().advice.find("ip dst=... / udp"), std::string::npos) << r.error().text();
}

TEST(MakePlan, a_frame_that_names_no_host_needs_an_interface) {
  const auto r = make_plan(*Recipe::parse(standard_registry(), std::string_view("eth type=0x9999 / zeros=50")), {}, Policy{});
  ASSERT_FALSE(r);
  EXPECT_NE(r.error().advice.find("-i"), std::string::npos) << r.error().text();
}

TEST(MakePlan, loopback_is_planned_with_the_machines_own_interfaces) {
  const auto policy = default_policy();
  ASSERT_TRUE(policy) << policy.error().text();
  if (policy->own.empty()) GTEST_SKIP() << "no interfaces can be listed here";
  const auto plan = make_plan(*Recipe::parse(standard_registry(), std::string_view("ip dst=127.0.0.1 / icmp")), {}, *policy);
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_TRUE(plan->needs.empty()) << plan->text(*policy);
  EXPECT_EQ(plan->way, Way::raw_socket);
  EXPECT_EQ(plan->count, 1u);
  EXPECT_TRUE(approve(*plan, *policy));
  const auto many = make_plan(*Recipe::parse(standard_registry(), std::string_view("ip dst=127.0.0.1 / udp dport=9")), PlanOptions{.interface = {},
      .rate = 5000, .repeat = 200000}, *policy);
  ASSERT_TRUE(many) << many.error().text();
  EXPECT_TRUE(many->needs.has(Need::fast) && many->needs.has(Need::many));
  const auto faulty = make_plan(*Recipe::parse(standard_registry(), std::string_view("ip dst=127.0.0.1 ttl=0 / udp dport=9")), {}, *policy);
  ASSERT_TRUE(faulty) << faulty.error().text();
  EXPECT_TRUE(faulty->needs.has(Need::faulty));
  EXPECT_EQ(faulty->faulty, 1u);
}

}  // namespace
}  // namespace rawket
