// Counters of the kernel, from files as it writes them.
#include "rawket/host/network_counters.hpp"

#include <gtest/gtest.h>

namespace rawket::test {
namespace {

TEST(NetworkCounters, are_read_from_each_form_of_file) {
  NetworkCounters c;
  counter_files::read_snmp("Ip: Forwarding InReceives\nIp: 1 57\nIcmp: InMsgs InErrors\nIcmp: 3 1\n", c);
  counter_files::read_snmp6("Ip6InReceives                   \t12\nIcmp6InErrors                   \t4\n", c);
  counter_files::read_devices("Inter-|   Receive\n face |bytes packets\n  eth0:  100 5 1 2 0 0 0 0 200 6 3 4 0 0 9 0\n", c);
  counter_files::read_conntrack("entries  clashres found drop early_drop\n00000010 00000000 0000000a 00000002 00000001\n00000010 00000000 00000001 00000003 00000000\n", c);
  EXPECT_EQ(c.at("Ip.InReceives"), 57u);
  EXPECT_EQ(c.at("Icmp.InErrors"), 1u);
  EXPECT_EQ(c.at("Ip6.InReceives"), 12u);
  EXPECT_EQ(c.at("Icmp6.InErrors"), 4u);
  EXPECT_EQ(c.at("eth0.rx_dropped"), 2u);
  EXPECT_EQ(c.at("eth0.tx_dropped"), 4u);
  EXPECT_EQ(c.at("conntrack.entries"), 16u);
  EXPECT_EQ(c.at("conntrack.drop"), 5u);
}

TEST(NetworkCounters, broken_files_give_what_can_be_read) {
  NetworkCounters c;
  counter_files::read_snmp("Ip: A B\nIp: 1\nTcp: X\nUdp: Y\nUdp: z\n", c);
  counter_files::read_snmp6("nonsense\nIp6 7 8\n6 5\n", c);
  counter_files::read_devices("eth0: 1\n: \n", c);
  counter_files::read_conntrack("entries\nzz\n\n1 2 3\n", c);
  EXPECT_EQ(c.at("Ip.A"), 1u);
  EXPECT_FALSE(c.contains("Ip.B"));
  EXPECT_EQ(c.at("eth0.rx_bytes"), 1u);
}

TEST(NetworkCounters, growth_tells_only_what_grew) {
  const NetworkCounters grown = growth({{"a", 1}, {"b", 5}, {"c", 9}}, {{"a", 4}, {"b", 5}, {"c", 2}, {"d", 1}});
  EXPECT_EQ(grown, (NetworkCounters{{"a", 3}, {"d", 1}}));
}

TEST(NetworkCounters, of_this_machine_are_there) { EXPECT_FALSE(network_counters().empty()); }

}  // namespace
}  // namespace rawket::test
