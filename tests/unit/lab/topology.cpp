// Topologies: built in, read from files, drawn, and with addresses and routes.
#include "rawket/lab/topology.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "src/lab/address_plan.hpp"

namespace rawket::test {
namespace {

Topology built(const std::vector<std::string>& words) {
  const auto t = topology_of(words);
  EXPECT_TRUE(t) << t.error().text();
  return t.value_or(Topology{});
}

TEST(Topology, draws_a_chain_as_a_line) {
  EXPECT_EQ(draw(built({})), "h1 --- h2\n");
  EXPECT_EQ(draw(built({"chain", "2"})), "h1 --- (r1) --- (r2) --- h2\n");
  EXPECT_EQ(draw(built({"lan", "3"})), "h1 --- [switch]\nh2 --- [switch]\nh3 --- [switch]\n");
  EXPECT_EQ(draw(built({"ecmp", "2"})), "h1 --- (in)\nh2 --- (out)\n(in) + --- (m1)\n     ` --- (m2)\n(out) + --- (m1)\n      ` --- (m2)\n");
}

TEST(Topology, gives_each_subnet_its_number_and_each_host_its_routes) {
  const auto plan = plan_addresses(built({"chain", "2"}));
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->hosts.size(), 4u);
  EXPECT_EQ(plan->hosts[0].ipv4.text(), "198.18.0.1");
  EXPECT_EQ(plan->hosts[1].ipv4.text(), "198.18.2.2");
  EXPECT_EQ(plan->hosts[1].ipv6.text(), "2001:db8:0:2::2");
  EXPECT_EQ(plan->hosts[2].interfaces.size(), 2u);
  ASSERT_EQ(plan->routes[0].size(), 2u) << "two subnets are beyond h1's";
  EXPECT_EQ(plan->routes[0][1].hops[0].ipv4.text(), "198.18.0.2");
}

TEST(Topology, finds_all_ways_of_equal_cost) {
  const auto plan = plan_addresses(built({"ecmp", "4"}));
  ASSERT_TRUE(plan);
  const auto in = std::ranges::find(plan->hosts, "in", &LabHost::name) - plan->hosts.begin();
  std::size_t most = 0;
  for (const LabRoute& r : plan->routes[static_cast<std::size_t>(in)]) most = std::max(most, r.hops.size());
  EXPECT_EQ(most, 4u);
  for (const LabRoute& r : plan->routes[0]) EXPECT_EQ(r.hops.size(), 1u) << "h1 has one router";
}

TEST(Topology, reads_a_file) {
  const auto t = read_topology("hosts = ['h1', 'h2']\nrouters = ['r1']\nswitches = ['s1']\n[[link]]\nbetween = ['h1', 's1']\n[[link]]\nbetween = ['r1', 's1']\n[[link]]\nbetween = ['r1', 'h2']\nmtu = 1400\n", "x.toml");
  ASSERT_TRUE(t) << t.error().text();
  const auto plan = plan_addresses(*t);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->hosts[0].ipv4.text(), "198.18.0.1");
  EXPECT_EQ(plan->hosts[2].interfaces[0].ipv4.text(), "198.18.0.2") << "the router is at the switch too";
  EXPECT_EQ(plan->hosts[1].interfaces[0].mtu, 1400u);
  EXPECT_NE(draw(*t).find("mtu 1400"), std::string::npos);
}

TEST(Topology, reads_links_that_lose_firewalls_and_nats) {
  const auto t = read_topology("hosts = ['h1', 'h2', 'out']\nrouters = ['gw']\nswitches = ['s']\n[[link]]\nbetween = ['h1', 's']\ndelay = '5ms'\nloss = 0.01\n[[link]]\nbetween = ['h2', 's']\n"
                               "[[link]]\nbetween = ['s', 'gw']\n[[link]]\nbetween = ['gw', 'out']\n[[nat]]\non = 'gw'\ninside = ['s']\n[[firewall]]\non = 'h2'\nrules = 'table inet t {}'\n",
                               "x.toml");
  ASSERT_TRUE(t) << t.error().text();
  EXPECT_EQ(draw(*t), "h1 --(delay 5ms loss 1%)-- [s]\n(h2: firewall) --- [s]\nout --- (gw: nat)\n(gw: nat) --- [s]\n");
  const auto plan = plan_addresses(*t);
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_TRUE(plan->wires[0].how.any());
  EXPECT_TRUE(plan->routes[2].empty()) << "who is outside knows no way inside";
  EXPECT_EQ(plan->routes[0].size(), 1u);
  ASSERT_EQ(plan->rules.size(), 2u);
  EXPECT_NE(plan->rules[0].nft.find("oifname { \"eth1\" } counter masquerade"), std::string::npos) << plan->rules[0].nft;
}

TEST(Topology, says_what_is_wrong_with_a_file_and_where) {
  const auto wrong = [](const std::string& text) {
    const auto t = read_topology(text, "x.toml");
    if (t) {
      const auto plan = plan_addresses(*t);
      return plan ? std::string("nothing") : plan.error().text();
    }
    return t.error().text();
  };
  for (const auto& [text, expected] : std::vector<std::pair<std::string, std::string>>{
           {"hosts = 3", "line 1"},
           {"hosts = ['h1']\nroutes = []", "did you mean 'routers'"},
           {"hosts = ['h1', 'h1']", "two nodes 'h1'"},
           {"hosts = ['../x']", "small letters"},
           {"hosts = ['h1']\n[[link]]\nbetween = ['h1']", "between two nodes"},
           {"hosts = ['h1']\n[[link]]\nbetween = ['h1', 'h2']", "no node 'h2'"},
           {"hosts = ['h1']\n[[link]]\nbetween = ['h1', 'h1']", "not joined to itself"},
           {"hosts = ['h1', 'h2']\n[[link]]\nbetween = ['h1', 'h2']\nmtu = 99", "MTU"},
           {"hosts = ['h1', 'h2']\n[[link]]\nbetween = ['h1', 'h2']\ndlay = 9", "no 'dlay'; did you mean 'delay'"}, {"hosts = ['h1', 'h2']\n[[link]]\nbetween = ['h1', 'h2']\ndelay = 99", "line 4: delay: '99' is no time"},
           {"hosts = ['h1', 'h2']", "h1 is joined to nothing"},
           {"routers = ['r1']", "no host"},
           {"hosts = [", "line 1"}})
    EXPECT_NE(wrong(text).find(expected), std::string::npos) << text << "\n  " << wrong(text);
  EXPECT_FALSE(topology_of(std::vector<std::string>{"ring"}));
  EXPECT_FALSE(topology_of(std::vector<std::string>{"chain", "99"}));
  EXPECT_FALSE(topology_of(std::vector<std::string>{"nowhere/x.toml"}));
}

}  // namespace
}  // namespace rawket::test
