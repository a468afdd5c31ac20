// A datagram replaces the fragment that completed it. Of a stream, whole messages are shown in the packet that completed them.
#include "rawket/session/reassembler.hpp"

#include "rawket/proto/tcp.hpp"
#include "rawket/proto/udp.hpp"

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

}  // namespace

Reassembler::Reassembler(const Registry& registry, const ReassemblyOptions& options)
    : registry_(registry), options_(options), defragmenter_(options.fragments), streams_(events(), options.streams) {
  for (const Protocol* p : registry.protocols())
    if (p->begins != nullptr) (p->number_in(udp_port.id) == nullptr ? recognizable_ : recognizable_datagrams_).push_back(p);
}

StreamEvents Reassembler::events() {
  StreamEvents e;
  e.data = [this](const Stream& s, bool from_client, u64, Bytes bytes) {
    if (ignoring_) return;
    speaker_ = {&pending_[s.id], from_client, speaker_.fresh + bytes.size()};
    speaker_.pending().insert(speaker_.pending().end(), bytes.begin(), bytes.end());
    held_ += bytes.size();
  };
  e.missing = [this](const Stream& s, bool from_client, u64, u64) {
    std::vector<u8>& of = pending_[s.id].of(from_client);
    given_up_ += !of.empty();
    forget(of, of.size());
  };
  e.ended = [this](const Stream& s) {
    const auto found = pending_.find(s.id);
    if (found == pending_.end()) return;
    held_ -= found->second.client.size() + found->second.server.size();
    unfinished_ += !found->second.client.empty() + !found->second.server.empty();
    if (speaker_.stream == &found->second) speaker_ = {};
    pending_.erase(found);
  };
  return e;
}

Reassembled Reassembler::add(PacketHead& head, Dissection& d) {
  std::vector<FactValue> facts;
  const Reassembled of_fragments = add_fragment(head, d, facts);
  recognize(d);
  const Reassembled of_stream = add_segment(head, d, facts);
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

void Reassembler::recognize(Dissection& d) const {
  const std::size_t count = d.layers().size();
  if (count < 2 || d.layers()[count - 1].protocol != &data || d.layers()[count - 2].protocol != &info<Udp>) return;
  const Bytes payload = d.payload();
  for (const Protocol* p : recognizable_datagrams_)
    if (p->begins(payload)) return reread_behind(registry_, count - 2, *p, d);
}

Reassembled Reassembler::add_segment(const PacketHead& head, Dissection& d, std::vector<FactValue>& facts) {
  const Layer* l = tcp_layer(d);
  if (l == nullptr) return Reassembled::no;
  const std::size_t tcp = static_cast<std::size_t>(l - d.layers().data());
  speaker_ = {};
  ignoring_ = l->claimed_end > l->end;
  streams_.add(head, d);
  if (ignoring_) return Reassembled::no;
  const std::size_t own = l->end - std::min(l->end, l->payload_offset());
  const bool last = (get<&Tcp::flags>(d.packet.data() + l->offset) & (Fin | Rst)) != TcpFlags{};
  if (speaker_.stream == nullptr && last) speaker_ = speaker_of_last(head, d);
  if (own == 0 && (speaker_.stream == nullptr || speaker_.pending().empty())) return Reassembled::no;
  if (speaker_.stream == nullptr) {  // it came before, or waits for bytes before it
    d.cut_behind(tcp);
    return Reassembled::waits;
  }
  const Reassembled result = show(d, tcp, own, last);
  if (result == Reassembled::message) facts.push_back({SessionFact::tcp_reassembled_length, shown_.size() - l->payload_offset()});
  make_room();
  return result;
}

/// Of a segment without new bytes: its sender may have said something without ending it.
Reassembler::Speaker Reassembler::speaker_of_last(const PacketHead& head, const Dissection& d) {
  const Stream* s = streams_.latest();
  const auto found = s == nullptr ? pending_.end() : pending_.find(s->id);
  const auto packet = flow_packet(head, d);
  if (found == pending_.end() || !packet) return {};
  return {&found->second, packet->from_high == s->client_is_high, 0};
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

/// Shows the whole messages at the start of what is pending, and keeps the rest; at the last segment of a side, all of it.
/// `own`: payload bytes of this packet.
Reassembled Reassembler::show(Dissection& d, std::size_t tcp, std::size_t own, bool last) {
  std::vector<u8>& pending = speaker_.pending();
  std::size_t whole = 0;
  Reader first;
  while (whole < pending.size()) {
    const Bytes rest = Bytes(pending).subspan(whole);
    const Reader reader = reader_of(d, tcp, rest);
    if (first.protocol == nullptr) first = reader;
    else if (reader.protocol != first.protocol) break;
    const std::size_t size = message_size(*reader.protocol, rest);
    if (size == 0) break;
    whole += std::min(size, rest.size());
  }
  if (whole == 0 && pending.size() > options_.longest_message) ++given_up_, whole = pending.size();
  if (last) whole = pending.size();
  if (whole == 0) {
    d.cut_behind(tcp);
    return Reassembled::waits;
  }
  const bool itself = whole == pending.size() && own == whole && speaker_.fresh == own;
  const bool as_it_is = itself && (first.by_port || first.protocol == &data);
  if (itself && !as_it_is) {
    reread_behind(registry_, tcp, *first.protocol, d);
  } else if (!itself) {
    shown_.assign(d.packet.begin(), d.packet.begin() + d.layers()[tcp].payload_offset());
    shown_.insert(shown_.end(), pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(whole));
    dissect_behind(registry_, tcp, *first.protocol, shown_, d);
  }
  forget(pending, whole);
  return itself ? Reassembled::no : Reassembled::message;
}

/// By the stream's ports; where these say nothing, or are contradicted, by what cannot be anything else.
Reassembler::Reader Reassembler::reader_of(const Dissection& d, std::size_t tcp, Bytes stream) {
  const Protocol& told = reader_behind(registry_, d, tcp, stream);
  if (&told != &data && (told.begins == nullptr || told.begins(stream))) return {&told, true};
  const Protocol*& recognized = speaker_.stream->recognized;
  for (const Protocol* p : recognizable_)
    if (p->begins(stream)) return {recognized = p, false};
  if (&told != &data || recognized == nullptr) return {&told, &told != &data};
  const Protocol* p = recognized;
  while (p != &data && p->is_other != nullptr && p->is_other(stream)) p = p->other;
  return {p, false};
}

void Reassembler::forget(std::vector<u8>& pending, std::size_t count) {
  pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(count));
  held_ -= count;
  if (pending.capacity() > 4 * pending.size() + 1024) pending.shrink_to_fit();
}

}  // namespace rawket
