// Diagnoses from facts that are made up: what a lab cannot show, and what must stay unknown.
#include "rawket/inspect/why.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace rawket::test {
namespace {

const IpAddress peer = *IpAddress::parse("198.18.1.2"), router = *IpAddress::parse("198.18.0.2");

/// A question that left by eth0 through a router, and nothing came.
WhyFacts left_and_silent() {
  WhyFacts f;
  f.question.to = peer;
  Interface eth0;
  eth0.index = 2, eth0.name = "eth0", eth0.mtu = 1500, eth0.up = eth0.carrier = true;
  eth0.addresses.push_back(*Prefix::parse("198.18.0.1/24"));
  f.interfaces.push_back(eth0);
  f.route = Route{.interface = 2, .source = *IpAddress::parse("198.18.0.1"), .next_hop = router};
  f.neighbour = {NeighbourState::reachable, Mac("02:00:00:00:00:02")};
  f.sent = f.left = true;
  return f;
}

WhyDiagnosis first(const WhyFacts& f) { return diagnose(f); }

TEST(Why, says_unknown_rather_than_a_guess) {
  const WhyDiagnosis d = first(left_and_silent());
  EXPECT_EQ(d.cause, WhyCause::unknown);
  EXPECT_TRUE(d.fix.empty());
  WhyFacts heard = left_and_silent();
  heard.seen.push_back({.kind = WhySeen::hop, .from = router, .number = 1});
  ASSERT_EQ(first(heard).evidence.size(), 2u);
  EXPECT_EQ(first(heard).evidence[1], "the last router that is heard of is 198.18.0.2, hop 1");
}

TEST(Why, a_full_table_of_connections_is_told_by_its_drops) {
  WhyFacts f = left_and_silent();
  f.sent = f.left = false;
  f.not_sent = Error{.code = Errc::system, .where = "sending", .what = "", .advice = {}};
  f.not_sent->errno_value = EPERM;
  f.conntrack_entries = 262144, f.conntrack_most = 262144;
  f.grown["conntrack.drop"] = 1;
  const WhyDiagnosis d = first(f);
  EXPECT_EQ(d.cause, WhyCause::conntrack_full);
  EXPECT_EQ(d.fix, "sysctl -w net.netfilter.nf_conntrack_max=524288");
  f.conntrack_entries = 1000;
  EXPECT_EQ(first(f).cause, WhyCause::firewall_out) << "a table with room drops nothing for want of it";
}

TEST(Why, without_the_right_to_trace_a_refusal_is_still_the_firewalls) {
  WhyFacts f = left_and_silent();
  f.sent = f.left = false;
  f.not_sent = Error{.code = Errc::system, .where = "sending", .what = "", .advice = {}};
  f.not_sent->errno_value = EPERM;
  f.why_no_trace = "only CAP_NET_ADMIN may ask";
  const WhyDiagnosis d = first(f);
  EXPECT_EQ(d.cause, WhyCause::firewall_out);
  EXPECT_FALSE(d.fix_is_command);
  EXPECT_EQ(d.evidence[1], "which rule: only CAP_NET_ADMIN may ask");
}

TEST(Why, an_answer_that_was_dropped_elsewhere_goes_before_what_it_says) {
  WhyFacts f = left_and_silent();
  f.seen.push_back({.kind = WhySeen::answer, .from = peer, .interface = "eth0"});
  EXPECT_EQ(first(f).cause, WhyCause::not_delivered) << "it was seen, but the kernel counts no echo reply";
  f.grown_in_all["Icmp.InEchoReps"] = 1;
  EXPECT_EQ(first(f).cause, WhyCause::answers);
  f.firewall.push_back({"inet", "filter", "input", "tcp sport 80 drop", 7, false});
  EXPECT_EQ(first(f).fix, "nft delete rule inet filter input handle 7");
  f.firewall.clear();
  f.seen[0].broken_checksum = true;
  EXPECT_EQ(first(f).cause, WhyCause::broken_checksum);
}

TEST(Why, the_reverse_path_filter_is_made_loose_only_where_it_was_strict) {
  WhyFacts f = left_and_silent();
  f.seen.push_back({.kind = WhySeen::answer, .from = peer, .interface = "eth1"});
  f.grown["TcpExt.IPReversePathFilter"] = 1;
  f.reverse_path_filters["eth0"] = f.reverse_path_filters["eth1"] = 1;
  EXPECT_EQ(first(f).fix, "sysctl -w net.ipv4.conf.eth1.rp_filter=2");
  f.reverse_path_filters["eth1"] = 2;
  EXPECT_EQ(first(f).fix, "sysctl -w net.ipv4.conf.eth1.rp_filter=0");
}

TEST(Why, the_reverse_path_filter_is_not_blamed_for_what_others_send) {
  WhyFacts f = left_and_silent();
  f.seen.push_back({.kind = WhySeen::answer, .from = peer, .interface = "eth0"});
  f.grown["TcpExt.IPReversePathFilter"] = 1, f.grown_in_all["Icmp.InEchoReps"] = 1;
  f.reverse_path_filters["eth0"] = f.reverse_path_filters["eth1"] = 1;
  EXPECT_EQ(first(f).cause, WhyCause::answers) << "it came by the interface that the route leaves by";
  f.seen[0].interface = "eth1", f.reverse_path_filters["eth1"] = 0;
  EXPECT_EQ(first(f).cause, WhyCause::answers) << "it is off";
}

TEST(Why, a_lost_packet_is_no_firewall) {
  WhyFacts f = left_and_silent();
  f.route->next_hop = peer;
  EXPECT_EQ(first(f).cause, WhyCause::silent_host);
  f.seen.push_back({.kind = WhySeen::again, .from = peer, .interface = "eth0"});
  EXPECT_EQ(first(f).cause, WhyCause::lost);
  f.question.size = 1500;
  f.seen.push_back({.kind = WhySeen::small_answer, .from = peer});
  EXPECT_EQ(first(f).cause, WhyCause::lost) << "a long one came through, asked again";
}

TEST(Why, a_drop_of_something_else_that_left_is_not_the_questions) {
  WhyFacts f = left_and_silent();
  f.firewall.push_back({"inet", "filter", "output", "tcp flags rst drop", 3, true});
  EXPECT_EQ(first(f).cause, WhyCause::unknown);
}

TEST(Why, a_packet_that_did_not_leave_is_not_blamed_on_the_network) {
  WhyFacts f = left_and_silent();
  f.left = false;
  f.grown["eth0.tx_dropped"] = 3;
  const WhyDiagnosis d = first(f);
  EXPECT_EQ(d.cause, WhyCause::not_left);
  EXPECT_EQ(d.evidence, std::vector<std::string>{"eth0.tx_dropped grew by 3"});
}

TEST(Why, every_cause_has_a_name) {
  for (unsigned i = 0; i <= static_cast<unsigned>(WhyCause::unknown); ++i) EXPECT_FALSE(name_of(static_cast<WhyCause>(i)).empty());
  EXPECT_EQ(name_of(WhyCause::unknown), "unknown");
}

}  // namespace
}  // namespace rawket::test
