// A network in text, with a clock of its own: what an inspection would meet, without sending anything.
//
//   198.18.1.1 1ms, 198.18.2.1|198.18.2.2 2ms silent, 198.18.9.9 10ms loss=20% duplicate=5%
//
// Hops in their order, the last is the host; each has the time to it and back. `|`: one of several, by the flow. `silent`: does
// not tell; `limit=N`: tells N times a second; `filter`: takes nothing further;
// `pace=N`: takes N packets a second, and of those too early a hundred; `mtu=N`, `back=N`: bytes that the link before it takes, there and back; `hushed`: does not say "packet too big".
// `appends=HEX`: what its errors have behind their quote (RFC 4884);
// `rewrite=FIELD:VALUE`: changes what passes; `open=22|80`: the ports where somebody listens.
#pragma once
#include <map>
#include <random>
#include <string>
#include <vector>

#include "rawket/inspect/inspection.hpp"
#include "rawket/send/asked_packets.hpp"

namespace rawket::test {

class SimulatedClock final : public Clock {
 public:
  Nanoseconds now() override { return now_; }
  void sleep_until(Nanoseconds when) override { now_ = std::max(now_, when); }

 private:
  Nanoseconds now_ = second;
};

struct Hop {
  std::vector<std::string> addresses;
  Nanoseconds round_trip = 0;
  double loss = 0, duplicate = 0;
  bool silent = false, filter = false, hushed = false;
  unsigned mtu = 65535, back = 65535;
  unsigned limit = 0, pace = 0;
  Nanoseconds idle_from = 0;      ///< of a pace: when what it took has gone
  std::string appends;            ///< objects, in hex
  std::vector<std::string> open;  ///< TCP ports; all, where none are named
  std::vector<std::pair<std::string, std::string>> rewrite;
};
std::vector<Hop> parse_network(const std::string& text);

class SimulatedWire final : public Wire {
 public:
  /// `make(i)` is probe i: an IP packet.
  SimulatedWire(const std::string& network, std::function<Packet(u64)> make, unsigned seed = 1);
  Clock& clock() override { return clock_; }
  void send(std::span<const u64> probes, const std::function<void(u64)>& failed) override;
  Result<void> listen(Nanoseconds until, const std::function<void(const Heard&)>& heard) override;
  u64 sent() const { return sent_; }
  std::vector<Nanoseconds> times;  ///< when each probe left

 private:
  bool chance(double part) { return std::uniform_real_distribution<double>(0, 1)(random_) < part; }
  void send_one(u64 probe);
  bool overtaxed(Hop& hop);
  void too_big(std::size_t hop, const Packet& question);
  void answer(const Hop& hop, std::string bytes_from, const Packet& question, bool host);
  void schedule(const Hop& hop, std::vector<u8> bytes);

  std::vector<Hop> hops_;
  std::function<Packet(u64)> make_;
  SimulatedClock clock_;
  std::mt19937 random_;
  Policy policy_;
  AskedPackets asked_{policy_};
  std::multimap<Nanoseconds, std::vector<u8>> coming_;
  std::map<const Hop*, std::vector<Nanoseconds>> told_;
  u64 sent_ = 0;
};

}  // namespace rawket::test
