// One loop over the layers: length, end, next. Each step is one function; for the protocols that most packets consist of
// it is compiled once more with their tables as constants.
#include "rawket/packet/dissect.hpp"

#include "rawket/proto/ethernet.hpp"
#include "rawket/proto/ipv4.hpp"
#include "rawket/proto/ipv6.hpp"
#include "rawket/proto/tcp.hpp"
#include "rawket/proto/udp.hpp"

namespace rawket {

/// Where dissection is: the next header's protocol and place.
class Dissector {
 public:
  [[gnu::always_inline]] Dissector(const Registry& registry, const Protocol& first, Bytes packet, u32 original_length, Dissection& out)
      : registry_(registry), out_(out), packet_(packet.data()), protocol_(&first), size_(static_cast<u32>(packet.size())), end_(size_),
        claimed_(original_length > size_ ? original_length : size_) {
    out.packet = packet;
    out.stop = Stop::none;
  }

  /// Goes on behind layer `i` of `out`, with the bytes of `packet` from there on.
  Dissector(const Registry& registry, std::size_t i, const Protocol& reader, Bytes packet, Dissection& out)
      : registry_(registry), out_(out), packet_(packet.data()), protocol_(&reader), size_(static_cast<u32>(packet.size())), at_(out.layers_[i].payload_offset()), end_(size_),
        claimed_(size_), count_(i + 1) {
    out.packet = packet;
    out.stop = Stop::none;
    for (std::size_t k = 0; k <= i; ++k) out.layers_[k].end = out.layers_[k].claimed_end = size_, out.layers_[k].autos = Layer::put_together;
  }

  /// The same with its own bytes.
  Dissector(const Registry& registry, std::size_t i, const Protocol& reader, Dissection& out)
      : registry_(registry), out_(out), packet_(out.packet.data()), protocol_(&reader), size_(static_cast<u32>(out.packet.size())), at_(out.layers_[i].payload_offset()),
        end_(out.layers_[i].end), claimed_(out.layers_[i].claimed_end), count_(i + 1) {
    out.stop = Stop::none;
  }

  [[gnu::always_inline]] void run() {
    all_layers();
    out_.count_ = count_;
  }
  void run_on() {
    other_layers();
    out_.count_ = count_;
  }

 private:
  [[gnu::always_inline]] void all_layers() {
    if (!usual<Ethernet>() || !usual<Ipv4, Ipv6>() || !usual<Tcp, Udp>()) return;
    if (protocol_ == &data) {
      step(data);
      return;
    }
    other_layers();
  }
  [[gnu::always_inline]] void other_layers() {
    chain();
    if (message_ != 0) [[unlikely]] count_ = further_messages(registry_, message_, count_, out_);
  }
  [[gnu::always_inline]] void chain() {
    while (protocol_ != &data && count_ < Dissection::max_layers)
      if (!step(*protocol_)) return;
    if (count_ == Dissection::max_layers) stop(Stop::too_deep);
    else step(data);
  }

  /// In a byte stream one message follows the other. An object of its own reads them: the first one stays in registers.
  [[gnu::noinline]] static std::size_t further_messages(const Registry& registry, std::size_t message, std::size_t count, Dissection& out) {
    const Layer& stream = out.layers_[message - 1];
    while (message != 0 && out.stop == Stop::none && out.layers_[message].end < stream.end && count < Dissection::max_layers) {
      Dissector next(registry, count, out.layers_[message], stream, out);
      next.chain();
      count = next.count_, message = next.message_;
    }
    return count;
  }
  Dissector(const Registry& registry, std::size_t count, const Layer& before, const Layer& stream, Dissection& out)
      : registry_(registry), out_(out), packet_(out.packet.data()), protocol_(before.protocol), size_(static_cast<u32>(out.packet.size())), at_(before.end), end_(stream.end),
        claimed_(stream.claimed_end), count_(count) {}

  template <class T> [[gnu::always_inline]] bool is() const { return protocol_ == &info<T>; }

  /// Reads a header of one of these protocols, if there is one; false when it was the last.
  template <class... T> [[gnu::always_inline]] bool usual() {
    bool goes_on = true;
    static_cast<void>(((is<T>() && (goes_on = step(info<T>), true)) || ...));
    return goes_on;
  }

  [[gnu::always_inline]] bool stop(Stop why) {
    out_.stop = why;
    out_.stop_offset = at_;
    out_.stop_protocol = protocol_;
    return false;
  }

  /// Reads one header of `p`; false when it was the last.
  [[gnu::always_inline]] bool step(const Protocol& p) {
    const u8* header = packet_ + at_;
    const u32 left = end_ - at_;
    if (p.is_other != nullptr && p.is_other({header, left})) {
      protocol_ = p.other;
      return true;
    }
    Layer& layer = out_.layers_[count_++];
    layer = {&p, at_, left < p.fixed || &p == &data ? left : p.fixed, end_, claimed_, 0};
    if (&p == &data) return false;
    if (left < p.fixed) return stop(Stop::truncated);
    u32 length = p.fixed;
    if (p.length_at) length = static_cast<u32>((p.length_at.read(header) + p.length_rule.bias) * p.length_rule.unit);
    else if (p.length != nullptr) length = p.length({header, left});
    if (p.end_at && !limit(p, layer, header, length)) return stop(Stop::malformed);
    if (p.end_at && p.stream_at && count_ > 1) message_ = count_ - 1;
    if (length < p.fixed) return stop(Stop::malformed);
    if (length > end_ - at_) {
      layer.length = end_ - at_;
      return stop(layer.claimed_end > end_ || end_ == size_ ? Stop::truncated : Stop::malformed);
    }
    layer.length = length;
    if (at_ + length >= end_) return false;
    protocol_ = next(p, header, end_ - at_);
    at_ += length;
    return true;
  }

  /// The length field says where the payload ends.
  [[gnu::always_inline]] bool limit(const Protocol& p, Layer& layer, const u8* header, u32 length) {
    const u64 told = p.end_at.read(header);
    if (told == 0) return true;
    const u64 size = p.end_rule.kind == Rule::payload_length ? told + length : told;
    if (size < p.fixed) return false;
    if (at_ + size <= claimed_) claimed_ = static_cast<u32>(at_ + size);
    if (size < end_ - at_) end_ = static_cast<u32>(at_ + size);
    layer.end = end_;
    layer.claimed_end = claimed_;
    return true;
  }

  /// Who comes after `p`; `data` when nobody known.
  [[gnu::always_inline]] const Protocol* next(const Protocol& p, const u8* header, u32 size) const { return next(registry_, p, header, size); }

 public:
  [[gnu::always_inline]] static const Protocol* next(const Registry& registry, const Protocol& p, const u8* header, u32 size) {
    if (p.opaque_at && p.opaque_at.read(header) != 0) return &data;
    const Protocol* found = nullptr;
    if (p.next != nullptr) {
      const Number n = p.next({header, size});
      if (n.space != nullptr) found = numbered(registry, n.space->id, n.value);
    } else if (p.next_at) {
      const u64 a = p.next_at.read(header);
      if (p.other_next_at) {  // ports: the lower one is more likely the service's
        const u64 b = p.other_next_at.read(header);
        found = registry.find(p.next_space, a < b ? a : b);
        if (found == nullptr) found = registry.find(p.next_space, a < b ? b : a);
      } else {
        found = numbered(registry, p.next_space, a);
      }
    }
    if (found == nullptr) found = p.payload;
    return found == nullptr ? &data : found;
  }

 private:
  /// A comparison can be foreseen by the processor, a look-up cannot.
  [[gnu::always_inline]] static const Protocol* numbered(const Registry& registry, u32 space, u64 value) {
    if (registry.has_usual_numbers()) {
      if (has_number<Ipv4>(space, value)) return &info<Ipv4>;
      if (has_number<Tcp>(space, value)) return &info<Tcp>;
      if (has_number<Udp>(space, value)) return &info<Udp>;
      if (has_number<Ipv6>(space, value)) return &info<Ipv6>;
    }
    return registry.find(space, value);
  }

  template <class T> [[gnu::always_inline]] static bool has_number(u32 space, u64 value) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return ((T::numbers[I].space->id == space && T::numbers[I].value == value) || ...);
    }(std::make_index_sequence<std::size(T::numbers)>{});
  }

  const Registry& registry_;
  Dissection& out_;
  const u8* packet_;
  const Protocol* protocol_;
  u32 size_, at_ = 0, end_, claimed_;
  std::size_t count_ = 0;
  std::size_t message_ = 0;  ///< layer of the last message of a stream; 0: none
};

void dissect(const Registry& registry, const Protocol& first, Bytes packet, Dissection& out, u32 original_length) {
  Dissector(registry, first, packet, original_length, out).run();
}

void dissect_behind(const Registry& registry, std::size_t i, const Protocol& reader, Bytes packet, Dissection& out) { Dissector(registry, i, reader, packet, out).run_on(); }

void reread_behind(const Registry& registry, std::size_t i, const Protocol& reader, Dissection& out) { Dissector(registry, i, reader, out).run_on(); }

const Protocol& reader_behind(const Registry& registry, const Dissection& d, std::size_t i, Bytes payload) {
  const Layer& l = d.layers()[i];
  const Protocol* p = Dissector::next(registry, *l.protocol, d.packet.data() + l.offset, l.end - l.offset);
  while (p != &data && p->is_other != nullptr && p->is_other(payload)) p = p->other;
  return *p;
}

void Dissection::cut_behind(std::size_t i) {
  const Layer& l = layers_[i];
  stop = Stop::none;
  count_ = i + 1;
  if (l.end > l.payload_offset() && count_ < max_layers) layers_[count_++] = {&data, l.payload_offset(), l.end - l.payload_offset(), l.end, l.claimed_end, 0};
}

Bytes Dissection::payload() const {
  if (count_ == 0) return packet;
  const Layer& last = layers_[count_ - 1];
  if (last.protocol == &data) return slice(packet, last.offset, last.end - last.offset);
  return slice(packet, last.payload_offset(), last.end - last.payload_offset());
}

const Protocol& link_protocol(const Registry& registry, u16 link_type_value) {
  const Protocol* p = registry.find(link_layer.id, link_type_value);
  return p == nullptr ? data : *p;
}

}  // namespace rawket
