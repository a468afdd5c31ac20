// Questions are looked up by whom they were put to; then the protocols' rules decide.
#include "rawket/send/asked_packets.hpp"

#include <algorithm>

#include "rawket/proto/arp.hpp"
#include "rawket/proto/icmp.hpp"
#include "rawket/proto/icmpv6.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"
#include "rawket/proto/tcp.hpp"
#include "rawket/proto/udp.hpp"

namespace rawket {
namespace {

constexpr u64 anybody = 0;  ///< the key of questions to a group: whoever answers

std::size_t quoted_layer(const Dissection& d) {
  std::size_t from = 0;
  for (std::size_t i = 0; i < d.layers().size(); ++i)
    if (d.layers()[i].protocol->quotes) from = i + 1;
  return from;
}

/// Who is spoken to: address and, for TCP and UDP, both ports. `source` takes the sender's end instead. Quoted packets are
/// looked into.
u64 peer_key(const Dissection& d, bool source) {
  u64 key = hash_start;
  const auto mix = [&](Bytes b) { key = hash_bytes(key, b); };
  const std::size_t from = quoted_layer(d);
  source = source && from == 0;
  for (std::size_t i = from; i < d.layers().size(); ++i) {
    const Layer& l = d.layers()[i];
    const bool ports = (l.protocol == &info<Tcp> || l.protocol == &info<Udp>) && l.length >= 4;  // a quoted header may be cut behind them
    if (l.length < l.protocol->fixed && !ports) break;
    const u8* h = d.packet.data() + l.offset;
    if (ports) mix({h + (source ? 0 : 2), 2}), mix({h + (source ? 2 : 0), 2});
    if (l.protocol == &info<Ipv4>) mix({h + (source ? 12 : 16), 4});
    if (l.protocol == &info<Ipv6>) mix({h + (source ? 8 : 24), 16});
    if (l.protocol == &info<Arp>) mix({h + (source ? 14 : 24), 4});
    if (l.protocol == &info<IcmpEcho> || l.protocol == &info<Icmpv6Echo>) mix({h, 4});  // identifier and sequence number: thousands of echoes may go to one host
  }
  return key;
}

/// The same but for what the kernel fills in: link and IP header.
bool ends_like(Bytes frame, Bytes question) {
  constexpr std::size_t headers = 40;
  const std::size_t size = question.size() > headers ? question.size() - headers : std::min<std::size_t>(question.size(), 8);
  return frame.size() >= size && std::ranges::equal(frame.last(size), question.last(size));
}

std::size_t ip_layer(const Dissection& d, std::size_t from = 0) {
  for (; from < d.layers().size(); ++from)
    if (d.layers()[from].protocol == &info<Ipv4> || d.layers()[from].protocol == &info<Ipv6>) break;
  return from;
}

}  // namespace

void AskedPackets::ask(u64 index, Packet packet, Nanoseconds now, u32 attempt) {
  Asked& a = asked_[index];
  if (a.packet.size() == 0) {
    dissect(standard_registry(), packet.first_protocol(), packet.bytes(), question_);
    const Needs needs = policy_.needs_of(question_);
    const bool group = needs.has(Need::multicast) || needs.has(Need::broadcast);
    a.key = group ? anybody : peer_key(question_, false);
    by_peer_.emplace(a.key, index);
    groups_ = groups_ || group;
  }
  a.packet = std::move(packet);
  a.attempt = attempt;
  leaves(a, now);
}

bool AskedPackets::ask_again(u64 index, Nanoseconds now) {
  const auto found = asked_.find(index);
  if (found == asked_.end()) return false;
  leaves(found->second, now);
  return true;
}

void AskedPackets::leaves(Asked& a, Nanoseconds now) {
  a.asked_at = a.handed_over = now;
  a.stamped = false;
  a.answers = 0;
}

bool AskedPackets::is_answered(u64 index) const {
  const auto found = asked_.find(index);
  return found != asked_.end() && found->second.answers > 0;
}

const Packet* AskedPackets::question(u64 index) const {
  const auto found = asked_.find(index);
  return found == asked_.end() ? nullptr : &found->second.packet;
}

std::optional<AskedPackets::Match> AskedPackets::hear(const CapturedPacket& p) {
  dissect(standard_registry(), link_protocol(standard_registry(), static_cast<u16>(p.info.link_type)), p.bytes, answer_);
  if (p.info.direction == Direction::out) return stamp(p), std::nullopt;
  auto match = best_of(peer_key(answer_, true));
  return match || !groups_ ? match : best_of(anybody);
}

/// The socket also sees questions leave, later than this program handed them over: that is when they were asked.
void AskedPackets::stamp(const CapturedPacket& p) {
  const auto [begin, end] = by_peer_.equal_range(peer_key(answer_, false));
  for (auto it = begin; it != end; ++it) {
    Asked& a = asked_.at(it->second);
    if (a.stamped || a.answers > 0 || p.info.time < a.asked_at || !ends_like(p.bytes, a.packet.bytes())) continue;
    a.asked_at = p.info.time;
    a.stamped = true;
    return;
  }
}

/// How sure it is that this question is meant, above the others that `answers` finds possible.
int AskedPackets::likeness(const Asked& asked, Answer kind) const {
  const int open = asked.answers == 0 ? 1 : 0;
  const std::size_t from = quoted_layer(answer_);
  if (kind != Answer::error || from == 0) return open;
  const std::size_t mine = ip_layer(question_), theirs = ip_layer(answer_, from);
  if (mine >= question_.layers().size() || theirs >= answer_.layers().size()) return open;
  const Layer &q = question_.layers()[mine], &a = answer_.layers()[theirs];
  constexpr std::size_t told = 8;  // of the transport header: what a router at least quotes
  const Bytes x = slice(question_.packet, q.payload_offset(), told), y = slice(answer_.packet, a.payload_offset(), told);
  const bool same_number = q.protocol != &info<Ipv4> || std::ranges::equal(slice(question_.packet, q.offset + 4u, 2), slice(answer_.packet, a.offset + 4u, 2));
  return open + (std::ranges::equal(x, y) ? 4 : 0) + (same_number ? 2 : 0);
}

std::optional<AskedPackets::Match> AskedPackets::best_of(u64 key) {
  Asked* best = nullptr;
  Match match;
  int most = -1;
  const auto [begin, end] = by_peer_.equal_range(key);
  for (auto it = begin; it != end; ++it) {
    Asked& a = asked_.at(it->second);
    dissect(standard_registry(), a.packet.first_protocol(), a.packet.bytes(), question_);
    const Answer kind = answers(answer_, question_);
    if (kind == Answer::no) continue;
    const int sure = likeness(a, kind);
    if (sure < most || (sure == most && it->second > match.index)) continue;
    most = sure, best = &a;
    match = {it->second, kind, a.asked_at, a.handed_over, a.stamped, a.attempt, a.answers};
  }
  if (best == nullptr) return std::nullopt;
  ++best->answers;
  return match;
}

}  // namespace rawket
