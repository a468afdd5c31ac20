// Fragments wait by datagram. Who is right about a byte is decided once, when all are there: by the order they are laid in.
#include "rawket/session/defragment.hpp"

#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"

namespace rawket {
namespace {
constexpr std::size_t most_told = 65'535;  // by a length field
constexpr std::size_t most_pieces = 10'000;   // of one datagram: more than its 8-byte units, so these are doubles
constexpr u64 fragment_overhead = 96, datagram_overhead = 512;
constexpr u16 raw_ip = 101;  // LINKTYPE_RAW
}  // namespace

std::size_t piece_layer(const Dissection& d) {
  for (std::size_t i = 0; i < d.layers().size(); ++i) {
    const Layer& l = d.layers()[i];
    if (l.protocol->quotes || l.length < l.protocol->fixed) break;
    if (l.protocol->is_piece(d.packet.data() + l.offset)) return i;
  }
  return d.layers().size();
}

/// What one fragment brings.
struct Defragmenter::Fragment {
  Key key;
  Bytes bytes;             ///< of the payload
  u32 offset = 0;
  bool more = false;
  std::size_t layer = 0;   ///< the one that says that it is a fragment
  std::size_t ip = 0;      ///< its IP layer
};

namespace {

/// The bytes before the data of the fragment with offset 0, as they stand before an unfragmented payload.
std::vector<u8> front_of(const Dissection& d, std::size_t layer, std::size_t ip, u32& ip_offset, u16& link_type) {
  std::size_t from = 0;
  for (std::size_t i = 0; i < ip; ++i)
    if (d.layers()[i].protocol->end_at) from = d.layers()[ip].offset, link_type = raw_ip;  // outer lengths count the fragment
  const Layer& l = d.layers()[layer];
  const std::size_t to = layer == ip ? l.payload_offset() : l.offset;
  std::vector<u8> front(d.packet.begin() + static_cast<std::ptrdiff_t>(from), d.packet.begin() + static_cast<std::ptrdiff_t>(to));
  ip_offset = static_cast<u32>(d.layers()[ip].offset - from);
  if (layer == ip) return front;
  const Layer& before = d.layers()[layer - 1];  // who comes next is told by the header before the fragment header now
  for (const Field& f : before.protocol->fields)
    if (f.rule.kind == Rule::next_protocol) f.write(front.data() + before.offset - from, get<&Ipv6Fragment::next_header>(d.packet.data() + l.offset));
  return front;
}

}  // namespace

Defragmenter::Outcome Defragmenter::add(const PacketHead& head, const Dissection& d) {
  Fragment f;
  f.layer = f.ip = piece_layer(d);
  if (f.layer == d.layers().size()) return Outcome::whole;
  const Layer& l = d.layers()[f.layer];
  const u8* h = d.packet.data() + l.offset;
  u32 id = 0;
  u8 version = 4, protocol = 0;
  if (l.protocol == &info<Ipv4>) {
    id = get<&Ipv4::id>(h), protocol = get<&Ipv4::protocol>(h);
    f.offset = get<&Ipv4::fragment>(h) * 8u, f.more = (get<&Ipv4::flags>(h) & 1) != 0;
  } else if (l.protocol == &info<Ipv6Fragment>) {
    while (f.ip > 0 && d.layers()[f.ip].protocol != &info<Ipv6>) --f.ip;
    if (d.layers()[f.ip].protocol != &info<Ipv6>) return Outcome::whole;
    version = 6, id = get<&Ipv6Fragment::id>(h);
    f.offset = get<&Ipv6Fragment::offset>(h) * 8u, f.more = get<&Ipv6Fragment::more>(h) != 0;
  } else {
    return Outcome::whole;
  }
  ++counters_.fragments;
  const Layer& ip = d.layers()[f.ip];
  f.bytes = slice(d.packet, l.payload_offset(), l.end - std::min(l.end, l.payload_offset()));
  if (l.claimed_end > l.end || f.bytes.empty() || f.offset + f.bytes.size() > options_.longest) {
    ++counters_.unusable;
    return Outcome::waits;
  }
  f.key.bytes[0] = version, f.key.bytes[1] = protocol;
  std::memcpy(&f.key.bytes[2], &id, sizeof id);
  u8* to = &f.key.bytes[6];
  for (const Field* address : {ip.protocol->source, ip.protocol->destination})
    to = std::copy_n(d.packet.data() + ip.offset + address->offset / 8u, address->width / 8u, to);

  make_room(head.time);
  const Place g = place_for(f.key, head.time);
  if (f.offset == 0 && g->front.empty()) {
    g->link_type = head.link_type;
    g->front = front_of(d, f.layer, f.ip, g->ip_offset, g->link_type);
    g->held += g->front.size(), bytes_ += g->front.size();
  }
  if (!insert(*g, f)) {
    ++counters_.dropped;
    forget(g);
    return Outcome::waits;
  }
  if (!join(*g)) return Outcome::waits;
  const bool built = build(*g);
  if (built) ++counters_.datagrams;
  else counters_.unusable += g->pieces.size();
  pieces_ = g->pieces.size();
  forget(g);
  return built ? Outcome::complete : Outcome::waits;
}

Defragmenter::Place Defragmenter::place_for(const Key& key, Nanoseconds now) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) return found->second;
  waiting_.push_back({.key = key, .first = now, .held = datagram_overhead});
  bytes_ += datagram_overhead;
  return by_key_[key] = std::prev(waiting_.end());
}

/// False when the policy gives the datagram up.
bool Defragmenter::insert(Datagram& g, const Fragment& f) {
  const u32 end = f.offset + static_cast<u32>(f.bytes.size());
  // Many pieces that overlap would be compared again and again.
  if ((g.has_end && end > g.end) || g.pieces.size() >= most_pieces || g.bytes + f.bytes.size() > u64{2} * options_.longest) {
    ++counters_.unusable;
    return true;
  }
  const auto after = std::ranges::upper_bound(g.pieces, f.offset, {}, &Piece::offset);
  bool overlaps = false, conflicts = false, same = false;
  for (auto p = g.pieces.begin() + (std::ranges::lower_bound(g.pieces, f.offset > g.longest ? f.offset - g.longest : 0, {}, &Piece::offset) - g.pieces.begin());
       p != g.pieces.end() && p->offset < end; ++p) {
    const u32 from = std::max(p->offset, f.offset), to = std::min(p->end(), end);
    if (from >= to) continue;
    overlaps = true;
    conflicts = conflicts || std::memcmp(p->bytes.data() + (from - p->offset), f.bytes.data() + (from - f.offset), to - from) != 0;
    same = same || (p->offset == f.offset && p->end() == end && !conflicts);
  }
  counters_.overlaps += overlaps, counters_.conflicts += conflicts;
  if (overlaps && options_.overlap == Overlap::drop && !same) return false;  // an exact double is harmless, and common
  if (!f.more && !g.has_end) g.has_end = true, g.end = end;
  if (same) return true;
  g.pieces.insert(after, {f.offset, static_cast<u32>(g.pieces.size()), {f.bytes.begin(), f.bytes.end()}});
  g.bytes += f.bytes.size();
  g.longest = std::max(g.longest, static_cast<u32>(f.bytes.size()));
  g.held += f.bytes.size() + fragment_overhead, bytes_ += f.bytes.size() + fragment_overhead;
  return true;
}

/// Lays the pieces side by side in `payload_`. False while some are missing.
bool Defragmenter::join(Datagram& g) {
  if (!g.has_end || g.front.empty() || g.bytes < g.end) return false;
  u32 covered = 0;
  for (const Piece& p : g.pieces) {
    if (p.offset > covered) return false;
    covered = std::max(covered, p.end());
    if (covered >= g.end) break;  // what lies behind the end counts for nothing
  }
  if (covered < g.end) return false;
  if (options_.overlap == Overlap::first) std::ranges::sort(g.pieces, {}, &Piece::order);
  if (options_.overlap == Overlap::last) std::ranges::sort(g.pieces, std::greater<>(), &Piece::order);
  payload_.assign(g.end, 0);
  filled_.assign(g.end, 0);
  for (const Piece& p : g.pieces)
    for (u32 i = p.offset; i < std::min(p.end(), g.end); ++i)
      if (filled_[i] == 0) payload_[i] = p.bytes[i - p.offset], filled_[i] = 1;
  return true;
}

/// False when the whole is longer than it may be.
bool Defragmenter::build(Datagram& g) {
  datagram_ = g.front;
  datagram_.insert(datagram_.end(), payload_.begin(), payload_.end());
  u8* ip = datagram_.data() + g.ip_offset;
  const std::size_t size = datagram_.size() - g.ip_offset;
  if (g.key.bytes[0] == 4) {
    if (size > options_.longest) return false;
    put<&Ipv4::length>(ip, static_cast<u16>(size > most_told ? 0 : size));
    put<&Ipv4::flags>(ip, static_cast<u8>(get<&Ipv4::flags>(ip) & 6));
    put<&Ipv4::fragment>(ip, 0);
    put<&Ipv4::checksum>(ip, 0);
    put<&Ipv4::checksum>(ip, internet_checksum({ip, g.front.size() - g.ip_offset}));
  } else {
    const std::size_t payload = size - detail::fixed_bytes<Ipv6>;
    if (payload > options_.longest) return false;
    put<&Ipv6::length>(ip, static_cast<u16>(payload > most_told ? 0 : payload));
  }
  link_type_ = g.link_type;
  payload_length_ = g.end;
  is_v6_ = g.key.bytes[0] == 6;
  return true;
}

void Defragmenter::forget(Place g) {
  bytes_ -= g->held;
  by_key_.erase(g->key);
  waiting_.erase(g);
}

void Defragmenter::make_room(Nanoseconds now) {
  while (!waiting_.empty() && elapsed(waiting_.front().first, now) > options_.patience) {
    ++counters_.expired;
    forget(waiting_.begin());
  }
  while (!waiting_.empty() && (waiting_.size() >= options_.most_datagrams || bytes_ > options_.most_bytes)) {
    ++counters_.evicted;
    forget(waiting_.begin());
  }
}

}  // namespace rawket
