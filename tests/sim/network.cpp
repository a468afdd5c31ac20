// Routers that count hops down, tell when it is zero, lose, limit and change; and a host that answers.
#include "network.hpp"

#include "rawket/base/text.hpp"
#include "rawket/packet/craft.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"
#include "rawket/proto/tcp.hpp"
#include "rawket/proto/udp.hpp"

namespace rawket::test {
namespace {

double part_of(std::string_view text) { return std::stod(std::string(text)) / 100; }

std::string hex_of(Bytes bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const u8 b : bytes) text += digits[b >> 4], text += digits[b & 15];
  return text;
}

std::vector<u8> crafted(const std::string& words) {
  const auto recipe = Recipe::parse(standard_registry(), std::string_view(words));
  if (!recipe) std::abort();
  const auto packet = recipe->make(0);
  return {packet->bytes().begin(), packet->bytes().end()};
}

}  // namespace

std::vector<Hop> parse_network(const std::string& text) {
  std::vector<Hop> hops;
  for (const std::string_view part : split(text, ',')) {
    Hop hop;
    std::size_t at = 0;
    for (const std::string_view word : split(trim(part), ' ')) {
      if (word.empty()) continue;
      const std::size_t eq = word.find('=');
      const std::string_view name = word.substr(0, eq), value = eq == word.npos ? std::string_view() : word.substr(eq + 1);
      if (at == 0) for (const std::string_view a : split(word, '|')) hop.addresses.emplace_back(a);
      else if (at == 1) parse_duration(word, hop.round_trip);
      else if (name == "loss") hop.loss = part_of(value.substr(0, value.size() - 1));
      else if (name == "duplicate") hop.duplicate = part_of(value.substr(0, value.size() - 1));
      else if (name == "limit") hop.limit = static_cast<unsigned>(std::stoul(std::string(value)));
      else if (name == "pace") hop.pace = static_cast<unsigned>(std::stoul(std::string(value)));
      else if (name == "open") for (const std::string_view p : split(value, '|')) hop.open.emplace_back(p);
      else if (name == "mtu") hop.mtu = static_cast<unsigned>(std::stoul(std::string(value)));
      else if (name == "back") hop.back = static_cast<unsigned>(std::stoul(std::string(value)));
      else if (name == "hushed") hop.hushed = true;
      else if (name == "silent") hop.silent = true;
      else if (name == "filter") hop.filter = true;
      else if (name == "appends") hop.appends = value;
      else if (name == "rewrite") hop.rewrite.emplace_back(value.substr(0, value.find(':')), value.substr(value.find(':') + 1));
      ++at;
    }
    hops.push_back(std::move(hop));
  }
  return hops;
}

SimulatedWire::SimulatedWire(const std::string& network, std::function<Packet(u64)> make, unsigned seed) : hops_(parse_network(network)), make_(std::move(make)), random_(seed) {}

void SimulatedWire::send(std::span<const u64> probes, const std::function<void(u64)>&) {
  for (const u64 probe : probes) send_one(probe);
}

void SimulatedWire::send_one(u64 probe) {
  Packet packet = make_(probe);
  times.push_back(clock_.now());
  ++sent_;
  asked_.ask(probe, packet, clock_.now());
  const bool v6 = &packet.first_protocol() == &info<Ipv6>;
  u64 flow = hash_start;
  if (packet.get<&Udp::sport>()) flow = hash_bytes(flow, slice(packet.bytes(), packet.layers()[1].offset, 4));
  unsigned left = v6 ? *packet.get<&Ipv6::hop_limit>() : *packet.get<&Ipv4::ttl>();
  for (Hop& hop : hops_) {
    const bool host = &hop == &hops_.back();
    if (chance(hop.loss) || overtaxed(hop)) return;
    if (packet.size() > hop.mtu) return too_big(static_cast<std::size_t>(&hop - hops_.data()), packet);
    if (!host) --left;
    if (left == 0 || host) return answer(hop, hop.addresses[(flow >> 7) % hop.addresses.size()], packet, host);
    if (hop.filter) return;
    for (const auto& [field, value] : hop.rewrite)
      if (!packet.set(field, value)) std::abort();
    if (!packet.set(v6 ? "ipv6.hlim" : "ip.ttl", std::to_string(left))) std::abort();
  }
}

bool SimulatedWire::overtaxed(Hop& hop) {
  constexpr Nanoseconds queue = 100;
  if (hop.pace == 0) return false;
  hop.idle_from = std::max(hop.idle_from, clock_.now());
  if (hop.idle_from - clock_.now() >= queue * second / hop.pace) return true;
  hop.idle_from += second / hop.pace;
  return false;
}

/// By the router before the link; the first link is the sender's own.
void SimulatedWire::too_big(std::size_t hop, const Packet& question) {
  if (hop == 0 || hops_[hop - 1].hushed) return;
  const bool v6 = &question.first_protocol() == &info<Ipv6>;
  const std::string to = v6 ? question.get<&Ipv6::src>()->text() : question.get<&Ipv4::src>()->text();
  schedule(hops_[hop - 1], crafted((v6 ? "ipv6 src=" : "ip src=") + hops_[hop - 1].addresses[0] + " dst=" + to + (v6 ? " / icmpv6 / icmpv6_too_big mtu=" : " / icmp type=3 code=4 / icmp_too_big mtu=") +
                                   std::to_string(hops_[hop].mtu) + " / hex=" + hex_of(question.bytes().first(std::min<std::size_t>(question.size(), 548)))));
}

void SimulatedWire::answer(const Hop& hop, std::string from, const Packet& question, bool host) {
  if (hop.silent) return;
  if (hop.limit != 0) {
    auto& told = told_[&hop];
    std::erase_if(told, [&](Nanoseconds when) { return clock_.now() - when >= second; });
    if (told.size() >= hop.limit) return;
    told.push_back(clock_.now());
  }
  const bool v6 = &question.first_protocol() == &info<Ipv6>;
  const std::string to = v6 ? question.get<&Ipv6::src>()->text() : question.get<&Ipv4::src>()->text();
  const std::string ip = (v6 ? "ipv6 src=" : "ip src=") + from + " dst=" + to + " / ";
  const Protocol* second = question.layers().size() > 1 ? question.layers()[1].protocol : &data;
  if (host && second == &info<Tcp>) {
    const std::string port = std::to_string(*question.get<&Tcp::dport>());
    const bool open = hop.open.empty() || std::ranges::find(hop.open, port) != hop.open.end();
    return schedule(hop, crafted(ip + "tcp sport=" + port + " dport=" + std::to_string(*question.get<&Tcp::sport>()) + (open ? " flags=SA" : " flags=RA") + " seq=7 ack=" + std::to_string(*question.get<&Tcp::seq>() + 1)));
  }
  if (host && second != &info<Udp>) {
    Packet echo = question;
    const std::string type = v6 ? "icmpv6.type" : "icmp.type";
    if (std::ranges::any_of(hops_, [&echo](const Hop& h) { return echo.size() > h.back; })) return;
    if (!echo.set(v6 ? "ipv6.dst" : "ip.dst", to) || !echo.set(v6 ? "ipv6.src" : "ip.src", from) || !echo.set(type, v6 ? "129" : "0")) std::abort();
    return schedule(hop, {echo.bytes().begin(), echo.bytes().end()});
  }
  const int type = v6 ? (host ? 1 : 3) : (host ? 3 : 11), code = host ? (v6 ? 4 : 3) : 0;
  std::string quote = hex_of(question.bytes().first(std::min<std::size_t>(question.size(), 548))), length;
  if (!hop.appends.empty()) {
    constexpr std::size_t filled_up = 128;
    quote.resize(2 * filled_up, '0');
    quote += "20000000" + hop.appends;
    length = v6 ? " / icmpv6_error reserved=0x10000000" : " / icmp_error unused=0x200000";
  }
  schedule(hop, crafted(ip + (v6 ? "icmpv6" : "icmp") + " type=" + std::to_string(type) + " code=" + std::to_string(code) + length + " / hex=" + quote));
}

void SimulatedWire::schedule(const Hop& hop, std::vector<u8> bytes) {
  coming_.emplace(clock_.now() + hop.round_trip, bytes);
  if (chance(hop.duplicate)) coming_.emplace(clock_.now() + hop.round_trip + millisecond, std::move(bytes));
}

Result<void> SimulatedWire::listen(Nanoseconds until, const std::function<void(const Heard&)>& heard) {
  if (coming_.empty() || coming_.begin()->first > until) return clock_.sleep_until(until), Result<void>();
  clock_.sleep_until(coming_.begin()->first);
  while (!coming_.empty() && coming_.begin()->first <= clock_.now()) {
    const std::vector<u8> bytes = std::move(coming_.begin()->second);
    coming_.erase(coming_.begin());
    CapturedPacket p{Bytes(bytes), {}};
    p.info.time = clock_.now(), p.info.link_type = LinkType::raw, p.info.direction = Direction::in;
    if (const auto m = asked_.hear(p)) heard({m->index, m->kind, m->before, elapsed(m->asked_at, p.info.time), m->stamped, elapsed(m->handed_over, clock_.now()), asked_.last(), p, asked_.question(m->index)});
  }
  return {};
}

}  // namespace rawket::test
