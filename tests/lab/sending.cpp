// Plans that are sent: by each engine, byte for byte, and never anything that the policy does not allow.
#include <filesystem>
#include <map>
#include <numeric>
#include <random>
#include <thread>

#include "lab_test.hpp"
#include "rawket/proto/ethernet.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"
#include "rawket/proto/udp.hpp"
#include "rawket/send/ask.hpp"

namespace rawket::test {
namespace {

struct Kept final : Sink {
  Result<void> write(const CapturedPacket& p) override {
    all.emplace_back(p.bytes.begin(), p.bytes.end());
    return {};
  }
  Result<void> flush() override { return {}; }
  u64 written() const override { return all.size(); }
  Result<void> close_each(std::span<const Counters>) override { return {}; }
  std::vector<Octets> all;
};

Policy everything_allowed() {
  auto policy = default_policy();
  EXPECT_TRUE(policy);
  for (std::size_t i = 0; i < std::size(need_names); ++i) policy->permitted.add(static_cast<Need>(i));
  return *policy;
}

/// Sends what the words make; what left is in the record.
Result<SendReport> send_words(std::string_view words, const PlanOptions& how, const Policy& policy, Sink& record) {
  auto recipe = RAWKET_TRY(Recipe::parse(standard_registry(), words));
  auto plan = RAWKET_TRY(make_plan(std::move(recipe), how, policy));
  const ApprovedPlan approved = RAWKET_TRY(approve(std::move(plan), policy));
  const auto sender = RAWKET_TRY(Sender::open(approved));
  SystemClock clock;
  const std::atomic<bool> stop{false};
  return sender->send(clock, &record, stop);
}

std::string numbered_words(const LabHost& to, const LabHost& from) {
  return "eth dst=" + to.mac.text() + " src=" + from.mac.text() + " / ip src=" + from.ipv4.text() + " dst=" + to.ipv4.text() + " id=7 / udp sport=4000 dport=1001-1050 / zeros=18";
}

class Engines : public LabTest, public testing::WithParamInterface<SendEngine> {
 protected:
  void SetUp() override {
    LabTest::SetUp();
    if (IsSkipped()) return;
    constexpr int none = 7;
    const int probe = start(0, [] {
      if (const auto sender = FrameSender::open({.interface = "eth0", .engine = GetParam()}); !sender) ::_exit(none);
    });
    if (lab_->wait(probe) == none) GTEST_SKIP() << "this kernel does not give this engine to a lab";
  }
};

TEST_P(Engines, put_on_the_wire_what_was_planned_in_its_order_and_record_just_that) {
  const Event ready;
  const std::string words = numbered_words(lab_->hosts()[1], lab_->hosts()[0]);
  const int receiver = start(1, [&] {
    const Filter only = filter_of("udp src port 4000");
    const auto socket = open_packets({.interface = "eth0", .filter = &only});
    ASSERT_TRUE(socket);
    ready.raise();
    const auto all = collect(*socket, 150);
    const auto recipe = Recipe::parse(standard_registry(), std::string_view(words));
    ASSERT_TRUE(recipe);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Packet expected = *recipe->make(i % 50);
      ASSERT_EQ(all[i].bytes, Octets(expected.bytes().begin(), expected.bytes().end())) << "packet " << i;
    }
  });
  on(0, [&] {
    ASSERT_TRUE(ready.wait());
    Kept record;
    const auto report = send_words(words, {.interface = "eth0", .unlimited = true, .repeat = 3, .engine = GetParam()}, everything_allowed(), record);
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->sent, 150u);
    ASSERT_EQ(record.all.size(), 150u);
    const auto recipe = Recipe::parse(standard_registry(), std::string_view(words));
    for (std::size_t i = 0; i < 150; ++i) {
      const Packet expected = *recipe->make(i % 50);
      EXPECT_EQ(record.all[i], Octets(expected.bytes().begin(), expected.bytes().end()));
    }
  });
  finish(receiver);
}

TEST_P(Engines, refuse_frames_that_they_cannot_take_with_another_way) {
  if (GetParam() == SendEngine::messages) GTEST_SKIP() << "messages take every frame";
  on(0, [&] {
    Kept record;
    const std::string words = "eth dst=" + lab_->hosts()[1].mac.text() + " type=0x88b5 / zeros=3000";
    ASSERT_EQ(std::system("ip link set eth0 mtu 9000"), 0);
    const auto report = send_words(words, {.interface = "eth0", .unlimited = true, .engine = GetParam()}, everything_allowed(), record);
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->sent, 0u);
    EXPECT_EQ(report->failed, 1u);
    ASSERT_TRUE(report->error);
    EXPECT_NE(report->error->advice.find("--engine messages"), std::string::npos) << report->error->text();
  });
}

TEST_P(Engines, go_on_behind_a_frame_that_no_link_takes_and_count_what_left) {
  const Event ready;
  const LabHost &from = lab_->hosts()[0], &to = lab_->hosts()[1];
  const auto frame_of = [&](u32 number) {
    Octets f = frame(to.mac, from.mac, experimental, Octets(number == 5 ? 1742 : 60, 7));
    f[14] = static_cast<u8>(number >> 8), f[15] = static_cast<u8>(number);
    return f;
  };
  constexpr u32 count = 206;
  const int receiver = start(1, [&] {
    const Filter only = filter_of("ether proto 0x88b5");
    const auto socket = open_packets({.interface = "eth0", .filter = &only});
    ASSERT_TRUE(socket);
    ready.raise();
    const auto all = collect(*socket, count - 1);
    for (u32 i = 0, number = 0; i < all.size(); ++i, ++number) {
      if (number == 5) ++number;
      ASSERT_EQ(all[i].bytes, frame_of(number)) << i;
    }
  });
  on(0, [&] {
    ASSERT_TRUE(ready.wait());
    auto supply = std::make_shared<std::vector<Packet>>();
    for (u32 i = 0; i < count; ++i) supply->push_back(Packet::from_bytes(standard_registry(), info<Ethernet>, frame_of(i)));
    const Policy policy = everything_allowed();
    auto plan = make_plan(Supply{.count = count, .make = [supply](u64 i) -> Result<Packet> { return (*supply)[i]; }}, {.interface = "eth0", .unlimited = true, .engine = GetParam()}, policy);
    ASSERT_TRUE(plan) << plan.error().text();
    const auto approved = approve(std::move(*plan), policy);
    ASSERT_TRUE(approved);
    const auto sender = Sender::open(*approved);
    ASSERT_TRUE(sender);
    SystemClock clock;
    const std::atomic<bool> stop{false};
    const SendReport report = (*sender)->send(clock, nullptr, stop);
    EXPECT_EQ(report.sent, count - 1);
    EXPECT_EQ(report.failed, 1u);
  });
  finish(receiver);
}

INSTANTIATE_TEST_SUITE_P(Each, Engines, testing::Values(SendEngine::messages, SendEngine::ring, SendEngine::xdp), [](const testing::TestParamInfo<SendEngine>& i) {
  return std::string(send_engine_names[static_cast<unsigned>(i.param)]);
});

class Sending : public LabTest {};

TEST_F(Sending, super_frames_carry_every_byte_and_their_record_counts_the_identifications_up) {
  const Event ready;
  const LabHost &from = lab_->hosts()[0], &to = lab_->hosts()[1];
  const std::string words = "eth dst=" + to.mac.text() + " src=" + from.mac.text() + " / ip src=" + from.ipv4.text() + " dst=" + to.ipv4.text() + " id=100 / udp sport=4000 dport=9 / zeros=18";
  const int receiver = start(1, [&] {
    const Filter only = filter_of("udp src port 4000");
    const auto socket = open_packets({.interface = "eth0", .filter = &only});
    ASSERT_TRUE(socket);
    ready.raise();
    std::size_t bytes = 0;
    SystemClock clock;
    for (const Nanoseconds end = clock.now() + patience; bytes < 200 * 18 && clock.now() < end;) {
      const auto packets = socket->next(100 * millisecond);
      ASSERT_TRUE(packets);
      for (const CapturedPacket& p : *packets) bytes += p.bytes.size() - 42;  // as one large frame, or cut
    }
    EXPECT_EQ(bytes, 200u * 18);
  });
  on(0, [&] {
    ASSERT_TRUE(ready.wait());
    Kept record;
    const auto report = send_words(words, {.interface = "eth0", .unlimited = true, .repeat = 200, .engine = SendEngine::super_frames}, everything_allowed(), record);
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->sent, 200u);
    ASSERT_EQ(record.all.size(), 200u);
    Dissection d;
    for (std::size_t i = 0; i < record.all.size(); ++i) {
      dissect(standard_registry(), info<Ethernet>, record.all[i], d);
      const auto ip = d.header<Ipv4>();
      ASSERT_TRUE(ip);
      EXPECT_EQ(ip->id, 100 + i % 64);
      EXPECT_EQ(internet_checksum(Bytes(record.all[i]).subspan(14, 20)), 0);
    }
  });
  finish(receiver);
}

TEST_F(Sending, super_frames_of_what_cannot_be_joined_are_refused) {
  on(0, [&] {
    Kept record;
    const std::string words = "eth dst=" + lab_->hosts()[1].mac.text() + " / ip dst=198.18.0.2 / icmp";
    const auto report = send_words(words, {.interface = "eth0", .unlimited = true, .engine = SendEngine::super_frames}, everything_allowed(), record);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->sent, 0u);
    ASSERT_TRUE(report->error);
    EXPECT_NE(report->error->what.find("not UDP"), std::string::npos) << report->error->text();
  });
}

TEST_F(Sending, live_frames_without_the_right_to_load_programs_say_what_they_need) {
  on(0, [&] {
    Kept record;
    const auto report = send_words(numbered_words(lab_->hosts()[1], lab_->hosts()[0]), {.interface = "eth0", .unlimited = true, .engine = SendEngine::live_frames}, everything_allowed(), record);
    if (report) GTEST_SKIP() << "programs may be loaded here";
    EXPECT_EQ(report.error().code, Errc::no_permission);
    EXPECT_NE(report.error().advice.find("CAP_BPF"), std::string::npos) << report.error().text();
  });
}

TEST_F(Sending, round_trips_are_between_the_kernels_stamps) {
  on(0, [&] {
    auto recipe = Recipe::parse(standard_registry(), std::string_view("ip dst=198.18.0.2 / icmp id=7 seq=1-20"));
    const Policy policy = *default_policy();
    auto plan = make_plan(std::move(*recipe), {.rate = 200}, policy);
    ASSERT_TRUE(plan) << plan.error().text();
    const auto approved = approve(std::move(*plan), policy);
    ASSERT_TRUE(approved);
    auto asker = Asker::open(*approved);
    ASSERT_TRUE(asker);
    SystemClock clock;
    const std::atomic<bool> stop{false};
    const auto report = asker->ask(*approved, {}, clock, nullptr, stop, {});
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->answered.size(), 20u);
    for (const Answered& a : report->answered) {
      EXPECT_TRUE(a.stamped);
      EXPECT_GT(a.round_trip, 0);
      EXPECT_LT(a.round_trip, second);
    }
  });
}

/// One trial of the next test: what is permitted, what is forbidden, and what is asked for.
struct Trial {
  Policy policy;
  std::string words;
};

constexpr unsigned trials = 150;
const std::vector<std::string> destinations = {"198.18.0.2", "198.18.0.3", "198.18.0.255", "255.255.255.255", "224.0.0.5", "203.0.113.9", "2001:db8::2", "ff02::1"};
const std::vector<std::string> macs = {"02:00:00:00:00:02", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:05"};

Trial make_trial(unsigned number, u32 seed) {
  std::mt19937 random(seed + number);
  const auto pick = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  Trial t{*default_policy(), {}};
  for (std::size_t i = 0; i < std::size(need_names); ++i)
    if (pick(2) == 0) t.policy.permitted.add(static_cast<Need>(i));
  for (const char* prefix : {"198.18.0.2/32", "224.0.0.0/4", "203.0.113.0/24", "2001:db8::/64"})
    if (pick(4) == 0) t.policy.forbidden.push_back(*Prefix::parse(prefix));
  std::string targets;
  for (std::size_t i = 0, n = 1 + pick(3); i < n; ++i) targets += (i > 0 ? "," : "") + destinations[pick(6)];
  const bool v6 = pick(5) == 0, forged = pick(3) == 0;
  if (v6) targets = destinations[6 + pick(2)];
  const std::string address = v6 ? (forged ? "2001:db8::77" : "2001:db8::1") : (forged ? "198.18.0.77" : "198.18.0.1");
  t.words = "eth dst=" + macs[pick(macs.size())] + " src=" + (pick(4) == 0 ? "02:00:00:00:00:99" : "02:00:00:00:00:01") + " / " + (v6 ? "ipv6" : "ip") + " src=" + address + " dst={" + targets + "} " +
            (pick(6) == 0 ? (v6 ? "hlim=0" : "ttl=0") : "") + " / udp sport=" + std::to_string(20000 + number) + " dport=9 / x";
  return t;
}

/// Whether this frame is one that the trial's policy lets leave, worked out anew from its bytes alone.
bool may_leave(const Trial& t, Bytes frame) {
  const auto has = [&](Need n) { return t.policy.permitted.has(n); };
  const Packet p = Packet::from_bytes(standard_registry(), info<Ethernet>, frame);
  const Mac to(std::array<u8, 6>{frame[0], frame[1], frame[2], frame[3], frame[4], frame[5]}), from(std::array<u8, 6>{frame[6], frame[7], frame[8], frame[9], frame[10], frame[11]});
  const bool v6 = frame[12] == 0x86;
  const std::string destination = v6 ? Ipv6Address(*p.get<&Ipv6::dst>()).text() : Ipv4Address(*p.get<&Ipv4::dst>()).text();
  const std::string source = v6 ? Ipv6Address(*p.get<&Ipv6::src>()).text() : Ipv4Address(*p.get<&Ipv4::src>()).text();
  for (const Prefix& forbidden : t.policy.forbidden)
    if (forbidden.contains(*IpAddress::parse(destination))) return false;
  if (to.text() == "ff:ff:ff:ff:ff:ff" && !has(Need::broadcast)) return false;
  if (to.text() == "01:00:5e:00:00:05" && !has(Need::multicast)) return false;
  if ((destination == "198.18.0.255" || destination == "255.255.255.255") && !has(Need::broadcast)) return false;
  if ((destination == "224.0.0.5" || destination == "ff02::1") && !has(Need::multicast)) return false;
  if (from.text() == "02:00:00:00:00:99" && !has(Need::forged)) return false;
  if ((source == "198.18.0.77" || source == "2001:db8::77") && !has(Need::forged)) return false;
  return (v6 ? *p.get<&Ipv6::hop_limit>() : *p.get<&Ipv4::ttl>()) != 0 || has(Need::faulty);
}

TEST_F(Sending, packets_that_are_chosen_one_by_one_or_in_batches_end_with_the_budget) {
  on(0, [&] {
    Policy policy = *default_policy();
    policy.most_packets = 60;
    auto recipe = Recipe::parse(standard_registry(), std::string_view(numbered_words(lab_->hosts()[1], lab_->hosts()[0])));
    ASSERT_TRUE(recipe);
    auto plan = make_plan(std::move(*recipe), {.interface = "eth0"}, policy);
    ASSERT_TRUE(plan) << plan.error().text();
    const auto approved = approve(std::move(*plan), policy);
    ASSERT_TRUE(approved) << approved.error().text();
    const auto sender = Sender::open(*approved);
    ASSERT_TRUE(sender) << sender.error().text();
    std::vector<u64> all(50);
    std::iota(all.begin(), all.end(), u64{0});
    std::vector<std::size_t> failed;
    const auto note = [&failed](std::size_t position) { failed.push_back(position); };
    EXPECT_EQ((*sender)->send_each(all, nullptr, note), 50u);
    for (u64 i = 0; i < 5; ++i) EXPECT_TRUE((*sender)->send_one(i, nullptr));
    EXPECT_TRUE(failed.empty());
    EXPECT_EQ((*sender)->send_each(all, nullptr, note), 5u) << "what is left of sixty";
    ASSERT_EQ(failed.size(), 45u);
    EXPECT_EQ(failed.front(), 5u);
    EXPECT_EQ(failed.back(), 49u);
    EXPECT_FALSE((*sender)->send_one(0, nullptr));
    ASSERT_TRUE((*sender)->failure());
    EXPECT_NE((*sender)->failure()->text().find("the budget of 60 packets is used up"), std::string::npos) << (*sender)->failure()->text();
  });
}

TEST_F(Sending, where_any_order_will_do_two_threads_send_each_packet_once_and_tell_those_that_stayed) {
  constexpr u64 count = 2000, first_port = 1001;
  const Event ready;
  const int receiver = start(1, [&] {
    const Filter only = filter_of("udp src port 4000");
    const auto socket = open_packets({.interface = "eth0", .filter = &only});
    ASSERT_TRUE(socket);
    ready.raise();
    std::map<unsigned, unsigned> seen;
    for (const auto& p : collect(*socket, count - 10)) ++seen[static_cast<unsigned>(p.bytes[36] << 8 | p.bytes[37])];
    EXPECT_EQ(seen.size(), count - 10) << "none twice";
  });
  on(0, [&] {
    ASSERT_TRUE(ready.wait());
    if (std::system("nft 'add table ip t; add chain ip t o { type filter hook output priority 0; }; add rule ip t o udp dport 1500-1509 drop'") != 0) GTEST_SKIP() << "no nft";
    const Policy policy = everything_allowed();
    auto recipe = Recipe::parse(standard_registry(), std::string_view("ip dst=" + lab_->hosts()[1].ipv4.text() + " / udp sport=4000 dport=1001-3000"));
    ASSERT_TRUE(recipe);
    auto plan = make_plan(std::move(*recipe), {.unlimited = true}, policy);
    ASSERT_TRUE(plan) << plan.error().text();
    const auto approved = approve(std::move(*plan), policy);
    ASSERT_TRUE(approved) << approved.error().text();
    const auto sender = Sender::open(*approved, SendOrder::any);
    ASSERT_TRUE(sender) << sender.error().text();
    Kept record;
    std::vector<u64> indices(count), stayed;
    std::iota(indices.begin(), indices.end(), u64{0});
    u64 sent = 0;
    for (const std::span part : {std::span(indices).first(1000), std::span(indices).subspan(1000, 20), std::span(indices).subspan(1020)})
      sent += (*sender)->send_each(part, &record, [&](std::size_t position) { stayed.push_back(part[position] + first_port); });
    EXPECT_EQ(sent, count - 10);
    const auto threads = std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
    EXPECT_EQ(threads, std::thread::hardware_concurrency() > 1 ? 2 : 1);
    EXPECT_EQ(stayed, (std::vector<u64>{1500, 1501, 1502, 1503, 1504, 1505, 1506, 1507, 1508, 1509}));
    EXPECT_EQ(record.all.size(), count - 10);
    EXPECT_EQ(std::ranges::count_if(record.all, [](const Octets& b) { const int port = b[22] << 8 | b[23]; return port >= 1500 && port < 1510; }), 0);
    EXPECT_TRUE((*sender)->failure());
  });
  finish(receiver);
}

TEST_F(Sending, no_frame_outside_the_policy_ever_leaves) {
  const u32 seed = std::random_device()();
  std::cout << "seed " << seed << '\n';
  const Event ready, sent;
  std::map<unsigned, Trial> made;
  const int tap = start(1, [&] {
    const Filter only = filter_of("udp dst port 9");
    const auto socket = open_packets({.interface = "eth0", .promiscuous = true, .filter = &only});
    ASSERT_TRUE(socket);
    ready.raise();
    ASSERT_TRUE(sent.wait());
    unsigned seen = 0;
    for (auto packets = socket->next(200 * millisecond); packets && !packets->empty(); packets = socket->next(200 * millisecond))
      for (const CapturedPacket& p : *packets) {
        ++seen;
        const Packet packet = Packet::from_bytes(standard_registry(), info<Ethernet>, p.bytes);
        const unsigned number = *packet.get<&Udp::sport>() - 20000u;
        Trial t = make_trial(number, seed);
        EXPECT_TRUE(may_leave(t, p.bytes)) << "trial " << number << ": " << t.words;
      }
    EXPECT_GT(seen, trials / 10) << "most of nothing says nothing";
  });
  on(0, [&] {
    ASSERT_TRUE(ready.wait());
    unsigned refused = 0;
    for (unsigned i = 0; i < trials; ++i) {
      Trial t = make_trial(i, seed);
      Kept record;
      const auto report = send_words(t.words, {.interface = "eth0", .rate = 1000}, t.policy, record);
      refused += report ? report->refused > 0 : 1;
      for (const Octets& o : record.all) EXPECT_TRUE(may_leave(t, o)) << t.words;
    }
    EXPECT_GT(refused, trials / 10);
    sent.raise();
  });
  finish(tap);
}

TEST_F(Sending, fast_plans_stop_when_the_next_hop_falls_silent) {
  const Event sending, done;
  const int other = start(1, [&] {
    ASSERT_TRUE(sending.wait());
    ::usleep(1'500'000);
    ASSERT_EQ(std::system("ip link set eth0 arp off"), 0);
    EXPECT_TRUE(done.wait());
  });
  on(0, [&] {
    ASSERT_TRUE(resolve_neighbour(interface_named("eth0")->index, IpAddress(lab_->hosts()[1].ipv4), 1000));
    Policy policy = *default_policy();
    policy.permitted.add(Need::fast), policy.permitted.add(Need::many);
    Kept record;
    sending.raise();
    const auto report = send_words("ip dst=198.18.0.2 / udp dport=9 / x", {.rate = 2000, .repeat = 200'000}, policy, record);
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_NE(report->harm.find("stopped answering"), std::string::npos) << report->harm;
    EXPECT_LT(report->sent, 20'000u);
    done.raise();
  });
  finish(other);
}

}  // namespace
}  // namespace rawket::test
