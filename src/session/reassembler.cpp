// A datagram replaces the fragment that completed it. Of a stream, whole messages are shown in the packet that completed them.
#include "rawket/session/reassembler.hpp"

#include "rawket/proto/tcp.hpp"

namespace rawket {
namespace {

/// Bytes of the first message, or 0 while it has not all come. What has no messages is shown as it comes.
std::size_t message_size(const Protocol& p, Bytes stream) {
  if (p.message != nullptr) return p.message(stream);
  if (!p.stream_at) return stream.size();
  if (stream.size() < p.fixed) return 0;
  const u64 size = p.stream_at.read(stream.data()) + (p.stream_rule.kind == Rule::payload_length ? p.fixed : p.stream_rule.bias);
  if (size < p.fixed) return stream.size();  // no such message: nothing to wait for
  return size <= stream.size() ? static_cast<std::size_t>(size) : 0;
}

/// The innermost TCP layer that is whole; the number of layers when there is none. What an error quotes was said elsewhere.
std::size_t tcp_layer(const Dissection& d) {
  std::size_t found = d.layers().size();
  for (std::size_t i = 0; i < d.layers().size() && !d.layers()[i].protocol->quotes; ++i)
    if (d.layers()[i].protocol == &info<Tcp> && d.layers()[i].length >= info<Tcp>.fixed) found = i;
  return found;
}

}  // namespace

Reassembler::Reassembler(const Registry& registry, const ReassemblyOptions& options)
    : registry_(registry), options_(options), defragmenter_(options.fragments),
      streams_({.data =
                    [this](const Stream& s, bool from_client, u64, Bytes bytes) {
                      if (ignoring_) return;
                      std::vector<u8>& to = pending_[s.id].of(from_client);
                      to.insert(to.end(), bytes.begin(), bytes.end());
                      held_ += bytes.size();
                      touched_ = &to;
                      touched_reader_ = &pending_[s.id].reader;
                      fresh_ += bytes.size();
                    },
                .missing =
                    [this](const Stream& s, bool from_client, u64, u64) {
                      std::vector<u8>& of = pending_[s.id].of(from_client);
                      given_up_ += !of.empty();
                      forget(of, of.size());
                    },
                .ended =
                    [this](const Stream& s) {
                      const auto found = pending_.find(s.id);
                      if (found == pending_.end()) return;
                      held_ -= found->second.client.size() + found->second.server.size();
                      unfinished_ += !found->second.client.empty() + !found->second.server.empty();
                      if (touched_reader_ == &found->second.reader) touched_ = nullptr, touched_reader_ = nullptr, fresh_ = 0;
                      pending_.erase(found);
                    }},
               options.streams) {
  for (const Protocol* p : registry.protocols())
    if (p->begins != nullptr) recognizable_.push_back(p);
}

Reassembled Reassembler::add(PacketHead& head, Dissection& d) {
  std::vector<FactValue> facts;
  const Reassembled of_fragments = add_fragment(head, d, facts), of_stream = add_segment(head, d, facts);
  return of_stream == Reassembled::no ? of_fragments : of_stream;
}

Reassembled Reassembler::add_fragment(PacketHead& head, Dissection& d, std::vector<FactValue>& facts) {
  Reassembled result = Reassembled::no;
  for (Defragmenter::Outcome o; (o = defragmenter_.add(head, d)) != Defragmenter::Outcome::whole;) {  // a whole may be a fragment too: tunnels
    if (o == Defragmenter::Outcome::waits) {
      d.cut_behind(piece_layer(d));
      return result == Reassembled::no ? Reassembled::waits : result;
    }
    datagram_.assign(defragmenter_.datagram().begin(), defragmenter_.datagram().end());
    head.link_type = defragmenter_.link_type();
    head.original_length = static_cast<u32>(datagram_.size());
    dissect(registry_, link_protocol(registry_, head.link_type), datagram_, d, head.original_length);
    facts.push_back({defragmenter_.is_v6() ? SessionFact::ipv6_reassembled_length : SessionFact::ip_reassembled_length, defragmenter_.payload_length()});
    result = Reassembled::datagram;
  }
  return result;
}

Reassembled Reassembler::add_segment(const PacketHead& head, Dissection& d, std::vector<FactValue>& facts) {
  const std::size_t tcp = tcp_layer(d);
  if (tcp == d.layers().size()) return Reassembled::no;
  const Layer& l = d.layers()[tcp];
  touched_ = nullptr, touched_reader_ = nullptr, fresh_ = 0;
  ignoring_ = l.claimed_end > l.end;
  streams_.add(head, d);
  if (ignoring_) return Reassembled::no;
  const std::size_t own = l.end - std::min(l.end, l.payload_offset());
  const bool last = (get<&Tcp::flags>(d.packet.data() + l.offset) & (Fin | Rst)) != TcpFlags{};
  if (touched_ == nullptr && last) touched_ = pending_of_latest(head, d);
  if (own == 0 && (touched_ == nullptr || touched_->empty())) return Reassembled::no;
  if (touched_ == nullptr) {  // it came before, or waits for bytes before it
    d.cut_behind(tcp);
    return Reassembled::waits;
  }
  const Reassembled result = show(d, tcp, *touched_, own, last);
  if (result == Reassembled::message) facts.push_back({SessionFact::tcp_reassembled_length, shown_.size() - l.payload_offset()});
  make_room();
  return result;
}

/// What the sender of this packet has said in its stream without ending it; nullptr when nothing.
std::vector<u8>* Reassembler::pending_of_latest(const PacketHead& head, const Dissection& d) {
  const Stream* s = streams_.latest();
  const auto found = s == nullptr ? pending_.end() : pending_.find(s->id);
  const auto packet = flow_packet(head, d);
  if (found == pending_.end() || !packet) return nullptr;
  touched_reader_ = &found->second.reader;
  return &found->second.of(packet->from_high == s->client_is_high);
}

/// The oldest streams lose what they have not finished.
void Reassembler::make_room() {
  for (auto p = pending_.begin(); p != pending_.end() && held_ > options_.most_bytes; ++p)
    for (std::vector<u8>* side : {&p->second.client, &p->second.server}) given_up_ += !side->empty(), forget(*side, side->size());
}

u64 Reassembler::messages_unfinished() const {
  u64 n = unfinished_;
  for (const auto& [id, p] : pending_) n += u64{!p.client.empty()} + u64{!p.server.empty()};
  return n;
}

/// Shows the whole messages at the start of `pending`, and keeps the rest; at the last segment of a side, all of it.
/// `own`: payload bytes of this packet.
Reassembled Reassembler::show(Dissection& d, std::size_t tcp, std::vector<u8>& pending, std::size_t own, bool last) {
  std::size_t whole = 0;
  const Protocol* first = nullptr;
  while (whole < pending.size()) {
    const Bytes rest = Bytes(pending).subspan(whole);
    const Protocol& reader = reader_of(d, tcp, rest);
    if (first == nullptr) first = &reader;
    else if (&reader != first) break;
    const std::size_t size = message_size(reader, rest);
    if (size == 0) break;
    whole += std::min(size, rest.size());
  }
  if (whole == 0 && pending.size() > options_.longest_message) ++given_up_, whole = pending.size();
  if (last) whole = pending.size();
  const bool itself = whole == pending.size() && own == whole && fresh_ == own;
  if (itself && (by_port_ || first == &data)) {
    forget(pending, whole);
    return Reassembled::no;
  }
  if (whole == 0) {
    d.cut_behind(tcp);
    return Reassembled::waits;
  }
  shown_.assign(d.packet.begin(), d.packet.begin() + d.layers()[tcp].payload_offset());
  shown_.insert(shown_.end(), pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(whole));
  forget(pending, whole);
  dissect_behind(registry_, tcp, *first, shown_, d);
  return itself ? Reassembled::no : Reassembled::message;
}

/// By the stream's ports; where these say nothing, or are contradicted, by what cannot be anything else.
const Protocol& Reassembler::reader_of(const Dissection& d, std::size_t tcp, Bytes stream) {
  const Protocol& told = reader_behind(registry_, d, tcp, stream);
  by_port_ = &told != &data && (told.begins == nullptr || told.begins(stream));
  if (by_port_) return told;
  for (const Protocol* p : recognizable_)
    if (p->begins(stream)) return *(touched_reader_ == nullptr ? p : *touched_reader_ = p);
  by_port_ = &told != &data;
  if (by_port_ || touched_reader_ == nullptr || *touched_reader_ == nullptr) return told;
  const Protocol* p = *touched_reader_;
  while (p != &data && p->is_other != nullptr && p->is_other(stream)) p = p->other;
  return *p;
}

void Reassembler::forget(std::vector<u8>& pending, std::size_t count) {
  pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(count));
  held_ -= count;
  if (pending.capacity() > 4 * pending.size() + 1024) pending.shrink_to_fit();
}

}  // namespace rawket
