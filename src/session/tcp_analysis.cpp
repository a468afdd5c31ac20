// Each segment is judged by what both sides sent before, then remembered.
#include "rawket/session/tcp_analysis.hpp"

#include "rawket/packet/verify.hpp"
#include "rawket/proto/tcp.hpp"
#include "rawket/wire/options.hpp"

namespace rawket {
namespace {

constexpr Nanoseconds fast = 20 * millisecond, close_by = 3 * millisecond;

/// Sequence numbers wrap: what is less than half the circle ahead is later.
constexpr bool later(u32 a, u32 b) { return static_cast<std::int32_t>(a - b) > 0; }
constexpr bool not_later(u32 a, u32 b) { return static_cast<std::int32_t>(a - b) <= 0; }

}  // namespace

struct TcpAnalysis::Segment {
  FlowPacket packet;
  u32 ack = 0;
  u16 window = 0;
  int scale = -2;   ///< of a SYN
  bool syn = false, fin = false, reset = false, has_ack = false;

  u32 sequence() const { return packet.sequence; }
  u32 size() const { return packet.payload; }
  u32 end() const { return packet.sequence + packet.payload + (syn || fin ? 1 : 0); }
  bool plain() const { return !syn && !fin && !reset; }
};

void TcpAnalysis::add(const PacketHead& head, const Dissection& d, std::vector<FactValue>& facts) {
  const auto packet = flow_packet(head, d);
  if (!packet || packet->key.protocol != 6) return;
  const Layer* tcp = tcp_layer(d);
  if (tcp == nullptr || is_fragment(d.packet, d.layers(), static_cast<std::size_t>(tcp - d.layers().data()))) return;  // how long the segment is, the other fragments say
  const u8* h = d.packet.data() + tcp->offset;
  const TcpFlags flags = get<&Tcp::flags>(h);
  const auto has = [flags](TcpFlags f) { return (flags & f) != TcpFlags{}; };
  Segment s{.packet = *packet, .ack = get<&Tcp::ack>(h), .window = get<&Tcp::window>(h), .syn = has(Syn), .fin = has(Fin), .reset = has(Rst),
            .has_ack = has(Ack)};
  if (s.syn) {
    OptionWalk options(*info<Tcp>.options, slice(d.packet, tcp->offset + info<Tcp>.fixed, tcp->length - info<Tcp>.fixed));
    while (const auto o = options.next())
      if (o->kind == 3 && o->value_length == 1) s.scale = std::min(14, int{d.packet[tcp->offset + info<Tcp>.fixed + o->value_offset]});
  }
  Stream& stream = stream_for(s, facts);
  facts.push_back({SessionFact::stream, stream.id});
  Side &own = packet->from_high ? stream.high : stream.low, &other = packet->from_high ? stream.low : stream.high;
  time_handshake(s, stream);
  if (stream.initial_round_trip != 0) facts.push_back({SessionFact::initial_round_trip, static_cast<u64>(stream.initial_round_trip)});
  if (!own.started) own.started = true, own.base = s.syn ? s.sequence() : s.sequence() - 1;
  if (s.syn) own.scale = s.scale;
  const bool probe = about_windows(s, own, other, facts);
  if (s.ack != own.last_ack) own.duplicate_acks = 0;
  if (s.has_ack && other.has_continuous && later(s.ack, other.continuous)) facts.push_back({SessionFact::ack_lost_segment}), other.has_continuous = false;
  if (s.size() > 0 || s.syn || s.fin) about_order(s, stream, own, other, facts);
  remember(s, own, probe);
}

TcpAnalysis::Stream& TcpAnalysis::stream_for(const Segment& s, std::vector<FactValue>& facts) {
  Stream* known = streams_.find(s.packet.key);
  if (known == nullptr) return streams_.put(s.packet.key, {.id = next_id_++, .low = {}, .high = {}});
  const Side& own = s.packet.from_high ? known->high : known->low;
  if (s.syn && !s.has_ack && own.started && own.base != s.sequence()) {
    facts.push_back({SessionFact::reused_ports});
    *known = {.id = next_id_++, .low = {}, .high = {}};
  }
  return *known;
}

void TcpAnalysis::time_handshake(const Segment& s, Stream& stream) {
  const Side &own = s.packet.from_high ? stream.high : stream.low, &other = s.packet.from_high ? stream.low : stream.high;
  if (s.syn && !s.has_ack) stream.syn_time = s.packet.time;
  const bool ends_handshake = s.has_ack && s.plain() && own.started && other.started && stream.syn_time != 0 && stream.initial_round_trip == 0 && s.sequence() == own.base + 1 && s.ack == other.base + 1;
  if (ends_handshake && s.packet.time > stream.syn_time) stream.initial_round_trip = elapsed(stream.syn_time, s.packet.time);
}

/// Windows, holes and acknowledgements. True for a probe of a closed window, which moves nothing on.
bool TcpAnalysis::about_windows(const Segment& s, Side& own, const Side& other, std::vector<FactValue>& facts) {
  const auto tell = [&facts](SessionFact f, u64 value = 1) { facts.push_back({f, value}); };
  const bool known = own.next != 0, expected = known && s.sequence() == own.next, same_ack = s.ack == own.last_ack;
  const bool probed = other.probed, kept_alive = other.kept_alive;
  own.probed = own.kept_alive = false;
  if (s.size() == 1 && expected && other.window == 0 && other.started) {
    tell(SessionFact::zero_window_probe);
    return own.probed = true;
  }
  if (s.window == 0 && s.plain()) tell(SessionFact::zero_window);
  if (known && later(s.sequence(), own.next) && !s.reset) tell(SessionFact::lost_segment);
  if (s.size() <= 1 && known && s.sequence() == own.next - 1 && s.plain()) tell(SessionFact::keep_alive), own.kept_alive = true;
  if (s.size() == 0 && s.window != 0 && s.window != own.window && expected && same_ack && s.plain()) tell(SessionFact::window_update);
  const u32 window = u32{other.window} << (other.scale > 0 && other.sent_ack ? other.scale : 0);
  if (s.size() > 0 && other.scale != -1 && s.sequence() + s.size() == other.last_ack + window && s.plain()) tell(SessionFact::window_full);
  if (s.size() != 0 || !expected || !s.plain() || s.window != own.window) return false;
  if (same_ack && kept_alive) tell(SessionFact::keep_alive_ack);
  else if (s.window == 0 && (same_ack || s.ack == own.last_ack + 1) && probed) tell(SessionFact::zero_window_probe_ack);
  else if (s.window != 0 && same_ack) tell(SessionFact::duplicate_ack), tell(SessionFact::duplicate_ack_number, ++own.duplicate_acks);
  return false;
}

/// Bytes that came before, or come late.
void TcpAnalysis::about_order(const Segment& s, const Stream& stream, Side& own, const Side& other, std::vector<FactValue>& facts) {
  if (own.kept_alive) return;
  const auto tell = [&facts](SessionFact f) { facts.push_back({f}); };
  bool behind = own.next != 0 && later(own.next, s.sequence());
  if (s.size() > 1 && own.next - 1 == s.sequence()) behind = false;   // new data behind what may have been a probe
  if (s.size() > 0 && other.acknowledged && not_later(s.sequence() + s.size(), other.last_ack)) return tell(SessionFact::retransmission), tell(SessionFact::spurious_retransmission);
  if (!behind) return;
  const Nanoseconds since_ack = elapsed(other.ack_time, s.packet.time), since_next = elapsed(own.next_time, s.packet.time);
  if (other.duplicate_acks >= 2 && other.last_ack == s.sequence() && since_ack < fast) return tell(SessionFact::retransmission), tell(SessionFact::fast_retransmission);
  const Nanoseconds close = stream.initial_round_trip != 0 ? stream.initial_round_trip : close_by;
  if (since_next < close && own.next != s.end()) return tell(SessionFact::out_of_order);
  tell(SessionFact::retransmission);
}

void TcpAnalysis::remember(const Segment& s, Side& own, bool probe) {
  const u32 end = s.end();
  if (!probe && (own.next == 0 || later(end, own.next))) {
    own.next = end;
    own.next_time = s.packet.time;
  }
  if (!probe && (!own.has_continuous || s.sequence() == own.continuous)) own.continuous = own.next, own.has_continuous = true;
  own.window = s.window;
  own.last_ack = s.ack;
  own.ack_time = s.packet.time;
  own.acknowledged = own.acknowledged || s.has_ack;
  own.sent_ack = own.sent_ack || (s.has_ack && !s.syn);
}

}  // namespace rawket
