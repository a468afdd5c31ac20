// An error quotes too little to be a packet: the plan has the whole of it.
#include "plain_ears.hpp"

#include "rawket/base/text_buffer.hpp"
#include "rawket/packet/craft.hpp"

namespace rawket {
namespace {

/// The same of what was sent and of what an error quotes of it: whom it was for, an echo's number, how a datagram begins (some
/// routers quote no more than its header: `bytes` are empty then).
u64 mark_of(const PlainKey& by, const IpAddress& to, u16 port, Bytes bytes) {
  constexpr std::size_t sequence = 6;
  u64 mark = hash_bytes(hash_start, to.bytes());
  const u8 ports[] = {static_cast<u8>(port >> 8), static_cast<u8>(port)};
  constexpr std::size_t beginning = 2;
  if (!by.icmp) return hash_bytes(hash_bytes(mark, ports), bytes.first(std::min(bytes.size(), beginning)));
  return hash_bytes(mark, slice(bytes, sequence, 2));
}

std::optional<Packet> made(const TextBuffer& words) {
  const auto recipe = Recipe::parse(standard_registry(), words.view());
  auto packet = recipe ? recipe->make(0) : Result<Packet>(Packet());
  return recipe && packet ? std::optional(std::move(*packet)) : std::nullopt;
}

}  // namespace

Result<std::unique_ptr<PlainEars>> PlainEars::open(std::span<const ApprovedPlan> plans) {
  auto ears = std::make_unique<PlainEars>();
  for (const ApprovedPlan& plan : plans) RAWKET_TRY(ears->learn(plan));
  const std::vector<PlainKey> keys(ears->keys_.begin(), ears->keys_.end());
  ears->sockets_ = RAWKET_TRY(PlainSockets::open(keys, plans.front().plan().bound ? plans.front().plan().interface.name : ""));
  return ears;
}

Result<void> PlainEars::learn(const ApprovedPlan& plan) {
  const Supply& supply = plan.plan().supply;
  for (u64 i = 0; i < supply.count; ++i) {
    const Packet packet = RAWKET_TRY(supply.make(i));
    const auto plain = plan.plan().way == Way::raw_socket && plan.plan().fragment == 0 ? plain_packet(packet.bytes()) : std::nullopt;
    if (!plain) return fail(Errc::unsupported, "plain sockets", "they send ICMP echo and UDP only, in one piece");
    keys_.insert(plain->by);
    own_.emplace(plain->by, plain->source);
    const auto remember = [&](Bytes bytes) {
      const auto [at, is_new] = sent_.try_emplace({plain->by, mark_of(plain->by, plain->message.to, plain->message.port, bytes)}, Sent{&plan, i});
      if (!is_new) at->second.plan = nullptr;  // several look like this: which one is not known
    };
    remember(plain->message.bytes);
    if (!plain->by.icmp && !plain->message.bytes.empty()) remember({});
  }
  return {};
}

Result<std::span<const CapturedPacket>> PlainEars::next(Nanoseconds wait) {
  packets_.clear(), batch_.clear();
  std::vector<Nanoseconds> times;
  RAWKET_TRY(sockets_->hear(wait, [&](const PlainArrival& a) {
    ++counters_.received;
    auto packet = rebuild(a);
    if (!packet) return void(++counters_.filtered);
    packets_.push_back(std::move(*packet)), times.push_back(a.time);
  }));
  for (std::size_t i = 0; i < packets_.size(); ++i) {
    const Bytes bytes = packets_[i].bytes();
    batch_.push_back({bytes, {.time = times[i], .time_source = TimeSource::kernel, .original_length = static_cast<u32>(bytes.size()), .link_type = LinkType::raw, .direction = Direction::in}});
  }
  return std::span<const CapturedPacket>(batch_);
}

std::optional<Packet> PlainEars::question(const PlainArrival& e) const {
  const auto found = sent_.find({e.socket, mark_of(e.socket, e.peer, e.port, e.bytes)});
  if (found == sent_.end() || found->second.plan == nullptr) return std::nullopt;
  auto packet = found->second.plan->plan().supply.make(found->second.index);
  return packet ? std::optional(std::move(*packet)) : std::nullopt;
}

std::optional<Packet> PlainEars::rebuild(const PlainArrival& a) const {
  const bool v6 = a.socket.ipv6;
  TextBuffer t;
  const auto field = [&t](std::string_view name, u64 value) { t.append(' '), t.append(name), t.append('='), t.decimal(value); };
  t.append(v6 ? "ipv6 src=" : "ip src="), t.append((a.is_error ? a.teller : a.peer).text()), t.append(" dst="), t.append(own_.at(a.socket).text());
  if (a.hop_limit != 0) field(v6 ? "hop_limit" : "ttl", a.hop_limit);
  if (!a.is_error && !a.socket.icmp) {
    t.append(" / udp"), field("sport", a.port), field("dport", a.socket.number);
    if (!a.bytes.empty()) t.append(" / hex="), t.hex(a.bytes);
    return made(t);
  }
  const auto asked = a.is_error ? question(a) : std::optional<Packet>();
  constexpr std::size_t echo_header = 8;
  if (a.is_error ? !asked : a.bytes.size() < echo_header) return std::nullopt;
  t.append(v6 ? " / icmpv6" : " / icmp"), field("type", a.is_error ? a.type : a.bytes[0]), field("code", a.is_error ? a.code : a.bytes[1]);
  const auto word = [&a](std::size_t at) { return u64{a.bytes[at]} << 8 | a.bytes[at + 1]; };
  const bool too_big = a.is_error && a.type == (v6 ? 2 : 3) && (v6 || a.code == 4);
  if (too_big) t.append(v6 ? " / icmpv6_too_big" : " / icmp_too_big"), field("mtu", a.told);
  if (!a.is_error) t.append(v6 ? " / icmpv6_echo" : " / icmp_echo"), field("id", word(4)), field("seq", word(6));
  const Bytes rest = a.is_error ? asked->bytes() : a.bytes.subspan(echo_header);
  if (!rest.empty()) t.append(" / hex="), t.hex(rest);
  return made(t);
}

}  // namespace rawket
