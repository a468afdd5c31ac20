// Reassembly: the segment that is expected goes straight through, others wait for what is before them.
#include "rawket/session/tcp_streams.hpp"

#include "rawket/proto/tcp.hpp"

namespace rawket {
namespace {
constexpr u64 segment_overhead = 96;  // of memory, beside the bytes of a segment that waits
constexpr u8 fin_flag = static_cast<u8>(Fin), syn_flag = static_cast<u8>(Syn), reset_flag = static_cast<u8>(Rst), ack_flag = static_cast<u8>(Ack);
}  // namespace

void TcpStreams::add(const PacketHead& head, const Dissection& d) {
  const auto p = flow_packet(head, d);
  const Layer* tcp = tcp_layer(d);
  if (p && p->key.protocol == 6 && tcp != nullptr) add(*p, slice(d.packet, tcp->payload_offset(), tcp->end - std::min(tcp->end, tcp->payload_offset())));
}

void TcpStreams::add(const FlowPacket& p, Bytes payload) {
  const Place s = stream_for(p);
  s->last = p.time;
  ++s->packets;
  segment(*s, p.from_high, p, payload);
}

/// The stream of a packet: a new one for a new key, and where a SYN with another number begins an old one anew.
TcpStreams::Place TcpStreams::stream_for(const FlowPacket& p) {
  const auto found = by_key_.find(p.key);
  if (found != by_key_.end()) {
    const Place s = found->second;
    const StreamSide& mine = side(*s, p.from_high);
    const bool fresh_syn = (p.flags & (syn_flag | ack_flag)) == syn_flag && mine.started && p.sequence + 1 != mine.base;
    if (!fresh_syn) {
      streams_.splice(streams_.begin(), streams_, s);
      return s;
    }
    end(s);
  }
  if (streams_.size() >= options_.most_streams) {
    ++evicted_;
    end(std::prev(streams_.end()));
  }
  streams_.emplace_front();
  Stream& s = streams_.front();
  s.id = next_id_++;
  s.key = p.key;
  s.first = p.time;
  s.first_packet = p.number;
  s.client_is_high = (p.flags & (syn_flag | ack_flag)) == (syn_flag | ack_flag) ? !p.from_high : p.from_high;
  by_key_[p.key] = streams_.begin();
  return streams_.begin();
}

void TcpStreams::end(Place s) {
  for (bool high : {false, true}) release(*s, high, true);
  if (events_.ended) events_.ended(*s);
  by_key_.erase(s->key);
  streams_.erase(s);
}

void TcpStreams::finish() {
  streams_.sort([](const Stream& a, const Stream& b) { return a.id < b.id; });
  while (!streams_.empty()) end(streams_.begin());
}

void TcpStreams::segment(Stream& s, bool from_high, const FlowPacket& p, Bytes payload) {
  StreamSide& mine = side(s, from_high);
  const bool syn = (p.flags & syn_flag) != 0;
  mine.syn |= syn, mine.fin |= (p.flags & fin_flag) != 0, mine.reset |= (p.flags & reset_flag) != 0;
  const u32 sequence = p.sequence + syn;
  if (!mine.started && (syn || p.payload > 0)) mine.started = true, mine.base = sequence;
  if (p.payload == 0 || !mine.started || (p.flags & reset_flag) != 0) return;
  payload = payload.first(std::min<std::size_t>(payload.size(), p.payload));
  const i64 ahead = static_cast<std::int32_t>(sequence - (mine.base + static_cast<u32>(mine.next)));
  const i64 start = static_cast<i64>(mine.next) + ahead;
  if (start < 0) {  // before the first byte that is known
    const u64 early = std::min<u64>(static_cast<u64>(-start), payload.size());
    mine.before_start += early;
    payload = payload.subspan(early);
    if (payload.empty()) return;
  }
  u64 offset = start < 0 ? 0 : static_cast<u64>(start);
  if (offset < mine.next) {
    const u64 old = std::min<u64>(mine.next - offset, payload.size());
    mine.doubled += old;
    payload = payload.subspan(old);
    offset += old;
  }
  const u64 behind = static_cast<u64>(start + i64{p.payload});  // what the snapshot length cut is missing, and known to be
  if (offset == mine.next) {
    if (mine.waiting.empty()) {
      hand_on(s, from_high, offset, payload);
    } else {
      hold(s, from_high, offset, payload);
      release(s, from_high, false);
    }
    if (mine.waiting.empty() && behind > mine.next) skip(s, from_high, behind);
    return;
  }
  ++mine.out_of_order;
  hold(s, from_high, offset, payload);
  if (mine.waiting_bytes > options_.most_waiting_of_side || waiting_ > options_.most_waiting) release(s, from_high, true);
}

/// Keeps bytes for later, but for those that are there already.
void TcpStreams::hold(Stream& s, bool from_high, u64 offset, Bytes bytes) {
  StreamSide& mine = side(s, from_high);
  auto next = mine.waiting.upper_bound(offset);
  if (next != mine.waiting.begin()) {
    const auto& [at, held] = *std::prev(next);
    if (const u64 end = at + held.size(); end > offset) {
      const u64 old = std::min<u64>(end - offset, bytes.size());
      mine.doubled += old;
      bytes = bytes.subspan(old), offset += old;
    }
  }
  while (!bytes.empty()) {
    next = mine.waiting.lower_bound(offset);
    const u64 room = next == mine.waiting.end() ? bytes.size() : std::min<u64>(bytes.size(), next->first - offset);
    if (room > 0) {
      mine.waiting.emplace(offset, std::vector<u8>(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(room)));
      mine.waiting_bytes += room + segment_overhead, waiting_ += room + segment_overhead;
    }
    bytes = bytes.subspan(room), offset += room;
    if (bytes.empty() || next == mine.waiting.end()) continue;
    const u64 old = std::min<u64>(next->second.size(), bytes.size());
    mine.doubled += old;
    bytes = bytes.subspan(old), offset += old;
  }
}

void TcpStreams::hand_on(Stream& s, bool from_high, u64 offset, Bytes bytes) {
  if (bytes.empty()) return;
  StreamSide& mine = side(s, from_high);
  mine.next = offset + bytes.size();
  mine.bytes += bytes.size();
  if (events_.data) events_.data(s, from_high == s.client_is_high, offset, bytes);
}

void TcpStreams::skip(Stream& s, bool from_high, u64 to) {
  StreamSide& mine = side(s, from_high);
  const u64 offset = mine.next, gap = to - offset;
  mine.missing += gap;
  mine.next = to;
  if (events_.missing) events_.missing(s, from_high == s.client_is_high, offset, gap);
}

/// Hands on what waits for nothing any more; with `over_holes` everything.
void TcpStreams::release(Stream& s, bool from_high, bool over_holes) {
  StreamSide& mine = side(s, from_high);
  while (!mine.waiting.empty()) {
    const auto first = mine.waiting.begin();
    if (first->first > mine.next) {
      if (!over_holes) return;
      skip(s, from_high, first->first);
    }
    const std::vector<u8> bytes = std::move(first->second);
    const u64 offset = first->first;
    mine.waiting.erase(first);
    mine.waiting_bytes -= bytes.size() + segment_overhead, waiting_ -= bytes.size() + segment_overhead;
    hand_on(s, from_high, offset, bytes);
  }
}

}  // namespace rawket
